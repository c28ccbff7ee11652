package scim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// MostBulkOperations is how many operations a bulk has at most (SCI-10).
const MostBulkOperations = 100

const bulkResponseURN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

// Bulk is the body of POST /Bulk (RFC 7644 section 3.7).
type Bulk struct {
	FailOnErrors int             // how many may fail before the rest is not tried; 0 is as many as there are
	Operations   []BulkOperation // in an order in which what is referred to is created first, where there is one
}

// BulkOperation is one operation, with the ids that its references mean.
type BulkOperation struct {
	Number  int    // its place in the request, from 0: answers are given in that order
	Method  string // POST, PUT, PATCH or DELETE
	BulkID  string // of a POST, repeated in the answer
	Version string // as If-Match
	Type    *ResourceType
	ID      string // of the resource; of a POST the one that it is to be created with
	Data    []byte // for ReadCreate, ReadReplace or ReadPatch
	Refusal *Error // why it is not even tried
	refers  []string
}

// ReadBulk reads a bulk. Every resource that it creates has its id from newID before any is created: thus references are resolved whichever
// way they point, in circles too, and one to what then fails is one to what is not there.
func ReadBulk(data []byte, newID func(*ResourceType) string) (*Bulk, error) {
	sent, err := decode(data, LargestBody)
	if err != nil {
		return nil, err
	}
	body, _ := sent.(Object)
	listed, ok := member(body, "Operations").([]any)
	if !ok {
		return nil, Bad(InvalidSyntax, "The request has no list of Operations.")
	}
	if len(listed) > MostBulkOperations {
		return nil, Refused(http.StatusRequestEntityTooLarge, "The bulk has %d operations. At most %d are taken: send several.", len(listed), MostBulkOperations)
	}
	b := &Bulk{}
	if limit, ok := member(body, "failOnErrors").(json.Number); ok {
		if b.FailOnErrors, err = strconv.Atoi(limit.String()); err != nil || b.FailOnErrors < 0 {
			return nil, Bad(InvalidValue, "failOnErrors is a number of errors.")
		}
	}
	return b, b.take(listed, newID)
}

// take reads the operations: first what each creates, then what each refers to.
func (b *Bulk) take(listed []any, newID func(*ResourceType) string) error {
	created, bodies := map[string]BulkOperation{}, make([]any, len(listed))
	for i, one := range listed {
		parts, ok := one.(Object)
		if !ok {
			return Bad(InvalidSyntax, "An operation of the bulk is an object.")
		}
		op := bulkOperation(parts)
		op.Number, bodies[i] = i, member(parts, "data")
		if op.Method == http.MethodPost && op.Refusal == nil {
			if _, twice := created[op.BulkID]; twice {
				return Bad(InvalidValue, "Two operations of the bulk have the bulkId %s.", quoted(op.BulkID))
			}
			op.ID = newID(op.Type)
			created[op.BulkID] = op
		}
		b.Operations = append(b.Operations, op)
	}
	for i := range b.Operations {
		if err := b.Operations[i].resolve(bodies[i], created); err != nil {
			return err
		}
	}
	b.sort(created)
	return nil
}

// bulkOperation reads what an operation is about, and says what is wrong with it.
func bulkOperation(parts Object) BulkOperation {
	text := func(name string) string { s, _ := member(parts, name).(string); return s }
	op := BulkOperation{Method: strings.ToUpper(text("method")), BulkID: text("bulkId"), Version: text("version")}
	head, id, single := strings.Cut(strings.TrimPrefix(text("path"), "/"), "/")
	for _, t := range []*ResourceType{User, Group} {
		if lower("/"+head) == lower(t.Endpoint) {
			op.Type, op.ID = t, id
		}
	}
	op.Refusal = op.wrong(single, member(parts, "data") != nil)
	return op
}

