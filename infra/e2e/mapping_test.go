package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	mapping "github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
)

func TestMAP1_GroupsAreListedTheUnmappedFirst(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	if all := tree.groups(t, 50); len(all.Items) != 0 || all.Arrived || all.WithoutRole != 0 {
		t.Errorf("before any: %+v", all)
	}
	first, second := tree.idp(t, false), tree.idp(t, false)
	ada, bob := first.bring(t, unique()+"@"+first.domain), first.bring(t, unique()+"@"+first.domain)
	want := []string{first.push(t, "Sales", ada.ID, bob.ID), first.push(t, "IT", ada.ID), first.push(t, "HR"), second.push(t, "Sales"), second.push(t, "Board")}
	indexed()
	if first.id > second.id {
		want = append(want[3:], want[:3]...)
	}
	for _, limit := range []int{1, 2, 50} {
		all := tree.groups(t, limit)
		var got []string
		for _, one := range all.Items {
			got = append(got, one.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" || !all.Arrived || all.WithoutRole != 2 {
			t.Errorf("in pages of %d: %+v\n%s", limit, all, diff)
		}
	}
	if sales := tree.group(t, want[0]); sales.Status != "unmapped" || sales.Mapping != nil || sales.Name == "" {
		t.Errorf("%+v", sales)
	}
	tree.Admin.Do(t, "GET", groupsOf(tree.Org), nil).Expect(t, 200)
	refusedAs(t, tree.Admin.Do(t, "GET", groupsOf(tree.Subs[0]), nil), 409, "main-only")
	refusedAs(t, tree.Sub.Do(t, "GET", groupsOf(tree.Subs[0]), nil), 409, "main-only")
	refusedAs(t, tree.Sub.Do(t, "GET", groupsOf(tree.Org), nil), 403, "forbidden")
	refusedAs(t, tree.User.Do(t, "GET", groupsOf(tree.Org), nil), 403, "forbidden")
	refusedAs(t, tree.Admin.Do(t, "GET", groupsOf(tree.Org)+"?cursor=bm9uZS8", nil), 422, "invalid")
}

func TestMAP3_WhoHasNoRoleGetsItAtOnceAndOthersWhenItIsApplied(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i, sub := tree.idp(t, false), tree.Subs[0]
	user, lead := tree.Roles[tree.Org].User, tree.Roles[sub].User
	ada, bob := i.bring(t, unique()+"@"+i.domain), i.bring(t, unique()+"@"+i.domain)
	sales := i.push(t, "Sales", ada.ID, bob.ID)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+bob.ID, map[string]string{"roleId": user, "organizationId": tree.Org}).Expect(t, 200)
	indexed()
	answer := tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, sales), map[string]any{"organizationId": sub, "roleId": lead}).Expect(t, 200)
	var first theChange
	answer.JSON(t, &first)
	if first.Affected != 2 || first.AtMost || first.JobID == "" || first.Group.Status != "pending" || first.Group.Mapping == nil || first.Group.Mapping.Rank != 1 {
		t.Errorf("mapped: %s", answer.Body)
	}
	tree.has(t, ada.ID, sub, lead)
	tree.has(t, bob.ID, tree.Org, user)
	if events := eventsOfRequest(t, answer); len(events) != 1 || events[0].text("action") != "group.mapped" {
		t.Errorf("the audit says %+v", events)
	}
	if all := tree.groups(t, 50); all.WithoutRole != 0 || tree.group(t, sales).Status != "pending" {
		t.Errorf("%+v", all)
	}
	again := tree.maps(t, sales, sub, lead, false)
	if again.JobID != "" || again.Affected != 0 {
		t.Errorf("the same again: %+v", again)
	}
	now := tree.maps(t, sales, sub, lead, true)
	if now.Affected != 1 || now.Group.Status != "applied" {
		t.Errorf("applied: %+v", now)
	}
	tree.has(t, bob.ID, sub, lead)
	if got := tree.group(t, sales); got.Status != "applied" || got.Mapping.Role != "User" || got.Mapping.MappedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("applied: %+v", got)
	}
	// Changed and cleared: what exists stays until it is applied.
	tree.maps(t, sales, tree.Org, user, false)
	tree.has(t, ada.ID, sub, lead)
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, sales), nil).Expect(t, 200)
	tree.has(t, ada.ID, sub, lead)
	if got := tree.group(t, sales); got.Status != "pending" || got.Mapping != nil {
		t.Errorf("cleared: %+v", got)
	}
	tree.maps(t, i.push(t, "Ops"), tree.Org, user, false) // another mapping that changes in between is none of its concern
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, sales)+"?applyNow=true", nil).Expect(t, 200)
	tree.has(t, ada.ID, "", "")
	if all := tree.groups(t, 50); all.WithoutRole != 2 || all.Items[0].Status != "unmapped" {
		t.Errorf("cleared and applied: %+v", all)
	}
	inOrder(t, tree.Org)
}

