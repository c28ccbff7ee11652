package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

var idOfRequest = regexp.MustCompile(` ID="([^"]+)"`)

// requestIn is the id of the request in a redirect's SAMLRequest.
func requestIn(t *testing.T, sent string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(sent)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	found := idOfRequest.FindSubmatch(text)
	if found == nil {
		t.Fatalf("the request %s", text)
	}
	return string(found[1])
}

func TestLOG2_SomebodyGoesToTheIdPAndComesBackSignedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	b := h.browser()
	request := acme.login(b, "?return=/users")
	answer := acme.answer(request, "Ada@acme.example")
	h.Taken()
	got := acme.arrive(b, answer).expect(http.StatusSeeOther)
	calls := h.Taken()
	if to := got.Header().Get("Location"); to != "https://settings.example.com/users" {
		t.Errorf("sent to %s", to)
	}
	caller := b.who()
	if caller.User.ID != ada.ID || caller.Session.Method != people.BySAML || caller.Session.SecondFactor || caller.Fresh() != nil {
		t.Errorf("%+v %+v", caller.User, caller.Session)
	}
	// Connection and request; state, link, address and domain; the user; the sign-in. The last is the certificate's use, now and then.
	want := []string{"BatchGetItem", "BatchGetItem", "GetItem", "TransactWriteItems", "UpdateItem"}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("the calls: %s", diff)
	}
	for name := range b.cookies {
		if strings.HasPrefix(name, "__Host-"+requestCookie) {
			t.Errorf("the cookie %s is left", name)
		}
	}
	again := acme.answer(acme.login(b, ""), "ada@acme.example")
	h.Taken()
	acme.arrive(b, again).expect(http.StatusSeeOther)
	if diff := cmp.Diff(want[:4], h.Taken()); diff != "" {
		t.Errorf("the calls of the next time: %s", diff)
	}
}

func TestLOG2_AnAnswerIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	b := h.browser()
	answer := acme.answer(acme.login(b, ""), "ada@acme.example")
	before := b.clone()
	acme.arrive(b, answer).expect(http.StatusSeeOther)
	for name, again := range map[string]*browser{"with the cookie kept": before, "without": b} {
		if got := acme.arrive(again, answer).expect(http.StatusForbidden); got.code() != "try-again" {
			t.Errorf("%s: %s", name, got.code())
		}
	}
	if n := h.sessions(ada); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestLOG2_OfTwentyAtATimeOneSignsIn(t *testing.T) {
	t.Parallel()
	for name, idpFirst := range map[string]bool{"begun here": false, "begun at the IdP": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			acme := h.client("acme.example")
			acme.change(func(c *connection.Connection) { c.IDPInitiated = idpFirst })
			ada := acme.member(acme.user, "ada@acme.example")
			b, request := h.browser(), ""
			if !idpFirst {
				request = acme.login(b, "")
			}
			answer := acme.answer(request, "ada@acme.example")
			var in, refused sync.Map
			var group sync.WaitGroup
			for n := range 20 {
				group.Go(func() {
					one := b.clone()
					switch got := acme.arrive(one, answer); {
					case got.Code == http.StatusSeeOther && one.session() != "":
						in.Store(n, true)
					case got.Code == http.StatusForbidden && got.code() == "try-again":
						refused.Store(n, true)
					default:
						t.Errorf("%d %s", got.Code, got.Body)
					}
				})
			}
			group.Wait()
			if size(&in) != 1 || size(&refused) != 19 || h.sessions(ada) != 1 {
				t.Errorf("%d signed in, %d were refused, there are %d sessions", size(&in), size(&refused), h.sessions(ada))
			}
		})
	}
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

func TestLOG2_AnAnswerCountsOnlyInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme, other := h.client("acme.example"), h.client("other.example")
	acme.member(acme.user, "mallory@acme.example")
	other.member(other.user, "mallory@acme.example.other.example")
	attacker := h.browser()
	stolen := acme.answer(acme.login(attacker, ""), "mallory@acme.example")

	victim := h.browser()
	if got := acme.arrive(victim, stolen).expect(http.StatusForbidden); victim.session() != "" || got.code() != "try-again" {
		t.Errorf("a browser that asked for nothing: %s", got.code())
	}
	acme.login(victim, "")
	if got := acme.arrive(victim, stolen).expect(http.StatusForbidden); victim.session() != "" || got.code() == "" {
		t.Errorf("a browser that asked for something else: %s", got.code())
	}
	swapped := h.browser()
	for name, value := range attacker.cookies { // the cookie of another connection's request
		swapped.cookies[name] = value
	}
	if got := other.arrive(swapped, other.answer("_q1", "mallory@acme.example.other.example")).expect(http.StatusForbidden); swapped.session() != "" {
		t.Errorf("another connection: %s", got.code())
	}
	acme.arrive(attacker, stolen).expect(http.StatusSeeOther) // nothing of it was used up
	if diff := cmp.Diff([]string{"meaning.request"}, acme.refusals()); diff != "" {
		t.Error(diff)
	}
}

