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

// NewUser is somebody to be invited.
type NewUser struct {
	Email          string `json:"email" minLength:"3" maxLength:"254" doc:"The address that is invited" example:"ana@acme.example"`
	Name           string `json:"name" minLength:"1" maxLength:"100" doc:"The person's name" example:"Ana Ruiz"`
	Language       string `json:"language,omitempty" maxLength:"35" doc:"Of mails and of the console, a BCP 47 tag of the fixed list; absent: the organization's" example:"es"`
	Department     string `json:"department,omitempty" maxLength:"100" doc:"Where the person works"`
	RoleID         string `json:"roleId" maxLength:"64" doc:"The role, one of the organization"`
	OrganizationID string `json:"organizationId,omitempty" maxLength:"64" doc:"Another organization of the tree; absent: the one of the URL"`
}

// InviteInput is the input of POST /v1/organizations/{org}/users.
type InviteInput struct {
	httpapi.About
	Body NewUser
}

// Made is a user that is new, with where it is.
type Made struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     User
}

// invite answers POST /v1/organizations/{org}/users.
func (f *users) invite(ctx context.Context, c *access.Caller, in *InviteInput, tx *table.Tx) (*Made, error) {
	person, err := in.Body.person()
	if err != nil {
		return nil, err
	}
	chosen := choice{organization: in.Body.OrganizationID, role: in.Body.RoleID, invites: person.Email}
	if chosen.organization == "" {
		chosen.organization = c.Organization.ID
	}
	w, err := f.weigh(ctx, c, nil, chosen)
	if err != nil {
		return nil, err
	}
	if err := w.domain.Refuse(person.Email); err != nil {
		return nil, err
	}
	if person.Language == "" {
		person.Language = w.organization.Language
	}
	u, token := people.Invite(tx, c.Organization.Root, &w.given, person, c.Actor, f.Clock())
	u.PostInvitation(f.Outbox, tx, w.organization.Name, c.Display(), token)
	u.TellOfAdministrator(f.Outbox, tx, w.organization.Name, c.Display(), f.Clock())
	event := c.Event("user.invited", "user", u.ID)
	event.After = u.Recorded()
	f.Trail.Write(tx, event)
	answer, err := f.show(ctx, c, u)
	if err != nil {
		return nil, err
	}
	return &Made{Location: "/v1/organizations/" + c.Organization.ID + "/users/" + u.ID, ETag: answer.ETag, Body: answer.Body}, nil
}

// person checks what the fields' schemas cannot.
func (in *NewUser) person() (p people.Person, err error) {
	if p.Email, err = people.CheckAddress("body.email", in.Email); err != nil {
		return p, err
	}
	if p.Name, err = people.CheckName("body.name", in.Name); err != nil {
		return p, err
	}
	if p.Department, err = department(in.Department); err != nil {
		return p, err
	}
	p.Language = in.Language
	if in.Language == "" {
		return p, nil
	}
	return p, known(in.Language)
}

// department checks a department; empty is none.
func department(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	return people.CheckName("body.department", value)
}

// known refuses a language that is not on the list.
func known(language string) error {
	if tenant.KnownLanguage(language) {
		return nil
	}
	return problem.Invalid("body.language", "is not one of the languages to choose from, such as en or pt-BR", language)
}

// ChangeInput is the input of a change of a user that needs no body.
type ChangeInput struct {
	AboutUser
	httpapi.Match
}

// resend answers POST /v1/organizations/{org}/users/{user}/invitation.
func (f *users) resend(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Shown, error) {
	u, w, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := w.domain.Refuse(u.Email); err != nil {
		return nil, err
	}
	if u.Email == "" {
		return nil, people.NoAddress()
	}
	if u.Proved {
		return nil, problem.New(problem.Conflict, "invitation-accepted", "The user has accepted an invitation already.")
	}
	if u.Status == people.Inactive && u.Connection != "" { // whom the IdP deactivated: no link leads around that (SCI-7)
		return nil, people.ManagedBySCIM()
	}
	if u.Status == people.Inactive { // whose invitation was taken back: it gives the role again
		if err := c.MayGive(&w.present, &w.own); err != nil {
			return nil, err
		}
		u.TellOfAdministrator(f.Outbox, tx, w.organization.Name, c.Display(), f.Clock())
	}
	edit := people.Edit(u, c.Actor, f.Clock())
	token := people.Reinvite(edit, u, f.Clock())
	tx.Update(edit)
	u.PostInvitation(f.Outbox, tx, w.organization.Name, c.Display(), token)
	f.Trail.Write(tx, c.Event("user.reinvited", "user", u.ID))
	return f.show(ctx, c, u)
}

// revoke answers DELETE /v1/organizations/{org}/users/{user}/invitation.
func (f *users) revoke(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	u, _, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if u.Status != people.Invited {
		return nil, problem.New(problem.Conflict, "not-invited", "There is no invitation to revoke: the user is %s.", u.Status)
	}
	if u.Connection != "" {
		return nil, people.ManagedBySCIM()
	}
	people.Remove(tx, u, f.Clock())
	f.Trail.Write(tx, c.Event("user.invitation-revoked", "user", u.ID))
	return nil, nil
}

// touch reads the user of the URL for a change that leaves the role as it is, and decides whether the caller may make it.
func (f *users) touch(ctx context.Context, c *access.Caller, in *ChangeInput) (*people.User, *weighed, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, nil, err
	}
	if err := in.Check(u.Version); err != nil {
		return nil, nil, err
	}
	w, err := f.weigh(ctx, c, u, choice{organization: u.Organization, invites: u.Email})
	return u, w, err
}
