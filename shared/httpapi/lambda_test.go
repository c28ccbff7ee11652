package httpapi_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// plain has the server answer GET and POST of /plain by the handler.
func plain(t *testing.T, do http.HandlerFunc) *house {
	t.Helper()
	h := open(t)
	h.server.Handle("/plain", do)
	return h
}

func TestHeadersWithCommasArriveWhole(t *testing.T) {
	t.Parallel()
	var got http.Header
	h := plain(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
	sent := map[string]string{"if-none-match": `W/"1,2"`, "x-custom": "a, b,c", "accept": "text/html, application/json;q=0.9"}
	h.send(t, request{method: "GET", path: "/plain", headers: sent})
	for name, value := range sent {
		if values := got.Values(name); len(values) != 1 || values[0] != value {
			t.Errorf("%s: %q", name, values)
		}
	}
}

func TestAHandlerThatWritesNothingAnswers200(t *testing.T) {
	t.Parallel()
	h := plain(t, func(http.ResponseWriter, *http.Request) {})
	if got := h.send(t, request{method: "GET", path: "/plain"}); got.status != 200 || got.body != "" {
		t.Errorf("%d %q", got.status, got.body)
	}
}

func TestTheFirstStatusStands(t *testing.T) {
	t.Parallel()
	h := plain(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "made")
		w.WriteHeader(http.StatusTeapot)
	})
	if got := h.send(t, request{method: "GET", path: "/plain"}); got.status != 201 || got.body != "made" {
		t.Errorf("%d %q", got.status, got.body)
	}
	h = plain(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "said")
		w.WriteHeader(http.StatusTeapot)
	})
	if got := h.send(t, request{method: "GET", path: "/plain"}); got.status != 200 {
		t.Errorf("a status after the body won: %d", got.status)
	}
}

func TestTheRemoteAddressHasAPort(t *testing.T) {
	t.Parallel()
	var remote string
	h := plain(t, func(_ http.ResponseWriter, r *http.Request) { remote = r.RemoteAddr })
	for _, address := range []string{"192.0.2.7", "2001:db8::7"} {
		h.send(t, request{method: "GET", path: "/plain", address: address})
		if host, _, err := net.SplitHostPort(remote); err != nil || host != address {
			t.Errorf("%s arrived as %s: %v", address, remote, err)
		}
	}
}

func TestAnEscapedSlashStaysInItsSegment(t *testing.T) {
	t.Parallel()
	h := open(t)
	var segment string
	h.server.Handle("/plain/{segment}", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { segment = r.PathValue("segment") }))
	if got := h.send(t, request{method: "GET", path: "/plain/a%2Fb%20c"}); got.status != 200 || segment != "a/b c" {
		t.Errorf("%d, segment %q", got.status, segment)
	}
	r := h.signed("GET", "", "")
	r.path = "/v1/organizations/" + h.org + "%2Fthings/x"
	if got := h.send(t, r); got.status != 404 || got.slug() != "not-found" {
		t.Errorf("an id with a slash: %d %s", got.status, got.body)
	}
}

func TestCookiesPassBothWays(t *testing.T) {
	t.Parallel()
	var names []string
	h := plain(t, func(w http.ResponseWriter, r *http.Request) {
		for _, cookie := range r.Cookies() {
			names = append(names, cookie.Name+"="+cookie.Value)
		}
		http.SetCookie(w, &http.Cookie{Name: "one", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "two", Value: "2", Path: "/"})
	})
	got := h.send(t, request{method: "GET", path: "/plain", cookies: []string{"a=1", "b=2; c=3"}})
	if want := []string{"a=1", "b=2", "c=3"}; !slices.Equal(names, want) {
		t.Errorf("arrived %q", names)
	}
	if want := []string{"one=1", "two=2; Path=/"}; !slices.Equal(got.cookies, want) {
		t.Errorf("answered %q", got.cookies)
	}
}

func TestRepeatedQueryKeysArriveInOrder(t *testing.T) {
	t.Parallel()
	var got []string
	h := plain(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query()["k"] })
	h.send(t, request{method: "GET", path: "/plain", query: "k=1&k=a%2Cb&k=3"})
	if !slices.Equal(got, []string{"1", "a,b", "3"}) {
		t.Errorf("%q", got)
	}
}

func TestBase64BodiesAreDecodedAndBinaryAnswersEncoded(t *testing.T) {
	t.Parallel()
	binary := []byte{0xff, 0x00, 0xfe}
	var got []byte
	h := plain(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		w.Write(got)
	})
	sent := base64.StdEncoding.EncodeToString(binary)
	answer := h.send(t, request{method: "POST", path: "/plain", body: sent, base64: true})
	if !slices.Equal(got, binary) || answer.body != sent {
		t.Errorf("arrived %x, answered %s", got, answer.body)
	}
}

func TestAPI6_WhatIsNoRequestIsAnsweredToo(t *testing.T) {
	t.Parallel()
	h := open(t)
	for name, r := range map[string]request{
		"a body that is not base64": {method: "POST", path: "/v1/break", body: "%%%", base64: true},
		"a broken escape":           {method: "GET", path: "/v1/%zz"},
	} {
		got := h.send(t, r)
		if got.status != 400 || got.slug() != "malformed-request" || got.problem.RequestID != got.request || got.headers["X-Request-Id"] != got.request {
			t.Errorf("%s: %d %v %s", name, got.status, got.headers, got.body)
		}
		if !strings.Contains(logs.of(got.request), `"status":400`) {
			t.Errorf("%s: not in the log", name)
		}
	}
}
