package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestUSR4_EveryOrganizationHasTheTwoBuiltInRoles(t *testing.T) {
	t.Parallel()
	tree, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	for org, by := range map[string]Person{tree.Org: tree.Admin, tree.Subs[0]: tree.Sub, tree.Subs[1]: tree.Admin, partner.Org: partner.Admin, platform(t).Org: platform(t)} {
		var page struct {
			Items []struct{ ID, Name, BuiltIn, PortalAccess string }
		}
		by.DoWithKey(t, "GET", "/v1/organizations/"+org+"/roles", nil).Expect(t, 200).JSON(t, &page)
		portals := map[string]string{}
		for _, role := range page.Items {
			portals[role.BuiltIn] = role.PortalAccess
		}
		if len(page.Items) != 2 || portals["administrator"] != "administrator" || portals["user"] != "user" {
			t.Errorf("the roles of %s are %+v", org, page.Items)
		}
	}
}

// rolesOf is the path of an organization's roles.
func rolesOf(org string) string { return "/v1/organizations/" + org + "/roles" }

// madeRole makes a named role and gives its id.
func madeRole(t testing.TB, by Person, org, name string) string {
	t.Helper()
	var made struct{ ID string }
	by.DoWithKey(t, "POST", rolesOf(org), map[string]any{"name": name, "portalAccess": "user", "workspaces": "l1"}).Expect(t, 201).JSON(t, &made)
	return made.ID
}

func TestUSR4_ANamedRoleIsMadeEditedAndDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	made := tree.Admin.DoWithKey(t, "POST", rolesOf(tree.Org), map[string]any{"name": " Service desk ", "portalAccess": "user", "workspaces": "l1", "analyzer": true}).Expect(t, 201)
	var role struct {
		ID, Name, PortalAccess, Workspaces, BuiltIn string
		Analyzer                                    bool
	}
	made.JSON(t, &role)
	if role.Name != "Service desk" || role.PortalAccess != "user" || role.Workspaces != "l1" || !role.Analyzer || role.BuiltIn != "" || made.Header.Get("Location") != rolesOf(tree.Org)+"/"+role.ID {
		t.Errorf("made %s at %s", made.Body, made.Header.Get("Location"))
	}
	path := made.Header.Get("Location")
	edited := tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"name": "Help desk", "workspaces": "l2", "analyzer": false}, "If-Match", made.Header.Get("ETag")).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"name": "Another"}, "If-Match", made.Header.Get("ETag")), 412, "stale")
	read := tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200)
	if string(read.Body) != string(edited.Body) || !strings.Contains(string(read.Body), `"workspaces":"l2"`) || read.Header.Get("ETag") != edited.Header.Get("ETag") {
		t.Errorf("edited to %s, read as %s", edited.Body, read.Body)
	}
	tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 404)
	for action, answer := range map[string]Answer{"role.created": made, "role.edited": edited} {
		if events := eventsOfRequest(t, answer); len(events) != 1 || events[0].text("action") != action {
			t.Errorf("%s left %v", action, events)
		}
	}
	madeRole(t, tree.Admin, tree.Org, "Help desk") // the name is free again
}

func TestUSR4_NamesOfRolesAreTakenOnceRegardlessOfCase(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	id := madeRole(t, tree.Admin, tree.Org, "Service desk")
	other := madeRole(t, tree.Admin, tree.Org, "Other")
	for _, name := range []string{"SERVICE DESK", "user", "Organization administrator"} {
		refusedAs(t, tree.Admin.DoWithKey(t, "POST", rolesOf(tree.Org), map[string]any{"name": name, "portalAccess": "user"}), 409, "role-name-taken")
		refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", rolesOf(tree.Org)+"/"+other, map[string]any{"name": name}), 409, "role-name-taken")
	}
	tree.Admin.DoWithKey(t, "PATCH", rolesOf(tree.Org)+"/"+id, map[string]any{"name": "SERVICE DESK"}).Expect(t, 200) // its own
	madeRole(t, tree.Admin, tree.Subs[0], "Service desk")                                                             // each organization has its own
}

func TestUSR4_ARoleInUseIsNotDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	role := madeRole(t, tree.Admin, tree.Org, "Service desk")
	path := rolesOf(tree.Org) + "/" + role
	p := tree.Invite(t, tree.Org, role)
	var key struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", keysOf(tree.Org), map[string]any{"name": "Script", "roleId": role}).Expect(t, 201).JSON(t, &key)
	refused := tree.Admin.DoWithKey(t, "DELETE", path, nil)
	refusedAs(t, refused, 409, "role-in-use")
	if !strings.Contains(string(refused.Body), `["1 user","1 API key"]`) {
		t.Errorf("answered %s", refused.Body)
	}
	tree.Admin.DoWithKey(t, "DELETE", keysOf(tree.Org)+"/"+key.ID, nil).Expect(t, 204)
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", path, nil), 409, "role-in-use")
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Org+"/users/"+p.ID, map[string]string{"roleId": tree.Roles[tree.Org].User}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 204)
	invited := map[string]string{"email": "late-" + unique() + "@acme.example", "name": "Late", "roleId": role}
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", invited).Expect(t, 422)
}

