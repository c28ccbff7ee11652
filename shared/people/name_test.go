package people

import "testing"

func TestNames(t *testing.T) {
	for value, want := range map[string]string{
		" Ana Ruiz ":          "Ana Ruiz",
		"می\u200cخواهم":       "می\u200cخواهم", // the joiner belongs to the word
		"\u200fאנה":           "\u200fאנה",
		" \n":                 "",
		"Ana\nBcc: x":         "",
		"Ana\u0085Ruiz":       "",
		"Ana\u2028Ruiz":       "",
		"Ana\u202egro.live":   "", // shows as evil.org
		"Ana\u2066Ruiz":       "",
		"Ana\x1b[2J":          "",
		"O'Neil <b>\"x\"</b>": "O'Neil <b>\"x\"</b>",
	} {
		got, err := CheckName("body.name", value)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", value, got, err)
		}
	}
}
