package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"
)

// Object is a JSON object. What the package gives out has the schema's spelling of names and holds string, bool, Object and []any.
type Object = map[string]any

// Bounds of a body (SCI-10). Requests nest four deep; what nests deeper is no request.
const (
	LargestBody      = 1 << 20 // of all but groups
	LargestGroupBody = 4 << 20
	deepest          = 32
	// Eight times what 5,000 members with all their parts are. Small values take many times their bytes in memory.
	mostNodes = 250_000
)

// decode reads a body of at most most bytes: one JSON value in UTF-8, not deeper than deepest, without an object that has one name
// twice, in whatever casing (names of attributes compare regardless of case, so either could be meant).
func decode(data []byte, most int) (any, error) {
	if len(data) > most {
		return nil, Refused(http.StatusRequestEntityTooLarge, "The request has %d bytes. At most %d are taken: send it in several requests.", len(data), most)
	}
	if !utf8.Valid(data) || !paired(data) {
		return nil, Bad(InvalidSyntax, "The request is not valid UTF-8.")
	}
	var whole json.RawMessage
	wrong := (*json.SyntaxError)(nil)
	if err := json.Unmarshal(data, &whole); errors.As(err, &wrong) {
		return nil, Bad(InvalidSyntax, "The request is not JSON, at byte %d.", wrong.Offset)
	} else if err != nil {
		return nil, Bad(InvalidSyntax, "The request is not JSON.")
	}
	return (&reader{data: data}).value(0)
}

// reader reads JSON that is known to be well formed.
type reader struct {
	data  []byte
	at    int
	nodes int
}

// peek gives the next byte that is no blank.
func (r *reader) peek() byte {
	for blank(r.data[r.at]) {
		r.at++
	}
	return r.data[r.at]
}

func (r *reader) value(depth int) (any, error) {
	r.nodes++
	switch c := r.peek(); {
	case r.nodes > mostNodes:
		return nil, Refused(http.StatusRequestEntityTooLarge, "The request has more than %d values: send it in several requests.", mostNodes)
	case (c == '[' || c == '{') && depth == deepest:
		return nil, Bad(InvalidSyntax, "The request nests deeper than %d levels.", deepest)
	case c == '[':
		return r.list(depth + 1)
	case c == '{':
		return r.object(depth + 1)
	case c == '"':
		return r.text()
	}
	begin := r.at
	for r.at < len(r.data) && bytes.IndexByte([]byte(",]} \t\r\n"), r.data[r.at]) < 0 {
		r.at++
	}
	switch word := string(r.data[begin:r.at]); word {
	case "null":
		return nil, nil
	case "true", "false":
		return word == "true", nil
	default:
		return json.Number(word), nil
	}
}

func (r *reader) list(depth int) (any, error) {
	values := []any{}
	for r.at++; r.peek() != ']'; {
		value, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		if r.peek() == ',' {
			r.at++
		}
	}
	r.at++
	return values, nil
}

func (r *reader) object(depth int) (any, error) {
	values, seen := Object{}, map[string]bool{}
	for r.at++; r.peek() != '}'; {
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if seen[lower(name)] {
			return nil, Bad(InvalidSyntax, "The request has %s twice in one object; upper and lower case make no difference.", quoted(name))
		}
		seen[lower(name)] = true
		r.peek() // the colon
		r.at++
		if values[name], err = r.value(depth); err != nil {
			return nil, err
		}
		if r.peek() == ',' {
			r.at++
		}
	}
	r.at++
	return values, nil
}

// text reads a string.
func (r *reader) text() (string, error) {
	begin, escaped := r.at, false
	for r.at++; r.data[r.at] != '"'; r.at++ {
		if r.data[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.data[begin+1 : r.at-1]), nil
	}
	var text string
	err := json.Unmarshal(r.data[begin:r.at], &text)
	return text, err
}

// paired tells whether every \u escape of half a character has its other half: alone it means no character, and Go's reader would put
// another one in its place, so that two different names became the same.
func paired(data []byte) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++
		first, ok := escape(data, i)
		if !ok || first < 0xd800 || first > 0xdfff {
			continue
		}
		second, ok := escape(data, i+6)
		if first > 0xdbff || !ok || data[i+5] != '\\' || second < 0xdc00 || second > 0xdfff {
			return false
		}
		i += 10
	}
	return true
}

// escape reads the uXXXX at data[at:].
func escape(data []byte, at int) (uint64, bool) {
	if at+5 > len(data) || data[at] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(string(data[at+1:at+5]), 16, 32)
	return code, err == nil
}

// lower is the form in which names of attributes and schemas compare: ASCII, as they are.
func lower(name string) string {
	for i := range len(name) {
		if 'A' <= name[i] && name[i] <= 'Z' {
			folded := []byte(name)
			for j, c := range folded {
				if 'A' <= c && c <= 'Z' {
					folded[j] = c + 'a' - 'A'
				}
			}
			return string(folded)
		}
	}
	return name
}

// clone copies a value, all of it.
func clone(value any) any {
	switch v := value.(type) {
	case Object:
		copied := make(Object, len(v))
		for name, one := range v {
			copied[name] = clone(one)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, one := range v {
			copied[i] = clone(one)
		}
		return copied
	}
	return value
}
