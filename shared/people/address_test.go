package people

import (
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for value, want := range map[string]string{
		"ana@acme.example":                             "ana@acme.example",
		"  Ana.Ruiz+x@Acme.Example ":                   "Ana.Ruiz+x@Acme.Example",
		"josé@acme.example":                            "josé@acme.example",
		"ana@münchen.example":                          "ana@münchen.example",
		"":                                             "",
		"ana":                                          "",
		"ana@localhost":                                "",
		"ana@[192.0.2.1]":                              "",
		"Ana <ana@acme.example>":                       "",
		"ana@acme.example, b@acme.example":             "",
		"ana@acme..example":                            "",
		"ana@acme.example.":                            "",
		"ana@-acme.example":                            "",
		"ana @acme.example":                            "",
		"ana\u200b@acme.example":                       "", // looks like ana@acme.example
		"ana\u202e@acme.example":                       "",
		"ana\u00a0b@acme.example":                      "",
		"ana\u0085@acme.example":                       "",
		"ana@acme.example\r\nBcc: x@y.z":               "",
		strings.Repeat("a", 65) + "@acme.example":      "",
		"a@" + strings.Repeat("abc.", 63) + "example":  "",
		"a@" + strings.Repeat("a", 64) + ".example":    "",
		strings.Repeat("a", 64) + "@" + "acme.example": strings.Repeat("a", 64) + "@acme.example",
	} {
		got, err := CheckAddress("body.email", value)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}
