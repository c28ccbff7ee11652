package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func newClient(name string) fields {
	return fields{"type": "client", "name": name, "email": "hello@acme.example", "administrator": fields{"email": "ana@acme.example", "name": "Ana Ruiz", "language": "es"}}
}

func TestGEN5ACreationInvitesTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.call(w.root, "POST", "/v1/organizations", newClient("  Acme ")).is(http.StatusCreated)
	made.has(fields{"type": "client", "name": "Acme", "language": "en", "status": "active", "members": 1, "products": 0,
		"withoutAdministrator": true, "partnerId": nil, "mainOrganizationId": made.text("id")})
	if made.header.Get("Location") != "/v1/organizations/"+made.text("id") || made.header.Get("ETag") != `"1"` {
		t.Errorf("headers %v", made.header)
	}
	if again := w.call(w.root, "GET", made.header.Get("Location"), nil).is(http.StatusOK); again.raw != made.raw {
		t.Errorf("created as\n%s, read as\n%s", made.raw, again.raw)
	}
	if mails := w.mails(); !slices.Equal(mails, []string{"invitation"}) || w.posted != 1 {
		t.Errorf("mails %v, %d posted", mails, w.posted)
	}
	events := w.trail(made.text("id"))
	if len(events) != 1 {
		t.Fatalf("audit %+v", events)
	}
	if events[0].Action != "organization.created" || events[0].Across != "platform" || events[0].Root != made.text("id") || events[0].Actor.ID != w.root.ID {
		t.Errorf("audit %+v", events)
	}
	if kept := fmt.Sprint(events[0].After); strings.Contains(kept, "ana@") || strings.Contains(kept, "Ana") {
		t.Errorf("the audit names a person: %s", kept)
	}
}

func TestWhoCreatesWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seller := w.Tree(tenant.Partner)
	client := w.Tree(tenant.Client)
	sells, owns := w.Person(seller.Administrator), w.Person(client.Administrator)
	partner := newClient("Seller")
	partner["type"] = "partner"
	installation := newClient("Second")
	installation["type"] = "platform"

	w.call(w.root, "POST", "/v1/organizations", partner).is(http.StatusCreated).has(fields{"type": "partner", "partnerAccess": nil})
	w.call(sells, "POST", "/v1/organizations", partner).refused(http.StatusForbidden, "forbidden")
	w.call(sells, "POST", "/v1/organizations", newClient("Theirs")).is(http.StatusCreated).has(fields{"partnerId": seller.ID, "partnerAccess": "manage"})
	w.call(owns, "POST", "/v1/organizations", newClient("Theirs")).refused(http.StatusForbidden, "forbidden")
	w.call(w.root, "POST", "/v1/organizations", installation).refused(http.StatusUnprocessableEntity, "invalid")
	w.bearer("", "POST", "/v1/organizations", newClient("Theirs")).refused(http.StatusUnauthorized, "unauthenticated")
	w.Move(11 * time.Minute)
	w.call(w.root, "POST", "/v1/organizations", newClient("Late")).refused(http.StatusForbidden, "reauthentication-required")
}

func TestWhatCannotBeAcceptedNamesTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	admin := w.Person(acme.Administrator)
	for name, c := range map[string]struct {
		body fields
		slug string
		at   string
	}{
		"a made-up country":        {fields{"country": "XX"}, "invalid", "body.country"},
		"a reserved country":       {fields{"country": "EU"}, "invalid", "body.country"},
		"a common slip":            {fields{"country": "UK"}, "invalid", "body.country"},
		"a country in small":       {fields{"country": "es"}, "invalid", "body.country"},
		"an unknown language":      {fields{"language": "tlh"}, "invalid", "body.language"},
		"a language otherwise":     {fields{"language": "pt-br"}, "invalid", "body.language"},
		"an unknown sector":        {fields{"sector": "magic"}, "invalid", "body.sector"},
		"no name":                  {fields{"name": ""}, "invalid", "body.name"},
		"a blank name":             {fields{"name": "  "}, "invalid", "body.name"},
		"a name of two lines":      {fields{"name": "a\nb"}, "invalid", "body.name"},
		"a long name":              {fields{"name": strings.Repeat("é", 101)}, "invalid", "body.name"},
		"no address":               {fields{"email": ""}, "invalid", "body.email"},
		"two addresses":            {fields{"email": "a@acme.example, b@acme.example"}, "invalid", "body.email"},
		"a long description":       {fields{"description": strings.Repeat("é", 2001)}, "invalid", "body.description"},
		"access without partner":   {fields{"partnerAccess": "read"}, "invalid", "body.partnerAccess"},
		"an unknown access":        {fields{"partnerAccess": "all"}, "invalid", "body.partnerAccess"},
		"an unknown field":         {fields{"nmae": "x"}, "unknown-field", "body.nmae"},
		"a field that is read":     {fields{"members": 7}, "unknown-field", "body.members"},
		"another type of value":    {fields{"name": 7}, "invalid", "body.name"},
		"the partner as if edited": {fields{"partnerId": w.platform.ID}, "unknown-field", "body.partnerId"},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.call(admin, "GET", path(acme, ""), nil).is(http.StatusOK)
			if got := w.call(admin, "PATCH", path(acme, ""), c.body).refused(http.StatusUnprocessableEntity, c.slug).field(); got != c.at {
				t.Errorf("it names %v, not %s", got, c.at)
			}
			if after := w.call(admin, "GET", path(acme, ""), nil); after.raw != before.raw {
				t.Errorf("something changed: %s", after.raw)
			}
		})
	}
}