func TestMAP3_AGroupOfMoreThanAHundredIsGoneThroughInTheBackground(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	staff := i.push(t, "Staff")
	users := i.many(t, 130, staff)
	indexed()
	answer := tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, staff), map[string]any{"roleId": tree.Roles[tree.Org].User}).Expect(t, 202)
	var begun theChange
	answer.JSON(t, &begun)
	if begun.Affected != 130 || answer.Header.Get("Location") != jobPath(tree.Org, begun.JobID) {
		t.Errorf("%q: %+v", answer.Header.Get("Location"), begun)
	}
	done := awaitMapping(t, tree, begun.JobID)
	if done.Status != "succeeded" || done.Progress.Done != 130 || done.Mapping == nil || done.Mapping.Given != 130 || done.Mapping.Left != 0 {
		t.Errorf("%+v", done)
	}
	tree.has(t, users[129], tree.Org, tree.Roles[tree.Org].User)
	if all := tree.groups(t, 50); all.WithoutRole != 0 || all.Items[0].Status != "applied" || all.Items[0].Members != 130 {
		t.Errorf("%+v", all)
	}
	inOrder(t, tree.Org)
}

func TestMAP3_OfSeveralMappedGroupsTheHighestRankedDecides(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	user, sub := tree.Roles[tree.Org].User, tree.Roles[tree.Subs[0]].User
	ada := i.bring(t, unique()+"@"+i.domain)
	one, two, empty := i.push(t, "One", ada.ID), i.push(t, "Two", ada.ID), i.push(t, "Empty")
	indexed()
	tree.maps(t, one, tree.Org, user, false)
	tree.maps(t, two, tree.Subs[0], sub, false)
	tree.maps(t, empty, tree.Subs[1], tree.Roles[tree.Subs[1]].User, false)
	tree.has(t, ada.ID, tree.Org, user)
	for _, group := range []string{one, two} {
		if got := tree.group(t, group); got.Conflicts != 1 {
			t.Errorf("%+v", got)
		}
	}
	ranking := rankingOf(tree.Org)
	for _, wrong := range [][]string{{}, {one, two}, {one, two, two}, {one, two, empty, one}} {
		refusedAs(t, tree.Admin.DoWithKey(t, "PUT", ranking, map[string]any{"groupIds": wrong}), 422, "invalid")
	}
	var list theGroups
	answer := tree.Admin.DoWithKey(t, "GET", groupsOf(tree.Org), nil).Expect(t, 200)
	answer.JSON(t, &list)
	ranked := tree.Admin.DoWithKey(t, "PUT", ranking, map[string]any{"groupIds": []string{two, one, empty}}, "If-Match", answer.Header.Get("ETag")).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", ranking, map[string]any{"groupIds": []string{one, two, empty}}, "If-Match", answer.Header.Get("ETag")), 412, "stale")
	if events := eventsOfRequest(t, ranked); len(events) != 1 || events[0].text("action") != "groups.ranked" {
		t.Errorf("the audit says %+v", events)
	}
	if one, two, empty := tree.group(t, one), tree.group(t, two), tree.group(t, empty); one.Mapping.Rank != 2 || two.Mapping.Rank != 1 || empty.Mapping.Rank != 3 ||
		one.Status != "pending" || two.Status != "pending" || empty.Status != "applied" {
		t.Errorf("%+v %+v %+v", one, two, empty)
	}
	tree.has(t, ada.ID, tree.Org, user)
	tree.maps(t, two, tree.Subs[0], sub, true)
	tree.has(t, ada.ID, tree.Subs[0], sub)
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, two)+"?applyNow=true", nil).Expect(t, 200)
	tree.has(t, ada.ID, tree.Org, user)
	if got := tree.group(t, one); got.Conflicts != 0 {
		t.Errorf("the conflict is over: %+v", got)
	}
	inOrder(t, tree.Org)
}

