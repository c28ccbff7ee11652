package scim

import (
	"slices"
	"strings"
)

// place is where a path leads in a resource of a type: an extension, an attribute, a sub-attribute. All nil is the resource itself.
type place struct {
	extension *Schema
	attribute *Attribute
	sub       *Attribute
}

// name is the place without its URN, in the schema's spelling: emails.value.
func (p place) name() string {
	switch {
	case p.attribute == nil:
		return ""
	case p.sub == nil:
		return p.attribute.Name
	}
	return p.attribute.Name + "." + p.sub.Name
}

// String is the place as paths are written.
func (p place) String() string {
	switch {
	case p.extension == nil:
		return p.name()
	case p.attribute == nil:
		return p.extension.URN
	}
	return p.extension.URN + ":" + p.name()
}

// unknown is why a path leads nowhere.
type unknown struct {
	text    string
	foreign bool // by a schema that is not ours: a custom attribute of the IdP's, which is passed over where that harms nobody
}

func (u *unknown) Error() string {
	if u.foreign {
		return quoted(u.text) + " is of a schema that is not known here; /Schemas lists those that are"
	}
	return quoted(u.text) + " is no attribute; /Schemas lists those that are"
}

// locate finds the place of a path without a filter: attr, attr.sub, URN:attr, URN:attr.sub, or the URN of a schema. A name without URN
// is one of the core schema before it is one of an extension's, as Entra ID says "manager".
func (t *ResourceType) locate(text string) (place, *unknown) {
	if lower(text) == lower(t.Schema.URN) {
		return place{}, nil
	}
	if extension := t.extension(text); extension != nil {
		return place{extension: extension}, nil
	}
	urn, rest := "", text
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		urn, rest = text[:i], text[i+1:]
	}
	name, below, dotted := strings.Cut(rest, ".")
	at, found := t.find(urn, name)
	if !found {
		return place{}, &unknown{text, urn != "" && t.extension(urn) == nil && lower(urn) != lower(t.Schema.URN)}
	}
	if dotted {
		if at.sub = at.attribute.sub(below); at.sub == nil {
			return place{}, &unknown{text, false}
		}
	}
	return at, nil
}

// find finds an attribute by its name, in the schema of the URN where there is one.
func (t *ResourceType) find(urn, name string) (place, bool) {
	if urn == "" || lower(urn) == lower(t.Schema.URN) {
		if a := t.attribute(name); a != nil {
			return place{attribute: a}, true
		}
	}
	for _, s := range t.Extensions {
		if urn != "" && lower(s.URN) != lower(urn) {
			continue
		}
		if a := named(s.Attributes, name); a != nil {
			return place{extension: s, attribute: a}, true
		}
	}
	return place{}, false
}

// holder is the object of the resource that holds the place's attribute, nil where it is not there.
func (p place) holder(values Object) Object {
	if p.extension == nil {
		return values
	}
	held, _ := values[p.extension.URN].(Object)
	return held
}

// elements are the values at the place's attribute, one or several.
func (p place) elements(values Object) []any {
	switch v := p.holder(values)[p.attribute.Name].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// values are all simple values at the place.
func (p place) values(values Object) []any {
	elements := p.elements(values)
	if p.sub == nil {
		return elements
	}
	var below []any
	for _, one := range elements {
		if o, ok := one.(Object); ok && o[p.sub.Name] != nil {
			below = append(below, o[p.sub.Name])
		}
	}
	return below
}

// mutability tells what may be done with the place: the strictest of its attribute and sub-attribute.
func (p place) mutability() string {
	both := []string{p.attribute.Mutability}
	if p.sub != nil {
		both = append(both, p.sub.Mutability)
	}
	for _, word := range []string{readOnly, immutable, writeOnly} {
		if slices.Contains(both, word) {
			return word
		}
	}
	return readWrite
}
