package access_test

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestLOG11_WhatASessionForRecoveryReaches(t *testing.T) {
	t.Parallel()
	const org = "/v1/organizations/{org}"
	for operation, reached := range map[string]bool{
		"GET /v1/session": true, "DELETE /v1/session": true, "GET " + org: true, "PUT " + org + "/authentication": true,
		"DELETE " + org + "/authentication/users/{user}/password": true, "POST " + org + "/domains/{domain}/verify": true,
		"POST " + org + "/sso-connections/{connection}/activate": true, "PATCH " + org + "/users/{user}": true, "GET " + org + "/roles": true,
		"PATCH " + org: false, "POST " + org + "/api-keys": false, "POST " + org + "/exports": false, "POST " + org + "/close": false, "POST " + org + "/roles": false,
		"PUT " + org + "/sso-connections/{connection}/scim": false, "POST " + org + "/sso-connections/{connection}/scim/tokens": false,
		"POST /v1/session/reauthenticate": false, "GET /v1/me": false, "POST /v1/me/password": false, "GET " + org + "/domains-of-others": false, "": false, "GET": false,
	} {
		if access.Recoverable(operation) != reached {
			t.Errorf("%q is reached: %t", operation, !reached)
		}
	}
}

func TestLOG11_ASessionForRecoveryIsBoundedByTheHour(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme, stranger := w.Tree(tenant.Client), w.Tree(tenant.Client)
	p := w.Person(acme.Administrator)
	p.Session.Method, p.Session.SecondFactor = people.ByRecovery, false
	w.Keep(p)
	ask := func(operation string) (*access.Caller, error) {
		return w.Gate.Identify(t.Context(), access.Request{Token: p.Token, Organization: acme.ID, Operation: operation})
	}
	const domains = "GET /v1/organizations/{org}/domains"
	for range 5 { // using it does not lengthen it, and it is fresh all the time, for what it reaches
		c, err := ask(domains)
		if err != nil || c.May(access.EditSettings) != nil || c.Fresh() != nil {
			t.Fatalf("%v", err)
		}
		if _, err := ask("POST /v1/organizations/{org}/api-keys"); slugOf(err) != "recovery-only" {
			t.Errorf("a key: %v", err)
		}
		if _, err := ask(""); slugOf(err) != "recovery-only" {
			t.Errorf("outside of the API: %v", err)
		}
		other, err := w.Gate.Identify(t.Context(), access.Request{Token: p.Token, Organization: stranger.ID, Operation: "POST /v1/organizations/{org}/api-keys"})
		if slugOf(err) != "not-found" {
			t.Errorf("of another tree: %+v %v", other, err)
		}
		if err := c.MayGive(acme.Administrator, acme.Administrator); slugOf(err) != "recovery-only" {
			t.Errorf("an administrator's role: %v", err)
		}
		if err := c.MayGive(acme.User, acme.Administrator); err != nil {
			t.Error(err)
		}
		w.Move(11 * time.Minute)
	}
	w.Move(5 * time.Minute)
	if _, err := ask(domains); slugOf(err) != "unauthenticated" {
		t.Errorf("after an hour: %v", err)
	}
}

// slugOf is the problem of an error, empty for none.
func slugOf(err error) string {
	if e := problem.As(err); e != nil {
		return e.Slug
	}
	return ""
}

func TestLOG11_WhatEndsTheUsersSessionsEndsTheOneForRecovery(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *accesstest.World, p *accesstest.Person){
		"the user": func(w *accesstest.World, p *accesstest.Person) {
			w.Change(p, func(_ *table.Tx, edit *table.Change) { people.EndSessions(edit, p.User) })
		},
		"the tree": func(w *accesstest.World, p *accesstest.Person) {
			w.Commit(func(tx *table.Tx) { tenant.Close(tx, p.Root, &tenant.Access{}, w.Clock(), w.Clock().Add(time.Hour)) })
		},
		"a restore": func(w *accesstest.World, _ *accesstest.Person) { w.Move(time.Second); w.Restore() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := accesstest.New(t)
			acme := w.Tree(tenant.Client)
			p := w.Person(acme.Administrator)
			p.Session.Method = people.ByRecovery
			w.Keep(p)
			end(w, p)
			if _, err := w.Gate.Identify(t.Context(), access.Request{Token: p.Token, Organization: acme.ID, Operation: "GET /v1/session"}); slugOf(err) != "unauthenticated" {
				t.Errorf("%v", err)
			}
		})
	}
}