func TestMAP2_AnAdministratorsRoleAsksForConfirmation(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	ada := i.bring(t, unique()+"@"+i.domain)
	heads := i.push(t, "Heads", ada.ID)
	indexed()
	body := map[string]any{"roleId": tree.Roles[tree.Org].Administrator}
	refused := tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, heads), body)
	refusedAs(t, refused, 409, "confirmation-required")
	var asks struct {
		Affected     int
		Consequences []string
	}
	refused.JSON(t, &asks)
	if asks.Affected != 1 || len(asks.Consequences) != 2 {
		t.Errorf("%s", refused.Body)
	}
	tree.has(t, ada.ID, "", "")
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	refusedAs(t, tree.Admin.Do(t, "PUT", mappingOf(tree.Org, heads)+"?confirm=1", body), 403, "reauthentication-required")
	tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, heads)+"?confirm=1", body).Expect(t, 200)
	tree.has(t, ada.ID, tree.Org, tree.Roles[tree.Org].Administrator)
	awaitMail(t, tree.Second.Email, "new administrator")
	cleared := tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, heads)+"?applyNow=true", nil).Expect(t, 200)
	tree.has(t, ada.ID, "", "")
	if tree.group(t, heads).Status != "unmapped" {
		t.Errorf("cleared: %s", cleared.Body)
	}
	inOrder(t, tree.Org)
}

func TestPER2_NobodyMapsBeyondWhatTheyMayGive(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	i := tree.idp(t, false)
	group := i.push(t, "Sales")
	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	indexed()
	administrator := map[string]any{"roleId": tree.Roles[tree.Org].Administrator}
	user := map[string]any{"roleId": tree.Roles[tree.Org].User}
	path, ranking := mappingOf(tree.Org, group), rankingOf(tree.Org)
	refusedAs(t, tree.Sub.DoWithKey(t, "PUT", path, user), 403, "forbidden")
	refusedAs(t, tree.Sub.DoWithKey(t, "PUT", mappingOf(tree.Subs[0], group), map[string]any{"roleId": tree.Roles[tree.Subs[0]].User}), 403, "forbidden")
	refusedAs(t, tree.User.Do(t, "PUT", path, user), 403, "forbidden")
	refusedAs(t, other.Admin.DoWithKey(t, "PUT", path, user), 404, "not-found")
	refusedAs(t, other.Admin.DoWithKey(t, "PUT", mappingOf(other.Org, group), map[string]any{"roleId": other.Roles[other.Org].User}), 404, "not-found")
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", path, map[string]any{"roleId": other.Roles[other.Org].User, "organizationId": other.Org}), 422, "invalid")
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", path, map[string]any{"roleId": tree.Roles[tree.Subs[0]].User}), 422, "invalid")
	refusedAs(t, partner.Admin.Do(t, "PUT", path+"?confirm=0", administrator), 403, "forbidden")
	partner.Admin.Do(t, "PUT", path, user).Expect(t, 200)

	weak := madeAdministrator(t, tree, "Desk")
	refusedAs(t, weak.Do(t, "PUT", path+"?confirm=0", administrator), 403, "forbidden")
	second := i.push(t, "Heads")
	tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, second)+"?confirm=0", administrator).Expect(t, 200)
	refusedAs(t, weak.Do(t, "PUT", mappingOf(tree.Org, second), user), 403, "forbidden")
	refusedAs(t, weak.Do(t, "DELETE", mappingOf(tree.Org, second), nil), 403, "forbidden")
	refusedAs(t, weak.Do(t, "PUT", ranking, map[string]any{"groupIds": []string{second, group}}), 403, "forbidden")
	refusedAs(t, partner.Admin.Do(t, "PUT", ranking, map[string]any{"groupIds": []string{second, group}}), 403, "forbidden")
	both := i.bring(t, unique()+"@"+i.domain).ID
	i.regroup(t, group, adding(t, both)).Expect(t, 204)
	i.regroup(t, second, adding(t, both)).Expect(t, 204)
	refusedAs(t, weak.Do(t, "DELETE", path, nil), 403, "forbidden") // of whom the administrator's group would decide then
	i.regroup(t, second, removing(t, both)).Expect(t, 204)
	weak.Do(t, "DELETE", path, nil).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestUSR4_WhatAGroupIsMappedToIsNotRemoved(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := newSub(t, tree)
	group := tree.pusher(t).push(t, "Sales")
	role := madeRole(t, tree.Admin, tree.Org, "Service desk")
	tree.maps(t, group, tree.Org, role, false)
	refused := tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil)
	refusedAs(t, refused, 409, "role-in-use")
	if !strings.Contains(string(refused.Body), `["1 mapped group"]`) {
		t.Errorf("%s", refused.Body)
	}
	tree.roles(t, sub)
	tree.maps(t, group, sub, tree.Roles[sub].User, false)
	tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil).Expect(t, 204)
	left := tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil)
	refusedAs(t, left, 409, "not-empty")
	if !strings.Contains(string(left.Body), `["1 mapped group"]`) {
		t.Errorf("%s", left.Body)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, group), map[string]any{"roleId": role}), 422, "invalid")
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, group), nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 204)
}

