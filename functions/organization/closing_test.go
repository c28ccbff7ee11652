package main

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// erases tells whether there is a timer to erase the organization.
func (w *world) erases(org *accesstest.Organization) bool {
	w.t.Helper()
	var set struct{}
	found, err := w.Table.Get(w.t.Context(), table.TimerKey(string(timer.Erasure), org.ID), &set)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestGEN6ClosingAndReopening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.Tree(tenant.Client)
	sub := w.Under(client)
	owner, own := w.Person(client.Administrator), w.Person(sub.Administrator)
	key := w.Key(owner, client.Administrator, nil)
	name := fields{"name": " " + client.Name + " "}

	w.call(owner, "POST", path(client, "/close"), name).refused(http.StatusConflict, "confirmation-required").has(fields{"affected": 2})
	w.call(owner, "POST", path(client, "/close?confirm=2"), name).is(http.StatusOK).has(fields{"status": "closed"})
	w.call(owner, "GET", path(client, ""), nil).refused(http.StatusUnauthorized, "unauthenticated")
	w.call(own, "GET", path(sub, ""), nil).refused(http.StatusUnauthorized, "unauthenticated")
	w.bearer(key, "GET", path(client, ""), nil).refused(http.StatusUnauthorized, "unauthenticated")
	w.call(w.root, "GET", path(sub, ""), nil).is(http.StatusOK).has(fields{"status": "closed"})
	w.call(w.root, "PATCH", path(sub, ""), fields{"name": "Other"}).refused(http.StatusConflict, "closed")
	w.call(w.root, "POST", path(client, "/suspend"), nil).refused(http.StatusConflict, "closed")
	w.call(w.root, "POST", path(client, "/close"), name).is(http.StatusOK).has(fields{"status": "closed"})
	if !w.erases(client) {
		t.Error("nothing will erase it")
	}

	w.call(w.root, "POST", path(client, "/reopen"), nil).is(http.StatusOK).has(fields{"status": "active", "lost": 0, "closing": nil})
	w.call(w.root, "POST", path(client, "/reopen"), nil).is(http.StatusOK)
	w.call(owner, "GET", path(client, ""), nil).refused(http.StatusUnauthorized, "unauthenticated")
	w.bearer(key, "GET", path(client, ""), nil).is(http.StatusOK)
	if w.erases(client) {
		t.Error("it will be erased although it is open")
	}
	if got, want := w.mails(), []string{"organization-closed", "organization-reopened"}; !slices.Equal(got, want) {
		t.Errorf("mails %v", got)
	}
	events := w.trail(client.ID)
	if len(events) != 2 || events[0].Action != "organization.reopened" || events[1].Action != "organization.closed" {
		t.Errorf("audit %+v", events)
	}
}

func TestGEN6NothingIsChangedOnceTheErasingHasBegun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.Tree(tenant.Client)
	state := &tenant.Access{}
	w.Commit(func(tx *table.Tx) { tenant.Close(tx, client.ID, state, w.Clock(), w.Clock().Add(time.Hour)) })
	w.Commit(func(tx *table.Tx) { tenant.BeginErasing(tx, client.ID, state) })
	for _, change := range []string{"/reopen", "/close", "/suspend"} {
		w.call(w.root, "POST", path(client, change), fields{"name": client.Name}).refused(http.StatusConflict, "being-erased")
	}
	w.call(w.root, "GET", path(client, ""), nil).is(http.StatusOK).has(fields{"status": "closed"})
	if events := w.trail(client.ID); len(events) != 0 {
		t.Errorf("what is being erased got the events %+v", events)
	}
}

func TestGEN6APartnerWithClientsIsNotClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner := w.Tree(tenant.Partner)
	seller := w.Person(partner.Administrator)
	granting, silent := w.ClientOf(partner, tenant.ManageAccess), w.ClientOf(partner, tenant.NoAccess)
	name := fields{"name": partner.Name}
	w.call(seller, "POST", path(partner, "/close"), name).refused(http.StatusConflict, "has-clients")
	w.call(w.root, "DELETE", path(granting, "/partner"), nil).is(http.StatusNoContent)
	if said := w.call(seller, "POST", path(partner, "/close"), name).refused(http.StatusConflict, "has-clients").body["consequences"]; said.([]any)[0] != "1 client" {
		t.Errorf("it still has %v", said)
	}
	w.call(w.root, "DELETE", path(silent, "/partner"), nil).is(http.StatusNoContent)
	w.call(seller, "POST", path(partner, "/close?confirm=1"), name).is(http.StatusOK)
	w.call(w.root, "PUT", path(silent, "/partner"), fields{"partnerId": partner.ID}).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.root, "POST", path(partner, "/reopen"), nil).is(http.StatusOK)
	w.call(w.root, "PUT", path(silent, "/partner"), fields{"partnerId": partner.ID}).is(http.StatusOK)
}

func TestOnlyPartnersAndClientsAreClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.Under(w.Tree(tenant.Client))
	for _, org := range []*accesstest.Organization{w.platform, sub} {
		w.call(w.root, "POST", path(org, "/close"), fields{"name": org.Name}).refused(http.StatusConflict, "wrong-type")
		w.call(w.root, "POST", path(org, "/reopen"), nil).refused(http.StatusConflict, "wrong-type")
	}
}
