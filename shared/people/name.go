package people

import (
	"strings"
	"unicode"

	"github.com/tenantry/tenantry/shared/problem"
)

// CheckName gives a name as it is stored: without surrounding space. One that is empty then, not on one line, or that turns
// the direction of what is written around it, is refused as invalid at the location. That it is not too long is in the schema
// of the field.
func CheckName(location, value string) (string, error) {
	name := strings.TrimSpace(value)
	if name == "" || strings.ContainsFunc(name, deceives) {
		return "", problem.Invalid(location, "must be a text on one line that is not empty", nil)
	}
	return name, nil
}

// AsName makes a name of a text that came from elsewhere, where nobody is there to be refused: what CheckName refuses is a space,
// and what is more than so many characters is left out. It can be empty.
func AsName(text string, most int) string {
	plain := strings.Map(func(r rune) rune {
		if deceives(r) {
			return ' '
		}
		return r
	}, text)
	runes := []rune(strings.TrimSpace(plain))
	return strings.TrimSpace(string(runes[:min(len(runes), most)]))
}

// deceives tells whether the character changes how the text around it shows: line and page breaks, and the embeddings,
// overrides and isolates of bidirectional text (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing). The
// marks and joiners that names in some scripts need are left alone.
func deceives(r rune) bool {
	return unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
