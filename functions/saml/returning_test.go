package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
)

// elsewhereBound are addresses by which somebody is sent to another site, or that mean something else than they seem to.
var elsewhereBound = []string{"https://evil.example", "//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "/\n/evil.example",
	"javascript:alert(1)", "data:text/html,x", "evil.example", "?x=//evil.example", "https:/evil.example", "/a\r\nSet-Cookie: tenantry=x", "/%5c", "/%2f%2fevil.example/..",
	"/ä", " /a", "/a b", "/" + strings.Repeat("a", longestReturn)}

func TestLOG2_ABrowserIsSentBackToAPathOfThisSiteOnly(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/users", "/organizations/org_1/users?filter=a%20b&x=//y", "/a#b", "/users/usr_1/../../x", "/a:b@c"} {
		if got := returning(path); got != path {
			t.Errorf("%q goes to %q", path, got)
		}
	}
	for _, path := range append(elsewhereBound, "") {
		got := returning(path)
		if at, err := url.Parse("https://settings.example.com" + got); err != nil || at.Host != "settings.example.com" || strings.HasPrefix(at.Path, "//") {
			t.Errorf("%q goes to %q", path, got)
		}
		if got != "/" {
			t.Errorf("%q goes to %q", path, got)
		}
	}
}

func TestLOG2_WhatComesAsRelayStateOrReturnSendsNobodyElsewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.change(func(c *connection.Connection) { c.IDPInitiated = true })
	acme.member(acme.user, "ada@acme.example")
	arrive := func(b *browser, request, relay string) string {
		answer := acme.answer(request, "ada@acme.example")
		answer.Set("RelayState", relay)
		return strings.TrimPrefix(acme.arrive(b, answer).expect(http.StatusSeeOther).Header().Get("Location"), "https://settings.example.com")
	}
	for _, path := range elsewhereBound {
		b := h.browser()
		if to := arrive(b, acme.login(b, "?return="+url.QueryEscape(path)), path); to != "/" {
			t.Errorf("return=%q: %q", path, to)
		}
		if to := arrive(h.browser(), "", path); to != "/" {
			t.Errorf("RelayState %q: %q", path, to)
		}
	}
	if to := arrive(h.browser(), "", "/users"); to != "/users" {
		t.Errorf("the IdP's tile leads to %s", to)
	}
	b := h.browser()
	if to := arrive(b, acme.login(b, "?return=/products"), "/users"); to != "/products" { // what was asked for here counts
		t.Errorf("%s", to)
	}
}
