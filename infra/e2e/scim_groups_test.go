package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	mapping "github.com/tenantry/tenantry/shared/directory"
)

func TestSCI3_GroupsAreMadeFoundRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada, bob := i.bring(t, "ada@"+i.domain), i.bring(t, "bob@"+i.domain)
	empty := i.call(t, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],`+
		`"externalId":"8aa1a0c0","displayName":"Guides","meta":{"resourceType":"Group"}}`).Expect(t, 201)
	var guides aSCIMGroup
	empty.JSON(t, &guides)
	if !strings.Contains(string(empty.Body), `"members":[]`) || !strings.HasSuffix(empty.Header.Get("Location"), "/Groups/"+guides.ID) || guides.Meta.ResourceType != "Group" {
		t.Errorf("%s", empty.Body)
	}
	all := i.group(t, "All", ada.ID, bob.ID)
	i.hasMembers(t, all.ID, ada.ID, bob.ID)
	i.refused(t, i.call(t, "POST", "/Groups", `{"displayName":"gUIDES"}`), 409, "uniqueness")
	for filter, want := range map[string]string{
		`displayName eq "GUIDES"`: guides.ID, `externalId eq "8aa1a0c0"`: guides.ID, `id eq "` + all.ID + `"`: all.ID, `members eq "` + ada.ID + `"`: all.ID,
		`id eq "` + all.ID + `" and members.value eq "` + bob.ID + `"`: all.ID, `displayName co "uid"`: guides.ID, `not (members eq "` + ada.ID + `")`: guides.ID,
		`displayName eq "nobody"`: "", `id eq "` + guides.ID + `" and members eq "` + ada.ID + `"`: "", `members eq "usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`: "",
	} {
		got := i.groupsBy(t, filter)
		if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0].ID != want || got[0].Members != nil) {
			t.Errorf("%s: %+v", filter, got)
		}
	}
	i.refused(t, i.call(t, "GET", "/Groups?filter="+url.QueryEscape(`members.value sw "usr"`), ""), 400, "tooMany")
	version := i.listGroups(t, "").Resources[0].Meta.Version
	i.regroup(t, guides.ID, `{"op":"replace","value":{"id":"`+guides.ID+`","displayName":"Guides"}}`).Expect(t, 204)
	if got := i.listGroups(t, "?sortBy=displayName&sortOrder=descending"); got.TotalResults != 2 || got.Resources[0].ID != guides.ID || got.Resources[0].Meta.Version != version {
		t.Errorf("after a rename to the same: %+v", got)
	}
	i.regroup(t, guides.ID, `{"op":"replace","value":{"displayName":"All"}}`).Expect(t, 409)
	i.regroup(t, guides.ID, `{"op":"Replace","path":"displayName","value":"Leaders"}`).Expect(t, 204)
	if len(i.groupsBy(t, `displayName eq "Guides"`)) != 0 || len(i.groupsBy(t, `displayName eq "leaders"`)) != 1 {
		t.Error("it is not found by its new name alone")
	}
	deleted := eventsOfRequest(t, i.call(t, "DELETE", "/Groups/"+all.ID, "").Expect(t, 204))
	// The worker takes the members out for the same request, and may have begun.
	deleted = slices.DeleteFunc(deleted, func(e row) bool { return e.text("action") == "membership.removed" })
	if len(deleted) != 1 || deleted[0].text("action") != "group.deleted" {
		t.Fatalf("%v", deleted)
	}
	emptying, _ := deleted[0]["after"].(map[string]any)
	var progress struct {
		Kind     string
		Progress struct{ Total int }
	}
	i.tree.Admin.DoWithKey(t, "GET", jobPath(i.tree.Org, fmt.Sprint(emptying["jobId"])), nil).Expect(t, 200).JSON(t, &progress)
	if progress.Kind != "empty-group" || progress.Progress.Total != 2 {
		t.Errorf("the job that takes the members out is %+v", progress)
	}
	i.refused(t, i.call(t, "GET", "/Groups/"+all.ID, ""), 404, "")
	i.refused(t, i.call(t, "DELETE", "/Groups/"+all.ID, ""), 404, "")
	i.refused(t, i.regroup(t, all.ID, adding(t, ada.ID)), 404, "")
	comesTrue(t, "the members are out of it", func() bool {
		return i.stored(t, ada.ID)["groups"] == nil && i.stored(t, bob.ID)["groups"] == nil && len(rawTable(t).partition(t, "GROUP#"+all.ID)) == 0
	})
	if again := i.group(t, "All"); again.ID == all.ID {
		t.Error("it is the same group again")
	}
	inOrder(t, i.tree.Org)
}

