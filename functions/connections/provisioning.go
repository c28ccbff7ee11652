package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file is the switch of SCIM (SSO-6): of connections of the main organization only. What an IdP sends then is functions/scim's.

// mountProvisioning adds the operations of SCIM.
func mountProvisioning(s *httpapi.Server, f *connections) {
	const scim = one + "/scim"
	httpapi.Read(s, httpapi.Operation{ID: "get-provisioning", Method: http.MethodGet, Path: scim, Needs: access.ReadMainOnly,
		Summary: "Read whether users and groups come by SCIM"}, f.provisioning)
	httpapi.Change(s, httpapi.Operation{ID: "set-provisioning", Method: http.MethodPut, Path: scim, Needs: access.EditMainOnly, Delicate: true,
		Summary:     "Have users and groups come by SCIM",
		Description: "Of an active connection of the main organization. GET .../scim/takeovers lists who is taken over when the IdP brings them; POST .../scim/tokens makes what it signs in with."}, f.provision)
	httpapi.Change(s, httpapi.Operation{ID: "delete-provisioning", Method: http.MethodDelete, Path: scim, Status: http.StatusNoContent, Needs: access.EditMainOnly, Delicate: true,
		Summary: "Have no users and groups come by SCIM any more", Description: "All tokens are refused from the next request on. In the background (`ending`) its users are given back to people with the role that they have, those without one are removed, and its groups and their mappings go."}, f.stopProvisioning)
	httpapi.Read(s, httpapi.Operation{ID: "list-takeovers", Method: http.MethodGet, Path: scim + "/takeovers", Needs: access.ReadMainOnly,
		Summary:     "List the users whom the IdP may take over",
		Description: "Those with an address of a domain that the tree has verified whom no connection provisions yet, but for break-glass administrators. They become users of the connection when the IdP brings them by SCIM; until then nothing changes for them."}, f.takeovers)
	httpapi.Read(s, httpapi.Operation{ID: "list-provisioned-users", Method: http.MethodGet, Path: scim + "/users", Needs: access.ReadMainOnly,
		Summary:     "List the users whom the IdP brought by SCIM",
		Description: "Those without a role too, whom no other list shows: they cannot sign in until they get one."}, f.provisioned)
	httpapi.Read(s, httpapi.Operation{ID: "list-scim-requests", Method: http.MethodGet, Path: scim + "/requests", Needs: access.ReadMainOnly,
		Summary: "List the SCIM log of an SSO connection", Description: "What the IdP called and what it was told, the newest first, of 30 days."}, f.requests)
	httpapi.Read(s, httpapi.Operation{ID: "list-scim-token-uses", Method: http.MethodGet, Path: scim + "/token-uses", Needs: access.ReadMainOnly,
		Summary: "List from where the SCIM tokens of an SSO connection were used", Description: "By network and day, the latest day first, of 30 days; those of revoked tokens too."}, f.tokenUses)
	httpapi.Read(s, httpapi.Operation{ID: "list-scim-tokens", Method: http.MethodGet, Path: scim + "/tokens", Needs: access.ReadMainOnly,
		Summary: "List the SCIM tokens of an SSO connection", Description: "The oldest first; one that has ended stays until the next is made."}, f.listTokens)
	httpapi.Change(s, httpapi.Operation{ID: "make-scim-token", Method: http.MethodPost, Path: scim + "/tokens", Status: http.StatusCreated, Needs: access.EditMainOnly, Delicate: true,
		Summary: "Make a SCIM token", Description: "The secret is in this answer only. Two are valid at once: give the IdP the new one, then revoke the old. All administrators are told."}, f.makeToken)
	httpapi.Change(s, httpapi.Operation{ID: "confirm-scim-token", Method: http.MethodPost, Path: scim + "/tokens/{scimToken}/confirm", Needs: access.EditMainOnly, Delicate: true,
		Summary:     "Let a held SCIM token go on",
		Description: "After the installation was restored from a backup its SCIM tokens are held, so that none works again that had been revoked since: confirm only one of which you know that it was not. All administrators are told of each that is confirmed."}, f.confirmToken)
	httpapi.Change(s, httpapi.Operation{ID: "revoke-scim-token", Method: http.MethodDelete, Path: scim + "/tokens/{scimToken}", Status: http.StatusNoContent, Needs: access.EditMainOnly, Delicate: true,
		Summary: "Revoke a SCIM token", Description: "It is refused from the next request on."}, f.revokeToken)
}

