package scim

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

// shape is a request as an IdP sends it: on what, and what becomes of it.
type shape struct {
	scimtest.Shape
	typ *ResourceType
}

func shapeOf(s scimtest.Shape) shape {
	if s.Group {
		return shape{s, Group}
	}
	return shape{s, User}
}

// run sends the request and compares.
func (s shape) run(t *testing.T) {
	t.Helper()
	var current *Resource
	if s.Before != "" {
		current = made(t, s.typ, s.Before)
	}
	changes, err := s.apply(current)
	if status, kind, detail := refused(t, err); status != s.Status || string(kind) != s.Kind {
		t.Fatalf("%d %s: %s", status, kind, detail)
	}
	if current != nil && !cmp.Equal(current, made(t, s.typ, s.Before), cmp.Comparer(sameType)) {
		t.Error("what was given was changed")
	}
	if err != nil {
		return
	}
	if s.After == "" {
		s.After = s.Before
	}
	want := made(t, s.typ, s.After).Values
	if diff := cmp.Diff(want, changes.After.Values); diff != "" {
		t.Errorf("it is not (-) but (+):\n%s", diff)
	}
	if diff := cmp.Diff(Members(s.Members), changes.Members); diff != "" {
		t.Errorf("members are not (-) but (+):\n%s", diff)
	}
	if unchanged := s.Before == s.After && Members(s.Members).None(); unchanged != changes.None() {
		t.Errorf("nothing changes: %v; %v", changes.None(), changes.Attributes)
	}
	s.again(t, changes)
}

// again sends the request once more: nothing changes any more.
func (s shape) again(t *testing.T, changes *Changes) {
	t.Helper()
	if s.Before == "" {
		return
	}
	repeated, err := s.apply(changes.After)
	if err != nil {
		t.Fatalf("sent again: %v", err)
	}
	if len(repeated.Attributes) != 0 || !cmp.Equal(repeated.Members, changes.Members) {
		t.Errorf("sent again it changes %v", repeated.Attributes)
	}
}

// apply reads the request by its method and applies it.
func (s shape) apply(current *Resource) (*Changes, error) {
	read := map[string]func(*ResourceType, []byte) (*Edit, error){http.MethodPost: ReadCreate, http.MethodPut: ReadReplace, http.MethodPatch: ReadPatch}
	edit, err := read[s.Method()](s.typ, []byte(s.Body()))
	if err != nil {
		return nil, err
	}
	return edit.Apply(current)
}

func sameType(a, b *ResourceType) bool { return a == b }

func TestWhatIdentityProvidersSend(t *testing.T) {
	t.Parallel()
	for _, one := range scimtest.All() {
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			shapeOf(one).run(t)
		})
	}
}

const (
	small  = `{"id":"u1","userName":"a@x.example","active":true}`
	ent    = `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	guides = `{"id":"g1","displayName":"Guides"}`
)

// TestSCIM2_15_TwoHundredFiftySixMembersAtOnce reads what Okta sends most in one request.
func TestSCIM2_15_TwoHundredFiftySixMembersAtOnce(t *testing.T) {
	t.Parallel()
	operations := []string{}
	for range 128 {
		operations = append(operations, `{"op":"remove","path":"members[value eq \"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW\"]"}`, `{"op":"add","path":"members","value":[{"value":"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XX","display":"x"}]}`)
	}
	shapeOf(scimtest.Shape{Group: true, Before: guides, Request: "[" + strings.Join(operations, ",") + "]",
		Members: scimtest.Members{Added: []string{"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XX"}, Removed: []string{"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}}}).run(t)
}

// TestAListOfAllMembersIsAsLongAsItIs reads how Okta replaces a large group: what it changes is for the server to find.
func TestAListOfAllMembersIsAsLongAsItIs(t *testing.T) {
	t.Parallel()
	var members []string
	for i := range 30_000 {
		members = append(members, fmt.Sprintf(`{"value":"usr_01JD3V0Q6ZJ5Q8F1V5N2S%05d","display":"%d@acme.example"}`, i, i))
	}
	list := "[" + strings.Join(members, ",") + "]"
	for _, request := range []string{`{"displayName":"Guides","members":` + list + `}`, `[{"op":"replace","path":"members","value":` + list + `}]`} {
		changes, err := shapeOf(scimtest.Shape{Group: true, Before: guides, Request: request}).apply(made(t, Group, guides))
		if err != nil || !changes.Members.All || len(changes.Members.Added) != 30_000 || len(changes.Attributes) != 0 {
			t.Errorf("%v", err)
		}
	}
	if e := TooManyMembers(); e.Status != http.StatusRequestEntityTooLarge {
		t.Error(e)
	}
}
