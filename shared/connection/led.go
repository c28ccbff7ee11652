package connection

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Led is the connection that a domain leads to, or will lead to as soon as it is verified, as it was read. The zero Led is none.
type Led struct {
	to      *Connection
	pointer string // what the domain's name says of it
}

// Follow reads which connection the domain of the tree leads to.
func Follow(ctx context.Context, t *table.Table, root, name string) (Led, error) {
	var standing tenant.Standing
	if _, err := t.Get(ctx, table.DomainNameKey(root, name), &standing); err != nil {
		return Led{}, err
	}
	return From(ctx, t, &standing)
}

// From reads which connection a domain leads to of whose name this is known.
func From(ctx context.Context, t *table.Table, standing *tenant.Standing) (Led, error) {
	if standing.Connection == "" {
		return Led{}, nil
	}
	led := Led{to: &Connection{}, pointer: standing.Connection}
	_, err := t.Get(ctx, table.ConnectionKey(standing.Connection), led.to)
	return led, err
}

// Connection is the one that is active, nil where there is none.
func (l Led) Connection() *Connection {
	if l.to == nil || !l.to.Active {
		return nil
	}
	return l.to
}

// Same has a change of what the tree knows of the domain's name fail with table.ErrChanged where it leads elsewhere by now.
func (l Led) Same(edit *table.Change) *table.Change {
	return edit.If(held("connection", l.pointer), table.ErrChanged)
}

// Pointed tells whether the domain's name says where it leads, which is to be kept for when it is verified again.
func (l Led) Pointed() bool { return l.pointer != "" }

// Gain has the connection lead by the domain of the organization, which has just been verified, and gives what its claim says
// from now on; empty where the connection is not active, or does not want it. The change fails with table.ErrChanged where that is otherwise
// by now.
func (r *Registry) Gain(tx *table.Tx, l Led, org, name string, act Act) (connection string, ssoRequired bool) {
	c := l.Connection()
	if c == nil || c.Organization != org || !slices.Contains(c.Domains, name) || len(c.Leads) >= MostDomains {
		if l.to != nil && l.to.ID != "" {
			tx.Require(l.to.Key(), heldVersion(l.to.Version), table.ErrChanged)
		}
		return "", false
	}
	c.Leads = append(slices.Clone(c.Leads), name)
	tx.Update(c.edit(act).Set("leads", c.Leads))
	return c.ID, c.SSORequired
}

// Lose has the connection go on without the domain, which is not verified any more, or not at all where it was the last one
// (DOM-6). The domain's claim and epochs are the caller's.
func (r *Registry) Lose(tx *table.Tx, l Led, name string, act Act) {
	if c := l.Connection(); c != nil && slices.Contains(c.Leads, name) {
		r.lose(tx, c, []string{name}, LeftAlone, nil, act)
	}
}