// Of a mapping and the removal of its role at the same time one is refused.
func TestUSR4_OfAMappingAndTheRemovalOfItsRoleOneCounts(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	group := tree.pusher(t).push(t, "Sales")
	for range 6 {
		role := madeRole(t, tree.Admin, tree.Org, "Role "+unique())
		var mapped, removed Answer
		var together sync.WaitGroup
		together.Go(func() {
			mapped = tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, group), map[string]any{"roleId": role})
		})
		together.Go(func() { removed = tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil) })
		together.Wait()
		if (mapped.Status == 200) == (removed.Status == 204) {
			t.Errorf("mapped %d %s, removed %d %s", mapped.Status, mapped.Body, removed.Status, removed.Body)
		}
	}
}

func TestUSR2_ARoleThatAMappedGroupGivesIsReadOnly(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	user, other := tree.Roles[tree.Org].User, madeRole(t, tree.Admin, tree.Org, "Service desk")
	ada := i.bring(t, unique()+"@"+i.domain)
	sales := i.push(t, "Sales", ada.ID)
	path := usersOf(tree.Org) + "/" + ada.ID
	indexed()
	tree.maps(t, sales, tree.Org, user, false)
	refused := tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"roleId": other})
	refusedAs(t, refused, 409, "managed-by-scim")
	if !strings.Contains(string(refused.Body), "Sales") {
		t.Errorf("the group is not named: %s", refused.Body)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"name": "Other"}), 409, "managed-by-scim")
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"roleId": user}).Expect(t, 200)
	if u := tree.person(t, ada.ID); u.RoleGroupID != sales || u.CreatedBy.Type != "scim" || u.CreatedBy.Name == "" || u.ManagedBy == nil || u.ManagedBy.ID != i.id {
		t.Errorf("%+v", u)
	}
	// Once no group is mapped, an administrator decides, whatever was not applied yet.
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, sales), nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"roleId": other}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, sales)+"?applyNow=true", nil).Expect(t, 200)
	tree.has(t, ada.ID, tree.Org, other)
	if u := tree.person(t, ada.ID); u.RoleGroupID != "" {
		t.Errorf("given by hand: %+v", u)
	}
	inOrder(t, tree.Org)
}

