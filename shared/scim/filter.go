package scim

import "slices"

// Filter is a question about resources (RFC 7644 section 3.4.2.2), with what IdPs send beyond the grammar: a value path followed by a
// sub-attribute and an operator (`emails[type eq "work"].value eq "x"`), a word without quotes as a value, and a complex attribute in
// the place of its value (`manager eq "x"`, `members eq "x"`).
//
// How it decides where the RFC leaves it open: ne is true of a resource that has no such attribute; null is the absence of a value; an
// attribute with several values answers where any of them does.
type Filter struct {
	Text  string   // as it was sent
	Notes []string // what was taken beyond the grammar, for the log of the connection; without values
	asked map[*ResourceType]expression
}

// ParseFilter reads a filter on resources of the types. An attribute that only some of them have is absent in the others.
func ParseFilter(text string, types ...*ResourceType) (*Filter, error) {
	f := &Filter{Text: text, asked: map[*ResourceType]expression{}}
	for _, t := range types {
		e, bare, err := parse(text, &resourceScope{t, types})
		if err != nil {
			return nil, err
		}
		f.asked[t] = e
		f.note(bare)
	}
	return f, nil
}

// note tells once of each attribute that it is compared with a word.
func (f *Filter) note(bare []string) {
	for _, one := range bare {
		if said := "the filter compares " + one + " with a text without quotes"; len(f.Notes) < mostNotes && !slices.Contains(f.Notes, said) {
			f.Notes = append(f.Notes, said)
		}
	}
}

// Match tells whether the filter holds for the resource. A group has the members that Plan.Members asks for, as far as they are in it.
func (f *Filter) Match(r *Resource) bool {
	e := f.asked[r.Type]
	return e != nil && e.match(r.Values)
}

// scope says what names in a filter mean: attributes of a resource or, within brackets, those of a value.
type scope interface {
	// locate finds a place; absent where it is one of resources of another type only.
	locate(name string) (at place, absent bool, err error)
	// within is the scope of the brackets behind the place.
	within(at place) (scope, error)
}

// resourceScope is that of resources of a type, asked about among others.
type resourceScope struct {
	typ    *ResourceType
	others []*ResourceType
}

func (s *resourceScope) locate(name string) (place, bool, error) {
	at, wrong := s.typ.locate(name)
	if wrong == nil && at.attribute != nil {
		return at, false, nil
	}
	for _, other := range s.others {
		if at, wrong := other.locate(name); wrong == nil && at.attribute != nil {
			return at, true, nil
		}
	}
	if wrong == nil {
		return place{}, false, Bad(InvalidFilter, "The filter asks about the schema %s, not about an attribute of it.", quoted(name))
	}
	return place{}, false, Bad(InvalidFilter, "The filter cannot be answered: %v.", wrong)
}

func (s *resourceScope) within(at place) (scope, error) {
	if at.sub != nil || at.attribute.kind() != Complex {
		return nil, Bad(InvalidFilter, "The filter has brackets behind %s, which has no values with parts.", at)
	}
	return elementScope{at}, nil
}

// elementScope is that of the values of a complex attribute.
type elementScope struct{ of place }

func (s elementScope) locate(name string) (place, bool, error) {
	if a := s.of.attribute.sub(name); a != nil {
		return place{attribute: a}, false, nil
	}
	return place{}, false, Bad(InvalidFilter, "The filter cannot be answered: %s is no part of %s.", quoted(name), s.of)
}

func (s elementScope) within(at place) (scope, error) {
	return nil, Bad(InvalidFilter, "The filter has brackets within brackets.")
}
