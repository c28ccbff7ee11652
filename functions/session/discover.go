package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// discover says how addresses of a domain sign in (LOG-1). It asks for the domain alone and for nobody's account: all addresses of
// a domain are answered alike, for the same calls.
func (d *door) discover(ctx context.Context, _ *access.Caller, in *addressed) (*discovery, error) {
	out := &discovery{}
	out.Body.Next, out.Body.Methods = "password", d.methods()
	c, err := d.leading(ctx, in.Body.Email)
	if err == nil && c != nil {
		out.Body.Next, out.Body.RedirectURL = "sso", c.SP.Login
	}
	return out, err
}

// leading is the connection that addresses of the domain sign in by, nil where they have none: a tree that is closed has no
// domains any more (GEN-6).
func (d *door) leading(ctx context.Context, address string) (*connection.Connection, error) {
	name := domainname.Of(address)
	if name == "" {
		return nil, nil
	}
	lead, err := connection.ByDomain(ctx, d.Table, name)
	if err != nil || lead.Connection == "" {
		return nil, err
	}
	var c connection.Connection
	var state tenant.Access
	err = d.Table.GetMany(ctx, table.Want(table.ConnectionKey(lead.Connection), &c), table.Want(table.AccessKey(lead.Root), &state))
	if err != nil || !c.SignsIn(name) || state.Closed() {
		return nil, err
	}
	return &c, nil
}
