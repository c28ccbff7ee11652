package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Role is a named permission set of one organization, as the API shows it.
type Role struct {
	ID           string `json:"id" doc:"Its id" example:"rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name         string `json:"name" doc:"Its name"`
	BuiltIn      string `json:"builtIn,omitempty" enum:"administrator,user" doc:"Which of the roles that every organization has; absent otherwise"`
	PortalAccess string `json:"portalAccess" enum:"user,administrator" doc:"What it is worth in this portal"`
	Workspaces   string `json:"workspaces" enum:"none,l1-read-only,l1,l2-read-only,l2" doc:"What it may do in Workspaces"`
	Analyzer     bool   `json:"analyzer" doc:"Whether it may use Analyzer"`
}

// RolePage is a page of a list of roles.
type RolePage struct {
	Items      []Role `json:"items" doc:"The page, the oldest first"`
	NextCursor string `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// RolesInput is the question of GET /v1/organizations/{org}/roles.
type RolesInput struct {
	httpapi.About
	httpapi.Page
}

// ListedRoles is the answer of GET /v1/organizations/{org}/roles.
type ListedRoles struct{ Body RolePage }

// listRoles answers GET /v1/organizations/{org}/roles.
func (f *users) listRoles(ctx context.Context, c *access.Caller, in *RolesInput) (*ListedRoles, error) {
	begin := table.RoleKey(c.Organization.ID, "")
	page, err := table.List[people.Role](ctx, f.Table, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &ListedRoles{RolePage{Items: make([]Role, len(page.Items)), NextCursor: page.Next}}
	for i, r := range page.Items {
		out.Body.Items[i] = roleView(&r)
	}
	return out, nil
}

func roleView(r *people.Role) Role {
	return Role{ID: r.ID, Name: r.Name, BuiltIn: string(r.BuiltIn), PortalAccess: string(r.Portal), Workspaces: string(r.Workspaces), Analyzer: r.Analyzer}
}
