package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestDNSRecordsAreEditedAndSurviveARestart(t *testing.T) {
	data := t.TempDir()
	p := startStack(t, data)
	const host = "/_local/dns/_tenantry-challenge.acme.example"
	p.expect(t, http.StatusNotFound, "GET", host+"/TXT", "")
	p.expect(t, http.StatusNoContent, "PUT", host+"/TXT", `["one", ["of two", " strings"]]`)
	p.expect(t, http.StatusNoContent, "PUT", "/_local/dns", `{"records": [{"name": "a.example", "type": "A", "values": ["192.0.2.1"]}, {"name": "b.example", "type": "CNAME", "values": ["a.example"]}]}`)
	p.expect(t, http.StatusNoContent, "PUT", "/_local/dns/slow.example/failure", `{"kind": "timeout"}`)
	for path, body := range map[string]string{
		host + "/TXT": `"one"`, host + "/NONE": `["x"]`, "/_local/dns": `[]`, "/_local/dns/b.example/TXT": `["beside a CNAME"]`,
		"/_local/dns/slow.example/failure": `{"kind": "sulk"}`, "/_local/dns/fast.example/failure": `{}`,
	} {
		p.expect(t, http.StatusBadRequest, "PUT", path, body)
	}
	if page := p.expect(t, http.StatusOK, "GET", "/_local", "", "Accept", "text/html"); !strings.Contains(page, "_tenantry-challenge.acme.example") {
		t.Error("the page shows no DNS records")
	}
	p.end(t, syscall.SIGKILL)
	p = startStack(t, data)
	if got := strings.Join(strings.Fields(p.expect(t, http.StatusOK, "GET", host+"/txt", "")), " "); got != `[ "one", [ "of two", " strings" ] ]` {
		t.Errorf("after the restart: %s", got)
	}
	if got := p.expect(t, http.StatusOK, "GET", "/_local/dns", ""); !strings.Contains(got, `"slow.example": "timeout"`) || !strings.Contains(got, `"b.example"`) {
		t.Errorf("after the restart: %s", got)
	}
	p.expect(t, http.StatusNoContent, "DELETE", host+"/TXT", "")
	p.expect(t, http.StatusNoContent, "DELETE", "/_local/dns/slow.example/failure", "")
	p.expect(t, http.StatusNotFound, "GET", host+"/TXT", "")
	if got := p.expect(t, http.StatusOK, "GET", host+"/queries", ""); !strings.Contains(got, `"queries": 0`) {
		t.Errorf("nobody asked, and it counted %s", got)
	}
	p.expect(t, http.StatusNoContent, "DELETE", "/_local/dns/queries", "")
}
