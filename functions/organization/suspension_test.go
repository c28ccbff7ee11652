package main

import (
	"net/http"
	"slices"
	"testing"

	"github.com/tenantry/tenantry/shared/tenant"
)

func TestGEN5SuspendingAndResuming(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := w.Tree(tenant.Client)
	sub := w.Under(client)
	owner, own := w.Person(client.Administrator), w.Person(sub.Administrator)

	w.call(owner, "POST", path(client, "/suspend"), nil).refused(http.StatusForbidden, "forbidden")
	w.call(w.root, "POST", path(client, "/suspend"), nil).is(http.StatusNoContent)
	w.call(w.root, "POST", path(client, "/suspend"), nil).is(http.StatusNoContent)
	w.call(owner, "GET", path(client, ""), nil).refused(http.StatusForbidden, "suspended")
	w.call(own, "GET", path(sub, ""), nil).refused(http.StatusForbidden, "suspended")
	w.call(w.root, "GET", path(sub, ""), nil).is(http.StatusOK).has(fields{"status": "suspended"})
	w.call(w.root, "POST", path(client, "/resume"), nil).is(http.StatusNoContent)
	w.call(w.root, "POST", path(client, "/resume"), nil).is(http.StatusNoContent)
	w.call(owner, "GET", path(client, ""), nil).is(http.StatusOK).has(fields{"status": "active", "members": 1})

	if got, want := w.mails(), []string{"organization-resumed", "organization-suspended"}; !slices.Equal(got, want) {
		t.Errorf("mails %v", got)
	}
	events := w.trail(client.ID)
	if len(events) != 3 || events[0].Action != "organization.resumed" || events[1].Action != "organization.suspended" || events[1].Across != "platform" ||
		events[2].Action != "change.refused" {
		t.Errorf("audit %+v", events)
	}
}

func TestOnlyPartnersAndClientsAreSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.Under(w.Tree(tenant.Client))
	w.call(w.root, "POST", path(w.platform, "/suspend"), nil).refused(http.StatusConflict, "wrong-type")
	w.call(w.root, "POST", path(sub, "/suspend"), nil).refused(http.StatusConflict, "wrong-type")
	w.call(w.root, "POST", path(w.Tree(tenant.Partner), "/suspend"), nil).is(http.StatusNoContent)
}

func TestASuspendedPartnerIsNobodysNewPartner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner, client := w.Tree(tenant.Partner), w.Tree(tenant.Client)
	code := w.call(w.Person(partner.Administrator), "POST", path(partner, "/partner-codes"), nil).text("code")
	w.call(w.root, "POST", path(partner, "/suspend"), nil).is(http.StatusNoContent)
	w.call(w.Person(client.Administrator), "PUT", path(client, "/partner"), fields{"code": code}).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.root, "PUT", path(client, "/partner"), fields{"partnerId": partner.ID}).refused(http.StatusUnprocessableEntity, "invalid")
}
