package httpapi_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
)

// limited opens a house with these limits a minute.
func limited(t *testing.T, public, caller, tree int) *house {
	h := open(t, func(c *httpapi.Config) {
		c.Rates.PublicPerMinute, c.Rates.CallerPerMinute, c.Rates.TreePerMinute = public, caller, tree
	})
	httpapi.Read(h.server, httpapi.Operation{ID: "hello", Method: "GET", Path: "/v1/hello", Needs: access.Public},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) { return nil, nil })
	return h
}

// refusedAfter sends the request n times and gives how many passed before the first 429.
func (h *house) refusedAfter(t *testing.T, n int, r request, otherwise int) int {
	t.Helper()
	for i := range n {
		got := h.send(t, r)
		if got.status == 429 {
			if got.slug() != "too-many-requests" || got.headers["Retry-After"] != "50" {
				t.Errorf("%v %s", got.headers, got.body)
			}
			return i
		}
		if got.status != otherwise {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	return n
}

func TestPER8_WhatIsPublicIsLimitedByAddress(t *testing.T) {
	t.Parallel()
	h := limited(t, 3, 1e6, 1e6)
	if n := h.refusedAfter(t, 5, request{method: "GET", path: "/v1/hello"}, 200); n != 3 {
		t.Errorf("%d passed", n)
	}
	if got := h.send(t, request{method: "GET", path: "/v1/hello", headers: map[string]string{"x-forwarded-for": "203.0.113.9"}}); got.status != 429 {
		t.Errorf("a forged address: %d", got.status)
	}
	if got := h.send(t, request{method: "GET", path: "/v1/hello", address: "192.0.2.8"}); got.status != 200 {
		t.Errorf("another address: %d", got.status)
	}
	passed := 0
	for i := range 5 {
		if h.send(t, request{method: "GET", path: "/v1/hello", address: fmt.Sprintf("2001:db8::%d", i)}).status == 200 {
			passed++
		}
	}
	if passed != 3 {
		t.Errorf("%d passed from one IPv6 network", passed)
	}
	if got := h.send(t, h.signed("GET", "/things/x", "")); got.status != 404 {
		t.Errorf("somebody signed in at that address: %d", got.status)
	}
}

func TestPER8_TryingTokensIsLimitedByAddress(t *testing.T) {
	t.Parallel()
	h := limited(t, 3, 1e6, 1e6)
	guess := request{method: "GET", path: "/v1/organizations/" + h.org + "/things/x", headers: map[string]string{"authorization": "Bearer guess"}}
	if n := h.refusedAfter(t, 5, guess, 401); n != 3 {
		t.Errorf("%d guesses", n)
	}
}

func TestPER8_CallersAreLimited(t *testing.T) {
	t.Parallel()
	h := limited(t, 1e6, 4, 1e6)
	if n := h.refusedAfter(t, 8, h.signed("GET", "/things/x", ""), 404); n != 4 {
		t.Errorf("%d passed", n)
	}
	if got := h.send(t, h.signed("GET", "/things/x", "", "authorization", "Bearer "+h.key)); got.status != 404 {
		t.Errorf("another caller of the tree: %d", got.status)
	}
}

func TestPER8_TreesAreLimited(t *testing.T) {
	t.Parallel()
	h := limited(t, 1e6, 1e6, 4)
	if n := h.refusedAfter(t, 8, h.signed("GET", "/things/x", ""), 404); n != 4 {
		t.Errorf("%d passed", n)
	}
	if got := h.send(t, h.signed("GET", "/things/x", "", "authorization", "Bearer "+h.key)); got.status != 429 {
		t.Errorf("another caller of the tree: %d", got.status)
	}
}

func TestWhatIsRefusedByRateIsNotDone(t *testing.T) {
	t.Parallel()
	h := limited(t, 1e6, 1, 1e6)
	h.thing(t, "a")
	if got := h.send(t, h.signed("POST", "/things", `{"name": "b"}`)); got.status != 429 || h.count(t) != 1 {
		t.Errorf("%d, %d things", got.status, h.count(t))
	}
}
