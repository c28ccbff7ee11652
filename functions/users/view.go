package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// User is a person of the tree as the API shows one.
type User struct {
	ID             string          `json:"id" doc:"Its id" example:"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name           string          `json:"name" doc:"The person's name"`
	Email          string          `json:"email" doc:"The address that the person signs in with"`
	Department     string          `json:"department,omitempty" doc:"Where the person works"`
	Language       string          `json:"language,omitempty" doc:"Of mails and of the console, a BCP 47 tag"`
	OrganizationID string          `json:"organizationId" doc:"The organization of the role"`
	RoleID         string          `json:"roleId" doc:"The role"`
	RoleGroupID    string          `json:"roleGroupId,omitempty" doc:"The group of the IdP that gives the role, where one does"`
	Status         string          `json:"status" enum:"invited,active,inactive" doc:"Only who is active can sign in"`
	EmailPassword  bool            `json:"emailPassword" doc:"Whether the user may sign in by email and password, by the tree's policy and the user's own setting"`
	Invitation     *UserInvitation `json:"invitation,omitempty" doc:"The one that is open, while invited"`
	ManagedBy      *people.Named   `json:"managedBy,omitempty" doc:"The connection whose IdP manages the user by SCIM; absent: people do"`
	CreatedAt      string          `json:"createdAt" format:"date-time" doc:"When it was made"`
	CreatedBy      people.Named    `json:"createdBy" doc:"By whom"`
	UpdatedAt      string          `json:"updatedAt" format:"date-time" doc:"When it was changed last"`
	UpdatedBy      people.Named    `json:"updatedBy" doc:"By whom"`
}

// UserInvitation is an invitation that was sent and not accepted yet.
type UserInvitation struct {
	SentAt    string `json:"sentAt" format:"date-time" doc:"When the last one was sent"`
	ExpiresAt string `json:"expiresAt" format:"date-time" doc:"Until when it can be accepted"`
}

// Shown is a user with the ETag.
type Shown struct {
	ETag string `header:"ETag"`
	Body User
}

// get answers GET /v1/organizations/{org}/users/{user}.
func (f *users) get(ctx context.Context, c *access.Caller, in *AboutUser) (*Shown, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	return f.show(ctx, c, u)
}

// show is the answer with one user.
func (f *users) show(ctx context.Context, c *access.Caller, u *people.User) (*Shown, error) {
	views, err := f.views(ctx, c, []people.User{*u})
	if err != nil {
		return nil, err
	}
	return &Shown{ETag: httpapi.ETag(u.Version), Body: views[0]}, nil
}

// views are users with the names of who made and changed them, joined in one round trip for fifty.
func (f *users) views(ctx context.Context, c *access.Caller, list []people.User) ([]User, error) {
	var actors []audit.Actor
	for _, u := range list {
		actors = append(actors, u.CreatedBy, u.UpdatedBy)
		if u.Connection != "" {
			actors = append(actors, manager(&u))
		}
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, actors...)
	if err != nil {
		return nil, err
	}
	state, err := f.state(ctx, c)
	if err != nil {
		return nil, err
	}
	views := make([]User, len(list))
	for i, u := range list {
		views[i] = User{ID: u.ID, Name: u.Name, Email: u.Email, Department: u.Department, Language: u.Language, OrganizationID: u.Organization,
			RoleID: u.Role, RoleGroupID: u.RoleGroup, Status: string(u.Status), EmailPassword: u.PasswordFor(state), Invitation: open(&u), CreatedAt: u.CreatedAt, CreatedBy: names[u.CreatedBy],
			UpdatedAt: u.UpdatedAt, UpdatedBy: names[u.UpdatedBy]}
		if u.Connection != "" {
			by := names[manager(&u)]
			views[i].ManagedBy = &by
		}
	}
	return views, nil
}

// manager is the IdP that manages the user.
func manager(u *people.User) audit.Actor { return audit.Actor{Type: audit.BySCIM, ID: u.Connection} }

// state is how the request's tree signs in, which the caller has brought along from the own tree.
func (f *users) state(ctx context.Context, c *access.Caller) (*tenant.Access, error) {
	if c.Organization.Root == c.Root {
		return &c.Access, nil
	}
	var state tenant.Access
	_, err := f.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state)
	return &state, err
}

// open is the invitation that waits for being accepted.
func open(u *people.User) *UserInvitation {
	if u.Status != people.Invited || u.Invitation == nil {
		return nil
	}
	return &UserInvitation{SentAt: u.Invitation.SentAt, ExpiresAt: clock.FormatUnix(u.Invitation.ExpiresAt)}
}
