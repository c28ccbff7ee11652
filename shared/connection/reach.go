package connection

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// MostHandovers is how many other connections can lose domains at once: each is told of.
const MostHandovers = 8

// Reach is how the domains of a connection stood when they were read, and which other connections they lead to. What is written
// by it is written only as long as they stand so.
type Reach struct {
	standings map[string]*tenant.Standing
	others    map[string]*Connection // active ones that domains lead to now, by id
}

// ReadReach reads the domains that the connection has, and those of names besides.
func ReadReach(ctx context.Context, t *table.Table, c *Connection, names ...string) (*Reach, error) {
	r := &Reach{standings: map[string]*tenant.Standing{}, others: map[string]*Connection{}}
	var wants []*table.Wanted
	for _, name := range slices.Concat(c.Domains, names) {
		if r.standings[name] == nil {
			r.standings[name] = &tenant.Standing{}
			wants = append(wants, table.Want(table.DomainNameKey(c.Root, name), r.standings[name]))
		}
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	return r, r.readOthers(ctx, t, c)
}

func (r *Reach) readOthers(ctx context.Context, t *table.Table, c *Connection) error {
	var wants []*table.Wanted
	for _, standing := range r.standings {
		if id := standing.Connection; id != "" && id != c.ID && r.others[id] == nil {
			r.others[id] = &Connection{}
			wants = append(wants, table.Want(table.ConnectionKey(id), r.others[id]))
		}
	}
	err := t.GetMany(ctx, wants...)
	maps.DeleteFunc(r.others, func(_ string, other *Connection) bool { return !other.Active })
	return err
}

// Registered tells whether the connection's organization has the domain registered, and whether it is verified.
func (r *Reach) Registered(c *Connection, name string) (registered, verified bool) {
	standing := r.standings[name]
	registered = standing != nil && standing.Domain != "" && standing.Organization == c.Organization
	return registered, registered && standing.Verified
}

// Verified are those of the names that are verified domains of the connection's organization.
func (r *Reach) Verified(c *Connection, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, verified := r.Registered(c, name)
		return !verified
	})
}

// Taken says which of the names lead to another active connection now, by that one.
func (r *Reach) Taken(c *Connection, names []string) map[*Connection][]string {
	taken := map[*Connection][]string{}
	for _, name := range r.Verified(c, names) {
		if other := r.leader(name); other != nil {
			taken[other] = append(taken[other], name)
		}
	}
	return taken
}

// LeadsTo is the id of the other active connection that the domain leads to now, empty for none.
func (r *Reach) LeadsTo(name string) string {
	if other := r.leader(name); other != nil {
		return other.ID
	}
	return ""
}

// leader is the other active connection that the domain leads to now, nil for none.
func (r *Reach) leader(name string) *Connection {
	if other := r.others[r.standings[name].Connection]; other != nil && other.SignsIn(name) {
		return other
	}
	return nil
}

// held is the condition that an attribute has the value, or is not there where that is empty.
func held(name, value string) expression.ConditionBuilder {
	if value == "" {
		return expression.Name(name).AttributeNotExists()
	}
	return expression.Name(name).Equal(expression.Value(value))
}

// lead has the change lead the domains of names to the connection, and none else. It gives those that lead there from now on;
// ended tells that sessions by some of them end.
func (r *Reach) lead(tx *table.Tx, c *Connection, names []string) (leads []string, ended bool) {
	leads = []string{}
	for _, name := range slices.Sorted(maps.Keys(r.standings)) {
		standing := r.standings[name]
		registered, verified := r.Registered(c, name)
		switch wanted := slices.Contains(names, name); {
		case wanted && registered:
			ended = r.gain(tx, c, name) || ended
			if verified {
				leads = append(leads, name)
			}
		case !wanted && standing.Connection == c.ID:
			ended = r.release(tx, c, name) || ended
		}
	}
	return leads, ended
}

// gain leads a domain of the organization to the connection. It tells whether it led elsewhere.
func (r *Reach) gain(tx *table.Tx, c *Connection, name string) (ended bool) {
	standing := r.standings[name]
	if ended = r.leader(name) != nil; standing.Connection != c.ID {
		edit := table.Touch(table.DomainNameKey(c.Root, name)).If(standing.Same(), table.ErrChanged).Set("connection", c.ID)
		if ended {
			edit.Add("epoch", 1)
		}
		tx.Update(edit)
	}
	if standing.Verified {
		tx.Update(table.Touch(table.DomainClaimKey(name)).If(held("domain", standing.Domain), table.ErrChanged).
			Set("connection", c.ID).Set("ssoRequired", c.SSORequired))
	}
	return ended
}

// release leads a domain that leads to the connection to none. It tells whether anybody could sign in by it.
func (r *Reach) release(tx *table.Tx, c *Connection, name string) (ended bool) {
	standing := r.standings[name]
	tx.Update(table.Touch(table.DomainNameKey(c.Root, name)).If(standing.Same(), table.ErrChanged).Remove("connection").Add("epoch", 1))
	if slices.Contains(c.Leads, name) {
		tx.Update(table.Touch(table.DomainClaimKey(name)).If(held("connection", c.ID), table.ErrChanged).Remove("connection", "ssoRequired"))
	}
	return true
}
