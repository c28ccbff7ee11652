package e2e

import (
	"testing"
)

type identity struct {
	Type, ID      string
	Permissions   map[string][]string
	Organizations []struct{ ID, Relation string }
}

func TestWhoAmINamesTheOrganizationsOneMayAdminister(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	var who identity
	comesTrue(t, "the list of suborganizations, which lags behind", func() bool {
		tree.Admin.Do(t, "GET", "/v1/session", nil).Expect(t, 200).JSON(t, &who)
		return len(who.Organizations) == 3
	})
	if who.Type != "user" || who.ID != tree.Admin.ID || len(who.Organizations) != 3 || len(who.Permissions["administrator of the main organization"]) == 0 {
		t.Errorf("the administrator is %+v", who)
	}
	for name, by := range map[string]Person{"suborganization": tree.Sub, "user": tree.User} {
		var who identity
		by.Do(t, "GET", "/v1/session", nil).Expect(t, 200).JSON(t, &who)
		if len(who.Organizations) != 1 || who.Organizations[0].ID != by.Org {
			t.Errorf("%s: %+v", name, who)
		}
	}
	var key identity
	tree.Admin.DoWithKey(t, "GET", "/v1/session", nil).Expect(t, 200).JSON(t, &key)
	if key.Type != "key" || key.Organizations[0].ID != tree.Org {
		t.Errorf("the key is %+v", key)
	}
}
