package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// trial begins a test in the browser, as functions/connections does.
func (o *office) trial(b *browser) *connection.Test {
	o.house.t.Helper()
	test := connection.NewTest(o.connection, audit.System("test"), o.house.Time())
	token, hash := secret.New(secret.SSOTest, test.ID)
	test.Browser = hash
	o.house.commit(func(tx *table.Tx) { tx.Create(test.Key(), test, table.ErrChanged) })
	b.cookies["__Host-"+connection.TestCookie] = token
	return test
}

// came is what came of a test.
func (o *office) came(test *connection.Test) *connection.Test {
	o.house.t.Helper()
	now, err := connection.ReadTest(o.house.t.Context(), o.house.Table, o.connection.ID, test.ID)
	if err != nil {
		o.house.t.Fatal(err)
	}
	return now
}

func TestSSO3_ATestGoesTheWholeWayAndSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	acme.change(func(c *connection.Connection) { c.Active, c.Leads, c.Passed = false, nil, nil })
	b := h.browser()
	test := acme.trial(b)
	request := acme.login(b, "?test="+test.ID)
	got := acme.arrive(b, acme.answer(request, "ada@acme.example")).expect(200)
	if !strings.Contains(got.Body.String(), "The test passed") || b.session() != "" || h.sessions(ada) != 0 {
		t.Errorf("%s", got.Body)
	}
	now := acme.came(test)
	if now.Outcome != connection.Succeeded || now.Means != connection.Matches || now.User != ada.ID || now.Address != "ada@acme.example" || now.NameID != "id of ada@acme.example" ||
		now.Certificate == "" || len(now.Attributes) != 1 || len(now.Checks) < 40 || now.Why == "" {
		t.Errorf("%+v", now)
	}
	if found, _ := h.Table.Get(t.Context(), linkOf(acme, "ada@acme.example"), &connection.Link{}); found {
		t.Error("the name id was linked")
	}
	c, err := connection.Read(t.Context(), h.Table, acme.connection.ID)
	if err != nil || !c.Proved(&c.Settings) || c.Status() == connection.Draft {
		t.Errorf("%+v, %v", c.Passed, err)
	}
}

// linkOf is where the name id of an address, as answer sends it, would be linked.
func linkOf(o *office, address string) table.Key {
	return connection.LinkKey(o.connection.ID, nameIDOf(address))
}

func TestSSO3_ATestSaysWhomItMeansOrWhatToChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	run := func(address string, bend ...func(*samlsptest.Response)) *connection.Test {
		b := h.browser()
		test := acme.trial(b)
		acme.arrive(b, acme.answer(acme.login(b, "?test="+test.ID), address, bend...)).expect(200)
		return acme.came(test)
	}
	if got := run("nobody@acme.example"); got.Means != connection.Nobody || !strings.Contains(got.Why, "Invite") || got.Outcome != connection.Succeeded {
		t.Errorf("%+v", got)
	}
	acme.change(func(c *connection.Connection) { c.JustInTime = acme.user.ID })
	if got := run("nobody@acme.example"); got.Means != connection.Creates || got.User != "" {
		t.Errorf("%+v", got)
	}
	got := run("ada@acme.example", func(r *samlsptest.Response) { r.Assertion.Audiences = []string{"https://else.example"} })
	failed := 0
	for _, one := range got.Checks {
		if one.State == "failed" {
			failed++
			if one.Check != "meaning.audience" || one.Wanted != acme.connection.SP.EntityID || one.Change == "" {
				t.Errorf("%+v", one)
			}
		}
	}
	if got.Outcome != connection.Failed || failed != 1 || len(got.Attributes) != 0 {
		t.Errorf("%+v", got)
	}
	if got := run("ada@acme.example", func(r *samlsptest.Response) { r.Assertion.Sign.Key = samlsptest.Key("other") }); got.Outcome != connection.Failed || got.Certificate != "" {
		t.Errorf("%+v", got)
	}
	if got := run("ada@else.example"); got.Outcome != connection.Failed || len(got.Attributes) == 0 {
		t.Errorf("%+v", got)
	}
}

func TestSSO3_ALinkThatIsSentToSomebodyElseDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	b, victim := h.browser(), h.browser()
	test := acme.trial(b)
	path := "/saml/" + acme.connection.ID + "/login?test=" + test.ID
	if got := victim.get(path).expect(403); got.code() != "another-browser" || len(victim.cookies) != 0 {
		t.Errorf("%s %v", got.code(), victim.cookies)
	}
	other := h.browser()
	acme.trial(other) // a browser that started another test
	if got := other.get(path).expect(403); got.code() != "another-browser" {
		t.Errorf("%s", got.code())
	}
	if got := b.get("/saml/" + acme.connection.ID + "/login?test=" + url.QueryEscape("tst_01ARZ3NDEKTSV4RRFFQ69G5FAV")).expect(403); got.code() != "another-browser" {
		t.Errorf("%s", got.code())
	}
	// The victim's own answer is no answer to the test, nor is the test's a sign-in.
	request := acme.login(b, "?test="+test.ID)
	if got := acme.arrive(victim, acme.answer(request, "ada@acme.example")).expect(403); got.code() != "try-again" || victim.session() != "" {
		t.Errorf("%s", got.code())
	}
	acme.change(func(c *connection.Connection) { c.Settings.EntityID = "https://changed.example" })
	if got := acme.arrive(b, acme.answer(request, "ada@acme.example")); got.Code != 403 || got.code() != "another-browser" {
		t.Errorf("with changed settings: %d %s", got.Code, got.code())
	}
	if now := acme.came(test); now.Outcome != connection.Waiting {
		t.Errorf("%+v", now)
	}
	if got := b.get(path).expect(403); got.code() != "another-browser" {
		t.Errorf("begun again with changed settings: %s", got.code())
	}
}

func TestSSO4_ATestGoesByWhatWaitsAndSignInsByWhatIsInForce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	next := *acme.connection.Testing()
	next.EntityID = acme.issuer + "/next"
	key := samlsptest.Key("next")
	trusted, err := samlsp.ParseCertificates([]byte(key.Base64()))
	if err != nil {
		t.Fatal(err)
	}
	next.Certificates = []connection.Certificate{connection.NewCertificate(trusted[0], connection.ByHand, "")}
	acme.change(func(c *connection.Connection) { c.Pending = &next })
	b := h.browser()
	test := acme.trial(b)
	live, trial := acme.login(b, ""), acme.login(b, "?test="+test.ID)
	newIssuer := func(r *samlsptest.Response) {
		r.Issuer, r.Assertion.Issuer, r.Assertion.Sign.Key = next.EntityID, next.EntityID, key
	}
	if got := acme.arrive(b, acme.answer(live, "ada@acme.example", newIssuer)); got.Code == 303 || b.session() != "" {
		t.Errorf("a sign-in by what waits: %d", got.Code)
	}
	acme.arrive(b, acme.answer(live, "ada@acme.example")).expect(303) // though a test is open in the same browser
	acme.arrive(b, acme.answer(trial, "ada@acme.example", newIssuer)).expect(200)
	if got := acme.came(test); got.Outcome != connection.Succeeded || h.sessions(ada) != 1 {
		t.Errorf("%+v", got)
	}
	c, err := connection.Read(t.Context(), h.Table, acme.connection.ID)
	if err != nil || c.Pending != nil || c.Settings.EntityID != next.EntityID {
		t.Errorf("%+v, %v", c.Settings, err)
	}
}
