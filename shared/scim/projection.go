package scim

import (
	"slices"
	"strings"
)

// Projection is what an answer shows of a resource (RFC 7644 section 3.9): all that is shown by default, only what was named, or all but
// what was named; id and schemas always, passwords never. The zero value shows the default.
type Projection struct {
	Given  bool // attributes or excludedAttributes were sent: a PATCH then answers with a body
	only   bool
	places []place
	typ    *ResourceType
}

// mostNames bounds the lists of names.
const mostNames = 200

// ReadProjection reads the parameters attributes and excludedAttributes, of which one may be sent. Names that no schema has show nothing and
// hide nothing.
func ReadProjection(t *ResourceType, attributes, excluded []string) (Projection, error) {
	attributes, excluded = names(attributes), names(excluded)
	if len(attributes) > 0 && len(excluded) > 0 {
		return Projection{}, Bad(InvalidValue, "Either attributes or excludedAttributes can be sent, not both.")
	}
	p := Projection{Given: len(attributes)+len(excluded) > 0, only: len(attributes) > 0, typ: t}
	both := append(attributes, excluded...)
	if len(both) > mostNames {
		return p, Bad(InvalidValue, "%d attributes are named. At most %d can be.", len(both), mostNames)
	}
	for _, name := range both {
		if at, wrong := t.locate(name); wrong == nil {
			p.places = append(p.places, at)
		}
	}
	return p, nil
}

// names takes lists that are separated by commas apart.
func names(lists []string) []string {
	var all []string
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

// Wants tells whether the answer shows any of an attribute, such as members: what it does not show need not be read.
func (p Projection) Wants(attribute string) bool {
	if p.typ == nil {
		return true
	}
	at, wrong := p.typ.locate(attribute)
	return wrong == nil && at.attribute != nil && (at.attribute.Returned == always || p.share(at) != nothing)
}

// share is how much of an attribute is shown.
type share int

const (
	everything share = iota
	parts
	nothing
)

// share judges an attribute.
func (p Projection) share(at place) share {
	if at.attribute.Returned == never {
		return nothing
	}
	named, part := false, false
	for _, one := range p.places {
		whole := one.attribute == nil && one.extension == at.extension
		same := one.attribute == at.attribute
		named = named || whole || same && one.sub == nil
		part = part || same && one.sub != nil
	}
	switch {
	case named && p.only, !named && !part && !p.only:
		return everything
	case part && !named:
		return parts
	}
	return nothing
}

// shows tells whether a part of an attribute is shown of which not everything is.
func (p Projection) shows(at place, sub *Attribute) bool {
	named := slices.ContainsFunc(p.places, func(one place) bool { return one.attribute == at.attribute && one.sub == sub })
	return named == p.only
}

// Apply gives what an answer shows of the resource, with the schemas that it then has. It shares what it does not change with the resource.
func (p Projection) Apply(r *Resource) Object {
	answer, schemas := Object{}, []any{r.Type.Schema.URN}
	p.fill(answer, r.Values, nil, common, r.Type.Schema.Attributes)
	for _, extension := range r.Type.Extensions {
		held, _ := r.Values[extension.URN].(Object)
		if len(held) > 0 {
			schemas = append(schemas, extension.URN)
		}
		shown := Object{}
		if p.fill(shown, held, extension, extension.Attributes); len(shown) > 0 {
			answer[extension.URN] = shown
		}
	}
	answer["schemas"] = schemas
	return answer
}

// fill copies what is shown of the attributes that an object holds.
func (p Projection) fill(into, from Object, extension *Schema, lists ...[]*Attribute) {
	for _, attributes := range lists {
		for _, a := range attributes {
			at := place{extension: extension, attribute: a}
			value, there := from[a.Name]
			switch share := p.share(at); {
			case !there || value == nil || a.Name == "schemas":
			case a.Returned == always || share == everything:
				into[a.Name] = value
			case share == parts:
				p.fillParts(into, at, value)
			}
		}
	}
}

func (p Projection) fillParts(into Object, at place, value any) {
	several, ok := value.([]any)
	if !ok {
		if shown := p.parts(at, value); len(shown) > 0 {
			into[at.attribute.Name] = shown
		}
		return
	}
	var all []any
	for _, one := range several {
		if shown := p.parts(at, one); len(shown) > 0 {
			all = append(all, shown)
		}
	}
	if all != nil {
		into[at.attribute.Name] = all
	}
}

func (p Projection) parts(at place, value any) Object {
	held, _ := value.(Object)
	shown := Object{}
	for _, sub := range at.attribute.Sub {
		if part, there := held[sub.Name]; there && part != nil && p.shows(at, sub) {
			shown[sub.Name] = part
		}
	}
	return shown
}