func TestUSR4_ARoleThatAConnectionGivesIsNotDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	role := madeRole(t, tree.Admin, tree.Org, "Newcomer")
	path := "/v1/organizations/" + tree.Org + "/sso-connections"
	var made struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"name": "Okta", "provider": "okta"}).Expect(t, 201).JSON(t, &made)
	tree.Admin.DoWithKey(t, "PATCH", path+"/"+made.ID, map[string]string{"justInTime": role}).Expect(t, 200)
	indexed()
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil), 409, "role-in-use")
	tree.Admin.DoWithKey(t, "PATCH", path+"/"+made.ID, map[string]string{"justInTime": ""}).Expect(t, 200)
	indexed()
	tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil).Expect(t, 204)
}

func TestUSR4_OfADeletionAndAnInvitationAtTheSameTimeOneCounts(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for range 6 {
		role := madeRole(t, tree.Admin, tree.Org, "Race "+unique())
		statuses := together(2, func(i int) Answer {
			if i == 0 {
				return tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil)
			}
			return tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "r-" + unique() + "@acme.example", "name": "Pat", "roleId": role})
		})
		if statuses[204]+statuses[201] != 1 {
			t.Errorf("deletion and invitation answered %v", statuses)
		}
	}
}

func TestUSR4_BuiltInRolesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for _, role := range []string{tree.Roles[tree.Org].Administrator, tree.Roles[tree.Org].User} {
		refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", rolesOf(tree.Org)+"/"+role, map[string]any{"name": "Mine"}), 409, "built-in-role")
		refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", rolesOf(tree.Org)+"/"+role, nil), 409, "built-in-role")
	}
}

func TestPER2_NobodyMakesARoleAboveTheirOwn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	var limited struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", rolesOf(tree.Org), map[string]any{"name": "Junior administrator", "portalAccess": "administrator", "workspaces": "l1"}).Expect(t, 201).JSON(t, &limited)
	senior := madeRole(t, tree.Admin, tree.Org, "Desk")
	tree.Admin.DoWithKey(t, "PATCH", rolesOf(tree.Org)+"/"+senior, map[string]any{"workspaces": "l2"}).Expect(t, 200)
	junior := tree.Invite(t, tree.Org, limited.ID)
	for _, above := range []map[string]any{
		{"name": "A", "portalAccess": "user", "workspaces": "l2-read-only"},
		{"name": "B", "portalAccess": "user", "analyzer": true},
		{"name": "C", "portalAccess": "administrator", "workspaces": "l2"},
	} {
		refusedAs(t, junior.Do(t, "POST", rolesOf(tree.Org), above), 403, "forbidden")
	}
	junior.Do(t, "POST", rolesOf(tree.Org), map[string]any{"name": "Within", "portalAccess": "user", "workspaces": "l1-read-only"}).Expect(t, 201)
	refusedAs(t, junior.Do(t, "PATCH", rolesOf(tree.Org)+"/"+limited.ID, map[string]any{"workspaces": "l2"}), 403, "forbidden") // one's own
	refusedAs(t, junior.Do(t, "PATCH", rolesOf(tree.Org)+"/"+senior, map[string]any{"workspaces": "none"}), 403, "forbidden")
	refusedAs(t, junior.Do(t, "DELETE", rolesOf(tree.Org)+"/"+senior, nil), 403, "forbidden")
	tree.Admin.DoWithKey(t, "PATCH", rolesOf(tree.Org)+"/"+limited.ID, map[string]any{"workspaces": "none"}).Expect(t, 200)
	refusedAs(t, junior.Do(t, "POST", rolesOf(tree.Org), map[string]any{"name": "Within before", "portalAccess": "user", "workspaces": "l1-read-only"}), 403, "forbidden")
}

func TestGEN4_ASuborganizationWithANamedRoleIsNotEmpty(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := newSub(t, tree)
	role := madeRole(t, tree.Admin, sub, "Desk")
	refused := tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil)
	refusedAs(t, refused, 409, "not-empty")
	if !strings.Contains(string(refused.Body), `["1 role"]`) {
		t.Errorf("answered %s", refused.Body)
	}
	tree.Admin.DoWithKey(t, "DELETE", rolesOf(sub)+"/"+role, nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 204)
	if left := slices.Collect(maps.Keys(rawTable(t).partition(t, "ORG#"+sub))); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
