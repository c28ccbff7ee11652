package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func newKeys(t *testing.T, w *accesstest.World) *keys {
	t.Helper()
	return &keys{&start.Services{Table: w.Table, Clock: w.Clock, Trail: audit.Trail{Keep: time.Hour, Clock: w.Clock},
		Outbox: w.Outbox()}}
}

// made makes a key as the caller with the token, and gives the problem where it is refused.
func made(t *testing.T, w *accesstest.World, token string, org *accesstest.Organization, body NewAPIKey) (*Made, error) {
	t.Helper()
	caller, err := w.Gate.Identify(t.Context(), access.Request{Token: token, Organization: org.ID})
	if err != nil {
		t.Fatal(err)
	}
	tx := table.NewTx()
	out, err := newKeys(t, w).make(t.Context(), caller, &MakeInput{Body: body}, tx)
	if err == nil {
		err = w.Table.Commit(t.Context(), tx)
	}
	return out, err
}

func refused(t *testing.T, err error, slug string) {
	t.Helper()
	if !errors.Is(err, &problem.Error{Slug: slug}) {
		t.Errorf("answered %v, not %s", err, slug)
	}
}

func TestAnOrganizationHasAHundredKeysAtMost(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana := w.Person(acme.Administrator)
	count := func(n int) {
		w.Commit(func(tx *table.Tx) { tx.Count(acme.Root, table.KeysCount(acme.ID, acme.User.ID), n, nil) })
	}
	body := NewAPIKey{Name: "One more", RoleID: acme.User.ID}
	count(mostKeys - 1)
	if _, err := made(t, w, ana.Token, acme, body); err != nil {
		t.Fatal(err)
	}
	_, err := made(t, w, ana.Token, acme, body)
	refused(t, err, "too-many-keys")
	count(-1)
	if _, err := made(t, w, ana.Token, acme, body); err != nil {
		t.Error(err)
	}
}

func TestAPersonMakesKeysInFiftyOtherOrganizationsAtMost(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana := w.Person(acme.Administrator)
	w.Commit(func(tx *table.Tx) {
		for i := range mostOrganizations {
			key := fmt.Sprint("key_", i)
			tx.Put(table.MadeKey(ana.ID, key), people.Made{Root: "org_other", Organization: fmt.Sprint("org_", i), Key: key})
		}
	})
	body := NewAPIKey{Name: "One more", RoleID: acme.User.ID}
	_, err := made(t, w, ana.Token, acme, body)
	refused(t, err, "too-many-keys")
	w.Commit(func(tx *table.Tx) { tx.Delete(table.MadeKey(ana.ID, "key_7"), 0) })
	if _, err := made(t, w, ana.Token, acme, body); err != nil {
		t.Error(err)
	}
}

func TestAKeyThatAKeyMakesGoesOnNoLongerThanThatOne(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	ana := w.Person(acme.Administrator)
	ends := w.Clock().Add(time.Hour)
	token := w.Key(ana, acme.Administrator, func(k *people.APIKey) { k.EndsAt, k.SecondFactor = ends.Unix(), false })
	body := NewAPIKey{Name: "Child", RoleID: acme.User.ID}
	out, err := made(t, w, token, acme, body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := time.Parse(time.RFC3339, out.Body.ExpiresAt); !got.Equal(ends) {
		t.Errorf("ends at %s, not %s", got, ends)
	}
	caller, err := w.Gate.Identify(t.Context(), access.Request{Token: out.Body.Secret, Organization: acme.ID})
	if err != nil || caller.Key.Maker != ana.ID || caller.Key.SecondFactor {
		t.Errorf("the child is %+v, %v", caller, err)
	}
	later := ends.Add(time.Minute)
	body.ExpiresAt = &later
	_, err = made(t, w, token, acme, body)
	refused(t, err, "invalid")
}

func TestAKeyWithRightsAboveTheMakersIsRefused(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	limited := &people.Role{ID: "rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", Organization: acme.ID, Name: "Front desk", Portal: people.AdministratorAccess,
		Workspaces: people.WorkspacesL1, Analyzer: false}
	w.Commit(func(tx *table.Tx) { tx.Put(table.RoleKey(acme.ID, limited.ID), limited) })
	token := w.Person(limited).Token
	_, err := made(t, w, token, acme, NewAPIKey{Name: "Above", RoleID: acme.Administrator.ID})
	refused(t, err, "forbidden")
	if _, err := made(t, w, token, acme, NewAPIKey{Name: "Mine", RoleID: limited.ID}); err != nil {
		t.Error(err)
	}
}
