package access

import (
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
)

// This file is what a session for recovery reaches (LOG-11): what gets an organization's people in again, and nothing else. The
// rights are those of its user there; all that is not named here is refused, also what a later feature adds.

const organization = "/v1/organizations/{org}"

// recoverable are the areas: all that stands under one of them, but for unrecoverable.
var recoverable = []string{organization + "/authentication", organization + "/domains", organization + "/sso-connections", organization + "/users"}

// unrecoverable is what lasts longer than the session, and opens more: a directory, and the tokens by which it writes here.
var unrecoverable = []string{organization + "/sso-connections/{connection}/scim"}

// besides are the single operations that go along with the areas: who one is, signing out, and what a page needs to show them.
var besides = []string{"GET /v1/session", "DELETE /v1/session", "GET " + organization, "GET " + organization + "/suborganizations",
	"GET " + organization + "/roles", "GET " + organization + "/roles/{role}", "GET " + organization + "/jobs/{job}"}

// Recoverable tells whether a session for recovery reaches the operation, named as METHOD /path/{parameter}.
func Recoverable(operation string) bool {
	_, path, _ := strings.Cut(operation, " ")
	under := func(area string) bool { return path == area || strings.HasPrefix(path, area+"/") }
	return slices.Contains(besides, operation) || slices.ContainsFunc(recoverable, under) && !slices.ContainsFunc(unrecoverable, under)
}

// Recovering tells whether the caller came in by a link for recovery.
func (c *Caller) Recovering() bool { return c.Session != nil && c.Session.Method == people.ByRecovery }

// reaches refuses what a session for recovery is not for. What is of another tree does not exist for it either.
func (c *Caller) reaches(operation string) error {
	switch {
	case !c.Recovering() || Recoverable(operation):
		return nil
	case c.Relation == Stranger:
		return problem.Missing()
	}
	return recoveryOnly()
}

func recoveryOnly() error {
	return problem.New(problem.Forbidden, "recovery-only", "This session is for recovery: it reaches Authentication, Domains, SSO and Users, for an hour, and gives nobody an administrator's role. Sign in for everything else.")
}