func TestUSR3_WhoHasNoRoleIsInNoListAndCannotSignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	ada := i.bring(t, unique()+"@"+i.domain)
	group := i.push(t, "Sales", ada.ID)
	listed := func() bool {
		indexed()
		var page struct{ Items []theUser }
		tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"?sort=address&limit=200", nil).Expect(t, 200).JSON(t, &page)
		return slices.ContainsFunc(page.Items, func(u theUser) bool { return u.ID == ada.ID })
	}
	if listed() || tree.groups(t, 50).WithoutRole != 1 {
		t.Errorf("without a role: listed %v, counted %d", listed(), tree.groups(t, 50).WithoutRole)
	}
	tree.maps(t, group, tree.Org, tree.Roles[tree.Org].User, false)
	if !listed() || tree.groups(t, 50).WithoutRole != 0 {
		t.Errorf("with a role: counted %d", tree.groups(t, 50).WithoutRole)
	}
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, group)+"?applyNow=true", nil).Expect(t, 200)
	if listed() || tree.groups(t, 50).WithoutRole != 1 {
		t.Error("the role was taken, and the user is listed")
	}
}

func TestUSR5_WhyARoleComesFromAGroupIsExplained(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	ada := i.bring(t, unique()+"@"+i.domain)
	sales, desk := i.push(t, "Sales", ada.ID), i.push(t, "Desk", ada.ID)
	indexed()
	tree.maps(t, sales, tree.Org, tree.Roles[tree.Org].User, false)
	tree.maps(t, desk, tree.Subs[0], tree.Roles[tree.Subs[0]].User, false)
	var why struct {
		Source             string
		GivenBy            struct{ Type string }
		Chain, WouldChange []string
		Groups             []struct {
			ID, Name, MemberSince, Against, MappedAt string
			Rank                                     int
			Decides                                  bool
			MappedBy                                 struct{ ID string }
		}
	}
	read := func() string {
		answer := tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+ada.ID+"/role-explanation", nil).Expect(t, 200)
		answer.JSON(t, &why)
		return string(answer.Body)
	}
	text := read()
	if why.Source != "group" || len(why.Groups) != 2 || !why.Groups[0].Decides || why.Groups[0].Name != "Sales" || why.Groups[0].MemberSince == "" ||
		why.Groups[0].MappedBy.ID != keyID(tree.Admin.Key) || why.Groups[1].Against != "outranked" || why.Groups[1].Rank != 2 {
		t.Errorf("%s", text)
	}
	said := strings.Join(slices.Concat(why.Chain, why.WouldChange), "\n")
	for _, says := range []string{`in the group "Sales", which the API key "test" mapped to the role "User" of Acme`, `"Desk" does not decide`, `then "Desk" decides, with the role "User" of Sub 0`} {
		if !strings.Contains(said, says) {
			t.Errorf("%s is not in %s", says, said)
		}
	}
	tree.Admin.DoWithKey(t, "PUT", rankingOf(tree.Org), map[string]any{"groupIds": []string{desk, sales}}).Expect(t, 200)
	if text := read(); !strings.Contains(strings.Join(why.WouldChange, "\n"), `applying the mapping at once: the group "Desk" gives the role`) {
		t.Errorf("%s", text)
	}
}

// A request that is killed at its first call, then at its second, and so on, maps the group and gives everybody the role all the same, once
// it is done again or its job goes on; nor does it matter where the worker is killed.
func TestMAP3_AMappingIsAppliedWhereverItWasCutOff(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	i := tree.pusher(t)
	role := map[string]any{"roleId": tree.Roles[tree.Subs[0]].Administrator, "organizationId": tree.Subs[0]}
	mapped := func(at int, kind string) (cutOff bool) {
		group := i.push(t, "Group "+unique())
		users := i.many(t, 3, group)
		path := mappingOf(tree.Org, group) + "?confirm=3"
		answer := tree.Admin.DoWithKey(t, "PUT", path, role, "X-Local-Fault", fmt.Sprintf("%s@%d", kind, at))
		if cutOff = answer.Status != 200; cutOff {
			tree.Admin.DoWithKey(t, "PUT", path, role)
		}
		indexed()
		wakeWatched(t)
		comesTrue(t, "every member has the role", func() bool {
			return !slices.ContainsFunc(users, func(user string) bool { return tree.person(t, user).RoleID != role["roleId"] })
		})
		comesTrue(t, "the mapping is applied", func() bool { return tree.group(t, group).Status == "applied" })
		for _, user := range users {
			if given := eventsAbout(t, tree.Org, user, "user.role-given"); given != 1 {
				t.Fatalf("%s at call %d: the role was given %d times", kind, at, given)
			}
		}
		if given := tree.given(t, group); given != 3 {
			t.Fatalf("%s at call %d: its jobs say that they gave %d a role", kind, at, given)
		}
		return cutOff
	}
	for at := 1; ; at++ {
		if !mapped(at, []string{"kill", "kill-after"}[at%2]) {
			t.Logf("a mapping of three is %d calls", at-1)
			break
		}
	}
	inOrder(t, tree.Org)
}

