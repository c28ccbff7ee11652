package scim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Edit is a request that was read and judged by the schema: what it asks to change, whatever is stored. It can be applied again and again,
// as after a conflict, and changes itself in nothing.
type Edit struct {
	Notes      []string // what was passed over, for the log of the connection
	typ        *ResourceType
	operations []operation
	whole      bool   // the request is all of the resource: what it does not name is unassigned
	id         string // that it was sent with
	sent       int    // operations of a patch
}

// ReadCreate reads the body of a POST. Apply it to nil.
func ReadCreate(t *ResourceType, data []byte) (*Edit, error) { return readWhole(t, data) }

// ReadReplace reads the body of a PUT.
func ReadReplace(t *ResourceType, data []byte) (*Edit, error) { return readWhole(t, data) }

func readWhole(t *ResourceType, data []byte) (*Edit, error) {
	sent, err := decode(data, t.largest)
	if err != nil {
		return nil, err
	}
	attributes, ok := sent.(Object)
	if !ok {
		return nil, Bad(InvalidSyntax, "The request is a %s: an object was expected.", t.Name)
	}
	e := &Edit{typ: t, whole: true}
	if err := e.judgeSchemas(member(attributes, "schemas")); err != nil {
		return nil, err
	}
	e.id, _ = member(attributes, "id").(string)
	return e, e.expand(add, "", attributes)
}

// member gives the member of an object by its name in any casing.
func member(of Object, name string) any {
	for key, value := range of {
		if lower(key) == lower(name) {
			return value
		}
	}
	return nil
}

// judgeSchemas refuses a resource that says it is of the other type. What else IdPs list is passed over: URNs of their own, URNs without
// the extension they name, or nothing.
func (e *Edit) judgeSchemas(sent any) error {
	if namesSchema(sent, e.typ.Schema.URN) {
		return nil
	}
	for _, other := range []*ResourceType{User, Group} {
		if other != e.typ && namesSchema(sent, other.Schema.URN) {
			return Bad(InvalidValue, "The request is a %s, sent to %s.", other.Name, e.typ.Endpoint)
		}
	}
	e.note("schemas does not name %s", e.typ.Schema.URN)
	return nil
}

// namesSchema tells whether the schemas that were sent have one of the URN.
func namesSchema(sent any, urn string) bool {
	listed, _ := sent.([]any)
	return slices.ContainsFunc(listed, func(one any) bool {
		text, ok := one.(string)
		return ok && lower(text) == lower(urn)
	})
}

// patchURN is what the body of a PATCH calls itself.
const patchURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// ReadPatch reads the body of a PATCH (RFC 7644 section 3.5.2), in all the forms of Entra ID and Okta.
func ReadPatch(t *ResourceType, data []byte) (*Edit, error) {
	sent, err := decode(data, t.largest)
	if err != nil {
		return nil, err
	}
	body, _ := sent.(Object)
	operations, ok := member(body, "Operations").([]any)
	if !ok {
		return nil, Bad(InvalidSyntax, "The request has no list of Operations.")
	}
	if len(operations) > t.operations {
		return nil, (&Edit{typ: t}).tooManyOperations(len(operations))
	}
	e := &Edit{typ: t, sent: len(operations)}
	if !namesSchema(member(body, "schemas"), patchURN) {
		e.note("schemas does not name %s", patchURN)
	}
	for i, one := range operations {
		before := len(e.operations)
		if err := e.operate(one); err != nil {
			return nil, inOperation(err, i, len(operations))
		}
		for j := before; j < len(e.operations); j++ {
			e.operations[j].number = i
		}
	}
	return e, nil
}

func (e *Edit) tooManyOperations(n int) error {
	return Refused(http.StatusRequestEntityTooLarge, "The request has %d operations. At most %d are taken: send several requests.", n, e.typ.operations)
}

// inOperation says which of several operations was refused: none of them is applied.
func inOperation(err error, i, of int) error {
	own := (*Error)(nil)
	if !errors.As(err, &own) || of <= 1 {
		return err
	}
	told := *own
	told.Detail = fmt.Sprintf("Operation %d of %d: %s Nothing was changed.", i+1, of, own.Detail)
	return &told
}

// operate reads one operation.
func (e *Edit) operate(sent any) error {
	o, ok := sent.(Object)
	if !ok {
		return Bad(InvalidSyntax, "An operation is an object.")
	}
	text, ok := member(o, "path").(string)
	if !ok && member(o, "path") != nil {
		return Bad(InvalidPath, "The path of an operation is a text.")
	}
	value, given := sentValue(o)
	verb, _ := member(o, "op").(string)
	switch verb = lower(verb); {
	case verb == remove && text == "":
		return Bad(NoTarget, "Removing takes a path.")
	case verb == remove:
		return e.takeAway(text, value, given)
	case verb != add && verb != replace:
		return Bad(InvalidSyntax, "The op of an operation is add, replace or remove.")
	case !given:
		return Bad(InvalidValue, "An operation that adds or replaces has a value.")
	case text == "":
		return e.expand(verb, "", value)
	}
	return e.assign(verb, text, value, true)
}

func sentValue(o Object) (value any, given bool) {
	for key, value := range o {
		if lower(key) == "value" {
			return value, true
		}
	}
	return nil, false
}
