package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// UserEdit is what shall become of a user; what is absent stays as it is.
type UserEdit struct {
	Name           *string `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"The person's name"`
	Email          *string `json:"email,omitempty" minLength:"3" maxLength:"254" doc:"Of somebody who has none: where a link is mailed by which the person has it. Whoever has an address changes it alone"`
	Department     *string `json:"department,omitempty" maxLength:"100" doc:"Where the person works; empty: nowhere"`
	Language       *string `json:"language,omitempty" maxLength:"35" doc:"A BCP 47 tag of the fixed list"`
	RoleID         *string `json:"roleId,omitempty" maxLength:"64" doc:"The role, one of the user's organization or of organizationId"`
	OrganizationID *string `json:"organizationId,omitempty" maxLength:"64" doc:"The organization of the tree to move to, with a role of it"`
	Status         *string `json:"status,omitempty" enum:"active,inactive" doc:"Whether the user can sign in; not together with a change of the role"`
}

// EditInput is the input of PATCH /v1/organizations/{org}/users/{user}.
type EditInput struct {
	AboutUser
	httpapi.Match
	Body UserEdit
}

// state is all of a user that can be edited.
type state struct {
	name, email, department, language, organization, role string
	status                                                people.Status
}

func stateOf(u *people.User) state {
	return state{u.Name, u.Email, u.Department, u.Language, u.Organization, u.Role, u.Status}
}

// recorded is what the audit keeps of the state.
func (s state) recorded() map[string]any {
	return (&people.User{Department: s.department, Language: s.language, Organization: s.organization, Role: s.role, Status: s.status}).Recorded()
}

// edit answers PATCH /v1/organizations/{org}/users/{user}.
func (f *users) edit(ctx context.Context, c *access.Caller, in *EditInput, tx *table.Tx) (*Shown, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	if err := in.Check(u.Version); err != nil {
		return nil, err
	}
	from := stateOf(u)
	to, err := in.Body.apply(from)
	if err != nil {
		return nil, err
	}
	w, err := f.weigh(ctx, c, u, from.chosen(to))
	if err != nil {
		return nil, err
	}
	if from == to {
		return f.show(ctx, c, u)
	}
	if err := managed(u, from, to); err != nil {
		return nil, err
	}
	if err := f.mapped(ctx, u, from, to); err != nil {
		return nil, err
	}
	if err := f.inside(ctx, u, from, to, w); err != nil {
		return nil, err
	}
	if err := f.mayGiveAddress(ctx, c, u, from.email, to.email); err != nil {
		return nil, err
	}
	if err := from.allows(c, u, to, w); err != nil {
		return nil, err
	}
	return f.store(ctx, c, u, to, w, tx)
}

// apply writes the fields that are there into the state, and checks what their schemas cannot.
func (in *UserEdit) apply(s state) (to state, err error) {
	if in.Name != nil {
		if s.name, err = people.CheckName("body.name", *in.Name); err != nil {
			return s, err
		}
	}
	if in.Email != nil {
		if s.email, err = people.CheckAddress("body.email", *in.Email); err != nil {
			return s, err
		}
	}
	if in.Department != nil {
		if s.department, err = department(*in.Department); err != nil {
			return s, err
		}
	}
	if in.Language != nil {
		if err := known(*in.Language); err != nil {
			return s, err
		}
		s.language = *in.Language
	}
	if in.Status != nil {
		s.status = people.Status(*in.Status)
	}
	return in.applyRole(s)
}

func (in *UserEdit) applyRole(s state) (state, error) {
	if in.OrganizationID != nil && *in.OrganizationID != s.organization {
		if in.RoleID == nil {
			return s, problem.Invalid("body.roleId", "is needed with organizationId: a user moves by getting a role there", nil)
		}
		s.organization = *in.OrganizationID
	}
	if in.RoleID != nil {
		if *in.RoleID == "" {
			return s, problem.Invalid("body.roleId", "is not a role of this organization", "")
		}
		s.role = *in.RoleID
	}
	return s, nil
}

// chosen is the role that is given by going from one state to another, none where it stays.
func (s state) chosen(to state) choice {
	if to.role == s.role && to.organization == s.organization {
		return choice{organization: s.organization}
	}
	return choice{organization: to.organization, role: to.role}
}

