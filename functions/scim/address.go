package main

import (
	"context"
	"errors"

	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file says who has a sign-in address that an IdP sends (SCI-8).

// vouch judges the address that shall be the sign-in address of somebody: whose it is in the tree, and whether the IdP's word counts for
// it (SCI-8).
func (d *door) vouch(ctx context.Context, idp *caller, address string) (v people.Vouched, owner people.Claim, err error) {
	var standing tenant.Standing
	if err := d.Table.GetMany(ctx, tenant.WantStanding(idp.Root, address, &standing), table.Want(table.AddressKey(idp.Root, address), &owner)); err != nil {
		return v, owner, err
	}
	v = people.Vouched{Address: address, Verified: standing.Verified}
	if !v.Verified && (!idp.Provisioning.Outsiders || standing.Closed()) {
		return v, owner, scim.Bad(scim.InvalidValue, "The domain %s of the sign-in address is not verified here. Verify it in the organization's settings, or have the connection accept outsiders.", domainname.Shown(domainname.Of(address)))
	}
	if v.Verified {
		v.Held, err = people.ReadHolder(ctx, d.Table, idp.Root, address)
	}
	return v, owner, err
}

// vacate judges the address as vouch does, once a leaver whom the IdP has given another address since has given it up: whoever comes
// after gets it, and is not refused for somebody who has another one at the IdP. user is who is to get it, empty for somebody
// new.
func (d *door) vacate(ctx context.Context, idp *caller, address, user string) (v people.Vouched, owner people.Claim, err error) {
	if v, owner, err = d.vouch(ctx, idp, address); err != nil || owner.User == user {
		return v, owner, err
	}
	leaver, err := d.find(ctx, idp, owner.User)
	if refused := new(scim.Error); errors.As(err, &refused) || err == nil && !leaver.moved() { // somebody else's
		return v, owner, nil
	}
	if err == nil {
		err = d.yield(ctx, idp, leaver)
	}
	if err != nil {
		return v, owner, err
	}
	return d.vouch(ctx, idp, address)
}

// moved tells whether the user left and has another address at the IdP, which is judged when the user comes back.
func (s *subject) moved() bool {
	address, err := addressOf(s.sent)
	return s.user.Status == people.Inactive && (err != nil || table.Fold(address) != table.Fold(s.user.Email))
}

// yield has a leaver give up the address, in a change of its own.
func (d *door) yield(ctx context.Context, idp *caller, leaver *subject) error {
	u, tx := &leaver.user, table.NewTx()
	event := d.event(ctx, idp, "user.edited", u)
	event.Before = recorded(u)
	edit := people.Edit(u, idp.actor(), d.Clock())
	people.Yield(tx, edit, u)
	tx.Update(edit)
	event.After = recorded(u)
	d.Trail.Write(tx, event)
	return d.Table.Commit(ctx, tx)
}

// lockedOut tells whom it concerns where no administrator can sign in any more with the address that the user gets, such as one whose domain
// leads to no IdP where email and password is off. The IdP's word holds (PER-5).
func (d *door) lockedOut(ctx context.Context, tx *table.Tx, idp *caller, u *people.User, address string) error {
	if u.Status != people.Active || !u.AdministersMain() {
		return nil
	}
	now, err := d.notice.Tree(ctx, u.Root)
	if err != nil {
		return err
	}
	then, err := now.Readdressed(ctx, d.Table, u.ID, address)
	if err != nil {
		return err
	}
	return d.notice.Change(ctx, tx, now, then, d.event(ctx, idp, "", u), lockout.NewAddress, mail.Data{Person: u.Display(), At: d.Clock()})
}

// home tells whether the user is an outsider whose domain was verified meanwhile.
func (d *door) home(ctx context.Context, u *people.User) (bool, error) {
	now := *u
	err := people.Outside(ctx, d.Table, &now)
	return u.Outsider && !now.Outsider, err
}

// readdress gives the user the address that follows from what was sent, where it is another one, and gives who holds it elsewhere.
func (d *door) readdress(ctx context.Context, tx *table.Tx, idp *caller, edit *table.Change, u *people.User, sent *scim.Resource) (*people.Holder, error) {
	address, err := addressOf(sent)
	if err != nil {
		return nil, err
	}
	same := table.Fold(address) == table.Fold(u.Email)
	if same && (u.Proved || u.Outsider && u.Status == people.Invited) {
		if home, err := d.home(ctx, u); err != nil || !home {
			return nil, err
		}
	}
	v, owner, err := d.vacate(ctx, idp, address, u.ID)
	if same && err == nil { // it proves the address now, whose domain may have been lost, or verified, since it was sent first
		people.TakeOver(edit, u, idp.ID, !v.Verified)
		return v.Held, nil
	}
	switch {
	case err != nil:
		return nil, err
	case owner.User != "" && owner.User != u.ID:
		return nil, scim.Bad(scim.Uniqueness, "Somebody else of the organization signs in with the address. Send another one, or change that one first.")
	case !v.Verified && u.Administrator():
		return nil, scim.Bad(scim.InvalidValue, "The user is an administrator, whose address has to be of a verified domain. Verify the domain of the new one first.")
	}
	return v.Held, d.rehouse(ctx, tx, idp, edit, u, v)
}

// rehouse gives the user the address, and tells those whom it concerns.
func (d *door) rehouse(ctx context.Context, tx *table.Tx, idp *caller, edit *table.Change, u *people.User, v people.Vouched) error {
	if u.Status == people.Active && u.Role != "" { // who has an account is told at the address that it had, as by a change of one's own (LOG-9)
		if err := people.Tell(ctx, d.Table, d.Outbox, tx, u, mail.AddressChanged, d.Clock()); err != nil {
			return err
		}
	}
	if err := d.lockedOut(ctx, tx, idp, u, v.Address); err != nil {
		return err
	}
	if people.Rehouse(tx, edit, u, v, d.Clock()); u.Proved {
		v.Held.Tell(tx, d.Trail, d.Outbox, u, d.Clock())
	}
	return nil
}
