package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
)

// noRole is what is told of somebody without a role.
type noRole struct {
	Status, Source     string
	Role               *struct{ ID string }
	GivenBy            *struct{ Type string }
	Chain, WouldChange []string
	Groups             []struct {
		ID, Against string
		Pending     bool
		Decides     bool
	}
}

// says is all of it in words.
func (n noRole) says() string { return strings.Join(slices.Concat(n.Chain, n.WouldChange), "\n") }

// withoutRole reads why somebody has none, and checks what it says.
func (tree *Tree) withoutRole(t testing.TB, user string, against []string, says ...string) (why noRole) {
	t.Helper()
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+user+"/role-explanation", nil).Expect(t, 200).JSON(t, &why)
	var found []string
	for _, one := range why.Groups {
		found = append(found, one.Against)
	}
	if why.Source != "none" || why.Role != nil || !slices.Equal(found, against) {
		t.Errorf("%+v", why)
	}
	for _, one := range says {
		if !strings.Contains(why.says(), one) {
			t.Errorf("%q is not in\n%s", one, why.says())
		}
	}
	return why
}

func TestUSR5_WhySomebodyHasNoRoleIsExplained(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.pusher(t)
	ada := i.bring(t, unique()+"@"+i.domain).ID
	tree.withoutRole(t, ada, nil, "has no role, and so is in no organization and cannot sign in.", "in no group.", "An administrator gives a role", "into a group that is mapped to a role")

	sales := i.push(t, "Sales", ada)
	tree.withoutRole(t, ada, []string{"unmapped"}, `in the group "Sales", which is mapped to no role.`, `An administrator maps the group "Sales" to a role.`)

	i.patch(t, ada, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	if why := tree.withoutRole(t, ada, []string{"unmapped"}, "is inactive besides"); why.Status != "inactive" {
		t.Errorf("is %s", why.Status)
	}
	i.patch(t, ada, `{"op":"replace","path":"active","value":true}`).Expect(t, 200)

	tree.maps(t, sales, tree.Org, tree.Roles[tree.Org].User, false)
	if given := explained(t, tree.Admin, tree.Org, ada); given.Source != "group" {
		t.Errorf("mapped: %+v", given)
	}
	tree.Admin.DoWithKey(t, "DELETE", mappingOf(tree.Org, sales)+"?applyNow=true", nil).Expect(t, 200)
	if why := tree.withoutRole(t, ada, []string{"unmapped"}, `the API key "test" took the last one away on `); why.GivenBy == nil || why.GivenBy.Type != "key" {
		t.Errorf("taken by %+v", why.GivenBy)
	}

	late := i.bring(t, unique()+"@"+i.domain).ID
	desk := i.push(t, "Desk")
	tree.maps(t, desk, tree.Org, tree.Roles[tree.Org].User, false)
	i.join(t, desk, late)
	if why := tree.withoutRole(t, late, []string{""}, `The group "Desk" gives the role "User" of Acme`); !why.Groups[0].Decides {
		t.Errorf("%+v", why.Groups)
	}
}

func TestUSR5_WhatKeepsAMappedGroupFromGivingARoleIsExplained(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, true)
	indexed()
	guest := i.bring(t, "guest-"+unique()+"@elsewhere.example").ID
	admins := i.push(t, "Admins", guest)
	tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, admins)+"?confirm=0", map[string]any{"roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 200)
	tree.withoutRole(t, guest, []string{"outsider"}, `"Admins" does not decide`, "is verified in the tree", "An administrator gives a role")

	// A mapping whose role is gone keeps everything as it is, until somebody mends it.
	bob := i.bring(t, unique()+"@"+i.domain).ID
	lost := i.push(t, "Lost", bob)
	m := tree.stored(t)
	i.maps(t, append(m.List, directory.Mapped{Group: lost, Connection: i.id, Organization: tree.Org, Role: id.New(id.Role), At: "2026-03-01T00:00:00.000Z"})...)
	tree.withoutRole(t, bob, []string{"role-missing"}, "to a role that is gone", `maps the group "Lost" to a role that is there`)
	tree.Admin.DoWithKey(t, "PUT", rankingOf(tree.Org), map[string]any{"groupIds": []string{lost, admins}}).Expect(t, 200)
	tree.maps(t, lost, tree.Org, tree.Roles[tree.Org].User, false)
	tree.has(t, bob, tree.Org, tree.Roles[tree.Org].User)
}