func TestLOG2_ARequestEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	for _, one := range []struct {
		after  time.Duration
		status int
	}{{9 * time.Minute, 303}, {10*time.Minute + time.Second, 403}} {
		b := h.browser()
		request := acme.login(b, "")
		h.Wait(one.after)
		acme.arrive(b, acme.answer(request, "ada@acme.example")).expect(one.status)
	}
}

func TestLOG2_SeveralTabsSignInAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	b := h.browser()
	first, second := acme.login(b, "?return=/first"), acme.login(b, "?return=/second")
	for request, path := range map[string]string{first: "/first", second: "/second"} {
		if got := acme.arrive(b, acme.answer(request, "ada@acme.example")).expect(303); !strings.HasSuffix(got.Header().Get("Location"), path) {
			t.Errorf("sent to %s, not %s", got.Header().Get("Location"), path)
		}
	}
}

func TestLOG2_WhatNobodySignedTouchesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	b := h.browser()
	request := acme.login(b, "")
	for name, bend := range map[string]func(*samlsptest.Response){
		"no signature":      func(r *samlsptest.Response) { r.Assertion.Sign = nil },
		"another key's":     func(r *samlsptest.Response) { r.Assertion.Sign.Key = samlsptest.Key("other") },
		"the clone's":       func(r *samlsptest.Response) { r.Assertion.Sign.Key = samlsptest.Key("clone") },
		"SHA-1":             func(r *samlsptest.Response) { r.Assertion.Sign.Method = samlsptest.RSASHA1 },
		"of another issuer": func(r *samlsptest.Response) { r.Assertion.Issuer = "https://evil.example" },
	} {
		if got := acme.arrive(b, acme.answer(request, "ada@acme.example", bend)).expect(403); got.code() != "ask-administrator" || b.session() != "" {
			t.Errorf("%s: %s", name, got.code())
		}
	}
	if diff := cmp.Diff([]string{"meaning.issuer"}, acme.refusals()); diff != "" { // the others are counted only
		t.Error(diff)
	}
	acme.arrive(b, acme.answer(request, "ada@acme.example")).expect(303)
}

func TestLOG6_ASessionEndsWhenTheIdPSays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	b := h.browser()
	acme.signIn(b, "ada@acme.example", func(r *samlsptest.Response) {
		r.Assertion.SessionNotOnOrAfter = samlsptest.At(h.Time().Add(20 * time.Minute))
	}).expect(303)
	if ends := time.Unix(b.who().Session.ExpiresAt, 0).Sub(h.Time()); ends != 20*time.Minute {
		t.Errorf("it lasts %s", ends)
	}
}

func TestPER3_ASecondFactorAtTheIdPCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.user, "ada@acme.example")
	for name, one := range map[string]struct {
		bend func(*samlsptest.Assertion)
		want bool
	}{
		"a password": {func(a *samlsptest.Assertion) {
			a.Context = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
		}, false},
		"REFEDS": {func(a *samlsptest.Assertion) { a.Context = refedsMFA }, true},
		"Entra ID": {func(a *samlsptest.Assertion) {
			a.Attributes = append(a.Attributes, samlsptest.Attribute{Name: entraMeans, Values: []string{"http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password", entraMFA}})
		}, true},
		"not Entra ID's": {func(a *samlsptest.Assertion) {
			a.Attributes = append(a.Attributes, samlsptest.Attribute{Name: "amr", Values: []string{entraMFA}})
		}, false},
	} {
		b := h.browser()
		acme.signIn(b, "ada@acme.example", func(r *samlsptest.Response) { one.bend(r.Assertion) }).expect(303)
		if got := b.who().Session.SecondFactor; got != one.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