// given is how many the jobs that applied the group's mapping say that they gave a role, once all are over.
func (tree *Tree) given(t testing.TB, group string) (n int) {
	t.Helper()
	comesTrue(t, "the jobs are over", func() bool {
		n = 0
		for key, row := range rawTable(t).partition(t, "TREE#"+tree.Org) {
			var of mapping.Applying
			if !strings.HasPrefix(key, "JOB#") || row.text("kind") != string(job.ApplyMapping) || json.Unmarshal([]byte(row.text("input")), &of) != nil || of.Group != group {
				continue
			}
			var came mapping.Application
			if json.Unmarshal([]byte(row.text("result")), &came) != nil {
				return false
			}
			n += came.Given
		}
		return true
	})
	return n
}

// wakeWatched has the worker go on with whatever waits for its watch.
func wakeWatched(t testing.TB) {
	t.Helper()
	runs(t, "Due", time.Now().Add(11*time.Minute))
}

// eventsAbout counts the events of that action about a target.
func eventsAbout(t testing.TB, root, target, action string) (n int) {
	t.Helper()
	for _, event := range rawTable(t).partition(t, "AUDIT#"+root+"#"+time.Now().UTC().Format("2006-01")) {
		of, _ := event["target"].(map[string]any)
		if event.text("action") == action && of["id"] == target {
			n++
		}
	}
	return n
}

func TestSCI3_TheMappingOfADeletedGroupIsOfferedWhenTheNameComesBack(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	made := func(name string) (group struct{ ID string }) {
		i.call(t, "POST", "/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q}`, name)).Expect(t, 201).JSON(t, &group)
		return group
	}
	sales, role := made("Sales"), madeRole(t, tree.Admin, tree.Org, "Seller")
	tree.maps(t, sales.ID, tree.Org, role, false)
	i.call(t, "DELETE", "/Groups/"+sales.ID, "").Expect(t, 204)
	other := made("Other")
	back := made("SALES")
	if got := tree.group(t, back.ID); got.Status != "unmapped" || got.Remembered == nil || got.Remembered.RoleID != role || got.Remembered.Role != "Seller" {
		t.Errorf("%+v", got)
	}
	if got := tree.group(t, other.ID); got.Remembered != nil {
		t.Errorf("of another name: %+v", got)
	}
	tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil).Expect(t, 204)
	if got := tree.group(t, back.ID); got.Remembered != nil {
		t.Errorf("its role is gone: %+v", got)
	}
}

// madeAdministrator is somebody who administers the main organization, and has nothing beyond that.
func madeAdministrator(t testing.TB, tree *Tree, name string) Person {
	t.Helper()
	var made struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", rolesOf(tree.Org), map[string]any{"name": name, "portalAccess": "administrator"}).Expect(t, 201).JSON(t, &made)
	return tree.Invite(t, tree.Org, made.ID)
}

// mappingJob is the job that applies a mapping.
type mappingJob struct {
	ID, Status string
	Progress   struct{ Done, Total int }
	Mapping    *struct{ Given, Changed, Taken, Left, Kept, Refused int }
}

func awaitMapping(t testing.TB, tree *Tree, id string) (one mappingJob) {
	t.Helper()
	over(t, tree.Admin, jobPath(tree.Org, id), &one)
	return one
}

