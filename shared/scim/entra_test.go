package scim

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape is a request as an IdP sends it: on what, and what becomes of it. An empty after is what was before; empty members are none.
type shape struct {
	name    string // the number of what it shows, and what
	typ     *ResourceType
	before  string // empty where it is created
	request string // a list is one of operations
	after   string
	members Members
	status  int
	kind    Kind
}

// run sends the request and compares.
func (s shape) run(t *testing.T) {
	t.Helper()
	if s.typ == nil {
		s.typ = User
	}
	var current *Resource
	if s.before != "" {
		current = made(t, s.typ, s.before)
	}
	changes, err := s.apply(current)
	if status, kind, detail := refused(t, err); status != s.status || kind != s.kind {
		t.Fatalf("%d %s: %s", status, kind, detail)
	}
	if current != nil && !cmp.Equal(current, made(t, s.typ, s.before), cmp.Comparer(sameType)) {
		t.Error("what was given was changed")
	}
	if err != nil {
		return
	}
	if s.after == "" {
		s.after = s.before
	}
	want := made(t, s.typ, s.after).Values
	if diff := cmp.Diff(want, changes.After.Values); diff != "" {
		t.Errorf("it is not (-) but (+):\n%s", diff)
	}
	if diff := cmp.Diff(s.members, changes.Members); diff != "" {
		t.Errorf("members are not (-) but (+):\n%s", diff)
	}
	if unchanged := s.before == s.after && s.members.None(); unchanged != changes.None() {
		t.Errorf("nothing changes: %v; %v", changes.None(), changes.Attributes)
	}
	s.again(t, changes)
}

// again sends the request once more: nothing changes any more.
func (s shape) again(t *testing.T, changes *Changes) {
	t.Helper()
	if s.before == "" {
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

func (s shape) apply(current *Resource) (*Changes, error) {
	var edit *Edit
	var err error
	switch {
	case strings.HasPrefix(s.request, "["):
		edit, err = ReadPatch(s.typ, []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":`+s.request+`}`))
	case current == nil:
		edit, err = ReadCreate(s.typ, []byte(s.request))
	default:
		edit, err = ReadReplace(s.typ, []byte(s.request))
	}
	if err != nil {
		return nil, err
	}
	return edit.Apply(current)
}

func sameType(a, b *ResourceType) bool { return a == b }

func runAll(t *testing.T, all []shape) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.run(t)
		})
	}
}

