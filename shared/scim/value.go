package scim

import (
	"encoding/json"
	"strings"
	"time"
)

// Bounds of what one resource holds, far above what a directory has: whoever sends more is refused with the attribute's name.
const (
	mostValues  = 100       // of one attribute
	longestText = 16 << 10  // of one text, which a certificate is
	largestUser = 100 << 10 // of all of it, as JSON
)

// read gives a value of the attribute as the resource holds it, in the schema's spelling, nil where it is unassigned: null, an empty list,
// an empty text. It takes what IdPs send for what they mean: "True" for true, a list of one for a single value, a single value for a list,
// a text for the "value" of a complex attribute, a number for a text.
func (a *Attribute) read(sent any, at string) (any, error) {
	if a.Multi {
		return a.readAll(sent, at)
	}
	if several, ok := sent.([]any); ok {
		switch len(several) {
		case 0:
			return nil, nil
		case 1:
			sent = several[0]
		default:
			return nil, Bad(InvalidValue, "%s has one value; %d were sent.", at, len(several))
		}
	}
	return a.readOne(sent, at)
}

// readAll reads a list of values: nil or not empty.
func (a *Attribute) readAll(sent any, at string) (any, error) {
	several, ok := sent.([]any)
	if !ok {
		several = []any{sent}
	}
	if len(several) > mostValues {
		return nil, Bad(InvalidValue, "%s has %d values. At most %d are kept.", at, len(several), mostValues)
	}
	var values []any
	for _, one := range several {
		value, err := a.readOne(one, at)
		if err != nil {
			return nil, err
		}
		if value != nil {
			values = append(values, value)
		}
	}
	if values == nil {
		return nil, nil
	}
	if primaries(values) > 1 {
		return nil, Bad(InvalidValue, "%s has several values that are primary. Mark one.", at)
	}
	return values, nil
}

// primaries counts the values that are the preferred one, of which there is one at most (RFC 7643 section 2.4).
func primaries(values []any) int {
	n := 0
	for _, one := range values {
		if isPrimary(one) {
			n++
		}
	}
	return n
}

func (a *Attribute) readOne(sent any, at string) (any, error) {
	if sent == nil {
		return nil, nil
	}
	switch a.kind() {
	case Complex:
		return a.readComplex(sent, at)
	case Boolean:
		return readBoolean(sent, at)
	}
	text, ok := sent.(string)
	if number, isNumber := sent.(json.Number); isNumber {
		text, ok = number.String(), true
	}
	switch {
	case !ok:
		return nil, Bad(InvalidValue, "%s is a text; something else was sent.", at)
	case text == "":
		return nil, nil
	case len(text) > longestText:
		return nil, Bad(InvalidValue, "%s has %d bytes. At most %d are kept.", at, len(text), longestText)
	case strings.ContainsRune(text, 0):
		return nil, Bad(InvalidValue, "%s has a NUL character.", at)
	}
	return text, nil
}

// readBoolean never takes what it does not know for true: a leaver would stay active.
func readBoolean(sent any, at string) (any, error) {
	value, ok := sent.(bool)
	switch v := sent.(type) {
	case string:
		if v == "" {
			return nil, nil
		}
		value, ok = truth(v)
	case json.Number:
		value, ok = truth(v.String())
	}
	if !ok {
		return nil, Bad(InvalidValue, "%s is true or false; something else was sent.", at)
	}
	return value, nil
}

// readComplex reads an object; parts that the schema does not have, and those that clients do not set, are passed over.
func (a *Attribute) readComplex(sent any, at string) (any, error) {
	if _, simple := sent.(Object); !simple && a.valued() {
		sent = Object{"value": sent}
	}
	parts, ok := sent.(Object)
	if !ok {
		return nil, Bad(InvalidValue, "%s is an object; something else was sent.", at)
	}
	value := Object{}
	for name, part := range parts {
		sub := a.sub(name)
		if sub == nil || sub.Mutability == readOnly {
			continue
		}
		one, err := sub.read(part, at+"."+sub.Name)
		if err != nil {
			return nil, err
		}
		if one != nil {
			value[sub.Name] = one
		}
	}
	if len(value) == 0 || a.valued() && value["value"] == nil && only(value, "type", "primary") {
		return nil, nil
	}
	return value, nil
}

// only tells whether the object has no other parts than these.
func only(value Object, names ...string) bool {
	n := 0
	for _, name := range names {
		if _, ok := value[name]; ok {
			n++
		}
	}
	return n == len(value)
}

// written is a time in an answer.
func written(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
