package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	value, err := next(in, 0)
	if err == nil {
		_, end := in.Token()
		if !errors.Is(end, io.EOF) {
			err = Bad(InvalidSyntax, "The request goes on after the end of its JSON.")
		}
	}
	if own := (*Error)(nil); err != nil && !errors.As(err, &own) {
		return nil, Bad(InvalidSyntax, "The request is not JSON, at byte %d.", in.InputOffset())
	}
	return value, err
}

// next reads one value.
func next(in *json.Decoder, depth int) (any, error) {
	token, err := in.Token()
	if err != nil {
		return nil, err
	}
	opening, ok := token.(json.Delim)
	switch {
	case !ok:
		return token, nil
	case depth == deepest:
		return nil, Bad(InvalidSyntax, "The request nests deeper than %d levels.", deepest)
	case opening == '[':
		return list(in, depth+1)
	default:
		return object(in, depth+1)
	}
}

func list(in *json.Decoder, depth int) (any, error) {
	values := []any{}
	for in.More() {
		value, err := next(in, depth)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	_, err := in.Token()
	return values, err
}

func object(in *json.Decoder, depth int) (any, error) {
	values, seen := Object{}, map[string]bool{}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, Bad(InvalidSyntax, "The request has an object with a name that is no string.")
		}
		if seen[lower(name)] {
			return nil, Bad(InvalidSyntax, "The request has %s twice in one object; upper and lower case make no difference.", quoted(name))
		}
		seen[lower(name)] = true
		if values[name], err = next(in, depth); err != nil {
			return nil, err
		}
	}
	_, err := in.Token()
	return values, err
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
