package gateway_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/gateway"
	"github.com/tenantry/tenantry/infra/local/template"
)

func TestTheMostSpecificRouteWins(t *testing.T) {
	reversed := slices.Clone(functions)
	slices.Reverse(reversed)
	for _, order := range [][]template.Function{functions, reversed} {
		routes := gateway.NewRoutes(order)
		for _, c := range []struct {
			method, path, key string
			parameters        map[string]string
		}{
			{"GET", "/v1/organizations", "GET /v1/organizations", map[string]string{}},
			{"GET", "/v1/organizations/mine", "ANY /v1/organizations/mine", map[string]string{}},
			{"GET", "/v1/organizations/org_1", "GET /v1/organizations/{org}", map[string]string{"org": "org_1"}},
			{"GET", "/v1/organizations/mine/users/u", "GET /v1/organizations/{org}/users/{user}", map[string]string{"org": "mine", "user": "u"}},
			{"GET", "/scim/v2/con/Users", "GET /scim/v2/{connection}/Users", map[string]string{"connection": "con"}},
			{"PUT", "/scim/v2/con/Users", "ANY /scim/v2/{connection}/{proxy+}", map[string]string{"connection": "con", "proxy": "Users"}},
			{"POST", "/scim/v2/con/Users/.search", "POST /scim/v2/{connection}/{proxy+}", map[string]string{"connection": "con", "proxy": "Users/.search"}},
			{"GET", "/scim/v2", "ANY /scim/{proxy+}", map[string]string{"proxy": "v2"}},
		} {
			match, ok := routes.Match(c.method, c.path)
			if !ok || match.RouteKey != c.key {
				t.Errorf("%s %s: %+v %v", c.method, c.path, match, ok)
			}
			if diff := cmp.Diff(c.parameters, match.Parameters); diff != "" {
				t.Errorf("%s %s: %s", c.method, c.path, diff)
			}
		}
	}
}

func TestWhatNoRouteMatches(t *testing.T) {
	routes := gateway.NewRoutes(functions)
	for _, c := range [][2]string{
		{"POST", "/v1/organizations"}, {"HEAD", "/v1/organizations"}, {"OPTIONS", "/v1/organizations"}, {"GET", "/"},
		{"GET", "/v1/organizations/"}, {"GET", "/v1/organizations/a/"}, {"GET", "/v1/organizations/a/b"}, {"GET", "/scim/"},
		{"GET", "/scim"}, {"GET", "/v1//organizations"},
	} {
		if match, ok := routes.Match(c[0], c[1]); ok {
			t.Errorf("%s %s: %+v", c[0], c[1], match)
		}
	}
	s := serve(t, says(`{}`))
	resp, body := do(t, request(t, "GET", s.url+"/nothing", nil))
	if resp.StatusCode != 404 || body != `{"message":"Not Found"}` || resp.Header.Get("X-Local-Request") == "" {
		t.Errorf("%d %s %v", resp.StatusCode, body, resp.Header)
	}
}

func TestTheDefaultRouteTakesTheRest(t *testing.T) {
	with := append(slices.Clone(functions), template.Function{ID: "Rest", Routes: []template.Route{{Method: "ANY", Path: "$default"}}})
	routes := gateway.NewRoutes(with)
	for _, c := range [][3]string{
		{"GET", "/", "$default"}, {"POST", "/v1/organizations", "$default"}, {"GET", "/v1/organizations", "GET /v1/organizations"},
		{"DELETE", "/scim/x", "ANY /scim/{proxy+}"},
	} {
		match, ok := routes.Match(c[0], c[1])
		if !ok || match.RouteKey != c[2] {
			t.Errorf("%s %s: %+v %v", c[0], c[1], match, ok)
		}
	}
}
