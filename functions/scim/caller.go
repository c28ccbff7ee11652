package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/restore"
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

// admit lets in whoever has a token of the connection in the path. Whatever is wrong with it gets one answer, and counts against the
// address: not what comes with a token, since the addresses of an IdP in the cloud are those of many organizations.
func (d *door) admit(ctx context.Context, r *http.Request) (*caller, error) {
	named := r.PathValue("connection")
	c, shown, err := d.identify(ctx, named, r.Header.Get("Authorization"))
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		if err := d.rates.Within(ctx, "scim-refused/"+access.Network(httpapi.CallOf(ctx).Address), refusedPerMinute); err != nil {
			return nil, err
		}
		return nil, unauthorized()
	}
	c.token, c.base = shown.ID, c.Provisioning.Endpoint
	if err := d.count(ctx, c); err != nil {
		if d.networks.due("over its limit "+c.ID, d.Clock()) {
			return c, err // a line now and then: one for each would be a flood too
		}
		return nil, err
	}
	var restored restore.Mark
	tree := table.Want(table.AccessKey(c.Root), &c.state)
	if err := d.Table.GetMany(ctx, tree, table.Want(restore.Key(c.Root), &restored)); err != nil || !tree.Found || c.state.Closed() {
		return nil, orUnauthorized(err)
	}
	d.note(ctx, c)
	switch { // it stands in the log
	case c.state.Suspended: // GEN-5
		return c, tenant.Suspended()
	case shown.Held(restored): // INS-6
		return c, scim.Refused(http.StatusUnauthorized, "The installation was restored from a backup. The token works again when an administrator of the organization has confirmed it in the connection's SCIM settings.")
	}
	return c, nil
}

// identify gives the connection and which of its tokens was shown, none where it was none of them.
func (d *door) identify(ctx context.Context, named, authorization string) (*caller, *connection.Token, error) {
	kind, token, _ := strings.Cut(authorization, " ")
	parts, hash, err := secret.Parse(secret.SCIM, strings.TrimSpace(token))
	if !id.Valid(id.Connection, named) || !strings.EqualFold(kind, "bearer") || err != nil || len(parts) != 1 || parts[0] != named {
		return nil, nil, nil
	}
	c := &caller{Connection: &connection.Connection{}}
	if found, err := d.Table.Get(ctx, table.ConnectionKey(named), c.Connection); err != nil || !found {
		return nil, nil, err
	}
	if shown := c.Token(hash, d.Clock()); shown != nil {
		return c, shown, nil
	}
	return nil, nil, nil
}

// count counts a call of the connection, or an operation in one. It is another limit than that of sign-ins, which anybody uses up who
// follows a link.
func (d *door) count(ctx context.Context, c *caller) error {
	return d.rates.Within(ctx, "scim/"+c.ID, connectionPerMinute)
}

// note writes down the use of the token: the last one, and those of each network and day.
func (d *door) note(ctx context.Context, c *caller) {
	from, now := httpapi.CallOf(ctx).Address, d.Clock()
	var uses []*table.Change
	if c.TokenUseDue(c.token, now) {
		uses = append(uses, c.UseToken(c.token, from, now))
	}
	if network := connection.NetworkOf(from); d.networks.due(c.token+" "+network, now) {
		uses = append(uses, connection.UseNetwork(c.ID, c.token, network, now))
	}
	for _, use := range uses {
		if _, err := d.Table.Apply(ctx, use); err != nil {
			d.Log.WarnContext(ctx, "the use of a token was not noted", "connection", c.ID, "error", err) // a later call does
		}
	}
}

// noted is what this process noted lately, so that it does not for every call.
type noted struct {
	sync.Mutex
	at map[string]time.Time
}

const (
	noteEvery = 5 * time.Minute
	mostNoted = 1_000
)

// due tells whether something is to be noted, and takes it for noted then.
func (n *noted) due(what string, now time.Time) bool {
	n.Lock()
	defer n.Unlock()
	if last, known := n.at[what]; known && now.Sub(last) < noteEvery && last.UTC().Day() == now.UTC().Day() {
		return false
	}
	if n.at == nil || len(n.at) >= mostNoted {
		n.at = map[string]time.Time{}
	}
	n.at[what] = now
	return true
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
