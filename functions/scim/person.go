package main

import (
	"cmp"
	"context"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file says what follows from what an IdP sends of a user: who it is here, and whether that one may sign in.

func nameTaken() error {
	return scim.Bad(scim.Uniqueness, "Another user of this connection has the userName. Ask for it by userName, and change that one.")
}

// taken has a refusal of package people speak of what the IdP sent.
func taken(err error) error {
	if e := problem.As(err); e != nil && e.Slug == "address-in-use" {
		return scim.Bad(scim.Uniqueness, "Somebody else signs in with the address of this user. Have that one change it, or send another one.")
	}
	return err
}

// arrive makes somebody of the tree of what was sent: somebody new, or who is there already with that address.
func (d *door) arrive(ctx context.Context, tx *table.Tx, idp *caller, sent *scim.Resource) (*people.User, error) {
	address, err := addressOf(sent)
	if err != nil {
		return nil, err
	}
	v, owner, err := d.vacate(ctx, idp, address, "")
	if err != nil {
		return nil, err
	}
	if owner.User != "" {
		return d.takeOver(ctx, tx, idp, sent, v, owner)
	}
	u := people.Provision(tx, newID(ctx, id.User), idp.Root, idp.ID, personOf(sent, address), v, sent.Active(), idp.actor(), d.Clock())
	v.Held.Tell(tx, d.Trail, d.Outbox, u, d.Clock())
	event := d.event(ctx, idp, "user.created", u)
	event.After = recorded(u)
	d.Trail.Write(tx, event)
	return u, nil
}

// takeOver has the connection manage somebody of the tree who has the address (SCI-8): of a verified domain only, since whoever has
// a token could lay hands on anybody otherwise.
func (d *door) takeOver(ctx context.Context, tx *table.Tx, idp *caller, sent *scim.Resource, v people.Vouched, owner people.Claim) (*people.User, error) {
	u, err := people.ReadUser(ctx, d.Table, idp.Root, owner.User)
	if err != nil {
		return nil, err
	}
	switch {
	case u.Connection == idp.ID:
		return nil, scim.Bad(scim.Uniqueness, "Another user of this connection signs in with the address. Ask for it by email, and change that one.")
	case u.Connection != "":
		return nil, scim.Bad(scim.Uniqueness, "Another connection of the organization provisions the user with the address. Remove the user there first.")
	case !v.Verified:
		return nil, scim.Bad(scim.Uniqueness, "Somebody of the organization signs in with the address, whose domain is not verified here. Verify it to have the user taken over.")
	}
	if err := d.keepBreakGlass(ctx, tx, u); err != nil {
		return nil, err
	}
	event := d.event(ctx, idp, "user.taken-over", u)
	event.Before = recorded(u)
	edit, before := people.Edit(u, idp.actor(), d.Clock()), u.Status
	people.TakeOver(edit, u, idp.ID, false)
	d.describe(edit, u, personOf(sent, u.Email))
	if err := d.settle(ctx, tx, idp, edit, u, sent.Active(), v.Held); err != nil {
		return nil, err
	}
	if before == people.Inactive && u.Status != before {
		if err := d.returned(ctx, tx, idp, u, u.Administrator()); err != nil {
			return nil, err
		}
	}
	tx.Update(edit)
	event.After = recorded(u)
	d.Trail.Write(tx, event)
	return u, nil
}

// keepBreakGlass refuses to take over a break-glass administrator, who is there for when the IdP is wrong, or away.
func (d *door) keepBreakGlass(ctx context.Context, tx *table.Tx, u *people.User) error {
	if !u.AdministersMain() {
		return nil
	}
	var state tenant.Access
	if _, err := d.Table.Get(ctx, table.AccessKey(u.Root), &state); err != nil {
		return err
	}
	if u.BreaksGlass(&state) {
		return scim.Bad(scim.Uniqueness, "The user with the address is a break-glass administrator of the organization, whom no IdP manages. Leave this person out of what is provisioned, or name another one in the organization's Authentication settings.")
	}
	tenant.HoldPolicy(tx, u.Root, &state)
	return nil
}

// follow has the user be what was sent now.
func (d *door) follow(ctx context.Context, tx *table.Tx, idp *caller, s *subject, changes *scim.Changes) error {
	u, outsider := &s.user, s.user.Outsider
	event := d.event(ctx, idp, "user.edited", u)
	event.Before = recorded(u)
	edit := people.Edit(u, idp.actor(), d.Clock())
	var held *people.Holder
	active := changes.After.Active()
	if active && (u.Status != people.Active || changes.Touches("userName") || changes.Touches("emails") || u.Outsider) { // who leaves does so whatever else was sent
		var err error
		if held, err = d.readdress(ctx, tx, idp, edit, u, changes.After); err != nil {
			return err
		}
	}
	d.describe(edit, u, personOf(changes.After, u.Email))
	before, administrator := u.Status, u.Administrator()
	if err := d.place(ctx, tx, idp, edit, s, active, outsider, held); err != nil {
		return err
	}
	if u.Status != before && u.Status == people.Inactive {
		event.Action = "user.deactivated"
	} else if before == people.Inactive && u.Status != before {
		event.Action = "user.activated"
		if err := d.returned(ctx, tx, idp, u, administrator); err != nil {
			return err
		}
	}
	tx.Update(edit)
	event.After = recorded(u)
	d.Trail.Write(tx, event)
	return nil
}

// returned tells all administrators where somebody who is one already comes back (PER-7). Whom a group makes one meanwhile is told of
// with that.
func (d *door) returned(ctx context.Context, tx *table.Tx, idp *caller, u *people.User, administrator bool) error {
	if !administrator || !u.Administrator() {
		return nil
	}
	of, err := tenant.Read(ctx, d.Table, u.Organization)
	if err == nil {
		u.TellOfAdministrator(d.Outbox, tx, of.Name, idp.Name+" (SCIM)", d.Clock())
	}
	return err
}

// place has the user be able to sign in or not, with the role that the groups give: before whoever comes back is let in, after whoever
// leaves is kept out, and when the user has become an outsider or is one no more.
func (d *door) place(ctx context.Context, tx *table.Tx, idp *caller, edit *table.Change, s *subject, active, outsider bool, held *people.Holder) (err error) {
	u := &s.user
	if active && u.Status == people.Inactive || u.Outsider != outsider {
		if s.mappings, err = d.regroup(ctx, tx, edit, u); err != nil {
			return err
		}
	}
	before := u.Status
	if err := d.settle(ctx, tx, idp, edit, u, active, held); err != nil {
		return err
	}
	if u.Status == people.Inactive && before != u.Status {
		s.mappings, err = d.regroup(ctx, tx, edit, u)
	}
	return err
}

// regroup gives the user what follows from the groups, and the mappings by which it did, nil where there are no groups.
func (d *door) regroup(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User) (*directory.Mappings, error) {
	if len(u.Groups) == 0 && u.RoleGroup == "" && len(u.Conflicts) == 0 {
		return nil, nil
	}
	mappings, err := directory.ReadMappings(ctx, d.Table, u.Root)
	if err == nil {
		_, err = d.settler.Settle(ctx, tx, edit, u, mappings)
	}
	return mappings, err
}

// describe writes what is shown of the user.
func (d *door) describe(edit *table.Change, u *people.User, p people.Person) {
	if p.Name != u.Name {
		people.Rename(edit, u, p.Name)
	}
	if p.Department != u.Department {
		u.Department = p.Department
		edit.Set("department", u.Department)
	}
	if p.Language != "" && p.Language != u.Language {
		u.Language = p.Language
		edit.Set("language", u.Language)
	}
}

// settle has the user be able to sign in or not. Whoever leaves does so at once, also the last administrator (PER-5, SCI-7).
func (d *door) settle(ctx context.Context, tx *table.Tx, idp *caller, edit *table.Change, u *people.User, active bool, held *people.Holder) error {
	switch {
	case active:
		if proved := u.Proved; u.Status != people.Active {
			people.Admit(tx, edit, u, held, d.Clock())
			if !proved && u.Proved {
				held.Tell(tx, d.Trail, d.Outbox, u, d.Clock())
			}
		}
		return nil
	case u.Status == people.Inactive:
		return nil
	}
	tx.After(func(ctx context.Context) { d.watch(ctx, idp) })
	return d.dismiss(ctx, tx, idp, edit, u)
}

func (d *door) event(ctx context.Context, idp *caller, action string, u *people.User) audit.Event {
	call := httpapi.CallOf(ctx)
	return audit.Event{Action: action, Root: u.Root, Organization: cmp.Or(u.Organization, u.Root), Actor: idp.actor(), Target: audit.Target{Type: "user", ID: u.ID},
		Address: call.Address, Request: call.ID}
}

func recorded(u *people.User) map[string]any {
	all := u.Recorded()
	all["connection"], all["outsider"] = u.Connection, u.Outsider
	return all
}