func TestGEN1Editing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	admin := w.Person(acme.Administrator)
	edited := w.call(admin, "PATCH", path(acme, ""), fields{"name": strings.Repeat("é", 100), "email": " New@Acme.Example ", "language": "pt-BR", "country": "ES",
		"sector": "energy", "description": strings.Repeat("é", 2000)}, "If-Match", `"1"`).is(http.StatusOK)
	edited.has(fields{"name": strings.Repeat("é", 100), "email": "New@Acme.Example", "language": "pt-BR", "country": "ES", "sector": "energy"})
	if again := w.call(admin, "GET", path(acme, ""), nil); again.raw != edited.raw || again.header.Get("ETag") != `"2"` || edited.header.Get("ETag") != `"2"` {
		t.Errorf("edited to\n%s, read as\n%s", edited.raw, again.raw)
	}
	events := w.trail(acme.ID)
	if len(events) != 1 || events[0].Before["email"] != "hello@acme.example" || events[0].After["country"] != "ES" || events[0].Before["country"] != nil || events[0].After["type"] != nil {
		t.Errorf("audit %+v", events)
	}
	t.Run("takes things away", func(t *testing.T) {
		w.call(admin, "PATCH", path(acme, ""), fields{"country": "", "sector": "", "description": ""}).is(http.StatusOK).has(fields{"country": nil, "sector": nil, "description": nil, "language": "pt-BR"})
	})
	t.Run("a stale ETag changes nothing", func(t *testing.T) {
		w.call(admin, "PATCH", path(acme, ""), fields{"name": "Stale"}, "If-Match", `"2"`).refused(http.StatusPreconditionFailed, "stale")
	})
	t.Run("nothing new is no new version", func(t *testing.T) {
		w.call(admin, "PATCH", path(acme, ""), fields{"language": "pt-BR"}).is(http.StatusOK)
		if tag := w.call(admin, "PATCH", path(acme, ""), fields{}).is(http.StatusOK).header.Get("ETag"); tag != `"3"` || len(w.trail(acme.ID)) != 2 {
			t.Errorf("ETag %s, %d events", tag, len(w.trail(acme.ID)))
		}
	})
}

func TestAPI3OfManyWritersWithOneETagOneWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	admin := w.Person(acme.Administrator)
	statuses := make([]int, 16)
	var writers sync.WaitGroup
	for i := range statuses {
		writers.Go(func() {
			statuses[i] = w.call(admin, "PATCH", path(acme, ""), fields{"description": fmt.Sprint("writer ", i)}, "If-Match", `"1"`).status
		})
	}
	writers.Wait()
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] != http.StatusPreconditionFailed || statuses[15] != http.StatusPreconditionFailed {
		t.Errorf("answered %v", statuses)
	}
}

func TestPER4WhatIsElsewhereDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme, other := w.Tree(tenant.Client), w.Tree(tenant.Client)
	sub := w.Under(acme)
	admin, own, user := w.Person(acme.Administrator), w.Person(sub.Administrator), w.Person(acme.User)
	for _, rest := range []struct{ method, path string }{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"GET", "/suborganizations"}, {"POST", "/suborganizations"},
		{"PUT", "/partner"}, {"DELETE", "/partner"}, {"POST", "/partner-codes"}, {"POST", "/suspend"}, {"POST", "/resume"}} {
		foreign := w.call(admin, rest.method, path(other, rest.path), fields{"name": "X"}).refused(http.StatusNotFound, "not-found")
		random := w.call(admin, rest.method, "/v1/organizations/"+id.New(id.Organization)+rest.path, fields{"name": "X"}).is(http.StatusNotFound)
		if strings.ReplaceAll(foreign.raw, foreign.text("requestId"), "") != strings.ReplaceAll(random.raw, random.text("requestId"), "") {
			t.Errorf("%s %s: %s and %s", rest.method, rest.path, foreign.raw, random.raw)
		}
		w.call(own, rest.method, path(acme, rest.path), fields{"name": "X"}).refused(http.StatusForbidden, "forbidden")
	}
	w.call(user, "PATCH", path(acme, ""), fields{"name": "X"}).refused(http.StatusForbidden, "forbidden")
	w.call(own, "PATCH", path(sub, ""), fields{"name": "Sub X"}).is(http.StatusOK).has(fields{"name": "Sub X", "mainOrganizationId": acme.ID})
}

