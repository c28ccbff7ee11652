package main

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

// confirmed confirms a key as the person, who signs in first.
func confirmed(t *testing.T, w *accesstest.World, by *accesstest.Person, org *accesstest.Organization, key *people.APIKey) (*Shown, error) {
	t.Helper()
	w.SignIn(by)
	caller, err := w.Gate.Identify(t.Context(), access.Request{Token: by.Token, Organization: org.ID})
	if err != nil {
		t.Fatal(err)
	}
	in := &AboutKey{Key: key.ID}
	tx := table.NewTx()
	out, err := newKeys(t, w).confirm(t.Context(), caller, in, tx)
	if err == nil {
		err = w.Table.Commit(t.Context(), tx)
	}
	return out, err
}

func TestINS6_ConfirmingTakesWhatMakingTheKeyTakes(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	partner := w.Tree(tenant.Partner)
	acme := w.ClientOf(partner, tenant.ManageAccess)
	ana, seller := w.Person(acme.Administrator), w.Person(partner.Administrator)
	var administers, reads *people.APIKey
	keep := func(key **people.APIKey) func(*people.APIKey) { return func(k *people.APIKey) { *key = k } }
	token := w.Key(ana, acme.Administrator, keep(&administers))
	w.Key(ana, acme.User, keep(&reads))
	w.Move(time.Minute)
	w.Restore()
	w.Move(time.Second)
	_, err := confirmed(t, w, seller, acme, administers)
	refused(t, err, "forbidden") // a partner makes no key of an administrator either
	if out, err := confirmed(t, w, seller, acme, reads); err != nil || out.Body.Held {
		t.Errorf("the partner confirms a key that it could make: %+v, %v", out, err)
	}
	if out, err := confirmed(t, w, ana, acme, administers); err != nil || out.Body.Held {
		t.Errorf("the administrator confirms: %+v, %v", out, err)
	}
	if _, err := w.Gate.Identify(t.Context(), access.Request{Token: token}); err != nil {
		t.Errorf("the confirmed key is answered with %v", err)
	}
}

func TestINS6_AKeyThatIsNotHeldStaysAsItIs(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana := w.Person(acme.Administrator)
	var key *people.APIKey
	w.Key(ana, acme.User, func(k *people.APIKey) { key = k })
	if out, err := confirmed(t, w, ana, acme, key); err != nil || out.Body.Held {
		t.Errorf("answered %+v, %v", out, err)
	}
	var stored people.APIKey
	if _, err := w.Table.Get(t.Context(), key.Key(), &stored); err != nil || stored.ConfirmedAt != "" {
		t.Errorf("stored %+v, %v", stored, err)
	}
	events, err := table.List[audit.Event](t.Context(), w.Table, table.Question{PK: table.AuditKey(acme.Root, w.Clock(), "").PK})
	if err != nil || len(events.Items) != 0 {
		t.Errorf("audit %+v, %v", events.Items, err)
	}
}
