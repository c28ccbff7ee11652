package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// find reads a user of the tree: Missing where the tree has none of that id, Forbidden where the caller administers only
// another part of it.
func (f *users) find(ctx context.Context, c *access.Caller, user string) (*people.User, error) {
	u, err := people.ReadUser(ctx, f.Table, c.Organization.Root, user)
	if err != nil {
		return nil, err
	}
	return u, c.Reach(u.Organization)
}

// choice is a role that somebody shall get, and where; invites is the address that shall get a link, empty where none shall.
type choice struct{ organization, role, invites string }

// weighed is what it takes to decide on a change of a user.
type weighed struct {
	own, present, given people.Role // the caller's role; the user's; the chosen one
	organization        tenant.Organization
	domain              tenant.Standing // of the address that is invited
}

// weigh reads, in one round trip, what decides whether the caller may touch the user u (nil for a new one) and give the chosen
// role (none where its id is empty), and decides it. A role that does not exist is empty: it is within none, and none is
// within it.
func (f *users) weigh(ctx context.Context, c *access.Caller, u *people.User, chosen choice) (*weighed, error) {
	w := &weighed{}
	wants := []*table.Wanted{table.Want(c.RoleKey(), &w.own), table.Want(tenant.KeyOf(chosen.organization), &w.organization),
		tenant.WantStanding(c.Organization.Root, chosen.invites, &w.domain)}
	if u != nil && u.Role != "" {
		wants = append(wants, table.Want(table.RoleKey(u.Organization, u.Role), &w.present))
	}
	if id.Valid(id.Role, chosen.role) {
		wants = append(wants, table.Want(table.RoleKey(chosen.organization, chosen.role), &w.given))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	if u != nil {
		if err := c.MayTouch(u, &w.present, &w.own); err != nil {
			return nil, err
		}
	}
	if chosen.role == "" {
		return w, nil
	}
	return w, w.judge(c, chosen)
}

// judge decides whether the caller may give the chosen role. What is of another tree answers like what does not exist (PER-4).
func (w *weighed) judge(c *access.Caller, chosen choice) error {
	if w.organization.Root != c.Organization.Root {
		return problem.Invalid("body.organizationId", "is not an organization of this tree", chosen.organization)
	}
	if err := c.Reach(w.organization.ID); err != nil {
		return err
	}
	if w.given.ID == "" {
		return problem.Invalid("body.roleId", "is not a role of this organization", chosen.role)
	}
	return c.MayGive(&w.given, &w.own)
}
