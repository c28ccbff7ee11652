package e2e

import (
	"net/http"
	"strings"
	"testing"
)

func TestTheStackIsHealthy(t *testing.T) {
	var health struct{ Status string }
	stack.Local(t, http.MethodGet, "health", nil).JSON(t, &health)
	if health.Status != "ok" {
		t.Errorf("status %q", health.Status)
	}
}

func TestAnUnknownRouteIsTheGatewaysNotFound(t *testing.T) {
	answer := stack.Do(t, http.MethodGet, "/no/such/route", nil).Expect(t, http.StatusNotFound)
	if got := strings.TrimSpace(string(answer.Body)); got != `{"message":"Not Found"}` {
		t.Errorf("body %s", got)
	}
}

func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	stack.Do(t, http.MethodDelete, "/_local/mails", nil, "Origin", "https://attacker.example").Expect(t, http.StatusForbidden)
}
