package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// authentication is this feature, with what it stands on.
type authentication struct{ *start.Services }

const (
	policy = "/v1/organizations/{org}/authentication"
	all    = policy + "/users"
	one    = all + "/{user}"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, f *authentication) {
	httpapi.Read(s, httpapi.Operation{ID: "get-authentication-policy", Method: http.MethodGet, Path: policy, Needs: access.ReadMainOnly,
		Summary: "Read how the people of the tree sign in", Description: "It is the main organization's, for all of its tree."}, f.getPolicy)
	httpapi.Change(s, httpapi.Operation{ID: "set-authentication-policy", Method: http.MethodPut, Path: policy, Needs: access.EditPolicy, Delicate: true,
		Summary: "Set how the people of the tree sign in",
		Description: "Turning email and password off asks for a confirmation by the number of the tree's members: every password, second factor and recovery code is void at once and for good, " +
			"but for those of the break-glass administrators. Refused with last-administrator where no administrator could sign in any more."}, f.setPolicy)
	httpapi.Read(s, httpapi.Operation{ID: "list-sign-ins", Method: http.MethodGet, Path: all, Needs: access.ReadSettings,
		Summary:     "List how members sign in",
		Description: "The members of the organization by name. On a main organization, sort=address lists all users of the tree by address."}, f.list)
	httpapi.Read(s, httpapi.Operation{ID: "get-sign-ins", Method: http.MethodGet, Path: one, Needs: access.ReadSettings,
		Summary: "Read how a user signs in, by each way"}, f.get)
	httpapi.Change(s, httpapi.Operation{ID: "edit-sign-in", Method: http.MethodPatch, Path: one, Needs: access.EditSettings, Delicate: true,
		Summary:     "Enable or disable email and password for a user, or require a second factor",
		Description: "What is absent stays as it is. Disabling ends the user's sessions. Requiring a second factor, or not any more, takes the right to the policy."}, f.edit)
	mountCredentials(s, f)
}

func mountCredentials(s *httpapi.Server, f *authentication) {
	httpapi.Change(s, httpapi.Operation{ID: "send-password-reset", Method: http.MethodPost, Path: one + "/password-reset", Status: http.StatusAccepted, Needs: access.EditSettings, Delicate: true,
		Summary: "Mail a user a link to set a password", Description: "It works once, for an hour. Until it is used nothing changes."}, f.sendReset)
	httpapi.Change(s, httpapi.Operation{ID: "delete-user-password", Method: http.MethodDelete, Path: one + "/password", Status: http.StatusNoContent, Needs: access.EditSettings, Delicate: true,
		Summary: "Delete a user's password", Description: "The user's sessions end, and links to set a password are void. A new password is set by a link."}, f.deletePassword)
	httpapi.Change(s, httpapi.Operation{ID: "reset-user-second-factor", Method: http.MethodDelete, Path: one + "/second-factor", Status: http.StatusNoContent, Needs: access.EditPolicy, Delicate: true,
		Summary: "Reset a user's second factor", Description: "Recovery codes go with it, and the user's sessions end. Where a second factor is required, the next sign-in sets up a new one."}, f.resetSecondFactor)
}

// AboutUser is the input that names a user of the organization's tree.
type AboutUser struct {
	httpapi.About
	User string `path:"user" doc:"The user's id" example:"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// ChangeInput is the input of a change of a user that needs no body.
type ChangeInput struct {
	AboutUser
	httpapi.Match
}

// Nothing is the answer without a body.
type Nothing struct{}

// member is a user of the request's tree, with the state of that tree.
type member struct {
	people.User
	state        tenant.Access
	organization tenant.Organization
}

// find reads a user of the tree: Missing where the tree has none of that id, Forbidden where the caller administers only
// another part of it.
func (f *authentication) find(ctx context.Context, c *access.Caller, user string) (*member, error) {
	u, err := people.ReadUser(ctx, f.Table, c.Organization.Root, user)
	if err != nil {
		return nil, err
	}
	m := &member{User: *u}
	if err := c.Reach(u.Organization); err != nil {
		return nil, err
	}
	return m, f.Table.GetMany(ctx, table.Want(table.AccessKey(u.Root), &m.state), table.Want(tenant.KeyOf(u.Organization), &m.organization))
}

// touch is find for a change: nobody touches who has more rights than they have.
func (f *authentication) touch(ctx context.Context, c *access.Caller, in *ChangeInput) (*member, error) {
	m, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	if err := in.Check(m.Version); err != nil {
		return nil, err
	}
	var own, present people.Role
	wants := []*table.Wanted{table.Want(c.RoleKey(), &own)}
	if m.Role != "" && table.RoleKey(m.Organization, m.Role) != c.RoleKey() {
		wants = append(wants, table.Want(table.RoleKey(m.Organization, m.Role), &present))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	if len(wants) == 1 {
		present = own
	}
	return m, c.MayTouch(&m.User, &present, &own)
}
