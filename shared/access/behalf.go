package access

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Behalf is on whose behalf work goes on after the request that began it. What it may do is asked again as it is done (PER-1).
type Behalf struct {
	Actor audit.Actor `dynamodbav:"actor" json:"actor"`
	Tree  string      `dynamodbav:"tree,omitempty" json:"tree,omitempty"` // the actor's own; empty: the one that the work is about
}

// Behalf is for work that the caller begins.
func (c *Caller) Behalf() Behalf { return Behalf{Actor: c.Actor, Tree: c.Root} }

// ForProduct is for what the product begins by itself.
func ForProduct(part string) Behalf { return Behalf{Actor: audit.System(part)} }

// Acting is who work is done for, as that one stands at the moment.
type Acting struct {
	caller  *Caller // nil: the product itself
	own     people.Role
	product bool
}

// Read reads how whoever it is stands to the tree root, in two round trips; the product itself in none. That the request was made with
// a second factor, and within minutes of a sign-in, was asked of the request.
func (b Behalf) Read(ctx context.Context, t *table.Table, root string, keyGrace time.Duration, now time.Time) (*Acting, error) {
	if b.Actor.Type != audit.ByUser && b.Actor.Type != audit.ByKey {
		return &Acting{product: true}, nil
	}
	c := &Caller{Actor: b.Actor, Root: b.Tree, Organization: &tenant.Organization{}, Relation: Stranger, now: now}
	if c.Root == "" {
		c.Root = root
	}
	wants := []*table.Wanted{table.Want(table.AccessKey(c.Root), &c.Access), table.Want(table.OrganizationKey(root), c.Organization), table.Want(restore.Key(c.Root), &c.Restored)}
	if b.Actor.Type == audit.ByKey {
		c.Key = &people.APIKey{}
		wants = append(wants, table.Want(table.KeyKey(c.Root, b.Actor.ID), c.Key))
	} else {
		c.User = &people.User{}
		wants = append(wants, table.Want(table.UserKey(c.Root, b.Actor.ID), c.User))
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	a := &Acting{caller: c}
	var left people.Departure
	rest := []*table.Wanted{table.Want(c.RoleKey(), &a.own)}
	if c.Key != nil {
		rest = append(rest, table.Want(table.DepartureKey(c.Key.Maker), &left))
	}
	if err := t.GetMany(ctx, rest...); err != nil {
		return nil, err
	}
	if c.stillActs(&left, keyGrace) && a.own.ID != "" {
		c.Main = c.Organization
		c.Relation = relate(c, c.Organization)
	}
	return a, nil
}

// stillActs tells whether the caller is somebody, and says where: an active person, or a key that holds.
func (c *Caller) stillActs(left *people.Departure, keyGrace time.Duration) bool {
	if c.Access.Closed() || c.Access.Suspended || c.Organization.ID == "" {
		return false
	}
	if c.Key == nil {
		c.Home, c.Portal = c.User.Organization, c.User.Portal
		return c.User.Status == people.Active
	}
	c.Home, c.Portal = c.Key.Organization, c.Key.Portal
	return c.Key.ID != "" && !c.Key.Ended(c.now) && !c.Key.Held(c.Restored) && grants(c.Organization, c.Key) && !left.EndsKeys(keyGrace, c.now)
}

// May tells whether the one may have such work done there still.
func (a *Acting) May(right Right) bool {
	return a.product || Allows(a.caller.Relation, right)
}

// MayGive tells whether the one may give the role, as Caller.MayGive does (PER-2).
func (a *Acting) MayGive(role *people.Role) bool {
	return a.product || a.caller.has(role, &a.own)
}

// MayTouch tells whether the one may change somebody who has the role, as Caller.MayTouch does.
func (a *Acting) MayTouch(role *people.Role) bool {
	return a.product || role.Within(&a.own)
}
