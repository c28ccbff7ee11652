package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// explanation is what the API tells of a role.
type explanation struct {
	Source, Organization, OrganizationID, GivenAt string
	Role                                          struct{ ID, Name string }
	GivenBy                                       struct{ Type, ID, Name, Across string }
	Chain, WouldChange                            []string
}

func explained(t testing.TB, by Person, org, user string) (e explanation) {
	t.Helper()
	by.DoWithKey(t, "GET", usersOf(org)+"/"+user+"/role-explanation", nil).Expect(t, 200).JSON(t, &e)
	return e
}

func TestUSR5_TheChainThatGivesARoleIsTold(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	role := madeRole(t, tree.Admin, tree.Subs[0], "Service desk")
	var invited struct{ ID string }
	tree.Second.Do(t, "POST", usersOf(tree.Org), map[string]string{"email": "why-" + unique() + "@acme.example", "name": "Wim Why", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &invited)
	first := explained(t, tree.Admin, tree.Org, invited.ID)
	if first.Source != "person" || first.GivenBy.ID != tree.Second.ID || first.Role.ID != tree.Roles[tree.Org].User || first.OrganizationID != tree.Org || first.GivenAt == "" {
		t.Errorf("of an invited one: %+v", first)
	}
	if len(first.Chain) != 3 || !strings.Contains(first.Chain[2], "Wim Why is invited") {
		t.Errorf("in words: %q", first.Chain)
	}
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+invited.ID, map[string]string{"organizationId": tree.Subs[0], "roleId": role}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+invited.ID, map[string]string{"department": "Desk"}).Expect(t, 200) // gives no role
	moved := explained(t, tree.Sub, tree.Subs[0], invited.ID)
	if moved.Source != "key" || moved.GivenBy.Type != "key" || moved.Role.ID != role || moved.OrganizationID != tree.Subs[0] || len(moved.WouldChange) != 2 {
		t.Errorf("of one who was moved: %+v", moved)
	}
	if !strings.Contains(moved.Chain[0], `gave Wim Why the role "Service desk" of `+moved.Organization) || !strings.Contains(moved.Chain[1], "Workspaces l1") {
		t.Errorf("in words: %q", moved.Chain)
	}
	if other := explained(t, tree.Admin, tree.Org, tree.Admin.ID); other.GivenBy.Across != "platform" || !strings.Contains(other.Chain[0], "Somebody of the platform gave") {
		t.Errorf("of the first administrator: %+v", other)
	}
	tree.Sub.DoWithKey(t, "GET", usersOf(tree.Subs[0])+"/"+tree.Admin.ID+"/role-explanation", nil).Expect(t, 403)
}

func TestUSR6_ALeaversHoldingsAreListed(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	leaver := tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
	var key, ended struct{ ID string }
	leaver.Do(t, "POST", keysOf(tree.Subs[0]), map[string]any{"name": "Nightly", "roleId": tree.Roles[tree.Subs[0]].User}).Expect(t, 201).JSON(t, &key)
	leaver.Do(t, "POST", keysOf(tree.Org), map[string]any{"name": "Ended", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &ended)
	set(t, "TREE#"+tree.Org, "KEY#"+ended.ID, "endsAt", time.Now().Add(-time.Hour))
	invite := func(org, name string) (invited struct{ ID string }) {
		leaver.Do(t, "POST", usersOf(org), map[string]string{"email": "h-" + unique() + "@acme.example", "name": name, "roleId": tree.Roles[org].User}).Expect(t, 201).JSON(t, &invited)
		return invited
	}
	i, beside := tree.idp(t, false), tree.idp(t, false) // each with a token of the administrator's
	var alone, byKey struct{ ID, Hint string }
	leaver.Do(t, "POST", scimOf(tree.Org, i.id)+"/tokens", map[string]any{}).Expect(t, 201).JSON(t, &alone)
	leaver.DoWithKey(t, "POST", scimOf(tree.Org, beside.id)+"/tokens", map[string]any{}).Expect(t, 201).JSON(t, &byKey)
	open, revoked := invite(tree.Subs[0], "Open"), invite(tree.Org, "Revoked")
	leaver.Do(t, "POST", usersOf(tree.Org)+"/"+open.ID+"/invitation", nil).Expect(t, 200) // sent twice, listed once
	leaver.Do(t, "DELETE", usersOf(tree.Org)+"/"+revoked.ID+"/invitation", nil).Expect(t, 204)
	indexed()
	var held struct {
		Keys        []struct{ ID, Name, OrganizationID, RoleID string }
		Tokens      []struct{ ID, Hint, ConnectionID, ConnectionName string }
		Invitations []struct{ UserID, Name, OrganizationID string }
		Elsewhere   int
		More        bool
	}
	read := func(by Person, org, user string) {
		held.Keys, held.Tokens, held.Invitations = nil, nil, nil
		by.DoWithKey(t, "GET", usersOf(org)+"/"+user+"/holdings", nil).Expect(t, 200).JSON(t, &held)
	}
	read(tree.Admin, tree.Org, leaver.ID)
	own := func(k struct{ ID, Name, OrganizationID, RoleID string }) bool { return k.Name == "test" } // everybody who may has one
	if held.Keys = slices.DeleteFunc(held.Keys, own); len(held.Keys) != 1 || held.Keys[0].ID != key.ID || held.Keys[0].OrganizationID != tree.Subs[0] || held.Elsewhere != 0 || held.More {
		t.Errorf("keys: %+v", held)
	}
	of := map[string]string{}
	for _, token := range held.Tokens {
		if of[token.ConnectionID] = token.ID + " " + token.Hint; token.ConnectionName == "" {
			t.Errorf("%+v", token)
		}
	}
	if len(held.Tokens) != 2 || of[i.id] != alone.ID+" "+alone.Hint || of[beside.id] != byKey.ID+" "+byKey.Hint {
		t.Errorf("tokens: %+v", held.Tokens)
	}
	if len(held.Invitations) != 1 || held.Invitations[0].UserID != open.ID {
		t.Errorf("invitations: %+v", held.Invitations)
	}
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+leaver.ID, map[string]string{"organizationId": tree.Subs[1], "roleId": tree.Roles[tree.Subs[1]].User}).Expect(t, 200)
	other := tree.Invite(t, tree.Subs[1], tree.Roles[tree.Subs[1]].Administrator)
	held.Keys, held.Tokens, held.Invitations = nil, nil, nil
	other.Do(t, "GET", usersOf(tree.Subs[1])+"/"+leaver.ID+"/holdings", nil).Expect(t, 200).JSON(t, &held)
	if len(held.Keys) != 0 || len(held.Tokens) != 0 || len(held.Invitations) != 0 {
		t.Errorf("an administrator of another suborganization sees %+v", held)
	}
}