func TestUsersReadGeneralWithoutEmailAndPartner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	partner := w.Tree(tenant.Partner)
	acme := w.ClientOf(partner, tenant.ReadAccess)
	w.Commit(func(tx *table.Tx) { tx.Update(table.Touch(acme.Key()).Set("email", "hello@acme.example")) })
	w.call(w.Person(acme.Administrator), "GET", path(acme, ""), nil).is(http.StatusOK).
		has(fields{"email": "hello@acme.example", "partnerId": partner.ID, "partnerAccess": "read", "withoutAdministrator": false})
	w.call(w.Person(acme.User), "GET", path(acme, ""), nil).is(http.StatusOK).
		has(fields{"name": acme.Name, "members": 2, "email": nil, "partnerId": nil, "partnerAccess": nil})
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seller := w.Tree(tenant.Partner)
	sells := w.Person(seller.Administrator)
	var clients []string
	for _, name := range []string{"Ábaco", "abacus", "Beta", "Zeta"} {
		w.call(sells, "POST", "/v1/organizations", newClient(name)).is(http.StatusCreated)
	}
	hidden := w.ClientOf(seller, tenant.NoAccess)
	alone := w.Tree(tenant.Client)
	list := func(p *accesstest.Person, query string) []string {
		return w.call(p, "GET", "/v1/organizations"+query, nil).names()
	}
	if clients = list(w.root, "?type=client"); len(clients) != 6 {
		t.Errorf("the platform sees the clients %v", clients)
	}
	for name, c := range map[string]struct {
		got, want []string
	}{
		"a partner sees who grants it access":  {list(sells, ""), []string{"abacus", "Beta", "Zeta", "Ábaco"}},
		"by name":                              {list(sells, "?name=AB"), []string{"abacus"}},
		"the platform by type":                 {list(w.root, "?type=partner"), []string{seller.Name}},
		"by type and name":                     {list(w.root, "?type=client&name=acme"), []string{alone.Name}},
		"what grants nothing, to the platform": {list(w.root, "?type=client&name=Client"), []string{hidden.Name}},
		"a partner has no partners":            {list(sells, "?type=partner"), []string{}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, not %q", name, c.got, c.want)
		}
	}
	w.call(w.root, "GET", "/v1/organizations?name=a", nil).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.Person(alone.Administrator), "GET", "/v1/organizations", nil).refused(http.StatusForbidden, "forbidden")

	first := w.call(sells, "GET", "/v1/organizations?limit=3", nil)
	cursor := first.text("nextCursor")
	if rest := list(sells, "?limit=3&cursor="+cursor); !slices.Equal(rest, []string{"Ábaco"}) || len(first.names()) != 3 {
		t.Errorf("pages %v and %v", first.names(), rest)
	}
	w.call(sells, "GET", "/v1/organizations?limit=3&name=a&cursor="+cursor, nil).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(w.root, "GET", "/v1/organizations?limit=3&cursor="+cursor, nil).refused(http.StatusUnprocessableEntity, "invalid")
	w.call(sells, "GET", "/v1/organizations?limit=201", nil).refused(http.StatusUnprocessableEntity, "invalid")
}

// TestCountriesAreTheOfficialOnes compares the list with CLDR's, which has a few that ISO 3166-1 reserves or leaves to users.
func TestCountriesAreTheOfficialOnes(t *testing.T) {
	official := strings.Fields(countries)
	if len(official) != 249 || !slices.IsSorted(official) {
		t.Errorf("there are %d, sorted: %t", len(official), slices.IsSorted(official))
	}
	unofficial := strings.Fields("AC CP CQ DG EA EZ IC TA UN XK" + " AN CS FQ NT PC SU YU") // reserved or left to users; withdrawn
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			region, err := language.ParseRegion(code)
			known := err == nil && region.String() == code && region.IsCountry() && region.Canonicalize() == region && !slices.Contains(unofficial, code)
			if known != slices.Contains(official, code) {
				t.Errorf("%s: in CLDR %t, here %t", code, known, !known)
			}
		}
	}
}

func TestLanguagesAreCanonicalTags(t *testing.T) {
	for _, tag := range tenant.Languages() {
		if parsed, err := language.Parse(tag); err != nil || parsed.String() != tag {
			t.Errorf("%s: %v, %v", tag, parsed, err)
		}
	}
}
