package scim

import (
	"slices"
	"strings"
	"time"
)

// expression is a filter, or a part of one.
type expression interface {
	match(values Object) bool
}

type (
	anyOf    []expression
	allOf    []expression
	negation struct{ of expression }
	// element asks for one value of a complex attribute of which all that stands in the brackets holds.
	element struct {
		at     place
		inside expression
		absent bool
	}
)

func (e anyOf) match(values Object) bool {
	return slices.ContainsFunc(e, func(one expression) bool { return one.match(values) })
}

func (e allOf) match(values Object) bool {
	return !slices.ContainsFunc(e, func(one expression) bool { return !one.match(values) })
}

func (e negation) match(values Object) bool { return !e.of.match(values) }

func (e element) match(values Object) bool {
	return !e.absent && slices.ContainsFunc(e.at.elements(values), func(one any) bool {
		o, ok := one.(Object)
		return ok && e.inside.match(o)
	})
}

// operator compares.
type operator string

const (
	equal      operator = "eq"
	different  operator = "ne"
	contains   operator = "co"
	begins     operator = "sw"
	ends       operator = "ew"
	present    operator = "pr"
	greater    operator = "gt"
	notLess    operator = "ge"
	less       operator = "lt"
	notGreater operator = "le"
)

func (o operator) known() bool {
	return slices.Contains([]operator{equal, different, contains, begins, ends, present, greater, notLess, less, notGreater}, o)
}

// literal is the value of a comparison, with quotes or without.
type literal struct {
	text   string
	quoted bool
}

// null tells whether the value is none.
func (l literal) null() bool { return !l.quoted && lower(l.text) == "null" }

// compare compares an attribute with a value, which is of the attribute's type.
type compare struct {
	at     place
	op     operator
	absent bool // the resource has no such attribute
	null   bool
	text   string // folded where the attribute folds
	raw    string // as it was sent
	truth  bool
	moment time.Time
}

// newCompare judges whether the attribute can be compared with the value in that way.
func newCompare(at place, op operator, with literal) (compare, error) {
	if at.sub == nil && at.attribute.kind() == Complex {
		if at.sub = at.attribute.sub("value"); at.sub == nil {
			return compare{}, Bad(InvalidFilter, "The filter compares %s, which has several parts: name one, such as %s.%s.", at, at, at.attribute.Sub[0].Name)
		}
	}
	if err := at.askable(); err != nil {
		return compare{}, err
	}
	e := compare{at: at, op: op, null: with.null()}
	if e.null {
		if op != equal && op != different {
			return e, Bad(InvalidFilter, "The filter compares %s with null, which only eq and ne do.", at)
		}
		return e, nil
	}
	return e, e.take(with)
}

// askable refuses questions about what is never answered.
func (p place) askable() error {
	if p.attribute.Returned == never {
		return Bad(InvalidFilter, "The filter asks for %s, which is not kept.", p)
	}
	return nil
}

// last is the attribute that is compared.
func (p place) last() *Attribute {
	if p.sub != nil {
		return p.sub
	}
	return p.attribute
}

// take reads the value by the attribute's type.
func (e *compare) take(with literal) error {
	var ok bool
	e.raw = with.text
	switch of := e.at.last(); of.kind() {
	case Boolean:
		if e.truth, ok = truth(with.text); !ok {
			return Bad(InvalidFilter, "The filter compares %s, which is true or false, with %s.", e.at, quoted(with.text))
		}
		return e.only(equal, different)
	case DateTime:
		if e.moment, ok = moment(with.text); !ok {
			return Bad(InvalidFilter, "The filter compares %s with %s, which is no time such as 2026-05-13T04:42:34Z.", e.at, quoted(with.text))
		}
		return e.only(equal, different, greater, notLess, less, notGreater)
	case Binary:
		e.text = with.text
		return e.only(equal, different, contains, begins, ends)
	default:
		e.text = of.key(with.text, e.op)
		return nil
	}
}

// sent is the value as an attribute has it.
func (e compare) sent() any {
	if e.at.last().kind() == Boolean {
		return e.truth
	}
	return e.raw
}

// only refuses other operators than these.
func (e *compare) only(allowed ...operator) error {
	if slices.Contains(allowed, e.op) {
		return nil
	}
	return Bad(InvalidFilter, "The filter compares %s, a %s, by %s, which is not possible.", e.at, e.at.last().kind(), e.op)
}

// key is the form in which the attribute's text compares: as it is or folded; for eq and ne without blanks around it.
func (a *Attribute) key(text string, op operator) string {
	switch {
	case a.CaseExact:
		return text
	case op == equal || op == different:
		return Fold(text)
	}
	return folded(text)
}

func (e compare) match(values Object) bool {
	var all []any
	if !e.absent {
		all = e.at.values(values)
	}
	switch {
	case e.op == present, e.null && e.op == different:
		return len(all) > 0
	case e.null:
		return len(all) == 0
	case e.op == different && len(all) == 0:
		return true
	}
	return slices.ContainsFunc(all, e.holds)
}

// holds tells whether the comparison holds for one value.
func (e compare) holds(value any) bool {
	switch v := value.(type) {
	case bool:
		return (v == e.truth) == (e.op == equal)
	case string:
		if e.at.last().kind() == DateTime {
			at, ok := moment(v)
			return ok && ordered(e.op, at.Compare(e.moment))
		}
		return textual(e.op, e.at.last().key(v, e.op), e.text)
	}
	return false
}

func textual(op operator, value, with string) bool {
	switch op {
	case contains:
		return strings.Contains(value, with)
	case begins:
		return strings.HasPrefix(value, with)
	case ends:
		return strings.HasSuffix(value, with)
	}
	return ordered(op, strings.Compare(value, with))
}

// ordered tells whether an order (negative, 0, positive) is what the operator asks for.
func ordered(op operator, order int) bool {
	switch op {
	case equal:
		return order == 0
	case different:
		return order != 0
	case greater:
		return order > 0
	case notLess:
		return order >= 0
	case less:
		return order < 0
	}
	return op == notGreater && order <= 0
}

// truth reads a boolean as IdPs write it: true, "True", "FALSE", 1 and 0.
func truth(text string) (value, ok bool) {
	switch lower(strings.TrimSpace(text)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// moment reads a time as RFC 7643 section 2.3.5 writes it; without an offset it is UTC's.
func moment(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, true
	}
	at, err := time.Parse("2006-01-02T15:04:05.999999999", text)
	return at, err == nil
}