// Applying at once changes nobody whom the caller could not change one by one; who may does so later.
func TestPER2_ApplyingAMappingTakesNothingFromWhoHasMoreRights(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	weak := madeAdministrator(t, tree, "Desk")
	head, user := tree.Roles[tree.Org].Administrator, tree.Roles[tree.Org].User
	group := i.push(t, "Everybody")
	boss, clerk := i.bring(t, unique()+"@"+i.domain).ID, i.bring(t, unique()+"@"+i.domain).ID
	i.gives(t, boss, head).Expect(t, 200)
	i.join(t, group, boss)
	i.join(t, group, clerk)
	var out theChange
	weak.Do(t, "PUT", mappingOf(tree.Org, group), map[string]any{"roleId": user, "applyNow": true}).Expect(t, 200).JSON(t, &out)
	tree.has(t, boss, tree.Org, head)
	tree.has(t, clerk, tree.Org, user)
	if job := awaitMapping(t, tree, out.JobID); out.Group.Status != "pending" || tree.group(t, group).Status != "pending" || job.Mapping.Refused != 1 || job.Mapping.Given != 1 {
		t.Errorf("%+v, %+v", out, job.Mapping)
	}
	var run aSync
	weak.Do(t, "POST", syncsOf(tree.Org), map[string]string{"mode": "apply"}).Expect(t, 202).JSON(t, &run)
	run = tree.ends(t, run.ID)
	if one := tree.synced(t, run.ID, "")[boss]; one.Reason != "not-allowed" || one.Applied {
		t.Errorf("%+v", one)
	}
	tree.has(t, boss, tree.Org, head)
	tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, group), map[string]any{"roleId": user, "applyNow": true}).Expect(t, 200)
	tree.has(t, boss, tree.Org, user)
	if got := tree.group(t, group).Status; got != "applied" {
		t.Error(got)
	}
	inOrder(t, tree.Org)
}

// Administrators who map two groups with common members at the same moment, each applying it at once, while the ranks change: what is
// left is what the mappings say, or is pending and comes with one sync.
func TestMAP3_WhoMapsAtOnceWithOthersLeavesWhatTheMappingsSay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	groups := []string{i.push(t, "One"), i.push(t, "Two")}
	users := i.many(t, 6, groups[0])
	for _, user := range users[3:] {
		i.join(t, groups[1], user)
	}
	orgs := []string{tree.Org, tree.Subs[0], tree.Subs[1]}
	for _, group := range groups {
		tree.maps(t, group, tree.Org, tree.Roles[tree.Org].User, false)
	}
	for round := range 4 {
		answered := together(5, func(n int) Answer {
			if n == 4 {
				return tree.Second.Do(t, "PUT", rankingOf(tree.Org), map[string]any{"groupIds": []string{groups[round%2], groups[1-round%2]}})
			}
			org := orgs[(round+n)%3]
			by := []Person{tree.Admin, tree.Second}[n%2]
			return by.Do(t, "PUT", mappingOf(tree.Org, groups[n/2]), map[string]any{"organizationId": org, "roleId": tree.Roles[org].User, "applyNow": true})
		})
		if answered[200]+answered[202] < 3 || answered[500] > 0 {
			t.Errorf("round %d: answered %v", round, answered)
		}
		m := tree.stored(t)
		if first := m.List[m.Of(groups[0])]; !first.Pending {
			for _, user := range users[:3] { // who are in no other
				tree.has(t, user, first.Organization, first.Role)
			}
		}
		tree.syncs(t, "apply", "")
		m = tree.stored(t)
		for n, user := range users {
			decides := m.List[m.Of(groups[0])]
			if n >= 3 && m.Of(groups[1]) < m.Of(groups[0]) {
				decides = m.List[m.Of(groups[1])]
			}
			tree.has(t, user, decides.Organization, decides.Role)
		}
		for _, group := range groups {
			if got := tree.group(t, group).Status; got != "applied" {
				t.Errorf("round %d: %s", round, got)
			}
		}
	}
	inOrder(t, tree.Org)
}
