package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// deepest is how far a body may nest.
const deepest = 64

// unmarshal reads a body only where there is one way to understand it: encoding/json takes the last of two fields of one name,
// finds a field by its name in any case, and replaces what is not UTF-8. What was validated would then not be what is
// taken (RFC 8259, sections 4 and 8.1).
func unmarshal(data []byte, into any) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8")
	}
	if err := json.Unmarshal(data, into); err != nil {
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) {
			return fmt.Errorf("%q does not hold this %s", mistyped.Field, strings.Fields(mistyped.Value)[0])
		}
		return err
	}
	return unambiguous(json.NewDecoder(bytes.NewReader(data)), 0)
}

// unambiguous reads the next value, which is known to be JSON, and errs where an object of it has a name twice.
func unambiguous(d *json.Decoder, depth int) error {
	token, err := d.Token()
	opening, nests := token.(json.Delim)
	if err != nil || !nests {
		return err
	}
	if depth == deepest {
		return fmt.Errorf("it nests deeper than %d levels", deepest)
	}
	names := map[string]bool{}
	for d.More() {
		if opening == '{' {
			if err := newName(d, names); err != nil {
				return err
			}
		}
		if err := unambiguous(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func newName(d *json.Decoder, names map[string]bool) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	name, _ := token.(string)
	folded := strings.ToLower(strings.ToUpper(name))
	if names[folded] {
		return fmt.Errorf("it has the field %q twice", name)
	}
	names[folded] = true
	return nil
}
