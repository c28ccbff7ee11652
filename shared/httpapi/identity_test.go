package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
)

func TestINS3_TheCallersAddress(t *testing.T) {
	t.Parallel()
	var got string
	h, without := open(t), open(t, func(c *httpapi.Config) { c.CDNSecret = "" })
	changing := open(t, func(c *httpapi.Config) { c.OtherCDNSecret = "of-before" })
	for _, house := range []*house{h, without, changing} {
		house.server.Handle("/plain", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = httpapi.CallOf(r.Context()).Address }))
	}
	const gateway = "192.0.2.7"
	for name, c := range map[string]struct {
		headers map[string]string
		source  string
		want    string
		house   *house
	}{
		"nothing told":                     {nil, gateway, gateway, h},
		"IPv6":                             {nil, "2001:db8::7", "2001:db8::7", h},
		"X-Forwarded-For":                  {map[string]string{"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9", "x-real-ip": "203.0.113.9"}, gateway, gateway, h},
		"a viewer without the secret":      {map[string]string{"x-tenantry-viewer": "203.0.113.9"}, gateway, gateway, h},
		"a viewer with another secret":     {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "of-the-cdm"}, gateway, gateway, h},
		"a viewer with an empty secret":    {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": ""}, gateway, gateway, h},
		"the secret beside a forged one":   {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "x,of-the-cdn"}, gateway, gateway, h},
		"a viewer with the secret":         {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "of-the-cdn"}, gateway, "203.0.113.9", h},
		"while it is changed, the one":     {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "of-the-cdn"}, gateway, "203.0.113.9", changing},
		"while it is changed, the other":   {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "of-before"}, gateway, "203.0.113.9", changing},
		"while it is changed, none":        {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": ""}, gateway, gateway, changing},
		"after it was changed":             {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": "of-before"}, gateway, gateway, h},
		"an IPv6 viewer":                   {map[string]string{"x-tenantry-viewer": "2001:0db8:0::9", "x-tenantry-cdn": "of-the-cdn"}, gateway, "2001:db8::9", h},
		"an address of a header of before": {map[string]string{"cloudfront-viewer-address": "203.0.113.9:4711", "x-tenantry-cdn": "of-the-cdn"}, gateway, gateway, h},
		"an IPv4 viewer written as IPv6":   {map[string]string{"x-tenantry-viewer": "::ffff:203.0.113.9", "x-tenantry-cdn": "of-the-cdn"}, gateway, "203.0.113.9", h},
		"the secret, but no viewer":        {map[string]string{"x-tenantry-cdn": "of-the-cdn"}, gateway, gateway, h},
		"the secret and nonsense":          {map[string]string{"x-tenantry-viewer": "here", "x-tenantry-cdn": "of-the-cdn"}, gateway, gateway, h},
		"no CDN, its headers":              {map[string]string{"x-tenantry-viewer": "203.0.113.9", "x-tenantry-cdn": ""}, gateway, gateway, without},
		"no CDN, the headers but not one":  {map[string]string{"x-tenantry-viewer": "203.0.113.9"}, gateway, gateway, without},
	} {
		c.house.send(t, request{method: "GET", path: "/plain", headers: c.headers, address: c.source})
		if got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestChangesFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"no browser":               {nil, 201},
		"the same origin":          {[]string{"sec-fetch-site", "same-origin", "origin", publicURL}, 201},
		"typed in":                 {[]string{"sec-fetch-site", "none"}, 201},
		"an old browser, our page": {[]string{"origin", publicURL}, 201},
		"another site":             {[]string{"sec-fetch-site", "cross-site", "origin", "https://evil.example"}, 403},
		"a neighbour":              {[]string{"sec-fetch-site", "same-site", "origin", "https://other.example.com"}, 403},
		"an old browser, another":  {[]string{"origin", "https://evil.example"}, 403},
		"a sandboxed page":         {[]string{"origin", "null"}, 403},
		"another site with a key":  {[]string{"sec-fetch-site", "cross-site", "authorization", "Bearer " + h.key}, 403},
	} {
		before := h.count(t)
		got := h.send(t, h.signed("POST", "/things", fmt.Sprintf(`{"name": "n%d"}`, before), c.headers...))
		if got.status != c.status || c.status == 403 && got.slug() != "cross-origin" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if made := h.count(t) - before; (made == 1) != (c.status == 201) {
			t.Errorf("%s: made %d", name, made)
		}
	}
	if got := h.send(t, h.signed("GET", "/things/x", "", "sec-fetch-site", "cross-site")); got.status != 404 {
		t.Errorf("reading from elsewhere: %d", got.status)
	}
}