func TestSCI4_MembersAreAddedAndRemovedOneByOne(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada, bob, eve := i.bring(t, "ada@"+i.domain).ID, i.bring(t, "bob@"+i.domain).ID, i.bring(t, "eve@"+i.domain).ID
	g := i.group(t, "Guides").ID
	i.regroup(t, g, adding(t, ada)).Expect(t, 204)
	version := i.call(t, "GET", "/Groups/"+g, "").Header.Get("ETag")
	i.regroup(t, g, adding(t, ada)).Expect(t, 204)
	i.regroup(t, g, removing(t, bob, "nobody")).Expect(t, 204)
	if got := i.call(t, "GET", "/Groups/"+g, "").Header.Get("ETag"); got != version {
		t.Errorf("what changed nothing changed the version %s to %s", version, got)
	}
	i.call(t, "GET", "/Groups/"+g, "", "If-None-Match", version).Expect(t, 304)
	i.regroup(t, g, adding(t, bob), "If-Match", `W/"999"`).Expect(t, 412)
	i.refused(t, i.regroup(t, g, adding(t, bob, "nobody")), 400, "invalidValue")
	i.hasMembers(t, g, ada)
	i.regroup(t, g, adding(t, bob)+","+`{"op":"remove","path":"members[value eq \"`+ada+`\"]"}`).Expect(t, 204)
	i.hasMembers(t, g, bob)
	i.regroup(t, g, adding(t, ada, eve)).Expect(t, 204)
	i.hasMembers(t, g, ada, bob, eve)
	i.call(t, "PUT", "/Groups/"+g, `{"displayName":"Guides","members":[{"value":"`+eve+`"},{"value":"`+ada+`"}]}`).Expect(t, 200)
	i.hasMembers(t, g, ada, eve)
	shown := i.call(t, "PATCH", "/Groups/"+g+"?attributes=displayName", `{"Operations":[{"op":"remove","path":"members"}]}`).Expect(t, 200)
	if strings.Contains(string(shown.Body), "members") {
		t.Errorf("%s", shown.Body)
	}
	i.hasMembers(t, g)
	i.refused(t, i.regroup(t, g, `{"op":"add","path":"members","value":[{"value":"`+g+`","type":"Group"}]}`), 400, "invalidValue")
	i.refused(t, i.regroup(t, g, adding(t, g)), 400, "invalidValue")
	i.regroup(t, g, adding(t, ada)).Expect(t, 204)
	var u struct {
		Groups []struct{ Value, Display, Ref string }
	}
	i.call(t, "GET", "/Users/"+ada, "").Expect(t, 200).JSON(t, &u)
	if len(u.Groups) != 1 || u.Groups[0].Value != g || u.Groups[0].Display != "Guides" {
		t.Errorf("the user's groups: %+v", u)
	}
	i.call(t, "DELETE", "/Users/"+ada, "").Expect(t, 204)
	i.hasMembers(t, g)
	inOrder(t, i.tree.Org)
}

