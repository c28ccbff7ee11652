package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file is what follows when an IdP deactivates or deletes a user. Whoever leaves does so at once, also the last administrator.

// dismiss has the user not be able to sign in, whoever it is.
func (d *door) dismiss(ctx context.Context, tx *table.Tx, idp *caller, edit *table.Change, u *people.User) error {
	if u.Status == people.Inactive {
		return nil
	}
	leaver := *u
	administrators, err := d.administrators(ctx, idp)
	if err != nil {
		return err
	}
	return d.gone(ctx, tx, idp, &leaver, people.Dismiss(tx, edit, u, administrators, d.Clock()))
}

// mostMarked is how many work addresses of somebody who was deleted are remembered: the change by which that is done has bounds.
const mostMarked = 10

// marked is what tells at a sign-in that somebody was deleted, whom the connection creates no more (LOG-3): the address, the work
// addresses, and the IdP's own id.
func (s *subject) marked(idp *caller) map[table.Key]bool {
	work, keys := s.sent.WorkAddresses(), map[table.Key]bool{}
	for _, one := range append([]string{s.user.Email, s.sent.Text("externalId")}, work[:min(len(work), mostMarked)]...) {
		if one != "" {
			keys[table.ConnectionGoneKey(idp.ID, one)] = true
		}
	}
	return keys
}

// discharge has the change delete the user.
func (d *door) discharge(ctx context.Context, tx *table.Tx, idp *caller, s *subject) error {
	u := &s.user
	administrators, err := d.administrators(ctx, idp)
	if err != nil {
		return err
	}
	event := d.event(ctx, idp, "user.deleted", u)
	event.Before = recorded(u)
	d.Trail.Write(tx, event)
	tx.After(func(ctx context.Context) { d.watch(ctx, idp) })
	if err := directory.Withdraw(ctx, d.Table, tx, u, d.Clock()); err != nil {
		return err
	}
	leaver := *u
	for key := range s.marked(idp) {
		tx.Put(key, connection.Link{User: u.ID})
	}
	return d.gone(ctx, tx, idp, &leaver, people.Discharge(tx, u, administrators, d.Clock()))
}

// administrators are the active ones of the main organization.
func (d *door) administrators(ctx context.Context, idp *caller) ([]string, error) {
	var set tenant.Administrators
	_, err := d.Table.Get(ctx, table.AdministratorsKey(idp.Root), &set)
	return set.Users, err
}

// gone tells whom it concerns that somebody left: administrators of keys that end, and where nobody is left in the organization who
// administers it and can sign in the partner and the platform (PER-5). without says that nobody administers it any more.
func (d *door) gone(ctx context.Context, tx *table.Tx, idp *caller, leaver *people.User, without bool) error {
	if leaver.Status == people.Active {
		if err := leaver.TellOfKeys(ctx, d.Table, d.Outbox, tx); err != nil {
			return err
		}
	}
	by := d.event(ctx, idp, "", leaver)
	if without {
		return d.notice.Tell(ctx, tx, idp.Root, by, lockout.LastLeft, mail.Data{At: d.Clock()})
	}
	if leaver.Status != people.Active || !leaver.AdministersMain() {
		return nil
	}
	now, err := d.notice.Tree(ctx, idp.Root)
	if err != nil {
		return err
	}
	return d.notice.Change(ctx, tx, now, now.Without(leaver.ID), by, lockout.OthersLeft, mail.Data{Person: leaver.Display(), At: d.Clock()})
}