func TestCookiesAreBoundToTheHostOverHTTPS(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][2]string{
		"https://settings.example.com": {"__Host-tenantry", "__Host-tenantry-device"},
		"http://localhost:8080":        {"tenantry", "tenantry-device"},
	} {
		h := open(t, func(c *httpapi.Config) { c.PublicURL = url })
		session, device := h.server.SessionCookie("tok", time.Hour), h.server.DeviceCookie("dev", 24*time.Hour)
		for i, cookie := range []http.Cookie{session, device} {
			if cookie.Name != want[i] || cookie.Secure != (url[:5] == "https") || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
				cookie.Path != "/" || cookie.Domain != "" {
				t.Errorf("%s: %s", url, cookie.String())
			}
		}
		if session.MaxAge != 3600 || session.Value != "tok" || device.MaxAge != 86400 || device.Value != "dev" {
			t.Errorf("%s, %s", session.String(), device.String())
		}
		if gone := h.server.SessionCookie("", time.Hour); gone.MaxAge != -1 || gone.Name != want[0] {
			t.Errorf("taken away: %s", gone.String())
		}
	}
}

func TestTheDeviceIsReadFromItsCookie(t *testing.T) {
	t.Parallel()
	h := open(t)
	var got string
	h.server.Handle("/plain", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = h.server.Device(httpapi.CallOf(r.Context())) }))
	h.send(t, request{method: "GET", path: "/plain", cookies: []string{"__Host-tenantry-device=known"}})
	if got != "known" {
		t.Errorf("%q", got)
	}
	h.send(t, request{method: "GET", path: "/plain", cookies: []string{"tenantry-device=planted"}})
	if got != "" {
		t.Errorf("a cookie without the prefix is believed: %q", got)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	path := "/v1/organizations/" + h.org + "/things/" + id
	for name, c := range map[string]struct {
		cookie, authorization string
		status                int
		slug                  string
	}{
		"nobody":                         {"", "", 401, "unauthenticated"},
		"a session":                      {"__Host-tenantry=" + h.session, "", 200, ""},
		"a key":                          {"", "Bearer " + h.key, 200, ""},
		"a key, in another case":         {"", "bearer   " + h.key, 200, ""},
		"a session in a planted cookie":  {"tenantry=" + h.session, "", 401, "unauthenticated"},
		"a mistyped key":                 {"", "Bearer " + h.key[:len(h.key)-1] + "_", 401, "mistyped-key"},
		"a key that was never made":      {"", "Bearer tnt_key_x", 401, "mistyped-key"},
		"nonsense":                       {"", "Bearer x", 401, "unauthenticated"},
		"a wrong key beside the session": {"__Host-tenantry=" + h.session, "Bearer x", 401, "unauthenticated"},
	} {
		r := request{method: "GET", path: path, headers: map[string]string{}}
		if c.cookie != "" {
			r.cookies = []string{c.cookie}
		}
		if c.authorization != "" {
			r.headers["authorization"] = c.authorization
		}
		got := h.send(t, r)
		if got.status != c.status || got.slug() != c.slug || (got.headers["Www-Authenticate"] == "Bearer") != (c.status == 401) {
			t.Errorf("%s: %d %v %s", name, got.status, got.headers, got.body)
		}
	}
}

func TestARightThatNoLineGivesIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	if got := h.send(t, h.signed("GET", "/forbidden", "")); got.status != 403 || got.slug() != "forbidden" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestAnOperationMustNameItsRight(t *testing.T) {
	t.Parallel()
	h := open(t)
	defer func() {
		if recover() == nil {
			t.Error("an operation without a right was taken")
		}
	}()
	httpapi.Read(h.server, httpapi.Operation{ID: "forgotten", Method: "GET", Path: "/v1/forgotten"},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) { return nil, nil })
}

func TestPER6_WhatIsDelicateTakesAFreshSignIn(t *testing.T) {
	t.Parallel()
	h := open(t)
	id := h.thing(t, "a")
	key := h.signed("DELETE", "/things/"+id, "", "authorization", "Bearer "+h.key)
	if got := h.send(t, key); got.status != 403 || got.slug() != "forbidden" {
		t.Errorf("a key without the scope: %d %s", got.status, got.body)
	}
	if got := h.send(t, h.signed("DELETE", "/things/"+id, "")); got.status != 204 {
		t.Errorf("a fresh session: %d %s", got.status, got.body)
	}
}

func TestWhatIsAboutAPersonRefusesKeys(t *testing.T) {
	t.Parallel()
	h := open(t)
	httpapi.Read(h.server, httpapi.Operation{ID: "me", Method: "GET", Path: "/v1/me", Needs: access.SignedIn, PersonOnly: true},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) { return nil, nil })
	for authorization, status := range map[string]int{"Bearer " + h.key: 403, "": 200} {
		r := request{method: "GET", path: "/v1/me", cookies: []string{"__Host-tenantry=" + h.session}}
		if authorization != "" {
			r.headers = map[string]string{"authorization": authorization}
		}
		if got := h.send(t, r); got.status != status {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
}