// Provisioning is how SCIM stands at a connection.
type Provisioning struct {
	Enabled    bool          `json:"enabled" doc:"Whether users and groups may come"`
	Endpoint   string        `json:"endpoint,omitempty" format:"uri" doc:"The base URL, for the IdP's form" example:"https://settings.example.com/scim/v2/con_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Ending     bool          `json:"ending" doc:"It was switched off, and its users are still being given back to people"`
	Outsiders  bool          `json:"acceptOutsiders" doc:"Whether people are taken whose address is in none of the tree's verified domains. They get no administrator's role"`
	EnabledAt  string        `json:"enabledAt,omitempty" format:"date-time" doc:"When it was switched on"`
	EnabledBy  *people.Named `json:"enabledBy,omitempty" doc:"By whom"`
	LastCallAt string        `json:"lastCallAt,omitempty" format:"date-time" doc:"When the IdP called last; up to five minutes old. Absent: it has not called yet"`
}

// ShownProvisioning is the answer with it.
type ShownProvisioning struct {
	ETag string `header:"ETag"`
	Body Provisioning
}

// provisioning answers GET /v1/organizations/{org}/sso-connections/{connection}/scim.
func (f *connections) provisioning(ctx context.Context, c *access.Caller, in *AboutConnection) (*ShownProvisioning, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	return f.showProvisioning(ctx, c, of)
}

func (f *connections) showProvisioning(ctx context.Context, c *access.Caller, of *connection.Connection) (*ShownProvisioning, error) {
	out := &ShownProvisioning{ETag: httpapi.ETag(of.Version)}
	on := of.Provisioning
	if !of.Provisions() {
		out.Body.Ending = on != nil
		return out, nil
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, on.EnabledBy)
	if err != nil {
		return nil, err
	}
	by := names[on.EnabledBy]
	out.Body = Provisioning{Enabled: true, Endpoint: on.Endpoint, Outsiders: on.Outsiders, EnabledAt: on.EnabledAt, EnabledBy: &by}
	for _, use := range of.TokenUses {
		out.Body.LastCallAt = max(out.Body.LastCallAt, use.At)
	}
	return out, nil
}

// ProvisionInput is the input of PUT /v1/organizations/{org}/sso-connections/{connection}/scim.
type ProvisionInput struct {
	ChangeInput
	Body struct {
		Outsiders bool `json:"acceptOutsiders,omitempty" doc:"Take people whose address is in none of the tree's verified domains, guests for one"`
	}
}

// provision answers PUT /v1/organizations/{org}/sso-connections/{connection}/scim (SSO-6).
func (f *connections) provision(ctx context.Context, c *access.Caller, in *ProvisionInput, tx *table.Tx) (*ShownProvisioning, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	sealed := of.Sealed
	if err := f.registry.Provision(tx, of, in.Body.Outsiders, f.Config.PublicURL, f.act(c)); err != nil {
		return nil, err
	}
	if sealed && !of.Sealed {
		directory.Unseal(tx, of.Root, of.ID)
	}
	return f.showProvisioning(ctx, c, of)
}

// stopProvisioning answers DELETE /v1/organizations/{org}/sso-connections/{connection}/scim.
func (f *connections) stopProvisioning(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	of, err := f.changing(ctx, c, in)
	if err != nil {
		return nil, err
	}
	f.registry.StopProvisioning(tx, of, f.Work, f.act(c))
	return nil, nil
}

// Takeover is a user whom the IdP may take over.
type Takeover struct {
	ID             string `json:"id" doc:"Who"`
	Name           string `json:"name" doc:"The name"`
	Email          string `json:"email" doc:"The address"`
	OrganizationID string `json:"organizationId" doc:"The organization of the tree that it is a member of"`
	RoleID         string `json:"roleId" doc:"The role, which stays until the first mapped group"`
	Status         string `json:"status" enum:"invited,active,inactive" doc:"Where it stands"`
}

// TakeoverPage is a page of them.
type TakeoverPage struct {
	Items      []Takeover `json:"items" doc:"The page, by address; it may be short"`
	NextCursor string     `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// Takeovers is the answer with a page of them.
type Takeovers struct{ Body TakeoverPage }

// takeovers answers GET /v1/organizations/{org}/sso-connections/{connection}/scim/takeovers.
func (f *connections) takeovers(ctx context.Context, c *access.Caller, in *EventsInput) (*Takeovers, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err == nil {
		err = of.MainOnly()
	}
	if err != nil {
		return nil, err
	}
	question, err := people.Listing(c.Organization, "address", "")
	if err != nil {
		return nil, err
	}
	question.Limit, question.Cursor = in.Limit, in.Cursor
	page, err := table.List[people.User](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	out := TakeoverPage{Items: []Takeover{}, NextCursor: page.Next}
	out.Items, err = f.ownerless(ctx, c.Organization.Root, page.Items)
	return &Takeovers{out}, err
}

// ownerless are those of some users of the tree whom an IdP takes over that sends their address: of a verified domain, by no connection
// yet, and no break-glass administrators (SCI-8).
func (f *connections) ownerless(ctx context.Context, root string, users []people.User) ([]Takeover, error) {
	var state tenant.Access
	wants, standings := []*table.Wanted{table.Want(table.AccessKey(root), &state)}, make([]tenant.Standing, len(users))
	for i, u := range users {
		wants = append(wants, tenant.WantStanding(root, u.Email, &standings[i]))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	taken := []Takeover{}
	for i, u := range users {
		if u.Connection == "" && standings[i].Verified && !u.BreaksGlass(&state) {
			taken = append(taken, takeover(&u))
		}
	}
	return taken, nil
}

func takeover(u *people.User) Takeover {
	return Takeover{ID: u.ID, Name: u.Name, Email: u.Email, OrganizationID: u.Organization, RoleID: u.Role, Status: string(u.Status)}
}