func TestSCI5_MembershipTakesEffectWithItsRequest(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	g, other := i.group(t, "Guides").ID, i.group(t, "Users").ID
	sub := tree.Subs[0]
	i.maps(t, mapping.Mapped{Group: g, Organization: sub, Role: tree.Roles[sub].User}, mapping.Mapped{Group: other, Organization: tree.Org, Role: tree.Roles[tree.Org].User})
	ada := i.bring(t, "ada@"+i.domain).ID
	has := func(org, group string) {
		t.Helper()
		got := i.stored(t, ada)
		role := ""
		if org != "" {
			role = tree.Roles[org].User
		}
		if got.text("organization") != org || got.text("role") != role || got.text("roleGroup") != group {
			t.Errorf("%s of %s by %s, not %s by %s", got.text("role"), got.text("organization"), got.text("roleGroup"), org, group)
		}
	}
	i.regroup(t, other, adding(t, ada)).Expect(t, 204)
	has(tree.Org, other)
	i.regroup(t, g, adding(t, ada)).Expect(t, 204)
	has(sub, g)
	if got, _ := i.stored(t, ada)["conflicts"].([]string); len(got) != 2 {
		t.Errorf("the conflict is %v", got)
	}
	i.patch(t, ada, `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200)
	i.regroup(t, g, removing(t, ada)).Expect(t, 204)
	i.patch(t, ada, `{"op":"Replace","path":"active","value":"True"}`).Expect(t, 200)
	has(tree.Org, other)
	i.call(t, "DELETE", "/Groups/"+other, "").Expect(t, 204)
	comesTrue(t, "the role of the deleted group is taken", func() bool { return i.stored(t, ada)["role"] == nil })
	if rows := rawTable(t).partition(t, "SCIM#"+i.id); !hasPrefix(rows, "REMEMBERED#") {
		t.Error("its mapping is not remembered")
	}
	inOrder(t, tree.Org)
}

func hasPrefix(rows map[string]row, prefix string) bool {
	for key := range rows {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// TestSCI4_NobodyIsLostOfManyAtOnce changes one group by 32 clients at once, 20 times, while the table refuses some of the calls.
func TestSCI4_NobodyIsLostOfManyAtOnce(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	const n = 16
	g, all := i.group(t, "Crew").ID, i.people(t, "m", 2*n)
	in, out := all[:n], all[n:]
	i.regroup(t, g, adding(t, out...)).Expect(t, 204)
	for round := range 20 {
		var clients sync.WaitGroup
		change := func(operation string) {
			fault := []string{"throttle", "conflict"}[rand.N(2)]
			clients.Go(func() {
				if answer := i.regroup(t, g, operation, "X-Local-Fault", fmt.Sprintf("%s@%dx%d", fault, 1+rand.N(8), 1+rand.N(2))); answer.Status != 204 {
					t.Errorf("answered %d %s", answer.Status, answer.Body)
				}
			})
		}
		for k := range n {
			change(adding(t, in[k]))
			change(removing(t, out[k]))
		}
		clients.Wait()
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
		i.hasMembers(t, g, in...)
		in, out = out, in
	}
	inOrder(t, i.tree.Org)
}

// TestSCI4_WhatIsBegunIsDoneWholeHoweverOftenItIsKilled kills the function at each call of a patch of 60 members in turn, and then goes on: with
// another change of the group, or by the worker's timer.
func TestSCI4_WhatIsBegunIsDoneWholeHoweverOftenItIsKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	i := newTree(t).idp(t, false)
	all := i.people(t, "k", 61)
	last, all := all[60], all[:60]
	g := i.group(t, "Crew", last).ID
	killed := 0
	for at := 1; ; at += 1 + at/3 {
		operation, want, otherwise := adding(t, all...), append([]string{last}, all...), []string{last}
		if killed%2 == 1 {
			operation, want, otherwise = removing(t, all...), []string{last}, append([]string{last}, all...)
		}
		kind := []string{"kill", "kill-after"}[at%2]
		answer := i.regroup(t, g, operation, "X-Local-Fault", fmt.Sprintf("%s@%d", kind, at))
		done := answer.Status == 204
		i.regroup(t, g, removing(t, last)).Expect(t, 204) // whoever comes next finishes what was begun
		i.regroup(t, g, adding(t, last)).Expect(t, 204)
		got := i.members(t, g)
		switch {
		case len(got) == len(want):
			i.hasMembers(t, g, want...)
		case done || len(got) != len(otherwise):
			t.Fatalf("killed at the call %d: %d members", at, len(got))
		default:
			i.hasMembers(t, g, otherwise...)
			i.regroup(t, g, operation).Expect(t, 204)
		}
		if killed++; done {
			break
		}
	}
	t.Logf("killed %d times", killed)
	inOrder(t, i.tree.Org)
}

func TestSCIM3_16_AGroupWasModifiedLastWhenItsMembersWere(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada, bob := i.bring(t, "ada@"+i.domain).ID, i.bring(t, "bob@"+i.domain).ID
	g := i.group(t, "Crew").ID
	modified := func() (at string) {
		for _, path := range []string{"/Groups/" + g, "/Groups/" + g + "?excludedAttributes=members"} {
			var got aSCIMUser
			i.call(t, "GET", path, "").Expect(t, 200).JSON(t, &got)
			if at != "" && got.Meta.LastModified != at {
				t.Errorf("%s and %s", at, got.Meta.LastModified)
			}
			at = got.Meta.LastModified
		}
		if listed := i.listOf(t, "/Groups"); listed.Resources[0].Meta.LastModified != at {
			t.Errorf("%s and, in the list, %+v", at, listed.Resources[0].Meta)
		}
		return at
	}
	last := modified()
	for _, operation := range []string{adding(t, ada), adding(t, bob), removing(t, ada, bob), adding(t, ada, bob)} {
		i.regroup(t, g, operation).Expect(t, 204)
		if now := modified(); now <= last {
			t.Errorf("modified at %s, and at %s before", now, last)
		} else {
			last = now
		}
	}
	i.regroup(t, g, adding(t, ada)).Expect(t, 204) // who is in it
	if now := modified(); now != last {
		t.Errorf("modified at %s by what changed nothing", now)
	}
	i.call(t, "DELETE", "/Users/"+bob, "").Expect(t, 204)
	if now := modified(); now <= last {
		t.Errorf("modified at %s, and then somebody was deleted", now)
	}
}

func (i *idp) listOf(t testing.TB, path string) (list aSCIMList) {
	t.Helper()
	i.call(t, "GET", path, "").Expect(t, 200).JSON(t, &list)
	return list
}
