package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// caller is the IdP of a connection that has shown one of its tokens.
type caller struct {
	*connection.Connection
	token string // its id
	base  string // of all URLs
	state tenant.Access
}

// actor is how the audit names it.
func (c *caller) actor() audit.Actor { return audit.Actor{Type: audit.BySCIM, ID: c.ID} }

// admit lets in whoever has a token of the connection in the path. Whatever is wrong with it gets one answer.
func (d *door) admit(ctx context.Context, r *http.Request) (*caller, error) {
	named := r.PathValue("connection")
	if !id.Valid(id.Connection, named) {
		return nil, unauthorized()
	}
	if err := d.rates.Visitor(ctx, httpapi.CallOf(ctx).Address, "", 0); err != nil {
		return nil, err
	}
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	parts, hash, err := secret.Parse(secret.SCIM, strings.TrimSpace(token))
	if !strings.EqualFold(kind, "bearer") || err != nil || len(parts) != 1 || parts[0] != named {
		return nil, unauthorized()
	}
	c := &caller{Connection: &connection.Connection{}}
	if found, err := d.Table.Get(ctx, table.ConnectionKey(named), c.Connection); err != nil || !found {
		return nil, orUnauthorized(err)
	}
	shown := c.Token(hash, d.Clock())
	if shown == nil {
		return nil, unauthorized()
	}
	if found, err := d.Table.Get(ctx, table.AccessKey(c.Root), &c.state); err != nil || !found || c.state.Closed() {
		return nil, orUnauthorized(err)
	}
	if err := d.rates.Within(ctx, "connection/"+named, connectionPerMinute); err != nil { // only whoever has a token can use it up
		return nil, err
	}
	c.token, c.base = shown.ID, c.Provisioning.Endpoint
	if c.TokenUseDue(shown.ID, d.Clock()) {
		if _, err := d.Table.Apply(ctx, c.UseToken(shown.ID, httpapi.CallOf(ctx).Address, d.Clock())); err != nil {
			d.Log.WarnContext(ctx, "the use of a token was not noted", "connection", c.ID, "error", err) // the next call does
		}
	}
	if c.state.Suspended { // GEN-5: it stands in the log
		return c, tenant.Suspended()
	}
	return c, nil
}

func unauthorized() error {
	return scim.Refused(http.StatusUnauthorized, "The token is not one of this connection's that is valid. Make one in the connection's SCIM settings, and enter it at the identity provider with the base URL shown there.")
}

func orUnauthorized(err error) error {
	if err != nil {
		return err
	}
	return unauthorized()
}
