package e2e

import (
	"strings"
	"testing"
	"time"

	mapping "github.com/tenantry/tenantry/shared/directory"
)

func TestSCI4_TheWorkerFinishesWhatNobodyGoesOnWith(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	i := newTree(t).idp(t, false)
	all := i.people(t, "w", 12)
	g := i.group(t, "Crew").ID
	pk := "TIMER#members#" + i.id + "/" + g
	for _, c := range []struct {
		operation string
		want      []string
	}{{adding(t, all...), all}, {removing(t, all...), nil}} {
		for at := 8; rawTable(t).item(t, "GROUP#"+g, "INTENT") == nil; at++ { // cut off with some of it done
			if at > 30 {
				t.Fatal("no patch was cut off")
			}
			i.regroup(t, g, c.operation, "X-Local-Fault", "kill@"+string(rune('0'+at/10))+string(rune('0'+at%10)))
			if rawTable(t).item(t, "GROUP#"+g, "INTENT") == nil {
				i.regroup(t, g, map[bool]string{true: removing(t, all...), false: adding(t, all...)}[c.want != nil]).Expect(t, 204)
			}
		}
		rawTable(t).fallsDue(t, pk, time.Now())
		until(t, func(t testing.TB) bool {
			return rawTable(t).item(t, "GROUP#"+g, "INTENT") == nil && rawTable(t).item(t, pk, "TIMER") == nil
		})
		i.hasMembers(t, g, c.want...)
	}
	inOrder(t, i.tree.Org)
}

func TestPER5_AGroupTakesAnAdministratorsRoleWhereOthersCanSignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	g := i.group(t, "Users").ID
	i.maps(t, mapping.Mapped{Group: g, Organization: tree.Org, Role: tree.Roles[tree.Org].User})
	address := "boss-" + unique() + "@" + i.domain
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Boss", "email": address, "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201)
	boss := i.bring(t, address).ID
	i.regroup(t, g, adding(t, boss)).Expect(t, 204)
	address = "chief-" + unique() + "@" + i.domain
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Chief", "email": address, "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201)
	chief := i.bring(t, address).ID
	inOrder(t, tree.Org)
	tree.movesTo(t, i.domain, tree.Admin, tree.Second) // who sign in by the connection as well
	i.regroup(t, g, adding(t, chief)).Expect(t, 204)
	if got := i.stored(t, chief); got.text("role") != tree.Roles[tree.Org].User {
		t.Errorf("%v", got)
	}
	if got := i.stored(t, boss); got.text("role") != tree.Roles[tree.Org].User || got.text("roleGroup") != g {
		t.Errorf("%v", got)
	}
}

