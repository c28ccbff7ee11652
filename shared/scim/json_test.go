package scim

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// refused tells of an error what a client sees: status and scimType.
func refused(t *testing.T, err error) (int, Kind, string) {
	t.Helper()
	own := (*Error)(nil)
	if err == nil {
		return 0, "", ""
	}
	if !errors.As(err, &own) {
		t.Fatalf("an error of its own kind: %v", err)
	}
	if own.Detail == "" || strings.ContainsAny(own.Detail, "\n\x00") {
		t.Errorf("a detail that is no sentence: %q", own.Detail)
	}
	return own.Status, own.Kind, own.Detail
}

func TestBodiesAreReadWithinBounds(t *testing.T) {
	t.Parallel()
	const core = `"schemas":["` + UserURN + `"]`
	for _, c := range []struct {
		name, body string
		status     int
		kind       Kind
	}{
		{"a user", `{` + core + `,"userName":"a"}`, 0, ""},
		{"blanks around", " \n{\"userName\":\"a\"}\t ", 0, ""},
		{"3.38 no JSON", `{"userName":`, 400, InvalidSyntax},
		{"nothing", ``, 400, InvalidSyntax},
		{"more behind", `{"userName":"a"}{}`, 400, InvalidSyntax},
		{"a bracket behind", `{"userName":"a"}]`, 400, InvalidSyntax},
		{"a list", `[]`, 400, InvalidSyntax},
		{"a text", `"a"`, 400, InvalidSyntax},
		{"a comma too many", `{"userName":"a",}`, 400, InvalidSyntax},
		{"one name twice", `{"userName":"a","userName":"b"}`, 400, InvalidSyntax},
		{"3.12 one name in two casings", `{"userName":"a","USERNAME":"b"}`, 400, InvalidSyntax},
		{"in two casings below", `{"userName":"a","name":{"givenName":"a","givenname":"b"}}`, 400, InvalidSyntax},
		{"in what is passed over", `{"userName":"a","x":[{"a":1,"A":2}]}`, 400, InvalidSyntax},
		{"no UTF-8", "{\"userName\":\"a\xff\"}", 400, InvalidSyntax},
		{"half a character", `{"userName":"a\ud800"}`, 400, InvalidSyntax},
		{"the other half", `{"userName":"\udc00a"}`, 400, InvalidSyntax},
		{"two halves of one kind", `{"userName":"\ud800\ud800"}`, 400, InvalidSyntax},
		{"half at the end", `{"userName":"a\ud8`, 400, InvalidSyntax},
		{"both halves", `{"userName":"\ud83d\ude00"}`, 0, ""},
		{"an escaped backslash", `{"userName":"\\ud800"}`, 0, ""},
		{"NUL", `{"userName":"a\u0000"}`, 400, InvalidValue},
		{"10,000 lists deep", `{"userName":` + strings.Repeat("[", 10_000), 400, InvalidSyntax},
		{"10,000 objects deep", `{"userName":"a","x":` + strings.Repeat(`{"x":`, 10_000) + `1` + strings.Repeat(`}`, 10_001), 400, InvalidSyntax},
		{"10 MB", `{"userName":"` + strings.Repeat("a", 10<<20) + `"}`, 413, ""},
		{"a text of 100 KB", `{"userName":"` + strings.Repeat("a", 100<<10) + `"}`, 400, InvalidValue},
		{"one long text many times", `{"userName":"a","emails":[` + strings.Repeat(`{"value":"`+strings.Repeat("a", 9<<10)+`"},`, 30) + `{}]}`, 0, ""},
		{"300,000 lists", `{"userName":"a","x":[` + strings.Repeat(`[],`, 300_000) + `[]]}`, 413, ""},
		{"a hundred thousand lists", `{"userName":"a","emails":[` + strings.Repeat(`[],`, 100_000) + `[]]}`, 400, InvalidValue},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			edit, err := ReadCreate(User, []byte(c.body))
			if err == nil {
				_, err = edit.Apply(nil)
			}
			if status, kind, detail := refused(t, err); status != c.status || kind != c.kind {
				t.Errorf("%d %s: %s", status, kind, detail)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestAUserIsBoundedAsAWhole(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 12<<10)
	body := `{"userName":"a"`
	for _, name := range []string{"displayName", "nickName", "title", "userType", "locale", "timezone", "preferredLanguage", "externalId", "profileUrl"} {
		body += `,"` + name + `":"` + text + `"`
	}
	edit, err := ReadCreate(User, []byte(body+`}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = edit.Apply(nil)
	if status, _, detail := refused(t, err); status != 413 {
		t.Errorf("%d %s", status, detail)
	}
}

func TestWhoeverIsTooLargeIsStillDeactivated(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 101<<10)
	before := made(t, User, `{"userName":"a","active":true,"title":"`+text+`"}`)
	for operation, status := range map[string]int{`{"op":"Replace","path":"active","value":"False"}`: 0, `{"op":"replace","value":{"active":false,"title":null}}`: 0, `{"op":"add","path":"nickName","value":"b"}`: 413} {
		_, err := patched(before, "["+operation+"]")
		if got, _, _ := refused(t, err); got != status {
			t.Errorf("%s: %d", operation, got)
		}
	}
}

func TestNamesCompareInASCIIOnly(t *testing.T) {
	t.Parallel()
	edit, err := ReadCreate(User, []byte("{\"USERNAME\":\"a\",\"nic\u212aName\":\"b\"}"))
	if err != nil {
		t.Fatal(err)
	}
	changes, err := edit.Apply(nil)
	if err != nil {
		t.Fatal(err)
	}
	if changes.After.Values["userName"] != "a" || changes.After.Values["nickName"] != nil || len(edit.Notes) != 2 {
		t.Errorf("%v %q", changes.After.Values, edit.Notes)
	}
}
