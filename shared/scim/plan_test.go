package scim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/table"
)

var (
	servedOfUsers  = []string{"id", "userName", "externalId", "emails.value", "groups.value"}
	servedOfGroups = []string{"id", "displayName", "externalId", "members.value"}
)

func TestAFilterIsAnsweredByLookups(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filter  string
		lookups []Lookup
		scan    bool
	}{
		{`userName eq "Bob"`, []Lookup{{"userName", "bob"}}, false},
		{`externalId eq "Bob"`, []Lookup{{"externalId", "Bob"}}, false},
		{`emails eq "B@x"`, []Lookup{{"emails.value", "b@x"}}, false},
		{`emails[type eq "work"].value eq "B@x"`, []Lookup{{"emails.value", "b@x"}}, false},
		{`emails[type eq "work" and value eq "B@x"]`, []Lookup{{"emails.value", "b@x"}}, false},
		{`emails.type eq "work"`, nil, true},
		{`emails eq "b@x" and id eq "1"`, []Lookup{{"id", "1"}}, false},
		{`id eq "1" and manager eq "2"`, []Lookup{{"id", "1"}}, false},
		{`manager eq "2"`, nil, true},
		{`active eq true and userName eq "bob"`, []Lookup{{"userName", "bob"}}, false},
		{`userName eq "a" or userName eq "A" or externalId eq "b"`, []Lookup{{"userName", "a"}, {"externalId", "b"}}, false},
		{`userName eq "a" or title pr`, nil, true},
		{`(userName eq "a" or userName eq "b") and emails eq "c"`, []Lookup{{"emails.value", "c"}}, false},
		{`not (userName eq "a")`, nil, true},
		{`userName ne "a"`, nil, true},
		{`userName eq null`, nil, true},
		{`groups eq "grp_1"`, []Lookup{{"groups.value", "grp_1"}}, false},
		{`userName sw "a"`, nil, true},
	} {
		f, err := ParseFilter(c.filter, User)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := f.Plan(User, servedOfUsers...)
		if err != nil || plan.Scan != c.scan || !cmp.Equal(plan.Lookups, c.lookups) {
			t.Errorf("%s: %+v, %v", c.filter, plan, err)
		}
	}
}

func TestGroupsAreFoundByOneMemberAtATime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		filter  string
		lookups []Lookup
		members []string
		refused bool
	}{
		{`members eq "U"`, []Lookup{{"members.value", "U"}}, []string{"U"}, false},
		{`id eq "g" and members eq "U"`, []Lookup{{"id", "g"}}, []string{"U"}, false},
		{`members[value eq "U"] and displayName eq "G"`, []Lookup{{"displayName", "g"}}, []string{"U"}, false},
		{`displayName eq "G" and not (members.value eq "U")`, []Lookup{{"displayName", "g"}}, []string{"U"}, false},
		{`members pr`, nil, nil, true},
		{`members eq null`, nil, nil, true},
		{`members ne "U"`, nil, nil, true},
		{`id eq "g" and members sw "U"`, nil, nil, true},
		{`members[type eq "User"]`, nil, nil, true},
		{`members[value eq "U" and type eq "User"]`, []Lookup{{"members.value", "U"}}, []string{"U"}, false},
	} {
		f, err := ParseFilter(c.filter, Group)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := f.Plan(Group, servedOfGroups...)
		if _, kind, _ := refused(t, err); (kind == TooMany) != c.refused || !cmp.Equal(plan.Lookups, c.lookups) || !cmp.Equal(plan.Members, c.members) {
			t.Errorf("%s: %+v, %v", c.filter, plan, err)
		}
	}
}

func TestATypeWithoutTheAttributeIsNotAsked(t *testing.T) {
	t.Parallel()
	f, err := ParseFilter(`userName eq "a"`, User, Group)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err := f.Plan(Group, servedOfGroups...); err != nil || plan.Scan || len(plan.Lookups) != 0 {
		t.Errorf("%+v %v", plan, err)
	}
}

func TestKeysAreWhereLookupsAsk(t *testing.T) {
	t.Parallel()
	want := []Lookup{{"id", "usr_01"}, {"userName", "barbara@acme.example"}, {"externalId", "Ext-1"}, {"emails.value", "barbara@acme.example"}, {"emails.value", "babs@home.example"}}
	if diff := cmp.Diff(want, made(t, User, barbara).Keys(servedOfUsers...)); diff != "" {
		t.Error(diff)
	}
}

func TestFoldIsThatOfAddresses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if text := rapid.String().Draw(t, "text"); Fold(text) != table.Fold(text) {
			t.Fatalf("%q: %q, %q", text, Fold(text), table.Fold(text))
		}
	})
}

// drawnFilter draws a filter on few attributes and values, so that it often holds.
func drawnFilter(t *rapid.T, depth int) string {
	return drawn(t, depth, []string{"userName", "externalId", "emails", "emails.value", "emails.type", "title", "manager"}, `emails[type eq "%s"].value %s "%s"`)
}

// drawn draws a filter on these attributes, and by a path that takes a value, an operator and another value.
func drawn(t *rapid.T, depth int, attributes []string, path string) string {
	if depth == 0 || rapid.Bool().Draw(t, "simple") {
		op := rapid.SampledFrom([]string{"eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}).Draw(t, "op")
		attribute := rapid.SampledFrom(attributes).Draw(t, "attribute")
		switch {
		case op == "pr":
			return attribute + " pr"
		case rapid.IntRange(0, 4).Draw(t, "path") == 0:
			return fmt.Sprintf(path, drawnValue(t), op, drawnValue(t))
		}
		return fmt.Sprintf(`%s %s "%s"`, attribute, op, drawnValue(t))
	}
	one, other := drawn(t, depth-1, attributes, path), drawn(t, depth-1, attributes, path)
	return fmt.Sprintf(rapid.SampledFrom([]string{"%s and %s", "%s or %s", "(%s) and (%s)", "not (%s) and %s", "%s or not (%s)"}).Draw(t, "form"), one, other)
}

func drawnValue(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "A", "b", "c"}).Draw(t, "value")
}

func drawnUser(t *rapid.T) *Resource {
	values := Object{"userName": drawnValue(t)}
	if rapid.Bool().Draw(t, "external") {
		values["externalId"] = drawnValue(t)
	}
	var emails []any
	for range rapid.IntRange(0, 2).Draw(t, "emails") {
		emails = append(emails, Object{"value": drawnValue(t), "type": drawnValue(t)})
	}
	if emails != nil {
		values["emails"] = emails
	}
	return &Resource{User, values}
}

func TestLookupsFindEverythingThatMatches(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawnFilter(t, 3)
		f, err := ParseFilter(text, User)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		plan, err := f.Plan(User, servedOfUsers...)
		if err != nil {
			t.Fatal(err)
		}
		user := drawnUser(t)
		found := slices.ContainsFunc(user.Keys(servedOfUsers...), func(k Lookup) bool { return slices.Contains(plan.Lookups, k) })
		if f.Match(user) && !plan.Scan && !found {
			t.Fatalf("%s would not find %v by %v", text, user.Values, plan.Lookups)
		}
	})
}

func TestTooCostlyNamesTheWayOut(t *testing.T) {
	t.Parallel()
	e := TooCostly(10_000, servedOfUsers...)
	if e.Kind != TooMany || e.Status != 400 || !strings.Contains(e.Detail, "userName, externalId") {
		t.Error(e)
	}
}
