package e2e

import "testing"

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
