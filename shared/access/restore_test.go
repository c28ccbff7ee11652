package access_test

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestINS6_ARestoreEndsEverySession(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana, unmarked := w.Person(acme.Administrator), w.Person(acme.Administrator)
	unmarked.Session.CreatedAt = 0 // as if an older release had not written it: its age ends it, and so does a restore
	w.Keep(unmarked)
	is(t, w, ana.Token, acme.ID, access.MainAdministrator)
	w.Move(time.Minute)
	w.Restore()
	refused(t, w, ana.Token, acme.ID, "unauthenticated")
	refused(t, w, unmarked.Token, acme.ID, "unauthenticated")
	w.SignIn(ana) // in the second of the restore
	refused(t, w, ana.Token, acme.ID, "unauthenticated")
	w.Move(time.Second)
	w.SignIn(ana)
	is(t, w, ana.Token, acme.ID, access.MainAdministrator)
	if c, _ := identify(t, w, ana.Token, ""); !c.Restored.Time().Equal(w.Clock().Add(-time.Second)) {
		t.Errorf("the caller knows of a restore at %v", c.Restored.Time())
	}
	w.Move(time.Minute)
	w.Restore() // again
	refused(t, w, ana.Token, acme.ID, "unauthenticated")
}

func TestINS6_ARestoreHoldsEveryKeyUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana := w.Person(acme.Administrator)
	var held *people.APIKey
	token := w.Key(ana, acme.Administrator, func(k *people.APIKey) { held = k })
	ended := w.Key(ana, acme.Administrator, func(k *people.APIKey) { k.EndsAt = w.Clock().Unix() + 1 })
	is(t, w, token, acme.ID, access.MainAdministrator)
	w.Move(time.Minute)
	w.Restore()
	refused(t, w, token, acme.ID, "key-held")
	refused(t, w, ended, acme.ID, "unauthenticated")
	refused(t, w, token[:len(token)-8]+"00000000", acme.ID, "mistyped-key") // nobody without the secret learns of it
	w.Move(time.Second)
	is(t, w, w.Key(ana, acme.Administrator, nil), acme.ID, access.MainAdministrator)
	w.Commit(func(tx *table.Tx) { tx.Update(table.Touch(held.Key()).Set("confirmedAt", clock.Format(w.Clock()))) })
	is(t, w, token, acme.ID, access.MainAdministrator)
	w.Move(time.Second)
	w.Restore() // what was confirmed before a later one waits again
	refused(t, w, token, acme.ID, "key-held")
}
