package e2e

import "testing"

// TestPER5_AnAdministratorLeavesWhereOthersSignInByOtherConnections has administrators with addresses of two domains, each of which leads to a
// connection of its own: who can still sign in is asked of both of them.
func TestPER5_AnAdministratorLeavesWhereOthersSignInByOtherConnections(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	first, second := tree.sso(t, tree.Org), tree.sso(t, tree.Org)
	administrator, user := tree.Roles[tree.Org].Administrator, tree.Roles[tree.Org].User
	chief := tree.hires(t, tree.Org, administrator, first.address())
	if err := chief.makeKey(); err != nil {
		t.Fatal(err)
	}
	tree.hires(t, tree.Org, administrator, second.address())
	moved, mapped := tree.hires(t, tree.Org, administrator, first.address()), tree.hires(t, tree.Org, administrator, first.address())
	for _, other := range []Person{tree.Admin, tree.Second} {
		chief.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+other.ID, nil).Expect(t, 204)
	}
	tree.Admin = chief
	i := first.provisioning(t, false)
	for _, p := range []Person{moved, mapped} {
		if got := i.bring(t, p.Email); got.ID != p.ID {
			t.Fatalf("%s is not taken over", p.Email)
		}
	}
	staff, desk := i.group(t, "Staff").ID, i.group(t, "Desk", mapped.ID).ID
	indexed()
	tree.maps(t, staff, tree.Org, user, true)

	// By the request that changes the membership.
	i.regroup(t, staff, adding(t, moved.ID)).Expect(t, 204)
	tree.has(t, moved.ID, tree.Org, user)

	// By the request that maps the group.
	if change := tree.maps(t, desk, tree.Org, user, true); change.Group.Status != "applied" {
		t.Errorf("%+v", change)
	}
	tree.has(t, mapped.ID, tree.Org, user)
	inOrder(t, tree.Org)
}
