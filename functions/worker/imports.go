package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/intake"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// imports invite the people of a file that was checked (USR-1).
type imports struct{ *start.Services }

// importPage is how many are invited in one transaction. Of each it writes the user, the address, the mail, the event, a mail to the
// administrators of whoever becomes one, and, where all differ, a count of the domain and one of the role.
const importPage = 12

// importAt is where a job stands: its checkpoint.
type importAt struct {
	At      int            `json:"at"` // how many lines are done
	Outcome intake.Outcome `json:"outcome"`
}

// importing is a page of a job with all that is read for it.
type importing struct {
	*job.Page
	inviter
	people        []intake.Person
	name          string // of who invites, in mails
	claims        []people.Claim
	domains       []tenant.Standing
	roles         []people.Role
	organizations []tenant.Organization
}

// inviter is who invites, as that one stands now.
type inviter struct {
	by       intake.Authority
	user     people.User
	key      people.APIKey
	own      people.Role
	restored restore.Mark
	tree     tenant.Access
	main     tenant.Organization
	access   tenant.Access // of the inviter's own tree
}

// step does a page of a job of kind job.ImportUsers.
func (w imports) step(ctx context.Context, p *job.Page) error {
	var in intake.Input
	if _, err := p.Given(&in); err != nil {
		return err
	}
	at := importAt{Outcome: intake.Outcome{Existing: in.Existing}}
	if _, err := p.Checkpoint(&at); err != nil {
		return err
	}
	p.Expect(in.People)
	x, err := w.read(ctx, p, &in, at.At)
	if err != nil {
		return err
	}
	if err := x.stands(); err != nil {
		return err
	}
	for i := range x.people {
		w.invite(x, i, &at.Outcome)
	}
	at.At += len(x.people)
	last := at.At >= in.People
	intake.Settle(p.Tx, p.ID, at.At, last)
	if last {
		p.Finish(at.Outcome, len(x.people))
	} else {
		p.Next(at, len(x.people))
	}
	return nil
}

// read reads the next people with all that decides about them, in two round trips.
func (w imports) read(ctx context.Context, p *job.Page, in *intake.Input, at int) (x *importing, err error) {
	x = &importing{Page: p, inviter: inviter{by: in.By}}
	if x.people, x.name, err = intake.Page(ctx, w.Table, p.ID, at, importPage); err != nil {
		return nil, err
	}
	if len(x.people) == 0 && at < in.People {
		return nil, problem.New(problem.Conflict, "no-progress", "The work did not go on for days, and the file is not kept for longer. Send it again: who was invited is not invited twice.")
	}
	n := len(x.people)
	x.claims, x.domains, x.roles, x.organizations = make([]people.Claim, n), make([]tenant.Standing, n), make([]people.Role, n), make([]tenant.Organization, n)
	wants := []*table.Wanted{table.Want(table.RoleKey(x.by.Organization, x.by.Role), &x.own), table.Want(table.AccessKey(p.Root), &x.tree),
		table.Want(table.OrganizationKey(p.Root), &x.main), table.Want(table.AccessKey(x.by.Tree), &x.access), table.Want(restore.Key(p.Root), &x.restored)}
	if x.by.Actor.Type == audit.ByKey {
		wants = append(wants, table.Want(table.KeyKey(x.by.Tree, x.by.Actor.ID), &x.key))
	} else {
		wants = append(wants, table.Want(table.UserKey(x.by.Tree, x.by.Actor.ID), &x.user))
	}
	for i, one := range x.people {
		wants = append(wants, table.Want(table.AddressKey(p.Root, one.Email), &x.claims[i]), tenant.WantStanding(p.Root, one.Email, &x.domains[i]),
			table.Want(table.RoleKey(one.Organization, one.Role), &x.roles[i]), table.Want(table.OrganizationKey(one.Organization), &x.organizations[i]))
	}
	return x, w.Table.GetMany(ctx, wants...)
}

// stands tells whether who began the import may still do what it does (PER-1), in a tree that still takes it.
func (x *importing) stands() error {
	switch {
	case x.restored.Voids(clock.Parse(x.CreatedAt)): // some of whom it invited may have left since the backup (INS-6)
		return problem.New(problem.Conflict, "no-progress", "The installation was restored from a backup since. Send the file again, without those who have left.")
	case x.tree.Closed():
		return tenant.ClosedFirst()
	case x.tree.Suspended:
		return tenant.Suspended()
	case !x.holds() || !x.across():
		return problem.Refused("Who began this may not do it any more. Have somebody who may send the file again: who was invited is not invited twice.")
	}
	return nil
}

// holds tells whether the inviter is there and has the same role.
func (x *importing) holds() bool {
	if x.access.Closed() || x.access.Suspended || x.own.Portal != people.AdministratorAccess {
		return false
	}
	if x.by.Actor.Type == audit.ByKey {
		return x.key.ID != "" && x.key.Role == x.by.Role && x.key.Organization == x.by.Organization && !x.key.Ended(x.Now)
	}
	return x.user.Status == people.Active && x.user.Role == x.by.Role && x.user.Organization == x.by.Organization
}

// across tells whether the client still has the partner manage it, where the inviter is a partner's or a key that one's people made.
func (x *importing) across() bool {
	partner := x.key.Partner
	if x.by.Tree != x.Root && x.access.Type == tenant.Partner {
		partner = x.by.Tree
	}
	return partner == "" || x.main.Partner == partner && x.main.PartnerAccess == tenant.ManageAccess
}

// invite has the page invite one of its people, unless somebody of the tree has the address meanwhile or what was chosen is gone.
func (w imports) invite(x *importing, i int, out *intake.Outcome) {
	one, role, of := &x.people[i], &x.roles[i], &x.organizations[i]
	if x.claims[i].User != "" {
		out.Existing++
		return
	}
	if why := x.refuses(i); why != "" {
		out.Fail(one.Line, why)
		return
	}
	person := people.Person{Name: one.Name, Email: one.Email, Department: one.Department, Language: one.Language}
	u, token := people.Invite(x.Tx, x.Root, role, person, x.by.Actor, x.Now)
	u.PostInvitation(w.Outbox, x.Tx, of.Name, x.name, token)
	u.TellOfAdministrator(w.Outbox, x.Tx, of.Name, x.name, x.Now)
	w.Trail.Write(x.Tx, audit.Event{Action: "user.invited", Root: x.Root, Organization: x.Organization, Actor: x.by.Actor, Across: x.by.Actor.Across,
		Target: audit.Target{Type: "user", ID: u.ID}, After: u.Recorded(), Address: x.by.Address, Request: x.by.Request})
	out.Invited++
}

// refuses is why one of the people cannot be invited any more; empty: nothing is against it.
func (x *importing) refuses(i int) string {
	one := &x.people[i]
	switch {
	case x.organizations[i].Root != x.Root || x.roles[i].ID == "":
		return "The organization or the role was removed meanwhile."
	case !x.roles[i].Within(&x.own):
		return "The role includes by now what that of whoever began the import does not."
	}
	if e := problem.As(x.domains[i].Refuse(one.Email)); e != nil {
		return e.Detail
	}
	return ""
}
