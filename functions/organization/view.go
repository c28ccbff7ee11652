package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Organization is an organization as the API shows it.
type Organization struct {
	ID                   string   `json:"id" doc:"Its id" example:"org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Type                 string   `json:"type" enum:"platform,partner,client,suborganization" doc:"What it is"`
	MainOrganizationID   string   `json:"mainOrganizationId" doc:"The root of its tree: its own id unless it is a suborganization"`
	Name                 string   `json:"name" doc:"Its name"`
	Email                string   `json:"email,omitempty" doc:"Where it is written to; not shown to users"`
	Language             string   `json:"language" doc:"A BCP 47 tag"`
	Country              string   `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	Sector               string   `json:"sector,omitempty" doc:"What it does"`
	Description          string   `json:"description,omitempty" doc:"In its own words"`
	PartnerID            string   `json:"partnerId,omitempty" doc:"Of a client: who looks after it; not shown to users"`
	PartnerAccess        string   `json:"partnerAccess,omitempty" enum:"none,read,manage" doc:"Of a client with a partner: what that one may do; not shown to users"`
	Members              int      `json:"members" doc:"Users with a role in it, invited ones too"`
	Products             int      `json:"products" doc:"Its products"`
	Status               string   `json:"status" enum:"active,suspended,closed" doc:"Whether its tree may be used"`
	Closing              *Closing `json:"closing,omitempty" doc:"Of a closed one: since when, and what becomes of it"`
	WithoutAdministrator bool     `json:"withoutAdministrator" doc:"Its main organization has no administrator who can sign in"`
	CreatedAt            string   `json:"createdAt" format:"date-time" doc:"When it was made"`
	UpdatedAt            string   `json:"updatedAt" format:"date-time" doc:"When it was last edited"`
}

// Closing is how a closed tree stands.
type Closing struct {
	ClosedAt string `json:"closedAt" format:"date-time" doc:"When it was closed"`
	ErasesAt string `json:"erasesAt" format:"date-time" doc:"Until then it can be reopened; from then on it is erased"`
	JobID    string `json:"jobId,omitempty" doc:"The job that erases it, once it has begun"`
}

// Summary is an organization in a list.
type Summary struct {
	ID            string `json:"id" doc:"Its id"`
	Type          string `json:"type" enum:"platform,partner,client,suborganization" doc:"What it is"`
	Name          string `json:"name" doc:"Its name"`
	Email         string `json:"email,omitempty" doc:"Where it is written to"`
	Country       string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2"`
	PartnerID     string `json:"partnerId,omitempty" doc:"Of a client: who looks after it"`
	PartnerAccess string `json:"partnerAccess,omitempty" enum:"none,read,manage" doc:"Of a client with a partner: what that one may do"`
	Status        string `json:"status" enum:"active,suspended,closed" doc:"Whether its tree may be used"`
	CreatedAt     string `json:"createdAt" format:"date-time" doc:"When it was made"`
}

// Shown is an organization with its ETag.
type Shown struct {
	ETag string `header:"ETag"`
	Body Organization
}

// Made is an organization that is new, with its ETag and where it is.
type Made struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Organization
}

// get answers GET /v1/organizations/{org}. It costs the same for ten members as for a million (GEN-3): what is counted is
// counted when it changes.
func (o *organizations) get(ctx context.Context, c *access.Caller, _ *httpapi.About) (*Shown, error) {
	return o.show(ctx, c, c.Organization)
}

// show reads what stands beside the organization's item and answers what the caller may see of it.
func (o *organizations) show(ctx context.Context, c *access.Caller, of *tenant.Organization) (*Shown, error) {
	var state tenant.Access
	var administrators tenant.Administrators
	if err := o.Table.GetMany(ctx, table.Want(table.AccessKey(of.Root), &state), table.Want(table.AdministratorsKey(of.Root), &administrators)); err != nil {
		return nil, err
	}
	members, err := o.members(ctx, of)
	if err != nil {
		return nil, err
	}
	shown := view(of, state)
	shown.Members, shown.WithoutAdministrator = members, len(administrators.Users) == 0
	if c.May(access.ReadContact) != nil {
		shown.Email, shown.PartnerID, shown.PartnerAccess = "", "", ""
	}
	return &Shown{ETag: httpapi.ETag(of.Version), Body: shown}, nil
}

func view(of *tenant.Organization, state tenant.Access) Organization {
	shown := Organization{ID: of.ID, Type: string(of.Type), MainOrganizationID: of.Root, Name: of.Name, Email: of.Email, Language: of.Language,
		Country: of.Country, Sector: of.Sector, Description: of.Description, PartnerID: of.Partner, PartnerAccess: string(of.PartnerAccess),
		CreatedAt: of.CreatedAt, UpdatedAt: of.UpdatedAt}
	shown.stand(&state)
	return shown
}

// stand shows how the tree stands.
func (shown *Organization) stand(state *tenant.Access) {
	shown.Status, shown.Closing = status(*state), nil
	if state.Closed() {
		shown.Closing = &Closing{ClosedAt: state.ClosedAt, ErasesAt: state.ErasesAt, JobID: state.Erasure}
	}
}

func summary(of *tenant.Organization, state tenant.Access) Summary {
	return Summary{ID: of.ID, Type: string(of.Type), Name: of.Name, Email: of.Email, Country: of.Country, PartnerID: of.Partner,
		PartnerAccess: string(of.PartnerAccess), Status: status(state), CreatedAt: of.CreatedAt}
}

func status(state tenant.Access) string {
	switch {
	case state.Closed():
		return "closed"
	case state.Suspended:
		return "suspended"
	}
	return "active"
}

// members counts the users who have a role in the organization.
func (o *organizations) members(ctx context.Context, of *tenant.Organization) (int, error) {
	counts, err := o.Table.Counts(ctx, of.Root, table.MembersCount(of.ID, ""))
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum, err
}
