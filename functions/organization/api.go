package main

import (
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/start"
)

// organizations is this feature, with what it stands on.
type organizations struct{ *start.Services }

const (
	all  = "/v1/organizations"
	one  = all + "/{org}"
	subs = one + "/suborganizations"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, o *organizations) {
	httpapi.Read(s, httpapi.Operation{ID: "list-organizations", Method: http.MethodGet, Path: all, Needs: access.ListOrganizations,
		Summary:     "List main organizations",
		Description: "The platform's administrators see all of them, by type and name; a partner's administrators the clients that grant them access, by name."}, o.list)
	httpapi.Change(s, httpapi.Operation{ID: "create-organization", Method: http.MethodPost, Path: all, Status: http.StatusCreated,
		Needs: access.CreateClients, Delicate: true, Summary: "Create a partner or a client, and invite its first administrator",
		Description: "Partners are created by the platform only. A client that a partner creates is that partner's, which may manage it."}, o.create)
	httpapi.Read(s, httpapi.Operation{ID: "get-organization", Method: http.MethodGet, Path: one, Needs: access.ReadGeneral,
		Summary: "Read an organization", Description: "Users get it without its email and partner."}, o.get)
	httpapi.Change(s, httpapi.Operation{ID: "edit-organization", Method: http.MethodPatch, Path: one, Needs: access.EditGeneral,
		Summary:     "Edit an organization",
		Description: "What is absent stays as it is; an empty text takes a country, a sector or a description away. partnerAccess takes a recent sign-in of the client's own administrator."}, o.edit)
	httpapi.Change(s, httpapi.Operation{ID: "delete-organization", Method: http.MethodDelete, Path: one, Status: http.StatusNoContent,
		Needs: access.EditMainOnly, Summary: "Delete a suborganization that is empty",
		Description: "While something is left in it, 409 not-empty says what and how much."}, o.remove)
	httpapi.Read(s, httpapi.Operation{ID: "list-suborganizations", Method: http.MethodGet, Path: subs, Needs: access.ReadMainOnly,
		Summary: "List the suborganizations of a client, by name"}, o.listUnder)
	httpapi.Change(s, httpapi.Operation{ID: "create-suborganization", Method: http.MethodPost, Path: subs, Status: http.StatusCreated,
		Needs: access.EditMainOnly, Summary: "Create a suborganization of a client"}, o.createUnder)
	mountPartner(s, o)
	mountSuspension(s, o)
	mountClosing(s, o)
	mountRecovery(s, o)
}

func mountPartner(s *httpapi.Server, o *organizations) {
	httpapi.Change(s, httpapi.Operation{ID: "set-partner", Method: http.MethodPut, Path: one + "/partner", Needs: access.EditPolicy, Delicate: true,
		Summary:     "Set or change the partner of a client",
		Description: "By a one-time code that the new partner gave, or, by the platform, by the partner's id. The new partner has no access until the client grants it."}, o.setPartner)
	httpapi.Change(s, httpapi.Operation{ID: "remove-partner", Method: http.MethodDelete, Path: one + "/partner", Status: http.StatusNoContent,
		Needs: access.EditPolicy, Delicate: true, Summary: "Leave the partner of a client"}, o.removePartner)
	httpapi.Change(s, httpapi.Operation{ID: "create-partner-code", Method: http.MethodPost, Path: one + "/partner-codes", Status: http.StatusCreated,
		Needs: access.EditPolicy, Delicate: true, Summary: "Make a one-time code by which a client chooses this partner",
		Description: "The code is in this answer only. It is valid for a day, for one client."}, o.createCode)
}

func mountSuspension(s *httpapi.Server, o *organizations) {
	httpapi.Change(s, httpapi.Operation{ID: "suspend-organization", Method: http.MethodPost, Path: one + "/suspend", Status: http.StatusNoContent,
		Needs: access.Oversee, Delicate: true, Summary: "Suspend a partner or a client with all of its tree",
		Description: "Its people, keys and directories are answered suspended from the next request on; nothing is lost."}, o.suspend)
	httpapi.Change(s, httpapi.Operation{ID: "resume-organization", Method: http.MethodPost, Path: one + "/resume", Status: http.StatusNoContent,
		Needs: access.Oversee, Delicate: true, Summary: "Resume a suspended partner or client"}, o.resume)
}
