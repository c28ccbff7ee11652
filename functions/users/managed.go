package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
)

// This file is what people cannot edit of whom an IdP brought.

// managed refuses what the IdP of a connection decides for its users (USR-2): all but the role, which mapped is for.
func managed(u *people.User, from, to state) error {
	to.role, to.organization = from.role, from.organization
	if u.Connection == "" || from == to {
		return nil
	}
	return people.ManagedBySCIM()
}

// mapped refuses another role for a user to whom a mapped group gives one (USR-2).
func (f *users) mapped(ctx context.Context, u *people.User, from, to state) error {
	if to.role == from.role && to.organization == from.organization || len(u.Groups) == 0 {
		return nil
	}
	by, err := f.groups(ctx, u)
	if err != nil || by.resolution.By == nil {
		return err
	}
	group, _, err := directory.Read(ctx, f.Table, directory.OfGroup, u.Connection, by.resolution.By.Group)
	if err != nil {
		return err
	}
	return problem.New(problem.Conflict, "managed-by-scim", "The group %q of the identity provider gives %s the role. Map the group to another role, or take the person out of it there.", group.Name, u.Name)
}

// inside refuses an outsider an administrator's role (SCI-8).
func (f *users) inside(ctx context.Context, u *people.User, from, to state, w *weighed) error {
	if to.role == from.role || w.given.Portal != people.AdministratorAccess {
		return nil
	}
	err := people.Outside(ctx, f.Table, u)
	if err == nil && u.Outsider {
		err = people.OutsiderBarred()
	}
	return err
}
