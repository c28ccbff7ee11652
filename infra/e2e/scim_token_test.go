package e2e

import (
	"strings"
	"testing"
)

// TestSCI8_AStolenTokenIsNobodysOutsideOfSCIM has the thief of a token try what would widen what it opens: it is no key of the API, so each
// is refused, and nothing of the connection, its mappings and its people is another one.
func TestSCI8_AStolenTokenIsNobodysOutsideOfSCIM(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	group, user := i.group(t, "Crew").ID, i.bring(t, "ada@"+i.domain).ID
	organization := "/v1/organizations/" + tree.Org
	indexed()
	before := tree.Admin.DoWithKey(t, "GET", organization+"/provisioning/groups", nil).Expect(t, 200).Body
	for _, one := range []struct {
		what, call string
		body       any
	}{
		{"read who it is", "GET /v1/session", nil},
		{"read the people", "GET " + organization + "/users", nil},
		{"make somebody an administrator", "PATCH " + organization + "/users/" + user, map[string]string{"roleId": tree.Roles[tree.Org].Administrator}},
		{"invite somebody", "POST " + organization + "/users", map[string]string{"email": "thief@elsewhere.example", "name": "Thief", "roleId": tree.Roles[tree.Org].Administrator}},
		{"map a group to an administrator's role", "PUT " + organization + "/provisioning/groups/" + group + "/mapping", map[string]string{"organizationId": tree.Org, "roleId": tree.Roles[tree.Org].Administrator}},
		{"rank the groups", "PUT " + organization + "/provisioning/ranking", map[string]any{"groupIds": []string{group}}},
		{"sync the roles", "POST " + organization + "/provisioning/sync-runs", map[string]string{"mode": "apply"}},
		{"have no sync wait", "PUT " + organization + "/provisioning/settings", map[string]any{"confirmation": map[string]int{"percent": 90, "users": 1000}}},
		{"make a token more", "POST " + scimOf(tree.Org, i.id) + "/tokens", map[string]string{"name": "another"}},
		{"end its owner's token", "DELETE " + scimOf(tree.Org, i.id) + "/tokens/" + i.token.ID, nil},
		{"have outsiders accepted", "PUT " + scimOf(tree.Org, i.id), map[string]bool{"outsiders": true}},
		{"switch SCIM off", "DELETE " + scimOf(tree.Org, i.id), nil},
		{"read the SCIM log", "GET " + scimOf(tree.Org, i.id) + "/requests", nil},
		{"bring another IdP", "PATCH " + connectionPath(tree.Org, i.id), map[string]string{"name": "Mine"}},
		{"register a domain", "POST " + organization + "/domains", map[string]string{"name": "elsewhere.example"}},
		{"make a key", "POST " + organization + "/api-keys", map[string]string{"name": "mine", "roleId": tree.Roles[tree.Org].Administrator}},
	} {
		t.Run(one.what, func(t *testing.T) {
			method, path, _ := strings.Cut(one.call, " ")
			stack.Do(t, method, path, one.body, "Authorization", "Bearer "+i.token.Token).Expect(t, 401)
		})
	}
	if after := tree.Admin.DoWithKey(t, "GET", organization+"/provisioning/groups", nil).Expect(t, 200).Body; string(after) != string(before) {
		t.Errorf("the groups are %s, not %s", after, before)
	}
	if got := i.stored(t, user); got["role"] != nil {
		t.Errorf("the user has a role: %v", got)
	}
	i.call(t, "GET", "/Users/"+user, "").Expect(t, 200)
}
