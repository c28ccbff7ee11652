package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
)

// DomainPage is a page of a list of domains.
type DomainPage struct {
	Items      []Domain `json:"items" doc:"The page"`
	NextCursor string   `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListInput is the question of GET /v1/organizations/{org}/domains.
type ListInput struct {
	httpapi.About
	httpapi.Page
}

// Listed is the answer of GET /v1/organizations/{org}/domains.
type Listed struct{ Body DomainPage }

// list answers GET /v1/organizations/{org}/domains (DOM-1).
func (f *domains) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	begin := table.DomainKey(c.Organization.ID, "")
	page, err := table.List[domain.Domain](ctx, f.Table, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	views, err := f.views(ctx, c, page.Items)
	return &Listed{DomainPage{Items: views, NextCursor: page.Next}}, err
}