const (
	small   = `{"id":"u1","userName":"a@x.example","active":true}`
	withOne = `{"id":"u1","userName":"a@x.example","active":true,"emails":[{"type":"work","value":"a@x.example","primary":true}]}`
	ent     = `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	inSales = `{"userName":"a@x.example","active":true,` + ent + `:{"department":"Sales","employeeNumber":"7"}}`
	guides  = `{"id":"g1","displayName":"Guides"}`
)

func TestWhatEntraCreates(t *testing.T) {
	t.Parallel()
	runAll(t, whatEntraCreates())
}

func whatEntraCreates() []shape {
	return []shape{
		{name: "1.13 a user, with meta, empty roles and no enterprise object",
			request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",` + ent + `],"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
				"userName":"Test_User_ab6490ee","active":true,"emails":[{"primary":true,"type":"work","value":"Test_User@testuser.com"}],
				"meta":{"resourceType":"User"},"name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"},"roles":[]}`,
			after: `{"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"Test_User_ab6490ee","active":true,
				"emails":[{"primary":true,"type":"work","value":"Test_User@testuser.com"}],
				"name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"}}`},
		{name: "1.13 nulls, enterprise attributes at the top, a URN that is none",
			request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
				"userName":"a","active":true,"addresses":null,"phoneNumbers":null,"title":null,"department":null,"manager":null,"displayName":"A"}`,
			after: `{"userName":"a","active":true,"displayName":"A"}`},
		{name: "1.13 enterprise attributes at the top have their place",
			request: `{"userName":"a","department":"Sales","manager":"u2"}`,
			after:   `{"userName":"a","active":true,` + ent + `:{"department":"Sales","manager":{"value":"u2"}}}`},
		{name: "1.15 the manager as a text",
			request: `{"userName":"a",` + ent + `:{"manager":"u2","department":null}}`, after: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2"}}}`},
		{name: "1.16 a boolean as a text", request: `{"userName":"a","active":"False","emails":[{"value":"a@x","primary":"True"}]}`,
			after: `{"userName":"a","active":false,"emails":[{"value":"a@x","primary":true}]}`},
		{name: "1.14 a group", typ: Group,
			request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
				"externalId":"8aa1a0c0","displayName":"displayName","meta":{"resourceType":"Group"}}`,
			after: `{"externalId":"8aa1a0c0","displayName":"displayName"}`},
		{name: "1.38 what was sent stays as it is", request: `{"userName":"Bob@X.Example","phoneNumbers":[{"type":"mobile","value":"55555555555"}]}`,
			after: `{"userName":"Bob@X.Example","active":true,"phoneNumbers":[{"type":"mobile","value":"55555555555"}]}`},
	}
}

func TestWhatEntraChanges(t *testing.T) {
	t.Parallel()
	runAll(t, whatEntraChanges())
}

func whatEntraChanges() []shape {
	return []shape{
		{name: "1.18 capital letters", before: small, request: `[{"op":"Add","path":"title","value":"x"},{"op":"REPLACE","path":"nickName","value":"y"},{"op":"Remove","path":"title"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"nickName":"y"}`},
		{name: "1.19 disable", before: small, request: `[{"op":"Replace","path":"active","value":"False"}]`, after: strings.Replace(small, "true", "false", 1)},
		{name: "1.19 enable", before: strings.Replace(small, "true", "false", 1), request: `[{"op":"Replace","path":"active","value":"True"}]`, after: small},
		{name: "1.19 disable by a boolean", before: small, request: `[{"op":"replace","path":"active","value":false}]`, after: strings.Replace(small, "true", "false", 1)},
		{name: "1.19 disable by add", before: small, request: `[{"op":"Add","path":"active","value":["false"]}]`, after: strings.Replace(small, "true", "false", 1)},
		{name: "1.19 what is neither true nor false is not true", before: small, request: `[{"op":"Replace","path":"active","value":"Inactive"}]`, status: 400, kind: InvalidValue},
		{name: "1.20 dotted paths and URNs", before: small, request: `[{"op":"Add","path":"name.givenName","value":"A"},
			{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":7},
			{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Sales"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"name":{"givenName":"A"},` + ent + `:{"employeeNumber":"7","department":"Sales"}}`},
		{name: "1.20 paths with a filter", before: withOne, request: `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"b@x.example"},
			{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"},{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"S 1"},
			{"op":"Add","path":"emails[type eq \"other\"].Value","value":"c@x.example"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"emails":[{"type":"work","value":"b@x.example","primary":true},{"type":"other","value":"c@x.example"}],
				"phoneNumbers":[{"type":"mobile","value":"1"}],"addresses":[{"type":"work","streetAddress":"S 1"}]}`},
		{name: "1.21 add and replace make what is not there", before: small, request: `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"b@x.example"},
			{"op":"Add","path":"emails[type eq \"home\" and primary eq true].value","value":"h@x.example"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"emails":[{"type":"work","value":"b@x.example"},{"type":"home","primary":true,"value":"h@x.example"}]}`},
		{name: "1.21 replace does not guess", before: small, request: `[{"op":"Replace","path":"emails[type sw \"w\"].value","value":"b@x.example"}]`, status: 400, kind: NoTarget},
		{name: "1.21 nor between two", before: small, request: `[{"op":"Replace","path":"emails[type eq \"work\" or type eq \"home\"].value","value":"b"}]`, status: 400, kind: NoTarget},
		{name: "1.22 primary as a text", before: `{"userName":"a","active":true,"roles":[{"value":"r1","primary":true},{"value":"r2"}]}`,
			request: `[{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"r3"}]`,
			after:   `{"userName":"a","active":true,"roles":[{"value":"r3","primary":true},{"value":"r2"}]}`},
		{name: "1.22 made where there is none", before: small, request: `[{"op":"Add","path":"roles[primary eq \"True\"].value","value":"r3"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"roles":[{"value":"r3","primary":true}]}`},
		{name: "1.23 userName", before: small, request: `[{"op":"Replace","path":"userName","value":"B@x.example"}]`, after: strings.Replace(small, "a@x", "B@x", 1)},
		{name: "1.15 the manager as a text", before: small, request: `[{"op":"Add","path":` + strings.TrimSuffix(ent, `"`) + `:manager","value":"u2"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,` + ent + `:{"manager":{"value":"u2"}}}`},
		{name: "1.15 the manager in a list, without a URN", before: small, request: `[{"op":"Add","path":"manager","value":[{"$ref":"https://x/Users/u2","value":"u2"}]}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,` + ent + `:{"manager":{"value":"u2","$ref":"https://x/Users/u2"}}}`},
		{name: "1.15 another manager has another reference", before: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2","$ref":"https://x/Users/u2"}}}`,
			request: `[{"op":"Replace","path":"manager.value","value":"u3"}]`, after: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u3"}}}`},
		{name: "1.15 the same manager keeps it", before: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2","$ref":"https://x/Users/u2"}}}`,
			request: `[{"op":"Replace","path":"manager","value":"u2"}]`},
		{name: "1.15 an empty manager is none", before: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2"}}}`,
			request: `[{"op":"Replace","path":"manager","value":""}]`, after: `{"userName":"a","active":true}`},
		{name: "1.15 null too", before: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2"}}}`,
			request: `[{"op":"Add","path":"manager","value":null}]`, after: `{"userName":"a","active":true}`},
		{name: "1.15 removed", before: `{"userName":"a","active":true,` + ent + `:{"manager":{"value":"u2"}}}`, request: `[{"op":"Remove","path":"manager"}]`, after: `{"userName":"a","active":true}`},
		{name: "1.24 with aadOptscim062020", before: small, request: `[{"op":"replace","value":{"displayName":"A","name.givenName":"G","name.familyName":"F","active":false,
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"7","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value":"u2",
			"urn:ietf:params:scim:schemas:core:2.0:User:title":"T"}},{"op":"add","path":"emails[type eq \"work\"].value","value":"b@x"}]`,
			after: `{"id":"u1","userName":"a@x.example","active":false,"displayName":"A","title":"T","name":{"givenName":"G","familyName":"F"},"emails":[{"type":"work","value":"b@x"}],
				` + ent + `:{"employeeNumber":"7","manager":{"value":"u2"}}}`},
		{name: "1.25 add without path: nested, flat and dotted", before: small, request: `[{"op":"Add","value":{` + ent + `:{"department":"D","manager":{"value":"u2"}},
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division":"V","name.givenName":"G","emails[type eq \"work\"].value":"b@x"}}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"name":{"givenName":"G"},"emails":[{"type":"work","value":"b@x"}],
				` + ent + `:{"department":"D","division":"V","manager":{"value":"u2"}}}`},
		{name: "1.34 and 1.35 disabling leaves the rest", before: inSales, request: `[{"op":"Replace","path":"active","value":"False"}]`, after: strings.Replace(inSales, "true", "false", 1)},
	}
}

func TestWhatEntraChangesOfMembers(t *testing.T) {
	t.Parallel()
	runAll(t, whatEntraChangesOfMembers())
}

func whatEntraChangesOfMembers() []shape {
	many := make([]any, MostMemberChanges+1)
	for i := range many {
		many[i] = Object{"value": strings.Repeat("u", i%200+1)}
	}
	tooMany, _ := json.Marshal(many)
	group := func(name, operations string, m Members) shape {
		return shape{name: name, typ: Group, before: guides, request: operations, members: m}
	}
	return []shape{
		group("1.26 add", `[{"op":"Add","path":"members","value":[{"$ref":null,"value":"u1"}]}]`, Members{Added: []string{"u1"}}),
		group("1.27 remove the listed", `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u1"}]}]`, Members{Removed: []string{"u1"}}),
		group("1.27 remove by a path", `[{"op":"remove","path":"members[value eq \"u1\"]"}]`, Members{Removed: []string{"u1"}}),
		group("1.27 remove by a longer path", `[{"op":"remove","path":"members[value eq \"u1\" or (value eq \"u2\" and type eq \"user\")]"}]`, Members{Removed: []string{"u1", "u2"}}),
		group("1.27 of no user", `[{"op":"remove","path":"members[value eq \"u1\" and type eq \"Group\"]"}]`, Members{}),
		group("1.28 remove without value is all", `[{"op":"remove","path":"members"}]`, Members{All: true}),
		group("1.28 remove of an empty list is nothing", `[{"op":"Remove","path":"members","value":[]}]`, Members{}),
		{name: "1.28 remove of null is not guessed", typ: Group, before: guides, request: `[{"op":"Remove","path":"members","value":null}]`, status: 400, kind: InvalidValue},
		group("1.29 an object", `[{"op":"add","path":"members","value":{"value":"u1"}}]`, Members{Added: []string{"u1"}}),
		group("1.29 an id", `[{"op":"add","path":"members","value":"u1"}]`, Members{Added: []string{"u1"}}),
		group("1.29 ids", `[{"op":"add","path":"members","value":["u1","u2","u1"]}]`, Members{Added: []string{"u1", "u2"}}),
		group("1.30 in their order", `[{"op":"Add","path":"members","value":[{"value":"u1"},{"value":"u2"}]},{"op":"Remove","path":"members","value":[{"value":"u1"},{"value":"u3"}]},
			{"op":"Add","path":"members","value":[{"value":"u3"}]}]`, Members{Added: []string{"u2", "u3"}, Removed: []string{"u1"}}),
		group("1.30 all, then some", `[{"op":"Add","path":"members","value":"u1"},{"op":"Remove","path":"members"},{"op":"Add","path":"members","value":"u2"}]`, Members{All: true, Added: []string{"u2"}}),
		group("without path", `[{"op":"add","value":{"members":[{"value":"u1"}]}}]`, Members{Added: []string{"u1"}}),
		group("null without path", `[{"op":"replace","value":{"members":null}}]`, Members{}),
		group("by URN", `[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":"u1"}]`, Members{Added: []string{"u1"}}),
		{name: "members that a path does not name", typ: Group, before: guides, request: `[{"op":"remove","path":"members[type eq \"User\"]"}]`, status: 400, kind: InvalidPath},
		{name: "a part of a member", typ: Group, before: guides, request: `[{"op":"replace","path":"members[value eq \"u1\"].value","value":"u2"}]`, status: 400, kind: Mutability},
		{name: "a part of all members", typ: Group, before: guides, request: `[{"op":"remove","path":"members.value"}]`, status: 400, kind: Mutability},
		{name: "a member without value", typ: Group, before: guides, request: `[{"op":"add","path":"members","value":[{"display":"x"}]}]`, status: 400, kind: InvalidValue},
		{name: "1.36 a group in a group", typ: Group, before: guides, request: `[{"op":"add","path":"members","value":[{"value":"g2","type":"Group"}]}]`, status: 400, kind: InvalidValue},
		{name: "1.36 by its address", typ: Group, before: guides, request: `[{"op":"add","path":"members","value":[{"value":"g2","$ref":"https://x/Groups/g2"}]}]`, status: 400, kind: InvalidValue},
		{name: "over 5,000", typ: Group, before: guides, request: `[{"op":"add","path":"members","value":` + string(tooMany) + `}]`, status: 413},
	}
}
