package main

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// ListInput is the question of GET /v1/organizations/{org}/users.
type ListInput struct {
	httpapi.About
	httpapi.Page
	Sort   string `query:"sort" enum:"name,address" default:"name" doc:"name: the organization's members; address: of a main organization, all users of its tree"`
	Q      string `query:"q" maxLength:"254" doc:"Only those whose name, or address, begins so"`
	Status string `query:"status" enum:"invited,active,inactive" doc:"Only those in this state"`
	RoleID string `query:"roleId" maxLength:"64" doc:"Only those with this role"`
}

// UserPage is a page of a list of users.
type UserPage struct {
	Items      []User `json:"items" doc:"The page; it may be short"`
	NextCursor string `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// Listed is the answer of GET /v1/organizations/{org}/users.
type Listed struct{ Body UserPage }

// list answers GET /v1/organizations/{org}/users.
func (f *users) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	question, err := people.Listing(c.Organization, in.Sort, in.Q)
	if err != nil {
		return nil, err
	}
	question.Limit, question.Cursor, question.About = in.Limit, in.Cursor, strings.Join([]string{in.Sort, in.Status, in.RoleID}, "/")
	page, err := table.List[people.User](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	items, err := f.views(ctx, c, in.filter(page.Items))
	return &Listed{UserPage{Items: items, NextCursor: page.Next}}, err
}

// filter leaves out who is not asked for.
func (in *ListInput) filter(list []people.User) []people.User {
	rest := list[:0]
	for _, u := range list {
		if (in.Status == "" || in.Status == string(u.Status)) && (in.RoleID == "" || in.RoleID == u.Role) {
			rest = append(rest, u)
		}
	}
	return rest
}
