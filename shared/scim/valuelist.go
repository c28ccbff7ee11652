package scim

import (
	"maps"
	"slices"
)

// valueList is the values of an attribute while an operation changes them. Values are replaced and never changed in place, since the
// operation may be applied again.
type valueList struct {
	at        place
	values    []any
	preferred []int // those that the operation makes the primary one
}

// set gives the list a value, at its end where i is its length. Primary tells that the operation makes it the primary one.
func (l *valueList) set(i int, value any, primary bool) {
	if i == len(l.values) {
		l.values = append(l.values, nil)
	}
	l.values[i] = value
	if primary {
		l.preferred = append(l.preferred, i)
	}
}

// isPrimary tells whether a value says that it is the primary one.
func isPrimary(value any) bool {
	parts, ok := value.(Object)
	return ok && parts["primary"] == true
}

// append adds values. One that is there is not added again; one with the same value and type is the same value, told more of.
func (l *valueList) append(added any) {
	for _, one := range added.([]any) {
		i := slices.IndexFunc(l.values, func(there any) bool { return l.alike(there, one) })
		if i < 0 {
			l.set(len(l.values), clone(one), isPrimary(one))
			continue
		}
		if there, ok := l.values[i].(Object); ok {
			l.set(i, merged(there, one.(Object)), isPrimary(one))
		}
	}
}

func (l *valueList) alike(a, b any) bool {
	x, ok := a.(Object)
	y, both := b.(Object)
	if !ok || !both || !l.at.attribute.valued() || x["value"] == nil {
		return same(a, b)
	}
	return x["value"] == y["value"] && x["type"] == y["type"]
}

// drop removes the values that have all the parts of one that was sent, or all where none was.
func (l *valueList) drop(sent any) {
	if sent == nil {
		l.values = nil
		return
	}
	l.values = slices.DeleteFunc(l.values, func(there any) bool {
		return slices.ContainsFunc(sent.([]any), func(one any) bool { return l.has(there, one) })
	})
}

func (l *valueList) has(there, parts any) bool {
	x, ok := there.(Object)
	y, both := parts.(Object)
	if !ok || !both {
		return same(there, parts)
	}
	for name, part := range y {
		if !same(x[name], part) {
			return false
		}
	}
	return true
}

// change does an operation on the values that its path selects, or on a part of each of them.
func (l *valueList) change(op operation) error {
	if op.verb == remove {
		l.takeAway(op.path)
		return nil
	}
	found := false
	for i, one := range l.values {
		if op.path.selects(one) {
			found = true
			l.set(i, l.changed(one, op), op.prefers())
		}
	}
	if found {
		return nil
	}
	return l.create(op)
}

// prefers tells whether the operation makes what it changes primary.
func (op operation) prefers() bool {
	if sub := op.path.at.sub; sub != nil {
		return sub.Name == "primary" && op.value == true
	}
	return isPrimary(op.value)
}

// changed is a value as the operation leaves it.
func (l *valueList) changed(one any, op operation) any {
	held, ok := one.(Object)
	switch {
	case !ok:
		return one
	case op.path.at.sub != nil:
		return merged(held, Object{op.path.at.sub.Name: op.value})
	case op.verb == add:
		return merged(held, op.value.(Object))
	}
	return merged(op.path.named(), op.value.(Object))
}

// create makes the value that a path means and that is not there, as Entra ID expects of adding and of replacing; RFC 7644 section
// 3.5.2.3 refuses the latter, which is done where the filter does not say what the value would be.
func (l *valueList) create(op operation) error {
	if op.path.filter != nil && op.verb == replace && !op.path.exact {
		return Bad(NoTarget, "Nothing is at the path %s that could be replaced.", quoted(op.path.text))
	}
	created := l.changed(op.path.named(), op)
	l.set(len(l.values), created, isPrimary(created))
	return nil
}

// named are the parts of a value that its filter names.
func (p path) named() Object {
	parts := Object{}
	for _, e := range p.equals {
		parts[e.sub.Name] = e.value
	}
	return parts
}

// takeAway removes the selected values, or a part of them; a value of which only its kind is left is none.
func (l *valueList) takeAway(p path) {
	var left []any
	for _, one := range l.values {
		held, ok := one.(Object)
		if !ok || !p.selects(one) {
			left = append(left, one)
			continue
		}
		if p.at.sub == nil {
			continue
		}
		rest := maps.Clone(held)
		delete(rest, p.at.sub.Name)
		if p.at.sub.Name == "value" && only(rest, "type", "primary", "display") || len(rest) == 0 {
			continue
		}
		left = append(left, rest)
	}
	l.values = left
}

// settle leaves one primary value at most: the one that the operation made primary.
func (l *valueList) settle() error {
	if len(l.values) > mostValues {
		return Bad(InvalidValue, "%s would have %d values. At most %d are kept.", l.at, len(l.values), mostValues)
	}
	preferred := unique(l.preferred)
	switch len(preferred) {
	case 0:
		return nil
	case 1:
	default:
		return Bad(InvalidValue, "%s would have several values that are primary. Mark one.", l.at)
	}
	for i, one := range l.values {
		if isPrimary(one) && i != preferred[0] {
			l.values[i] = merged(one.(Object), Object{"primary": false})
		}
	}
	return nil
}
