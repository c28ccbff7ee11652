package main

import (
	"context"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// remove answers DELETE /v1/organizations/{org}/users/{user}.
func (f *users) remove(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	u, _, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := f.somebodyStays(ctx, c, tx, u); err != nil {
		return nil, err
	}
	event := c.Event("user.deleted", "user", u.ID)
	event.Before = u.Recorded()
	people.Remove(tx, u, f.Clock())
	f.Trail.Write(tx, event)
	return nil, f.tellOfKeys(ctx, tx, u)
}

// somebodyStays refuses to let an administrator of the main organization go where none would be left who could sign in (PER-5). That
// the last one stays at all is with package people.
func (f *users) somebodyStays(ctx context.Context, c *access.Caller, tx *table.Tx, u *people.User) error {
	if u.Status != people.Active || !u.AdministersMain() {
		return nil
	}
	var state tenant.Access
	if _, err := f.Table.Get(ctx, table.AccessKey(u.Root), &state); err != nil {
		return err
	}
	all, err := lockout.Read(ctx, f.Table, u.Root, &state, c.Restored, f.Config.Social())
	if err != nil {
		return err
	}
	return lockout.Keep(tx, lockout.Without(all, u.ID), &state)
}

// leaving is a key of somebody who leaves, with its organization.
type leaving struct {
	key          people.APIKey
	organization tenant.Organization
}

// tellOfKeys tells the administrators of each tree, once for each organization there, which keys will end because the user
// who made them has left (LOG-7). That they end is the departure marker's doing.
func (f *users) tellOfKeys(ctx context.Context, tx *table.Tx, u *people.User) error {
	made, err := table.All[people.Made](ctx, f.Table, people.MadeBy(u.ID))
	if err != nil {
		return err
	}
	keys := make([]leaving, len(made))
	var wants []*table.Wanted
	for i, m := range made {
		wants = append(wants, table.Want(table.KeyKey(m.Root, m.Key), &keys[i].key), table.Want(table.OrganizationKey(m.Organization), &keys[i].organization))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	f.tell(tx, u, keys)
	return nil
}

// tell posts a letter for each organization that has keys of the user which have not ended.
func (f *users) tell(tx *table.Tx, u *people.User, keys []leaving) {
	now := f.Clock()
	names, order := map[string][]string{}, []tenant.Organization{}
	for _, l := range keys {
		if l.key.ID == "" || l.key.Ended(now) {
			continue
		}
		if names[l.organization.ID] == nil {
			order = append(order, l.organization)
		}
		names[l.organization.ID] = append(names[l.organization.ID], l.key.Name)
	}
	for _, o := range order {
		slices.Sort(names[o.ID])
		f.Outbox.Post(tx, mail.Letter{Kind: mail.KeyEnds, Administrators: o.Root, Data: mail.Data{Organization: o.Name,
			Key: strings.Join(names[o.ID], ", "), Person: u.Display(), At: now, ExpiresAt: now.Add(f.Config.KeyGrace)}})
	}
}
