package scim

import (
	"cmp"
	"strings"
)

// Order is how a list is sorted (RFC 7644 section 3.4.2.3): by an attribute, of several values by the primary one's or the first; who has
// none comes last, or first where it descends.
type Order struct {
	text       string
	descending bool
	by         map[*ResourceType]place
}

// readOrder reads sortBy and sortOrder, nil where nothing is sorted.
func readOrder(by, direction string, types []*ResourceType) (*Order, error) {
	if by == "" {
		return nil, nil
	}
	o := &Order{text: by, by: map[*ResourceType]place{}}
	switch lower(direction) {
	case "", "ascending":
	case "descending":
		o.descending = true
	default:
		return nil, Bad(InvalidValue, "sortOrder is ascending or descending, not %s.", quoted(direction))
	}
	for _, t := range types {
		at, wrong := t.locate(by)
		if wrong != nil || at.attribute == nil {
			continue
		}
		if at.sub == nil && at.attribute.kind() == Complex {
			at.sub = at.attribute.sub("value")
		}
		if at.last().kind() == Complex || at.attribute.Returned == never || at.attribute.Apart {
			return nil, Bad(InvalidValue, "Nothing can be sorted by %s.", at)
		}
		o.by[t] = at
	}
	if len(o.by) == 0 {
		return nil, Bad(InvalidValue, "sortBy names %s, which is no attribute.", quoted(by))
	}
	return o, nil
}

// Attribute is what is sorted by, in the schema's spelling, for who keeps an order of it.
func (o *Order) Attribute(t *ResourceType) (name string, descending bool) {
	return o.by[t].name(), o.descending
}

// Compare tells which of two resources comes first, as cmp.Compare does.
func (o *Order) Compare(a, b *Resource) int {
	x, hasX := o.key(a)
	y, hasY := o.key(b)
	order := strings.Compare(x, y)
	if hasX != hasY {
		order = cmp.Compare(btoi(hasY), btoi(hasX))
	}
	if o.descending {
		return -order
	}
	return order
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// key is what the resource is sorted by.
func (o *Order) key(r *Resource) (string, bool) {
	at, ok := o.by[r.Type]
	if !ok || at.attribute == nil {
		return "", false
	}
	if value, ok := at.holder(r.Values)[at.attribute.Name].(bool); ok {
		return "01"[btoi(value):][:1], true
	}
	text := r.Text(at.String())
	if at.last().kind() == DateTime {
		if when, ok := moment(text); ok {
			return when.UTC().Format("2006-01-02T15:04:05.000000000Z"), true
		}
	}
	return at.last().key(text, equal), text != ""
}
