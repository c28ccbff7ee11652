package scim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The verbs of operations.
const (
	add     = "add"
	replace = "replace"
	remove  = "remove"
)

// operation is one step of an edit, judged by the schema before anything that is stored is read.
type operation struct {
	verb    string
	path    path
	value   any // in the schema's spelling; nil with remove, but for values that alone are removed
	members []string
	every   bool // of members: all of them, before those that are named
	number  int  // of the operation of the request that it comes from
}

// mostNotes bounds what is told of what was passed over.
const mostNotes = 20

// note tells the log of the connection what was passed over.
func (e *Edit) note(format string, args ...any) {
	if len(e.Notes) < mostNotes {
		e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
	}
}

// push takes an operation.
func (e *Edit) push(op operation) { e.operations = append(e.operations, op) }

// expand makes an operation of each attribute of an object: a resource, or the value of an operation without path. Its keys are
// attributes, paths, URNs with attributes and URNs of extensions. What clients do not set is passed over, as in a resource that was read
// and is sent back; so is what no schema has.
func (e *Edit) expand(verb, prefix string, value any) error {
	if several, ok := value.([]any); ok && len(several) == 1 {
		value = several[0]
	}
	attributes, ok := value.(Object)
	if !ok {
		return Bad(InvalidValue, "%s is an object of attributes; something else was sent.", subject(prefix))
	}
	for _, key := range slices.Sorted(maps.Keys(attributes)) {
		if err := e.assign(verb, prefix+key, attributes[key], false); err != nil {
			return err
		}
		if len(e.operations) > e.typ.operations {
			return e.tooManyOperations(len(attributes))
		}
	}
	return nil
}

// subject is what an object of attributes is the value of.
func subject(prefix string) string {
	if prefix == "" {
		return "The value of an operation without path"
	}
	return prefix[:len(prefix)-1]
}

// assign makes operations of one path with its value. Asked is true where the client named the path as that of the operation: then what
// cannot be set is refused, else passed over.
func (e *Edit) assign(verb, text string, value any, asked bool) error {
	p, skip, err := e.follow(text, asked)
	if skip || err != nil {
		return err
	}
	switch {
	case p.at.attribute == nil && p.at.extension == nil:
		return e.expand(verb, e.typ.Schema.URN+":", value)
	case p.at.attribute == nil && value == nil:
		return e.clearAll(verb, p.at.extension)
	case p.at.attribute == nil:
		return e.expand(verb, p.at.extension.URN+":", value)
	}
	if skip, err := e.settable(verb, p, asked); skip || err != nil {
		return err
	}
	if !p.at.attribute.Apart {
		return e.set(verb, p, value)
	}
	if !asked && value == nil {
		return nil
	}
	return e.memberships(verb, p, value)
}

// follow reads a path. One that leads to what is not known here is passed over, and refused where it was asked for and is the protocol's own.
func (e *Edit) follow(text string, asked bool) (p path, skip bool, err error) {
	p, err = parsePath(e.typ, text)
	lost := (*unknown)(nil)
	if !errors.As(err, &lost) {
		return p, false, err
	}
	if asked && !lost.foreign {
		return p, false, Bad(InvalidPath, "The path cannot be followed: %v.", lost)
	}
	e.note("passed over: %v", lost)
	return p, true, nil
}

// clearAll unassigns an extension that was sent as null.
func (e *Edit) clearAll(verb string, extension *Schema) error {
	if verb == replace && !e.whole {
		e.push(operation{verb: remove, path: path{at: place{extension: extension}}})
	}
	return nil
}

// settable tells what is passed over without a word, and refuses what is the server's to set where it was asked for.
func (e *Edit) settable(verb string, p path, asked bool) (skip bool, err error) {
	switch name := p.at.attribute.Name; {
	case name == "password":
		return true, nil
	case name == "schemas" && verb != remove:
		return true, nil
	case p.at.mutability() != readOnly:
		return false, nil
	case !asked:
		return true, nil
	case name == "groups":
		return false, Bad(Mutability, "groups of a user is read only: change the members of the group.")
	}
	return false, Bad(Mutability, "%s is read only.", p.at)
}

// set makes the operation that gives a place its value.
func (e *Edit) set(verb string, p path, sent any) error {
	a := p.at.attribute
	if p.at.sub == nil && a.kind() == Complex && !a.Multi && !a.valued() && sent != nil {
		return e.parts(verb, p, sent)
	}
	value, err := p.read(sent)
	if err != nil {
		return err
	}
	if value == nil {
		return e.unset(verb, p, sent)
	}
	e.push(operation{verb: verb, path: p, value: value})
	return nil
}

// parts gives each part of a complex attribute its value; parts that are not named stay as they are.
func (e *Edit) parts(verb string, p path, sent any) error {
	if several, ok := sent.([]any); ok && len(several) == 1 {
		sent = several[0]
	}
	parts, ok := sent.(Object)
	if !ok {
		return Bad(InvalidValue, "%s is an object; something else was sent.", p.at)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		part := p
		if part.at.sub = p.at.attribute.sub(name); part.at.sub == nil {
			continue
		}
		if err := e.set(verb, part, parts[name]); err != nil {
			return err
		}
	}
	return nil
}

// unset makes of an unassigned value what it means: nothing to add, or nothing that stays.
func (e *Edit) unset(verb string, p path, sent any) error {
	whole := p.at.sub == nil && p.filter == nil
	switch {
	case e.whole, verb == add && whole && p.at.attribute.Multi:
		return nil
	case whole && (p.at.attribute.Required || p.at.attribute.Name == "active"):
		return Bad(InvalidValue, "%s needs a value; %s was sent.", p.at, described(sent))
	}
	e.push(operation{verb: remove, path: p})
	return nil
}

func described(sent any) string {
	if sent == nil {
		return "null"
	}
	return "an empty one"
}

// read reads a value by the schema: of the attribute, of one of its values, or of a part.
func (p path) read(sent any) (any, error) {
	switch {
	case p.at.sub != nil:
		return p.at.sub.read(sent, p.at.String())
	case p.filter == nil:
		return p.at.attribute.read(sent, p.at.String())
	}
	one := *p.at.attribute
	one.Multi = false
	return one.read(sent, p.at.String())
}

// takeAway makes the operation that removes what the path means, or of several values only those that were sent.
func (e *Edit) takeAway(text string, sent any, given bool) error {
	p, skip, err := e.follow(text, true)
	if skip || err != nil {
		return err
	}
	if p.at.attribute == nil {
		if p.at.extension == nil {
			return Bad(NoTarget, "Removing takes a path.")
		}
		e.push(operation{verb: remove, path: p})
		return nil
	}
	if skip, err := e.settable(remove, p, true); skip || err != nil {
		return err
	}
	whole := p.at.sub == nil && p.filter == nil
	switch a := p.at.attribute; {
	case whole && a.Apart && given, a.Apart && !whole:
		return e.memberships(remove, p, sent)
	case whole && a.Apart:
		e.push(operation{verb: remove, path: p, every: true})
		return nil
	case whole && a.Required:
		return Bad(Mutability, "%s cannot be removed.", p.at)
	case whole && a.Multi && given && sent != nil:
		return e.takeSome(p, sent)
	}
	e.push(operation{verb: remove, path: p})
	return nil
}

// takeSome removes only the values that were sent, as Entra ID means it; an empty list is none.
func (e *Edit) takeSome(p path, sent any) error {
	values, err := p.read(sent)
	if err != nil || values == nil {
		return err
	}
	e.push(operation{verb: remove, path: p, value: values})
	return nil
}
