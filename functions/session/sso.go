package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is what "SSO required" means for the other ways in (SSO-9). It is decided by the domain of an address, which discovery
// tells anyway, so that nothing tells of an account: whoever is refused at such a domain is refused in the same words.

// wantLead asks for where the domain of an address signs in, along with the account.
func (a *account) wantLead(address string) *table.Wanted {
	return connection.WantLead(domainname.Of(address), &a.lead)
}

// readLead reads it for an account whose address is known by now.
func (d *door) readLead(ctx context.Context, a *account) error {
	return d.Table.GetMany(ctx, a.wantLead(a.user.Email))
}

// required tells whether the account has no other way in than by its domain's connection. Break-glass administrators keep email
// and password.
func (a *account) required() bool {
	return a.lead.Requires(a.root, a.user.Organization) && !a.user.BreaksGlass(&a.access)
}

// wrong is what is said of a wrong password, and of a right one that counts for nothing.
func (a *account) wrong() error {
	if a.lead.Connection != "" && a.lead.SSORequired {
		return ssoRequired()
	}
	return problem.New(problem.Unauthenticated, "wrong-credentials", "The address or the password is wrong.")
}

func ssoRequired() error {
	return problem.New(problem.Forbidden, "sso-required", "Addresses of this domain sign in by their organization's sign-in service: continue with the address.")
}