func TestPER7_AnAdministratorByAGroupIsTold(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	g := i.group(t, "Admins "+unique()).ID
	i.maps(t, mapping.Mapped{Group: g, Organization: tree.Org, Role: tree.Roles[tree.Org].Administrator, Administrator: true})
	ada := i.bring(t, "ada@"+i.domain).ID
	i.regroup(t, g, adding(t, ada)).Expect(t, 204)
	if got := i.stored(t, ada); got.text("role") != tree.Roles[tree.Org].Administrator {
		t.Errorf("%v", got)
	}
	mailedTo(t, tree.Admin.Email, "(SCIM)")
	i.patch(t, ada, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestSCI8_AStolenTokenMakesNoOutsiderAnAdministratorAndTouchesNobodyElse(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i, beside := tree.idp(t, true), tree.idp(t, false)
	admins, crew := i.group(t, "Admins").ID, beside.group(t, "Crew").ID
	i.maps(t, mapping.Mapped{Group: admins, Organization: tree.Org, Role: tree.Roles[tree.Org].Administrator, Administrator: true},
		mapping.Mapped{Group: crew, Organization: tree.Org, Role: tree.Roles[tree.Org].User})
	guest := i.bring(t, "guest-"+unique()+"@guests.example").ID
	i.regroup(t, admins, adding(t, guest)).Expect(t, 204)
	if got := i.stored(t, guest); got["role"] != nil {
		t.Errorf("an outsider got a role: %v", got)
	}
	theirs := beside.bring(t, "theirs@"+beside.domain).ID
	for _, user := range []string{theirs, tree.User.ID, tree.Admin.ID} {
		i.refused(t, i.regroup(t, admins, adding(t, user)), 400, "invalidValue")
		i.regroup(t, admins, removing(t, user)).Expect(t, 204)
		i.refused(t, i.call(t, "PUT", "/Groups/"+admins, `{"displayName":"Admins","members":[{"value":"`+user+`"}]}`), 400, "invalidValue")
	}
	beside.regroup(t, crew, adding(t, theirs)).Expect(t, 204)
	for _, answer := range []Answer{i.call(t, "GET", "/Groups/"+crew, ""), i.regroup(t, crew, removing(t, theirs)), i.call(t, "DELETE", "/Groups/"+crew, ""), i.call(t, "PUT", "/Groups/"+crew, `{"displayName":"x"}`)} {
		i.refused(t, answer, 404, "")
	}
	if got := i.listGroups(t, ""); got.TotalResults != 1 || len(i.groupsBy(t, `members eq "`+theirs+`"`)) != 0 {
		t.Errorf("it sees %+v", got)
	}
	beside.hasMembers(t, crew, theirs)
	i.hasMembers(t, admins, guest)
	inOrder(t, tree.Org)
}

func TestSCI3_GroupsWithinGroupsAreRefusedByName(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada := i.bring(t, "ada@"+i.domain).ID
	outer, inner := i.group(t, "Outer", ada).ID, i.group(t, "Inner").ID
	for _, member := range []string{`{"value":"` + inner + `"}`, `{"value":"` + inner + `","type":"Group"}`, `"` + inner + `"`} {
		answer := i.regroup(t, outer, `{"op":"add","path":"members","value":[`+member+`]}`)
		if i.refused(t, answer, 400, "invalidValue"); !strings.Contains(string(answer.Body), "Groups within groups are not supported") {
			t.Errorf("%s: %s", member, answer.Body)
		}
		i.regroup(t, outer, `{"op":"remove","path":"members","value":[`+member+`]}`).Expect(t, 204)
	}
	i.regroup(t, outer, `{"op":"remove","path":"members","value":[{"value":"`+inner+`","type":"Group"},{"value":"`+ada+`"}]}`).Expect(t, 204)
	i.hasMembers(t, outer)
}

func TestSCI7_WhoIsDeletedIsOutOfAllGroups(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada := i.bring(t, "ada@"+i.domain).ID
	var groups []string
	for k := range 13 {
		groups = append(groups, i.group(t, "G"+strings.Repeat("x", k), ada).ID)
	}
	i.call(t, "DELETE", "/Users/"+ada, "").Expect(t, 204)
	for _, g := range groups {
		i.hasMembers(t, g)
	}
	inOrder(t, i.tree.Org)
}

func TestSSO7_GroupsGoWithTheSwitch(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	ada, bob := i.bring(t, "ada@"+i.domain).ID, i.bring(t, "bob@"+i.domain).ID
	g := i.group(t, "Crew", ada, bob).ID
	i.maps(t, mapping.Mapped{Group: g, Organization: tree.Org, Role: tree.Roles[tree.Org].User})
	i.patch(t, ada, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	i.patch(t, ada, `{"op":"replace","path":"active","value":true}`).Expect(t, 200)
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, i.id), nil).Expect(t, 204)
	comesTrue(t, "the users are given back", func() bool { return storedConnection(t, i.id).Provisioning == nil })
	if got := i.stored(t, ada); got.text("role") != tree.Roles[tree.Org].User || got["groups"] != nil || got["roleGroup"] != nil || i.stored(t, bob) != nil {
		t.Errorf("given back: %v", got)
	}
	if left := len(rawTable(t).partition(t, "SCIM#"+i.id)) + len(rawTable(t).partition(t, "GROUP#"+g)); left != 0 {
		t.Errorf("%d items are left", left)
	}
	if list, _ := rawTable(t).item(t, "TREE#"+tree.Org, "MAPPINGS")["list"].([]any); len(list) != 0 {
		t.Errorf("mappings are left: %v", list)
	}
	tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, i.id), map[string]any{"acceptOutsiders": false}).Expect(t, 200)
	i.token = tree.scimToken(t, i.id)
	again := i.call(t, "POST", "/Users", i.person("ada@"+i.domain)).Expect(t, 201) // who was in a group
	if now := i.call(t, "GET", "/Users/"+ada, ""); now.Header.Get("ETag") != again.Header.Get("ETag") || !strings.Contains(string(again.Body), ada) {
		t.Errorf("taken over again: %q, then %q: %s", again.Header.Get("ETag"), now.Header.Get("ETag"), again.Body)
	}
	inOrder(t, tree.Org)
}
