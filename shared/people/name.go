package people

import (
	"strings"
	"unicode"

	"github.com/tenantry/tenantry/shared/problem"
)

// CheckName gives a name as it is stored: without surrounding space. One that is empty then, or not on one line, is refused
// as invalid at the location. That it is not too long is in the schema of the field.
func CheckName(location, value string) (string, error) {
	name := strings.TrimSpace(value)
	if name == "" || strings.ContainsFunc(name, unicode.IsControl) {
		return "", problem.Invalid(location, "must be a text on one line that is not empty", nil)
	}
	return name, nil
}
