package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

var certificateInMetadata = regexp.MustCompile(`(?s)use="encryption".*?<ds:X509Certificate>([^<]+)<`)

func TestLOG2_OurOwnKeysAreMadeWhenTheyAreNeededAndSignAndOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	acme.change(func(c *connection.Connection) { c.Settings.SignRequests = true })
	b := h.browser()
	to, err := url.Parse(b.get("/saml/" + acme.connection.ID + "/login").expect(303).Header().Get("Location"))
	if err != nil || to.Query().Get("Signature") == "" || to.Query().Get("SigAlg") == "" {
		t.Errorf("not signed: %s, %v", to, err)
	}
	metadata := b.get("/saml/" + acme.connection.ID + "/metadata").expect(200)
	if kind := metadata.Header().Get("Content-Type"); kind != "application/samlmetadata+xml" {
		t.Errorf("it is %s", kind)
	}
	again := b.get("/saml/" + acme.connection.ID + "/metadata").expect(200)
	if metadata.Body.String() != again.Body.String() {
		t.Error("another key each time")
	}
	found := certificateInMetadata.FindStringSubmatch(metadata.Body.String())
	if found == nil {
		t.Fatalf("no certificate to encrypt for: %s", metadata.Body)
	}
	ours, err := samlsp.ParseCertificates([]byte(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	acme.signIn(b, "ada@acme.example", func(r *samlsptest.Response) {
		r.Encrypt = &samlsptest.Encryption{To: samlsptest.KeyPair{Certificate: ours[0].Certificate}}
	}).expect(303)
	b.who()
	other := h.client("other.example")
	other.member(other.user, "bob@other.example")
	if got := other.signIn(h.browser(), "bob@other.example", func(r *samlsptest.Response) {
		r.Encrypt = &samlsptest.Encryption{To: samlsptest.KeyPair{Certificate: ours[0].Certificate}}
	}); got.Code != 403 {
		t.Errorf("another connection's key opened it: %d", got.Code)
	}
}

func TestLOG2_ARequestIsPostedWhereTheIdPTakesNoRedirect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.change(func(c *connection.Connection) {
		c.Settings.SignOn = map[string]string{samlsp.BindingPost: `https://idp.example/sso?a="1"&b=<2>`}
	})
	b := h.browser()
	got := b.get("/saml/" + acme.connection.ID + "/login").expect(200)
	page, policy := got.Body.String(), got.Header().Get("Content-Security-Policy")
	if !strings.Contains(page, `name="SAMLRequest"`) || strings.Contains(page, `b=<2>`) || strings.Contains(page, "RelayState") {
		t.Errorf("%s", page)
	}
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'sha256-") || strings.Contains(policy, "script-src 'unsafe-inline'") {
		t.Errorf("%s", policy)
	}
	if len(b.cookies) != 1 {
		t.Errorf("%v", b.cookies)
	}
}

func TestLOG2_WhatIsNoConnectionIsAPageAndNoError(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.change(func(c *connection.Connection) { c.Active = false })
	for path, status := range map[string]int{"/saml/con_1/login": 404, "/saml/con_01ARZ3NDEKTSV4RRFFQ69G5FAV/login": 404, "/saml/con_01ARZ3NDEKTSV4RRFFQ69G5FAV/metadata": 404,
		"/saml/" + acme.connection.ID + "/login": 403, "/saml/" + acme.connection.ID + "/login?again=1": 403, "/saml/" + acme.connection.ID + "/metadata": 200} {
		if got := h.browser().get(path); got.Code != status {
			t.Errorf("%s: %d %s", path, got.Code, got.Body)
		}
	}
	for _, form := range []url.Values{{}, {"SAMLResponse": {""}}, {"SAMLResponse": {"%%%"}}, {"SAMLResponse": {"a", "b"}}, {"SAMLResponse": {strings.Repeat("A", 300<<10)}},
		{"SAMLResponse": {"PHg+"}}, {"SAMLart": {"x"}}} {
		acme.change(func(c *connection.Connection) { c.Active, c.IDPInitiated = true, true })
		if got := h.browser().post("/saml/"+acme.connection.ID+"/acs", form); got.Code != 403 || got.code() != "ask-administrator" {
			t.Errorf("%.40v: %d %s", form, got.Code, got.code())
		}
	}
	if got := h.browser().post("/saml/con_01ARZ3NDEKTSV4RRFFQ69G5FAV/acs", url.Values{"SAMLResponse": {"PHg+"}}); got.Code != 404 {
		t.Errorf("%d", got.Code)
	}
	if got := acme.refusals(); len(got) != 0 {
		t.Errorf("the log has junk: %v", got)
	}
}
