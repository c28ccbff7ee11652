package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// ListInput is the question of GET /v1/organizations.
type ListInput struct {
	httpapi.Page
	Type string `query:"type" enum:"platform,partner,client" doc:"Only those of this type"`
	Name string `query:"name" maxLength:"100" doc:"Only those whose name begins so; the platform's administrators name the type too"`
}

// Organizations is a page of a list of organizations.
type Organizations struct {
	Items      []Summary `json:"items" doc:"The page; it may be short"`
	NextCursor string    `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// Listed is the answer of GET /v1/organizations.
type Listed struct{ Body Organizations }

// list answers GET /v1/organizations.
func (o *organizations) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	question := table.Question{Limit: in.Limit, Cursor: in.Cursor, About: c.Root + "/" + in.Type + "/" + in.Name}
	if c.Access.Type == tenant.Platform {
		if in.Name != "" && in.Type == "" {
			return nil, problem.Invalid("query.type", "is needed with a name: the list is by type, then by name", nil)
		}
		place := table.MainOrganizations(in.Type, in.Name, "")
		question.Index, question.PK = place.Index, place.PK
		if in.Type != "" {
			question.Prefix = withoutEnd(place.SK)
		}
	} else {
		place := table.OrganizationsUnder(c.Root, in.Name, "")
		question.Index, question.PK, question.Prefix = place.Index, place.PK, withoutEnd(place.SK)
	}
	page, err := table.List[tenant.Organization](ctx, o.Table, question)
	if err != nil {
		return nil, err
	}
	items, err := o.summaries(ctx, known(c, in.Type, page.Items))
	return &Listed{Organizations{Items: items, NextCursor: page.Next}}, err
}

// withoutEnd makes of a place in a list the prefix of all whose name begins as its name does: it takes the id's # away.
func withoutEnd(sk string) string { return sk[:len(sk)-1] }

// known leaves out what the caller may not know of: the index still holds the clients that grant their partner nothing, and
// may be some moments behind.
func known(c *access.Caller, kind string, list []tenant.Organization) []*tenant.Organization {
	var rest []*tenant.Organization
	for i := range list {
		one := &list[i]
		granted := one.Partner == c.Root && (one.PartnerAccess == tenant.ReadAccess || one.PartnerAccess == tenant.ManageAccess)
		if (c.Access.Type == tenant.Platform || granted) && (kind == "" || kind == string(one.Type)) {
			rest = append(rest, one)
		}
	}
	return rest
}

// summaries completes main organizations with the state of their trees, in one round trip for a hundred.
func (o *organizations) summaries(ctx context.Context, list []*tenant.Organization) ([]Summary, error) {
	states := make([]tenant.Access, len(list))
	wants := make([]*table.Wanted, len(list))
	for i, one := range list {
		wants[i] = table.Want(table.AccessKey(one.Root), &states[i])
	}
	if err := o.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	items := make([]Summary, len(list))
	for i, one := range list {
		items[i] = summary(one, states[i])
	}
	return items, nil
}
