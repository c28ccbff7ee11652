package gateway_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/trace"
)

func TestTheStacksHeadersNeverReachAFunction(t *testing.T) {
	s := serve(t, says(`{"statusCode":200}`))
	resp, _ := do(t, request(t, "GET", s.url+"/v1/organizations", nil,
		"X-Local-Fault", "throttle@1,conflict@2x3", "X-Local-Source", "203.0.113.7", "X-Forwarded-For", "192.0.2.1"))
	if bytes.Contains(bytes.ToLower(s.payload), []byte("x-local")) {
		t.Errorf("event: %s", s.payload)
	}
	if s.event.RequestContext.HTTP.SourceIP != "203.0.113.7" || s.event.Headers["x-forwarded-for"] != "192.0.2.1, 203.0.113.7" {
		t.Errorf("source %s, forwarded for %s", s.event.RequestContext.HTTP.SourceIP, s.event.Headers["x-forwarded-for"])
	}
	want := []trace.Fault{{Kind: trace.Throttle, At: 1, Times: 1}, {Kind: trace.Conflict, At: 2, Times: 3}}
	if diff := cmp.Diff(want, s.book.faults); diff != "" {
		t.Error(diff)
	}
	id := resp.Header.Get("X-Local-Request")
	if id == "" || id != s.options.RequestID || resp.Header.Get("X-Local-Calls") != "2" {
		t.Errorf("answer's headers: %v", resp.Header)
	}
	if diff := cmp.Diff([]string{id + " Organization"}, s.book.opened); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{id}, s.book.closed); diff != "" {
		t.Error(diff)
	}
}

func TestAHookThatCannotBeReadIsRefused(t *testing.T) {
	s := serve(t, says(`{"statusCode":200}`))
	for _, header := range [][]string{
		{"X-Local-Fault", "explode@1"}, {"X-Local-Fault", "kill"}, {"X-Local-Fault", "kill@0"}, {"X-Local-Fault", "kill@1x0"},
		{"X-Local-Fault", "kill@1,"}, {"X-Local-Source", "localhost"},
	} {
		resp, body := do(t, request(t, "GET", s.url+"/v1/organizations", nil, header...))
		if resp.StatusCode != 400 || !strings.Contains(body, header[0]) {
			t.Errorf("%v: %d %s", header, resp.StatusCode, body)
		}
	}
}
