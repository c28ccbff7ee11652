package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Shown is a key that is there.
type Shown struct{ Body APIKey }

// confirm answers POST /v1/organizations/{org}/api-keys/{key}/confirm: a key that a restore holds works again (INS-6). It is as
// if the key was made once more, so it takes what making it takes. A key that is not held stays as it is.
func (k *keys) confirm(ctx context.Context, c *access.Caller, in *AboutKey, tx *table.Tx) (*Shown, error) {
	key, err := k.find(ctx, c, in.Key)
	if err != nil {
		return nil, err
	}
	own, its, err := k.roles(ctx, c, key)
	if err != nil {
		return nil, err
	}
	if err := c.MayGive(its, own); err != nil {
		return nil, err
	}
	if key.Held(c.Restored) {
		k.release(tx, c, key)
	}
	views, err := k.views(ctx, c, []people.APIKey{*key})
	if err != nil {
		return nil, err
	}
	return &Shown{views[0]}, nil
}

// release lets the key go on, and tells all administrators (PER-7).
func (k *keys) release(tx *table.Tx, c *access.Caller, key *people.APIKey) {
	now := k.Clock()
	key.ConfirmedAt = clock.Format(now)
	tx.Update(table.Edit(key.Key(), key.Version).Set("confirmedAt", key.ConfirmedAt).Set("updatedAt", key.ConfirmedAt).Set("updatedBy", c.Actor))
	k.Outbox.Post(tx, mail.Letter{Kind: mail.KeyConfirmed, Administrators: key.Root, Data: mail.Data{Organization: c.Organization.Name,
		Key: key.Name, By: c.Display(), At: now}})
	event := c.Event("key.confirmed", "key", key.ID)
	event.After = recorded(key)
	k.Trail.Write(tx, event)
}

// roles are the caller's own and the key's.
func (k *keys) roles(ctx context.Context, c *access.Caller, key *people.APIKey) (own, its *people.Role, err error) {
	own, its = &people.Role{}, &people.Role{}
	err = k.Table.GetMany(ctx, table.Want(c.RoleKey(), own), table.Want(table.RoleKey(key.Organization, key.Role), its))
	return own, its, err
}
