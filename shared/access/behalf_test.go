package access_test

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// acting is how somebody stands to a tree at the moment, for whom work goes on there.
func acting(t *testing.T, w *accesstest.World, by access.Behalf, root string) *access.Acting {
	t.Helper()
	a, err := by.Read(t.Context(), w.Table, root, accesstest.KeyGrace, w.Clock())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPER1_WorkGoesOnOnlyForWhoMayHaveItDoneStill(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	partner, acme, other := w.Tree(tenant.Partner), w.Tree(tenant.Client), w.Tree(tenant.Client)
	client, sub := w.ClientOf(partner, tenant.ManageAccess), w.Under(acme)
	person := func(role *people.Role, tree string) access.Behalf {
		return access.Behalf{Actor: audit.Actor{Type: audit.ByUser, ID: w.Person(role).ID}, Tree: tree}
	}
	for _, one := range []struct {
		name string
		by   access.Behalf
		root string
		may  bool
		give bool // an administrator's role
	}{
		{"an administrator of the main organization", person(acme.Administrator, acme.ID), acme.ID, true, true},
		{"one whose tree is not told, as an earlier release begins it", person(acme.Administrator, ""), acme.ID, true, true},
		{"an administrator of a suborganization", person(sub.Administrator, acme.ID), acme.ID, false, false},
		{"a user", person(acme.User, acme.ID), acme.ID, false, false},
		{"an administrator of another tree", person(other.Administrator, other.ID), acme.ID, false, false},
		{"somebody who is said to be of another tree", person(acme.Administrator, other.ID), acme.ID, false, false},
		{"a partner's administrator, who manages the client", person(partner.Administrator, partner.ID), client.ID, true, false},
		{"a partner's administrator with nobody's client", person(partner.Administrator, partner.ID), acme.ID, false, false},
		{"nobody", access.Behalf{Actor: audit.Actor{Type: audit.ByUser, ID: "usr_none"}, Tree: acme.ID}, acme.ID, false, false},
		{"no key", access.Behalf{Actor: audit.Actor{Type: audit.ByKey, ID: "key_none"}, Tree: acme.ID}, acme.ID, false, false},
		{"the product", access.ForProduct("schedule"), acme.ID, true, true},
	} {
		a, role := acting(t, w, one.by, one.root), acme.Administrator
		if one.root == client.ID {
			role = client.Administrator
		}
		if may, give := a.May(access.EditMainOnly), a.MayGive(role); may != one.may || may && give != one.give {
			t.Errorf("%s: may %v, may give %v", one.name, may, give)
		}
	}
}

func TestPER1_WorkForAKeyEndsWithTheKey(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	maker := w.Person(acme.Administrator)
	var id string
	w.Key(maker, acme.Administrator, func(k *people.APIKey) { id, k.EndsAt = k.ID, w.Clock().Add(time.Hour).Unix() })
	by := access.Behalf{Actor: audit.Actor{Type: audit.ByKey, ID: id}, Tree: acme.ID}
	if a := acting(t, w, by, acme.ID); !a.May(access.EditMainOnly) || !a.MayTouch(acme.Administrator) {
		t.Error("a key that holds may not")
	}
	w.Move(2 * time.Hour)
	if acting(t, w, by, acme.ID).May(access.EditMainOnly) {
		t.Error("a key that has ended may")
	}
	w.Key(maker, acme.Administrator, func(k *people.APIKey) { id = k.ID })
	by.Actor.ID = id
	w.Commit(func(tx *table.Tx) { tx.Put(table.DepartureKey(maker.ID), people.Departure{At: w.Clock().Unix()}) })
	if !acting(t, w, by, acme.ID).May(access.EditMainOnly) {
		t.Error("a key does not outlive its maker's leaving")
	}
	w.Move(accesstest.KeyGrace + time.Second)
	if acting(t, w, by, acme.ID).May(access.EditMainOnly) {
		t.Error("a key outlives its maker by more than is given")
	}
}
