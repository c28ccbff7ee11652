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

func (o *own) readProfile(ctx context.Context, c *access.Caller, _ *nothing) (*profileOutput, error) {
	return o.profile(ctx, c, c.User)
}

func (o *own) profile(ctx context.Context, c *access.Caller, u *people.User) (*profileOutput, error) {
	held, err := people.ReadCredentials(ctx, o.Table, u.ID, &c.Access, c.Restored)
	if err != nil {
		return nil, err
	}
	return &profileOutput{ETag: httpapi.ETag(u.Version), Body: Profile{ID: u.ID, Name: u.Name, Email: u.Email, Language: u.Language,
		Department: u.Department, OrganizationID: u.Organization, MainOrganizationID: u.Root, RoleID: u.Role,
		SecondFactor: OwnSecondFactor{Enrolled: held.Enrolled(), EnrolledAt: held.SecondFactor.EnrolledAt,
			Required: required(c), RecoveryCodesLeft: len(held.Recovery.Hashes)},
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt}}, nil
}

// required tells whether the person has to have a second factor.
func required(c *access.Caller) bool { return c.User.NeedsSecondFactor(&c.Access) }

// editProfile changes name and language. What the administrators keep (department, role) is theirs, and the name of a SCIM user the
// IdP's, which would not send it again (USR-2).
func (o *own) editProfile(ctx context.Context, c *access.Caller, in *profileInput, tx *table.Tx) (*profileOutput, error) {
	u, err := people.ReadUser(ctx, o.Table, c.Root, c.User.ID)
	if err != nil {
		return nil, err
	}
	if err := in.Check(u.Version); err != nil {
		return nil, err
	}
	before, after := map[string]any{}, map[string]any{}
	edit := people.Edit(u, c.Actor, o.Clock())
	if in.Body.Name != nil {
		name, err := people.CheckName("body.name", *in.Body.Name)
		if err != nil {
			return nil, err
		}
		if u.Connection != "" && name != u.Name {
			return nil, people.ManagedBySCIM()
		}
		// The trail keeps ids only: that the name changed, not to what (GEN-7).
		after["name"] = "changed"
		people.Rename(edit, u, name)
	}
	if in.Body.Language != nil {
		if !tenant.KnownLanguage(*in.Body.Language) {
			return nil, problem.Invalid("body.language", "is not one of the languages to choose from, such as en or pt-BR", *in.Body.Language)
		}
		before["language"], after["language"] = u.Language, *in.Body.Language
		u.Language = *in.Body.Language
		edit.Set("language", u.Language)
	}
	tx.Update(edit)
	event := c.Event("profile.edited", "user", u.ID)
	event.Before, event.After = before, after
	o.Trail.Write(tx, event)
	return o.profile(ctx, c, u)
}
