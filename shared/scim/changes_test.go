package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

func TestChangesAreToldByPartsWithBothValues(t *testing.T) {
	t.Parallel()
	s := shapeOf(scimtest.Shape{Request: `[{"op":"replace","value":{"userName":"b","title":null,"name.givenName":"G","manager":"u2"}}]`})
	changes, err := s.apply(made(t, User, `{"userName":"a","title":"T","name":{"familyName":"F"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Change{{"userName", "a", "b"}, {"name.givenName", nil, "G"}, {"title", "T", nil}, {EnterpriseURN + ":manager.value", nil, "u2"}}
	if diff := cmp.Diff(want, changes.Attributes); diff != "" {
		t.Error(diff)
	}
	for path, touched := range map[string]bool{"userName": true, "name": true, "name.givenName": true, "name.familyName": false, "user": false, "emails": false} {
		if changes.Touches(path) != touched {
			t.Errorf("%s: %v", path, !touched)
		}
	}
}

func TestWhatTheProductReadsOfAUser(t *testing.T) {
	t.Parallel()
	r := made(t, User, `{"userName":"u","emails":[{"value":"h@x","type":"home"},{"value":"w@x","type":"Work"},{"value":"p@x","primary":true},{"value":"h@x"}],"name":{"givenName":"G","familyName":"F"}}`)
	if diff := cmp.Diff([]string{"p@x", "w@x", "h@x"}, r.Addresses()); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]string{"userName": "u", "emails.value": "p@x", "name.familyName": "F", "manager.value": "", "emails": "", "nothing": "", "name": ""} {
		if got := r.Text(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for document, want := range map[string]string{
		`{"userName":"u"}`: "u", `{"userName":"u","name":{"givenName":"G"}}`: "G", `{"name":{"givenName":"G","familyName":"F"}}`: "G F",
		`{"name":{"givenName":"G","formatted":"X"}}`: "X", `{"displayName":"D","name":{"formatted":"X"}}`: "D",
	} {
		if got := made(t, User, document).DisplayName(); got != want {
			t.Errorf("%s: %q", document, got)
		}
	}
	if !made(t, User, `{}`).Active() || made(t, User, `{"active":false}`).Active() || (&Resource{User, Object{"active": nil}}).Active() {
		t.Error("who is active")
	}
}