func (op BulkOperation) wrong(single, data bool) *Error {
	switch {
	case !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, op.Method):
		return Bad(InvalidSyntax, "The method of an operation is POST, PUT, PATCH or DELETE.")
	case op.Type == nil, strings.Contains(op.ID, "/"):
		return Refused(http.StatusNotFound, "The path of an operation is /Users or /Groups, with an id behind it but for POST.")
	case (op.Method == http.MethodPost) == single, op.Method != http.MethodPost && op.ID == "":
		return Bad(InvalidPath, "The path of a POST has no id, and that of any other operation has one.")
	case op.Method == http.MethodPost && op.BulkID == "":
		return Bad(InvalidSyntax, "A POST has a bulkId.")
	case op.Method != http.MethodDelete && !data:
		return Bad(InvalidSyntax, "The operation has no data.")
	}
	return nil
}

// resolve puts ids in the place of references.
func (op *BulkOperation) resolve(data any, created map[string]BulkOperation) (err error) {
	if op.Refusal != nil {
		return nil
	}
	if op.Method != http.MethodPost {
		op.ID = op.meant(op.ID, created)
	}
	op.Data, err = json.Marshal(op.resolved(data, created))
	return err
}

// resolved is a value with ids in the place of references, which are texts as a whole.
func (op *BulkOperation) resolved(value any, created map[string]BulkOperation) any {
	switch v := value.(type) {
	case string:
		return op.meant(v, created)
	case Object:
		for name, part := range v {
			v[name] = op.resolved(part, created)
		}
	case []any:
		for i, part := range v {
			v[i] = op.resolved(part, created)
		}
	}
	return value
}

// meant is the id that a reference means; a text that is none is what it is.
func (op *BulkOperation) meant(text string, created map[string]BulkOperation) string {
	name, refers := strings.CutPrefix(text, "bulkId:")
	if !refers {
		return text
	}
	target, there := created[name]
	if !there {
		op.Refusal = Bad(InvalidValue, "The operation refers to the bulkId %s, which no POST of the bulk has.", quoted(name))
		return text
	}
	op.refers = append(op.refers, name)
	return target.ID
}

// Mean has the operations that are left mean another resource by an id that one was to be created with.
func (b *Bulk) Mean(planned, id string) {
	for i := range b.Operations {
		op := &b.Operations[i]
		op.ID = strings.ReplaceAll(op.ID, planned, id)
		op.Data = bytes.ReplaceAll(op.Data, []byte(planned), []byte(id))
	}
}

// sort has what is referred to come first, and else keeps the order of the request.
func (b *Bulk) sort(created map[string]BulkOperation) {
	var ordered []BulkOperation
	visited := make([]bool, len(b.Operations))
	var visit func(i int)
	visit = func(i int) {
		if visited[i] {
			return
		}
		visited[i] = true
		refers := b.Operations[i].refers
		slices.Sort(refers)
		for _, name := range refers {
			visit(created[name].Number)
		}
		ordered = append(ordered, b.Operations[i])
	}
	for i := range b.Operations {
		visit(i)
	}
	b.Operations = ordered
}

// BulkResult is what became of an operation.
type BulkResult struct {
	Number   int
	Method   string
	BulkID   string
	Version  string
	Location string // of the resource, but where a POST failed
	Status   int
	Refusal  *Error // where it failed
}

// BulkResponse is the answer to a bulk, in the order of the request.
func BulkResponse(results []BulkResult) Object {
	ordered := slices.Clone(results)
	slices.SortStableFunc(ordered, func(a, b BulkResult) int { return a.Number - b.Number })
	operations := []any{}
	for _, one := range ordered {
		operation := Object{"method": one.Method, "status": strconv.Itoa(one.Status)}
		for name, text := range map[string]string{"bulkId": one.BulkID, "version": one.Version, "location": one.Location} {
			if text != "" {
				operation[name] = text
			}
		}
		if one.Refusal != nil {
			operation["response"] = one.Refusal
			operation["status"] = strconv.Itoa(one.Refusal.Status)
		}
		operations = append(operations, operation)
	}
	return Object{"schemas": []any{bulkResponseURN}, "Operations": operations}
}
