package main

import (
	"context"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// NewSuborganization is a suborganization to be made.
type NewSuborganization struct {
	Name        string   `json:"name" minLength:"1" maxLength:"100" doc:"Its name" example:"Acme Iberia"`
	Email       string   `json:"email,omitempty" maxLength:"254" doc:"Where it is written to"`
	Language    Language `json:"language,omitempty"`
	Country     Country  `json:"country,omitempty"`
	Sector      Sector   `json:"sector,omitempty"`
	Description string   `json:"description,omitempty" maxLength:"2000" doc:"In its own words"`
}

// CreateUnderInput is the input of POST /v1/organizations/{org}/suborganizations.
type CreateUnderInput struct {
	httpapi.About
	Body NewSuborganization
}

// createUnder answers POST /v1/organizations/{org}/suborganizations (GEN-4).
func (o *organizations) createUnder(ctx context.Context, c *access.Caller, in *CreateUnderInput, tx *table.Tx) (*Made, error) {
	if err := only(c.Organization, tenant.Client, "suborganizations"); err != nil {
		return nil, err
	}
	made := &tenant.Organization{Language: string(in.Body.Language), Country: string(in.Body.Country), Sector: string(in.Body.Sector),
		Description: in.Body.Description}
	err := name("body.name", in.Body.Name, &made.Name)
	if err == nil && in.Body.Email != "" {
		err = address("body.email", in.Body.Email, &made.Email)
	}
	if err != nil {
		return nil, err
	}
	now := o.Clock()
	tenant.CreateUnder(tx, c.Organization, made, c.Actor, now)
	people.NewRoles(tx, made.ID, c.Actor, now)
	event := c.Event("organization.created", "organization", made.ID)
	event.Organization, event.After = made.ID, recorded(made)
	o.Trail.Write(tx, event)
	shown, err := o.show(ctx, c, made)
	if err != nil {
		return nil, err
	}
	return answerMade(made, shown.Body), nil
}

// ListUnderInput is the question of GET /v1/organizations/{org}/suborganizations.
type ListUnderInput struct {
	httpapi.About
	httpapi.Page
	Name string `query:"name" maxLength:"100" doc:"Only those whose name begins so"`
}

// Suborganization is a suborganization in a list.
type Suborganization struct {
	Summary
	Members int `json:"members" doc:"Users with a role in it, invited ones too"`
}

// Suborganizations is a page of a list of suborganizations.
type Suborganizations struct {
	Items      []Suborganization `json:"items" doc:"The page"`
	NextCursor string            `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListedUnder is the answer of GET /v1/organizations/{org}/suborganizations.
type ListedUnder struct{ Body Suborganizations }

// listUnder answers GET /v1/organizations/{org}/suborganizations: one query more for each that is listed, for its members.
func (o *organizations) listUnder(ctx context.Context, c *access.Caller, in *ListUnderInput) (*ListedUnder, error) {
	listed := &ListedUnder{Suborganizations{Items: []Suborganization{}}}
	if c.Organization.Type != tenant.Client {
		return listed, nil
	}
	place := table.OrganizationsUnder(c.Organization.ID, in.Name, "")
	page, err := table.List[tenant.Organization](ctx, o.Table, table.Question{Index: place.Index, PK: place.PK, Prefix: withoutEnd(place.SK),
		Limit: in.Limit, Cursor: in.Cursor, About: c.Organization.ID + "/" + in.Name})
	if err != nil {
		return nil, err
	}
	var state tenant.Access
	if _, err := o.Table.Get(ctx, table.AccessKey(c.Organization.Root), &state); err != nil {
		return nil, err
	}
	for i := range page.Items {
		members, err := o.members(ctx, &page.Items[i])
		if err != nil {
			return nil, err
		}
		listed.Body.Items = append(listed.Body.Items, Suborganization{Summary: summary(&page.Items[i], state), Members: members})
	}
	listed.Body.NextCursor = page.Next
	return listed, nil
}

// RemoveInput is the input of DELETE /v1/organizations/{org}.
type RemoveInput struct {
	httpapi.About
	httpapi.Match
}

// remove answers DELETE /v1/organizations/{org}: a suborganization, once it is empty (GEN-4). All counts of what it can hold
// are closed in the same change, so that whoever read it as there can put nothing into it any more.
func (o *organizations) remove(ctx context.Context, c *access.Caller, in *RemoveInput, tx *table.Tx) (*struct{}, error) {
	of, err := o.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	if of.Main() {
		return nil, problem.New(problem.Conflict, "wrong-type", "A %s is not deleted but closed, with all of its tree. Only suborganizations are deleted.", of.Type)
	}
	roles, err := table.All[people.Role](ctx, o.Table, table.Question{PK: table.OrganizationPartition(of.ID), Prefix: table.RoleKey(of.ID, "").SK})
	if err != nil {
		return nil, err
	}
	mappings, err := directory.ReadMappings(ctx, o.Table, of.Root)
	if err != nil {
		return nil, err
	}
	if err := o.empty(ctx, of, roles, mappings.To(of.ID, "")); err != nil {
		return nil, err
	}
	mappings.Hold(tx)
	if err := o.closeCounts(ctx, tx, of, roles); err != nil {
		return nil, err
	}
	people.CloseRoles(tx, of.Root, of.ID, o.Clock())
	for _, role := range roles {
		tx.Delete(table.RoleKey(of.ID, role.ID), role.Version)
	}
	tx.Delete(table.BrandingKey(of.ID), 0)
	timer.Set(tx, timer.Files, of.ID+"/all", o.Clock().Add(time.Hour)) // its images
	of.Delete(tx)
	tx.Count(of.Root, table.SuborganizationsCount(of.Root), -1, problem.Missing())
	event := c.Event("organization.deleted", "organization", of.ID)
	event.Before = recorded(of)
	o.Trail.Write(tx, event)
	return nil, nil
}

// empty refuses with not-empty where something is left, naming each kind and how much (GEN-4).
func (o *organizations) empty(ctx context.Context, of *tenant.Organization, roles []people.Role, mapped int) error {
	counts, err := o.Table.Counts(ctx, of.Root, table.OrganizationCounts(of.ID))
	if err != nil {
		return err
	}
	users, keys, named, domains := 0, 0, 0, 0
	for count, n := range counts {
		switch {
		case strings.HasPrefix(count, table.MembersCount(of.ID, "")):
			users += n
		case strings.HasPrefix(count, table.KeysCount(of.ID, "")):
			keys += n
		case count == table.DomainsCount(of.ID):
			domains += n
		}
	}
	for _, role := range roles {
		if role.BuiltIn == "" {
			named++
		}
	}
	left := problem.Amounts(problem.Amount{N: users, One: "user", Many: "users"}, problem.Amount{N: keys, One: "API key", Many: "API keys"},
		problem.Amount{N: named, One: "role", Many: "roles"}, problem.Amount{N: domains, One: "domain", Many: "domains"},
		problem.Amount{N: of.Connections, One: "connection", Many: "connections"}, problem.Amount{N: mapped, One: "mapped group", Many: "mapped groups"})
	if len(left) == 0 {
		return nil
	}
	refused := problem.New(problem.Conflict, "not-empty", "The suborganization still has %s. Move or remove them first.", strings.Join(left, ", "))
	refused.Consequences = left
	return refused
}

// closeCounts closes the counts of domains, and of users and keys of every role.
func (o *organizations) closeCounts(ctx context.Context, tx *table.Tx, of *tenant.Organization, roles []people.Role) error {
	counts := []string{table.DomainsCount(of.ID)}
	for _, role := range roles {
		counts = append(counts, table.MembersCount(of.ID, role.ID), table.KeysCount(of.ID, role.ID))
	}
	for _, count := range counts {
		n, err := o.Table.CloseCount(ctx, tx, of.Root, count)
		if err != nil {
			return err
		}
		if n != 0 {
			return table.ErrChanged
		}
	}
	return nil
}
