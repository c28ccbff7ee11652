package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// crowd has so many users be in a group, written by the product's own code, many in a transaction: they are as those of as many requests,
// but for the events and for what the IdP sent of each.
func (i *idp) crowd(t testing.TB, group string, n int) (ids []string) {
	t.Helper()
	by, now, o := audit.Actor{Type: audit.BySCIM, ID: i.id}, time.Now(), rawTable(t)
	var users []*people.User
	for len(users) < n {
		tx := table.NewTx()
		for range min(25, n-len(users)) {
			address := "crowd-" + unique() + "@" + i.domain
			users = append(users, people.Provision(tx, id.New(id.User), i.tree.Org, i.id, people.Person{Name: "Pat", Email: address}, people.Vouched{Address: address, Verified: true}, true, by, now))
			tx.Count(i.tree.Org, table.DirectoryCount(i.id, string(directory.OfUser)), +1, nil)
		}
		if err := o.table.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	for some := range slices.Chunk(users, 40) {
		tx := table.NewTx()
		for _, u := range some {
			edit := people.Edit(u, by, now)
			directory.Join(tx, edit, u, group, nil, now)
			tx.Update(edit)
			ids = append(ids, u.ID)
		}
		if err := o.table.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// asSent are the members of a group as they are answered, each with all that is told of it.
func (i *idp) asSent(t testing.TB, group string) []map[string]any {
	t.Helper()
	var g struct{ Members []map[string]any }
	i.call(t, "GET", "/Groups/"+group, "").Expect(t, 200).JSON(t, &g)
	return g.Members
}

// refusedWith expects a refusal that tells the way out.
func (i *idp) refusedWith(t testing.TB, answer Answer, status int, kind, wayOut string) {
	t.Helper()
	i.refused(t, answer, status, kind)
	var e aSCIMUser
	if json.Unmarshal(answer.Body, &e) == nil && !strings.Contains(e.Detail, wayOut) {
		t.Errorf("%q does not name %q", e.Detail, wayOut)
	}
}

func TestSCI10_OfAGroupBeyondAThousandOnlyTheIdsAreAnswered(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	group := i.group(t, "Crowd").ID
	ids := i.crowd(t, group, 1_001)
	described := func(members []map[string]any) string {
		names := map[string]int{}
		for _, member := range members {
			for name := range member {
				names[name]++
			}
		}
		return fmt.Sprint(names)
	}
	if got := described(i.asSent(t, group)); got != "map[value:1001]" {
		t.Errorf("of 1,001 members: %s", got)
	}
	i.regroup(t, group, removing(t, ids[500])).Expect(t, 204)
	if got := described(i.asSent(t, group)); got != "map[$ref:1000 type:1000 value:1000]" {
		t.Errorf("of 1,000 members: %s", got)
	}
	i.regroup(t, group, adding(t, ids[500])).Expect(t, 204)
	if got := i.listGroups(t, ""); len(got.Resources) != 1 || len(got.Resources[0].Members) != 1_001 || got.Resources[0].Members[7].Type != "" {
		t.Errorf("in a list there are %d groups", len(got.Resources))
	}
	if slices.Sort(ids); !slices.Equal(i.members(t, group), ids) {
		t.Error("they are others")
	}
	inOrder(t, i.tree.Org)
}

// TestSCI10_ARequestChangesFiveThousandMembersAtMost puts 5,001 memberships into the table alone: who is a member is what is there, whoever they are.
func TestSCI10_ARequestChangesFiveThousandMembersAtMost(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada := i.bring(t, "ada@"+i.domain).ID
	small, large := i.group(t, "Small", ada).ID, i.group(t, "Large").ID
	var many []string
	var rows []map[string]any
	for range 5_001 {
		user := id.New(id.User)
		many = append(many, user)
		rows = append(rows, map[string]any{"pk": "GROUP#" + large, "sk": "USER#" + user, "user": user, "at": "2026-03-01T00:00:00.000Z"})
	}
	rawTable(t).write(t, rows)
	version := func(group string) string {
		return i.call(t, "GET", "/Groups/"+group+"?excludedAttributes=members", "").Expect(t, 200).Header.Get("ETag")
	}
	before := []string{version(small), version(large)}
	resource := func(name string, members []string) string {
		return asText(t, map[string]any{"displayName": name, "members": values(members)})
	}
	for what, answer := range map[string]func() Answer{
		"added in a patch":                   func() Answer { return i.regroup(t, small, adding(t, many...)) },
		"removed in a patch":                 func() Answer { return i.regroup(t, small, removing(t, many...)) },
		"by two operations":                  func() Answer { return i.regroup(t, small, adding(t, many[:2_500]...)+","+removing(t, many[2_500:]...)) },
		"by a path each":                     func() Answer { return i.regroup(t, small, byPath(many)) },
		"created with them":                  func() Answer { return i.call(t, "POST", "/Groups", resource("New", many)) },
		"all removed from who has them":      func() Answer { return i.regroup(t, large, `{"op":"remove","path":"members"}`) },
		"replaced by nobody in a patch":      func() Answer { return i.regroup(t, large, `{"op":"replace","path":"members","value":[]}`) },
		"replaced by nobody, and renamed":    func() Answer { return i.call(t, "PUT", "/Groups/"+large, `{"displayName":"Other"}`) },
		"replaced by far more":               func() Answer { return i.call(t, "PUT", "/Groups/"+small, resource("Other", many)) },
		"replaced by somebody, and by a put": func() Answer { return i.call(t, "PUT", "/Groups/"+large, resource("Other", []string{ada})) },
	} {
		t.Run(what, func(t *testing.T) { i.refusedWith(t, answer(), 413, "", "PATCH") })
	}
	if after := []string{version(small), version(large)}; !slices.Equal(after, before) {
		t.Errorf("versions were %v and are %v", before, after)
	}
	if list := i.listGroups(t, "?excludedAttributes=members"); list.TotalResults != 2 {
		t.Errorf("there are %d groups", list.TotalResults)
	}
	if got := i.members(t, small); !slices.Equal(got, []string{ada}) {
		t.Errorf("the members of the small one are %v", got)
	}
	if got := len(i.members(t, large)); got != 5_001 {
		t.Errorf("the large one has %d members", got)
	}
	i.regroup(t, small, adding(t, ada)+","+removing(t, many[:4_999]...)).Expect(t, 204) // 5,000 of whom nobody is in it
	i.hasMembers(t, small, ada)
}

// TestSCI10_WhoIsAMemberAlreadyIsNotRead sends the whole list for each change, as Okta does.
func TestSCI10_WhoIsAMemberAlreadyIsNotRead(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	group := i.group(t, "Crowd").ID
	members := i.crowd(t, group, 301)
	ada := i.bring(t, "ada@"+i.domain).ID
	put := func(members []string) (read int) {
		t.Helper()
		body := asText(t, map[string]any{"displayName": "Crowd", "members": values(members)})
		for _, call := range callsOf(t, i.call(t, "PUT", "/Groups/"+group+"?excludedAttributes=members", body).Expect(t, 200)) {
			if call.Action == "GetItem" || call.Action == "BatchGetItem" {
				read += call.Items
			}
		}
		return read
	}
	changed := append(slices.Clone(members[1:]), ada)
	unchanged, moves := put(members), put(changed)
	if unchanged > 30 || moves > 30 {
		t.Errorf("of 301 members %d are read where nothing changes, %d where one joins and one leaves", unchanged, moves)
	}
	i.hasMembers(t, group, changed...)
	inOrder(t, i.tree.Org)
}

// TestSCI10_AUserIsInABoundedNumberOfGroups has the user stored as one of many groups.
func TestSCI10_AUserIsInABoundedNumberOfGroups(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada, bob := i.bring(t, "ada@"+i.domain).ID, i.bring(t, "bob@"+i.domain).ID
	group, before := i.group(t, "One more").ID, i.group(t, "Before", ada).ID
	many := []string{before}
	for len(many) < 2_000 {
		many = append(many, id.New(id.Group))
	}
	i.past(t, ada, func(_ *table.Tx, edit *table.Change, _ *people.User) { edit.SetTexts("groups", many...) })
	for _, users := range [][]string{{ada}, {bob, ada}} {
		i.refusedWith(t, i.regroup(t, group, adding(t, users...)), 400, "invalidValue", ada)
	}
	i.hasMembers(t, group)
	i.regroup(t, before, removing(t, ada)).Expect(t, 204)
	i.regroup(t, group, adding(t, ada)).Expect(t, 204)
	i.hasMembers(t, group, ada)
}

// byPath is a removal of each in an operation of its own.
func byPath(users []string) string {
	all := make([]string, len(users))
	for n, user := range users {
		all[n] = `{"op":"remove","path":"members[value eq \"` + user + `\"]"}`
	}
	return strings.Join(all, ",")
}

// TestSCI10_BeyondAHundredThousandMembersTheWayOutIsToldOf sets the stored count, which is what is asked first, so that no member is read in vain.
func TestSCI10_BeyondAHundredThousandMembersTheWayOutIsToldOf(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada, bob := i.bring(t, "ada@"+i.domain).ID, i.bring(t, "bob@"+i.domain).ID
	group, other := i.group(t, "Everyone", ada).ID, i.group(t, "Others", bob).ID
	counts := func(group string, n int64) {
		for sk := range rawTable(t).partition(t, "COUNTS#"+i.tree.Org) {
			if strings.HasPrefix(sk, "GROUP#"+group+"#MEMBERS#") {
				rawTable(t).set(t, "COUNTS#"+i.tree.Org, sk, "n", n)
				n = 0
			}
		}
	}
	one := func(path, method, body string) func() Answer {
		return func() Answer { return i.call(t, method, path, body) }
	}
	search := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`
	named := "filter=" + url.QueryEscape(`displayName eq "Everyone"`)
	counts(group, 100_001)
	before := i.call(t, "GET", "/Groups/"+group+"?excludedAttributes=members", "").Expect(t, 200)
	refusals := map[string]func() Answer{
		"alone": one("/Groups/"+group, "GET", ""), "with members asked for": one("/Groups/"+group+"?attributes=members", "GET", ""), "in a list": one("/Groups", "GET", ""),
		"by its name": one("/Groups?"+named, "GET", ""), "in a search": one("/Groups/.search", "POST", search), "in a search of all": one("/.search", "POST", search),
		"replaced":                        one("/Groups/"+group, "PUT", `{"displayName":"Renamed","members":[{"value":"`+ada+`"},{"value":"`+bob+`"}]}`),
		"patched, with members asked for": one("/Groups/"+group+"?attributes=members", "PATCH", `{"Operations":[{"op":"replace","path":"displayName","value":"Renamed"},`+adding(t, bob)+`]}`),
	}
	for what, answer := range refusals {
		t.Run(what, func(t *testing.T) { i.refusedWith(t, answer(), 400, "tooMany", "excludedAttributes=members") })
	}
	for what, path := range map[string]string{"alone": "/" + group + "?excludedAttributes=members", "in a list": "?excludedAttributes=members", "by its name": "?excludedAttributes=members&" + named, "by id alone": "?attributes=id"} {
		t.Run(what+", without members", func(t *testing.T) {
			if answer := i.call(t, "GET", "/Groups"+path, ""); answer.Status != 200 || strings.Contains(string(answer.Body), `"members"`) {
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		})
	}
	after := i.call(t, "GET", "/Groups/"+group+"?excludedAttributes=members", "").Expect(t, 200)
	if diff := cmp.Diff(string(before.Body), string(after.Body)); diff != "" {
		t.Errorf("what was refused changed it:\n%s", diff)
	}
	if got := i.groupsBy(t, `id eq "`+group+`" and members eq "`+bob+`"`); len(got) != 0 {
		t.Errorf("what was refused made a member: %+v", got)
	}
	i.regroup(t, group, adding(t, bob)).Expect(t, 204) // changing one costs what it always costs
	i.regroup(t, group, removing(t, bob)).Expect(t, 204)

	// What counts is all that an answer would have.
	counts(group, 60_000)
	counts(other, 40_001)
	i.refusedWith(t, i.call(t, "GET", "/Groups", ""), 400, "tooMany", "excludedAttributes=members")
	i.call(t, "GET", "/Groups/"+other, "").Expect(t, 200)

	// Beyond 20,000 of all groups an answer has the ids alone.
	counts(group, 15_000)
	for n, described := range map[int64]string{5_000: "User", 5_001: ""} {
		counts(other, n)
		for _, one := range i.listGroups(t, "").Resources {
			if len(one.Members) != 1 || one.Members[0].Type != described {
				t.Errorf("with %d more: %+v", n, one.Members)
			}
		}
		if alone := i.asSent(t, group); len(alone) != 1 || alone[0]["type"] != "User" {
			t.Errorf("alone, with %d more elsewhere: %v", n, alone)
		}
	}
	counts(group, 1)
	counts(other, 1)
	i.hasMembers(t, group, ada)
	i.hasMembers(t, other, bob)
	inOrder(t, i.tree.Org)
}