// allows tells whether the user's state lets the status change so. Whoever never accepted an invitation is invited anew
// instead, and activating somebody is giving the role again (PER-2, PER-6).
func (s state) allows(c *access.Caller, u *people.User, to state, w *weighed) error {
	if to.status == s.status {
		return nil
	}
	if to.role != s.role {
		return problem.Invalid("body.status", "is changed in a request of its own, not together with the role", to.status)
	}
	if to.status != people.Active {
		return nil
	}
	if !u.Proved && u.Email != "" {
		return problem.New(problem.Conflict, "invitation-not-accepted", "The user has not accepted an invitation yet. Send a new one.")
	}
	return c.MayGive(&w.present, &w.own)
}

// store makes the change, tells who has to know, and answers the user as it is then.
func (f *users) store(ctx context.Context, c *access.Caller, u *people.User, to state, w *weighed, tx *table.Tx) (*Shown, error) {
	from, administrator := stateOf(u), u.Administrator() && u.Status == people.Active
	administers := w.given.Portal == people.AdministratorAccess && w.given.Organization == u.Root
	if to.role != from.role && !administers || to.status != from.status {
		if err := f.somebodyStays(ctx, c, tx, u); err != nil {
			return nil, err
		}
	}
	edit := people.Edit(u, c.Actor, f.Clock())
	setProfile(edit, u, to)
	if to.role != from.role {
		if err := f.assign(ctx, tx, edit, u, &w.given); err != nil {
			return nil, err
		}
	}
	if to.status != from.status {
		if err := f.setStatus(ctx, tx, edit, u, to.status); err != nil {
			return nil, err
		}
	}
	tx.Update(edit)
	if to.email != from.email {
		people.AskAddress(tx, f.Outbox, u, to.email, w.organization.Name, f.Clock())
	}
	if u.Status != people.Inactive && (!administrator && to.status != from.status || to.role != from.role) {
		u.TellOfAdministrator(f.Outbox, tx, w.organization.Name, c.Display(), f.Clock())
	}
	event := c.Event("user.edited", "user", u.ID)
	event.Before, event.After = differing(from, to)
	f.Trail.Write(tx, event)
	return f.show(ctx, c, u)
}

// mayGiveAddress tells whether the caller may have a link mailed to the address by which the user gets it: only a user who has none. As
// it is a way to sign in as somebody else, it takes a recent sign-in (PER-6).
func (f *users) mayGiveAddress(ctx context.Context, c *access.Caller, u *people.User, from, to string) error {
	switch {
	case from == to:
		return nil
	case from != "":
		return problem.Invalid("body.email", "is changed by the person alone, who confirms it from the new mailbox", to)
	case u.Status != people.Active:
		return problem.New(problem.Conflict, "not-active", "The user is %s: activate the user first.", u.Status)
	}
	if err := c.Fresh(); err != nil {
		return err
	}
	var domain tenant.Standing
	if err := f.Table.GetMany(ctx, tenant.WantStanding(u.Root, to, &domain)); err != nil {
		return err
	}
	return domain.Refuse(to)
}

// setProfile writes name, department and language. With another role, the name's place in the lists is set along with it.
func setProfile(edit *table.Change, u *people.User, to state) {
	if to.name != u.Name && to.role != u.Role {
		u.Name = to.name
		edit.Set("name", to.name)
	} else if to.name != u.Name {
		people.Rename(edit, u, to.name)
	}
	if to.department != u.Department {
		u.Department = to.department
		edit.Set("department", to.department)
	}
	if to.language != u.Language {
		u.Language = to.language
		edit.Set("language", to.language)
	}
}

// assign gives the role, and has the keys end of who loses the administration by it: that one would come back by them.
func (f *users) assign(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User, role *people.Role) error {
	if !people.Assign(tx, edit, u, role, f.Clock()) {
		return nil
	}
	return u.TellOfKeys(ctx, f.Table, f.Outbox, tx)
}

func (f *users) setStatus(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User, to people.Status) error {
	if to == people.Active {
		people.Activate(tx, edit, u, nil, f.Clock())
		return nil
	}
	people.Deactivate(tx, edit, u, f.Clock())
	return u.TellOfKeys(ctx, f.Table, f.Outbox, tx)
}

// differing is what the audit keeps of a change: what differs, before and after.
func differing(from, to state) (before, after map[string]any) {
	before, after = from.recorded(), to.recorded()
	for field, value := range before {
		if after[field] == value {
			delete(before, field)
			delete(after, field)
		}
	}
	if from.name != to.name {
		after["name"] = "changed"
	}
	if from.email != to.email {
		after["address"] = "asked-to-confirm"
	}
	return before, after
}
