package scim

import (
	"errors"
	"strings"
)

// path is what an operation of a patch is about: attr, attr.sub, attr[filter], attr[filter].sub, with or without URN, or a schema's URN
// alone. The zero path is the resource itself.
type path struct {
	text   string
	at     place
	filter expression // of the values that are meant; nil means all
	equals []equality // what the filter says, where it is nothing but "this and that is so": a value that is made new has it
	exact  bool       // the filter is nothing but equals
}

// equality is a sub-attribute with its value.
type equality struct {
	sub   *Attribute
	value any
}

// parsePath reads the path of an operation. It gives an *unknown where the path leads nowhere.
func parsePath(t *ResourceType, text string) (path, error) {
	head, rest, bracketed := strings.Cut(strings.TrimSpace(text), "[")
	at, wrong := t.locate(strings.TrimSpace(head))
	if wrong != nil {
		return path{}, wrong
	}
	p := path{text: text, at: at}
	if !bracketed {
		return p, nil
	}
	if at.attribute == nil || !at.attribute.Multi || at.sub != nil || at.attribute.kind() != Complex {
		return p, Bad(InvalidPath, "The path %s has brackets behind what has not several values with parts.", quoted(text))
	}
	if err := p.bracket("["+rest, elementScope{at}); err != nil {
		return p, invalidPath(text, err)
	}
	p.equals, p.exact = equalities(p.filter)
	return p, nil
}

// bracket reads what follows the attribute: [filter], and .sub where it is there.
func (p *path) bracket(text string, s elementScope) error {
	in, err := newLexer(text)
	if err != nil {
		return err
	}
	reader := &parser{in: in}
	if err := reader.advance(); err != nil {
		return err
	}
	if p.filter, err = reader.enclosed(s, '[', ']'); err != nil {
		return err
	}
	if below, dotted := strings.CutPrefix(reader.token.text, "."); reader.token.kind == 'w' && dotted {
		if p.at.sub = s.of.attribute.sub(below); p.at.sub == nil {
			return Bad(InvalidPath, "%s is no part of %s", quoted(below), s.of)
		}
		if err := reader.advance(); err != nil {
			return err
		}
	}
	if reader.token.kind != 0 {
		return reader.wrong("the end")
	}
	return nil
}

// invalidPath says of a path what is wrong with its filter.
func invalidPath(text string, err error) error {
	own := (*Error)(nil)
	if !errors.As(err, &own) {
		return err
	}
	return Bad(InvalidPath, "The path %s cannot be read. %s", quoted(text), own.Detail)
}

// equalities gives what a filter says of a value, and whether that is all it says.
func equalities(e expression) ([]equality, bool) {
	switch e := e.(type) {
	case allOf:
		var all []equality
		exact := true
		for _, one := range e {
			some, ok := equalities(one)
			all, exact = append(all, some...), exact && ok
		}
		return all, exact
	case compare:
		if e.op != equal || e.null {
			return nil, false
		}
		return []equality{{e.at.attribute, e.sent()}}, true
	}
	return nil, false
}

// selects tells whether the path means a value.
func (p path) selects(element any) bool {
	o, ok := element.(Object)
	return p.filter == nil || ok && p.filter.match(o)
}
