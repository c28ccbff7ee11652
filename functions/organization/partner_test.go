package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestGEN2AClientChangesItsPartnerByACode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.Tree(tenant.Partner), w.Tree(tenant.Partner)
	client, bystander := w.ClientOf(first, tenant.ManageAccess), w.Tree(tenant.Client)
	old, seller, owner, other := w.Person(first.Administrator), w.Person(second.Administrator), w.Person(client.Administrator), w.Person(bystander.Administrator)

	made := w.call(seller, "POST", path(second, "/partner-codes"), nil, "Idempotency-Key", "k1").is(http.StatusCreated)
	code := made.text("code")
	if again := w.call(seller, "POST", path(second, "/partner-codes"), nil, "Idempotency-Key", "k1").is(http.StatusCreated); again.text("code") != "" || again.text("expiresAt") != made.text("expiresAt") {
		t.Errorf("a replay answered %s", again.raw)
	}
	w.call(old, "GET", path(client, ""), nil).is(http.StatusOK)
	w.call(owner, "PUT", path(client, "/partner"), fields{"code": code}, "If-Match", `"7"`).refused(http.StatusPreconditionFailed, "stale")
	w.call(owner, "PUT", path(client, "/partner"), fields{"code": code}).is(http.StatusOK).has(fields{"partnerId": second.ID, "partnerAccess": "none"})
	w.call(old, "GET", path(client, ""), nil).refused(http.StatusNotFound, "not-found")
	w.call(seller, "GET", path(client, ""), nil).refused(http.StatusNotFound, "not-found")
	place := table.OrganizationsUnder(second.ID, "", "") // PER-4: a cursor of its list would name who grants nothing
	if page, err := table.List[tenant.Organization](t.Context(), w.Table, table.Question{Index: place.Index, PK: place.PK}); err != nil || len(page.Items) != 0 {
		t.Errorf("the list of a partner that is granted nothing holds %+v, %v", page.Items, err)
	}
	if got := w.call(other, "PUT", path(bystander, "/partner"), fields{"code": code}).refused(http.StatusUnprocessableEntity, "invalid"); got.field() != "body.code" || strings.Contains(got.raw, code) {
		t.Errorf("a used code: %s", got.raw)
	}

	w.call(owner, "PATCH", path(client, ""), fields{"partnerAccess": "manage"}).is(http.StatusOK)
	w.call(seller, "PATCH", path(client, ""), fields{"name": "Renamed"}).is(http.StatusOK)
	if names := w.call(seller, "GET", "/v1/organizations", nil).names(); !slices.Equal(names, []string{"Renamed"}) {
		t.Errorf("the new partner lists %v", names)
	}
	if names := w.call(old, "GET", "/v1/organizations", nil).names(); len(names) != 0 {
		t.Errorf("the old partner lists %v", names)
	}
	w.call(owner, "DELETE", path(client, "/partner"), nil).is(http.StatusNoContent)
	w.call(seller, "GET", path(client, ""), nil).refused(http.StatusNotFound, "not-found")
	w.call(owner, "GET", path(client, ""), nil).has(fields{"partnerId": nil, "partnerAccess": nil})
	w.call(owner, "DELETE", path(client, "/partner"), nil).refused(http.StatusNotFound, "not-found")
	if names := w.call(seller, "GET", "/v1/organizations", nil).names(); len(names) != 0 {
		t.Errorf("a left partner lists %v", names)
	}
	for _, left := range []string{first.ID, second.ID} {
		place := table.OrganizationsUnder(left, "", "")
		if page, err := table.List[tenant.Organization](t.Context(), w.Table, table.Question{Index: place.Index, PK: place.PK}); err != nil || len(page.Items) != 0 {
			t.Errorf("the list of a left partner still holds %+v, %v", page.Items, err)
		}
	}
	if got, want := w.mails(), []string{"partner-access-changed", "partner-changed", "partner-changed"}; !slices.Equal(got, want) {
		t.Errorf("mails %v, not %v", got, want)
	}
	var actions []string
	for _, event := range w.trail(client.ID) {
		actions = append(actions, event.Action+" "+event.Across)
	}
	if want := []string{"organization.partner-changed ", "organization.edited partner", "organization.edited ", "organization.partner-changed "}; !slices.Equal(actions, want) {
		t.Errorf("audit %q", actions)
	}
}

func TestCodesEndAfterADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner, client := w.Tree(tenant.Partner), w.Tree(tenant.Client)
	seller, owner := w.Person(partner.Administrator), w.Person(client.Administrator)
	code := w.call(seller, "POST", path(partner, "/partner-codes"), nil).is(http.StatusCreated).text("code")
	w.Move(24 * time.Hour)
	w.SignIn(owner)
	w.call(owner, "PUT", path(client, "/partner"), fields{"code": code}).refused(http.StatusUnprocessableEntity, "invalid")
}

func TestChoosingThePartnerThatThereIsKeepsItsAccessAndTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner := w.Tree(tenant.Partner)
	client, another := w.ClientOf(partner, tenant.ManageAccess), w.Tree(tenant.Client)
	seller := w.Person(partner.Administrator)
	code := w.call(seller, "POST", path(partner, "/partner-codes"), nil).text("code")
	w.call(w.Person(client.Administrator), "PUT", path(client, "/partner"), fields{"code": code}).is(http.StatusOK).has(fields{"partnerAccess": "manage"})
	if len(w.trail(client.ID)) != 0 || len(w.mails()) != 0 {
		t.Error("nothing changed, and it was told")
	}
	w.call(w.Person(another.Administrator), "PUT", path(another, "/partner"), fields{"code": code}).is(http.StatusOK)
}

func TestOnlyThePlatformNamesAPartnerByItsID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner, client := w.Tree(tenant.Partner), w.Tree(tenant.Client)
	owner := w.Person(client.Administrator)
	body := fields{"partnerId": partner.ID}
	w.call(owner, "PUT", path(client, "/partner"), body).refused(http.StatusForbidden, "forbidden")
	w.call(w.root, "PUT", path(client, "/partner"), body).is(http.StatusOK).has(fields{"partnerId": partner.ID, "partnerAccess": "none"})
	for name, value := range map[string]string{"random": id.New(id.Organization), "a client": client.ID, "the platform": w.platform.ID, "no id": "x", "somebody": owner.ID} {
		if got := w.call(w.root, "PUT", path(client, "/partner"), fields{"partnerId": value}).refused(http.StatusUnprocessableEntity, "invalid"); got.field() != "body.partnerId" {
			t.Errorf("%s: %s", name, got.raw)
		}
	}
	w.call(w.root, "PUT", path(client, "/partner"), fields{}).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.root, "PUT", path(client, "/partner"), fields{"partnerId": partner.ID, "code": "x"}).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.root, "PUT", path(partner, "/partner"), body).refused(http.StatusConflict, "wrong-type")
	w.call(w.root, "POST", path(client, "/partner-codes"), nil).refused(http.StatusConflict, "wrong-type")
}

func TestPER3ThePartnerNeverWidensItsOwnAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner := w.Tree(tenant.Partner)
	managed, read := w.ClientOf(partner, tenant.ManageAccess), w.ClientOf(partner, tenant.ReadAccess)
	seller := w.Person(partner.Administrator)
	code := w.call(seller, "POST", path(partner, "/partner-codes"), nil).text("code")
	w.call(seller, "PATCH", path(managed, ""), fields{"partnerAccess": "read"}).refused(http.StatusForbidden, "forbidden")
	w.call(seller, "PATCH", path(managed, ""), fields{"country": "ES"}).is(http.StatusOK)
	w.call(seller, "PATCH", path(read, ""), fields{"partnerAccess": "manage"}).refused(http.StatusForbidden, "forbidden")
	w.call(seller, "PUT", path(managed, "/partner"), fields{"code": code}).refused(http.StatusForbidden, "forbidden")
	w.call(seller, "DELETE", path(managed, "/partner"), nil).refused(http.StatusForbidden, "forbidden")
	owner := w.Person(managed.Administrator)
	w.Move(11 * time.Minute)
	w.call(owner, "PATCH", path(managed, ""), fields{"partnerAccess": "read"}).refused(http.StatusForbidden, "reauthentication-required")
	w.call(owner, "PATCH", path(managed, ""), fields{"partnerAccess": "manage", "name": "Same access"}).is(http.StatusOK)
	if len(w.mails()) != 0 {
		t.Errorf("mails %v", w.mails())
	}
}
