package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// users is this feature, with what it stands on.
type users struct{ *start.Services }

const (
	organization = "/v1/organizations/{org}"
	all          = organization + "/users"
	one          = all + "/{user}"
	invitation   = one + "/invitation"
	roles        = organization + "/roles"
	role         = roles + "/{role}"
	sessions     = organization + "/authentication/users/{user}/sessions"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, f *users) {
	httpapi.Read(s, httpapi.Operation{ID: "list-users", Method: http.MethodGet, Path: all, Needs: access.ReadSettings,
		Summary:     "List users",
		Description: "The members of the organization by name. On a main organization, sort=address lists all users of the tree by address."}, f.list)
	httpapi.Read(s, httpapi.Operation{ID: "get-user", Method: http.MethodGet, Path: one, Needs: access.ReadSettings,
		Summary: "Read a user of the tree"}, f.get)
	httpapi.Change(s, httpapi.Operation{ID: "edit-user", Method: http.MethodPatch, Path: one, Needs: access.EditSettings,
		Summary: "Edit a user: name, department, language, role, organization, status",
		Description: "What is absent stays as it is. A user moves within the tree by getting a role of the other organization. " +
			"Giving an administrator's role, or activating somebody who has one, takes a recent sign-in."}, f.edit)
	httpapi.Change(s, httpapi.Operation{ID: "delete-user", Method: http.MethodDelete, Path: one, Status: http.StatusNoContent,
		Needs: access.EditSettings, Summary: "Delete a user",
		Description: "The user's sessions end at once, and the keys that the user made some days later."}, f.remove)
	httpapi.Read(s, httpapi.Operation{ID: "explain-role", Method: http.MethodGet, Path: one + "/role-explanation", Needs: access.ReadSettings,
		Summary: "Read why a user has the role, and what would change it", Description: "Also of somebody without a role: wouldChange says what would give one."}, f.explain)
	httpapi.Read(s, httpapi.Operation{ID: "list-holdings", Method: http.MethodGet, Path: one + "/holdings", Needs: access.ReadSettings,
		Summary: "List what a user made and may know: what to rotate or reassign when the user leaves"}, f.holdings)
	mountRoles(s, f)
	mountInvitations(s, f)
	mountSessions(s, f)
}

func mountRoles(s *httpapi.Server, f *users) {
	httpapi.Read(s, httpapi.Operation{ID: "list-roles", Method: http.MethodGet, Path: roles, Needs: access.ReadSettings,
		Summary: "List the roles of the organization"}, f.listRoles)
	httpapi.Read(s, httpapi.Operation{ID: "get-role", Method: http.MethodGet, Path: role, Needs: access.ReadSettings,
		Summary: "Read a role of the organization"}, f.getRole)
	httpapi.Change(s, httpapi.Operation{ID: "create-role", Method: http.MethodPost, Path: roles, Status: http.StatusCreated, Needs: access.EditSettings,
		Summary: "Make a named role", Description: "At most 100 beside the built-in ones, none above one's own. One with administrators' access takes a recent sign-in."}, f.makeRole)
	httpapi.Change(s, httpapi.Operation{ID: "edit-role", Method: http.MethodPatch, Path: role, Needs: access.EditSettings,
		Summary: "Edit a named role: name, Workspaces, Analyzer", Description: "It holds for everybody who has the role, at once. What it is worth in this portal stays as it was made."}, f.editRole)
	httpapi.Change(s, httpapi.Operation{ID: "delete-role", Method: http.MethodDelete, Path: role, Status: http.StatusNoContent, Needs: access.EditSettings,
		Summary: "Delete a named role that nobody has"}, f.removeRole)
}

func mountInvitations(s *httpapi.Server, f *users) {
	httpapi.Change(s, httpapi.Operation{ID: "invite-user", Method: http.MethodPost, Path: all, Status: http.StatusCreated,
		Needs: access.EditSettings, Summary: "Invite somebody by mail",
		Description: "The link is in the mail only, and valid for 7 days. Inviting an administrator takes a recent sign-in."}, f.invite)
	httpapi.Change(s, httpapi.Operation{ID: "resend-invitation", Method: http.MethodPost, Path: invitation, Needs: access.EditSettings,
		Summary: "Send a user a new invitation", Description: "It voids the older one."}, f.resend)
	httpapi.Change(s, httpapi.Operation{ID: "revoke-invitation", Method: http.MethodDelete, Path: invitation, Status: http.StatusNoContent,
		Needs: access.EditSettings, Summary: "Revoke an invitation", Description: "The invited user is deleted with it."}, f.revoke)
}

func mountSessions(s *httpapi.Server, f *users) {
	httpapi.Read(s, httpapi.Operation{ID: "list-user-sessions", Method: http.MethodGet, Path: sessions, Needs: access.ReadSettings,
		Summary: "List where a user is signed in"}, f.listSessions)
	httpapi.Change(s, httpapi.Operation{ID: "end-user-sessions", Method: http.MethodDelete, Path: sessions, Status: http.StatusNoContent,
		Needs: access.EditSettings, Summary: "Sign a user out everywhere"}, f.endSessions)
}

// AboutUser is the input that names a user of the organization's tree.
type AboutUser struct {
	httpapi.About
	User string `path:"user" doc:"The user's id" example:"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Nothing is the answer without a body.
type Nothing struct{}
