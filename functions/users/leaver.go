package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// remove answers DELETE /v1/organizations/{org}/users/{user}.
func (f *users) remove(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	u, _, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if u.Connection != "" {
		return nil, people.ManagedBySCIM()
	}
	if err := f.somebodyStays(ctx, c, tx, u); err != nil {
		return nil, err
	}
	event := c.Event("user.deleted", "user", u.ID)
	event.Before = u.Recorded()
	leaves := u.Status == people.Active // and was told of already otherwise
	people.Remove(tx, u, f.Clock())
	f.Trail.Write(tx, event)
	if !leaves {
		return nil, nil
	}
	return nil, u.TellOfKeys(ctx, f.Table, f.Outbox, tx)
}

// somebodyStays refuses to let an administrator of the main organization go where none would be left who could sign in (PER-5). That
// the last one stays at all is with package people.
func (f *users) somebodyStays(ctx context.Context, c *access.Caller, tx *table.Tx, u *people.User) error {
	if u.Status != people.Active || !u.AdministersMain() {
		return nil
	}
	now, err := lockout.Read(ctx, f.Table, u.Root, c.Restored, f.Config.Social(), f.Clock())
	if err != nil {
		return err
	}
	return now.Without(u.ID).Keep(tx)
}
