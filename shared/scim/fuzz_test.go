package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

// ofOurs holds what readers refuse to be of SCIM, with a sentence that breaks no line.
func ofOurs(t *testing.T, err error) {
	t.Helper()
	own := (*Error)(nil)
	if !errors.As(err, &own) || own.Detail == "" || strings.ContainsAny(own.Detail, "\n\r\x00") || len(own.Detail) > 1_000 {
		t.Fatalf("refused with %v", err)
	}
}

// FuzzBody creates a user of whatever it is given: what comes of it, sent back, changes nothing.
func FuzzBody(f *testing.F) {
	for _, s := range scimtest.All() {
		if s.Method() == http.MethodPost && !s.Group {
			f.Add([]byte(s.Request))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		edit, err := ReadCreate(User, body)
		var made *Changes
		if err == nil {
			made, err = edit.Apply(nil)
		}
		if err != nil {
			ofOurs(t, err)
			return
		}
		written, err := json.Marshal(Projection{}.Apply(made.After))
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadReplace(User, written)
		if err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		same, err := again.Apply(made.After)
		if err != nil || !same.None() {
			t.Fatalf("sent back, %s changes %v, %v", written, same, err)
		}
	})
}

// FuzzJSON reads whatever it is given: as encoding/json does, but for what is refused on purpose.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,-2.5e3,true,false,null,"x\u00e9\n",{}],"b":{"c":[]}}`, ` [ ] `, `"x"`, `0`, `{"a":1,"A":2}`, `{"a" : 1 , "b":[ 1 , 2 ] }`, "\"\xff\""} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := decode(data, LargestBody)
		if err != nil {
			ofOurs(t, err)
			return
		}
		in := json.NewDecoder(bytes.NewReader(data))
		in.UseNumber()
		var want any
		if err := in.Decode(&want); err != nil || in.More() {
			t.Fatalf("encoding/json refuses it: %v", err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%#v, and encoding/json %#v", got, want)
		}
	})
}

// FuzzFilter asks whatever it is given: a user it holds for is found by its look-ups, and its negation holds for all others.
func FuzzFilter(f *testing.F) {
	for _, text := range []string{
		`userName eq "bob"`, `emails[type eq "work"].value eq "x" and not (active eq "True")`, `id eq "usr_01" and manager eq "usr_02"`, `meta.created gt 2015-10-10T14:38:21.86-07:00`,
		`members[value eq "U"]`, `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "\u00e9" or title ne null`, `(((title pr)))`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := ParseFilter(text, User, Group)
		if err != nil {
			ofOurs(t, err)
			return
		}
		user := made(t, User, barbara)
		holds := filter.Match(user)
		plan, err := filter.Plan(User, servedOfUsers...)
		found := slices.ContainsFunc(user.Keys(servedOfUsers...), func(k Lookup) bool { return slices.Contains(plan.Lookups, k) })
		if err != nil || holds && !plan.Scan && !found {
			t.Fatalf("it holds and %+v does not find it: %v", plan, err)
		}
		if _, err := filter.Plan(Group, servedOfGroups...); err != nil {
			ofOurs(t, err)
		}
		filter.Match(made(t, Group, tourGuides))
		negated, err := ParseFilter("not ("+text+")", User, Group)
		if err != nil && len(text) < longestFilter-10 && strings.Count(text, "(")+strings.Count(text, "[") < deepestFilter {
			t.Fatalf("its negation cannot be read: %v", err)
		}
		if err == nil && negated.Match(user) == holds {
			t.Fatal("its negation is the same")
		}
	})
}

// FuzzPath follows whatever it is given, on each way of changing what it leads to.
func FuzzPath(f *testing.F) {
	for _, s := range scimtest.All() {
		var operations []struct{ Path string }
		if json.Unmarshal([]byte(s.Request), &operations) == nil {
			for _, one := range operations {
				f.Add(one.Path, `"x"`)
			}
		}
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		if !json.Valid([]byte(value)) {
			return
		}
		written, err := json.Marshal(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []*ResourceType{User, Group} {
			for _, verb := range []string{"add", "replace", "remove"} {
				operation := fmt.Sprintf(`[{"op":%q,"path":%s,"value":%s}]`, verb, written, value)
				applied(t, typ, operation)
			}
		}
	})
}

// FuzzPatch applies whatever it is given.
func FuzzPatch(f *testing.F) {
	for _, s := range scimtest.All() {
		if s.Patch() && len(s.Request) < 1_000 {
			f.Add(s.Request)
		}
	}
	f.Fuzz(func(t *testing.T, operations string) {
		applied(t, User, operations)
		applied(t, Group, operations)
	})
}

// applied holds what comes of a patch to what every resource keeps.
func applied(t *testing.T, typ *ResourceType, operations string) {
	t.Helper()
	text := barbara
	if typ == Group {
		text = guides
	}
	before := made(t, typ, text)
	changes, err := patched(before, operations)
	if !reflect.DeepEqual(before, made(t, typ, text)) {
		t.Fatal("what was given was changed")
	}
	if err != nil {
		ofOurs(t, err)
		return
	}
	if changes.After.Text(typ.Schema.Attributes[0].Name) == "" || changes.After.Text("id") != before.Text("id") {
		t.Fatalf("%v", changes.After.Values)
	}
	for name, value := range changes.After.Values {
		if several, ok := value.([]any); ok && (primaries(several) > 1 || len(several) == 0 || typ == Group) {
			t.Fatalf("%s is %v", name, value)
		}
	}
	for _, id := range changes.Members.Added {
		if slices.Contains(changes.Members.Removed, id) || typ == User {
			t.Fatalf("%+v", changes.Members)
		}
	}
}

// patched applies operations, whatever they begin with.
func patched(current *Resource, operations string) (*Changes, error) {
	edit, err := ReadPatch(current.Type, []byte(`{"Operations":`+operations+`}`))
	if err != nil {
		return nil, err
	}
	return edit.Apply(current)
}
