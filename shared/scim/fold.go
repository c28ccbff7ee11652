package scim

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold is the form in which text compares where case makes no difference: in filters, in look-ups and for uniqueness, so that who is told
// that a name is taken finds it by asking for it. Unicode's full folding: "ß" is "ss", "K" (Kelvin) is "k", and the Turkish "İ" is not "i".
// What is stored and answered stays as it was sent.
func Fold(text string) string { return folded(strings.TrimSpace(text)) }

// folded is Fold without trimming, for parts of a text.
func folded(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
		}
	}
	return lower(text)
}
