package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// NewRole is a named role to be made.
type NewRole struct {
	Name         string `json:"name" minLength:"1" maxLength:"100" doc:"Its name, that no other role of the organization has" example:"Service desk"`
	PortalAccess string `json:"portalAccess" enum:"user,administrator" doc:"What it is worth in this portal; it stays so"`
	Workspaces   string `json:"workspaces,omitempty" enum:"none,l1-read-only,l1,l2-read-only,l2" default:"none" doc:"What it may do in Workspaces"`
	Analyzer     bool   `json:"analyzer,omitempty" doc:"Whether it may use Analyzer"`
}

// NewRoleInput is the input of POST /v1/organizations/{org}/roles.
type NewRoleInput struct {
	httpapi.About
	Body NewRole
}

// RoleEdit is what shall become of a named role; what is absent stays as it is.
type RoleEdit struct {
	Name       *string `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"Its name"`
	Workspaces *string `json:"workspaces,omitempty" enum:"none,l1-read-only,l1,l2-read-only,l2" doc:"What it may do in Workspaces"`
	Analyzer   *bool   `json:"analyzer,omitempty" doc:"Whether it may use Analyzer"`
}

// AboutRole is the input that names a role of the organization.
type AboutRole struct {
	httpapi.About
	Role string `path:"role" doc:"The role's id" example:"rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// RoleEditInput is the input of PATCH /v1/organizations/{org}/roles/{role}.
type RoleEditInput struct {
	AboutRole
	httpapi.Match
	Body RoleEdit
}

// RoleChangeInput is the input of a change of a role that needs no body.
type RoleChangeInput struct {
	AboutRole
	httpapi.Match
}

// MadeRole is a role that is new, with where it is.
type MadeRole struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Role
}

// ShownRole is a role with the ETag.
type ShownRole struct {
	ETag string `header:"ETag"`
	Body Role
}

// makeRole answers POST /v1/organizations/{org}/roles (USR-4).
func (f *users) makeRole(ctx context.Context, c *access.Caller, in *NewRoleInput, tx *table.Tx) (*MadeRole, error) {
	role := &people.Role{ID: id.New(id.Role), Organization: c.Organization.ID, Portal: people.PortalAccess(in.Body.PortalAccess),
		Workspaces: people.Workspaces(in.Body.Workspaces), Analyzer: in.Body.Analyzer, Stamp: audit.Made(c.Actor, clock.Format(f.Clock()))}
	var err error
	if role.Name, err = roleName(in.Body.Name); err != nil {
		return nil, err
	}
	own, err := f.ownRole(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := c.MayGive(role, own); err != nil {
		return nil, err
	}
	people.CreateRole(tx, c.Organization.Root, role)
	event := c.Event("role.created", "role", role.ID)
	event.After = recordedRole(role)
	f.Trail.Write(tx, event)
	return &MadeRole{Location: "/v1/organizations/" + role.Organization + "/roles/" + role.ID, ETag: httpapi.ETag(role.Version), Body: roleView(role)}, nil
}

// getRole answers GET /v1/organizations/{org}/roles/{role}.
func (f *users) getRole(ctx context.Context, c *access.Caller, in *AboutRole) (*ShownRole, error) {
	role, err := people.ReadRole(ctx, f.Table, c.Organization.ID, in.Role)
	if err != nil {
		return nil, err
	}
	return &ShownRole{ETag: httpapi.ETag(role.Version), Body: roleView(role)}, nil
}

// editRole answers PATCH /v1/organizations/{org}/roles/{role}. Neither what the role was nor what it becomes may be above the
// caller's own (PER-2).
func (f *users) editRole(ctx context.Context, c *access.Caller, in *RoleEditInput, tx *table.Tx) (*ShownRole, error) {
	from, own, err := f.namedRole(ctx, c, in.Role, in.Match)
	if err != nil {
		return nil, err
	}
	to := *from
	if err := in.Body.apply(&to); err != nil {
		return nil, err
	}
	if err := c.MayGive(&to, own); err != nil {
		return nil, err
	}
	if to != *from {
		people.EditRole(tx, from, &to, c.Actor, f.Clock())
		event := c.Event("role.edited", "role", from.ID)
		event.Before, event.After = recordedRole(from), recordedRole(&to)
		f.Trail.Write(tx, event)
	}
	return &ShownRole{ETag: httpapi.ETag(to.Version), Body: roleView(&to)}, nil
}

// removeRole answers DELETE /v1/organizations/{org}/roles/{role}: one that nobody has (USR-4).
func (f *users) removeRole(ctx context.Context, c *access.Caller, in *RoleChangeInput, tx *table.Tx) (*Nothing, error) {
	role, _, err := f.namedRole(ctx, c, in.Role, in.Match)
	if err != nil {
		return nil, err
	}
	if err := f.unusedByConnections(ctx, c, role); err != nil {
		return nil, err
	}
	if err := f.unmapped(ctx, c, tx, role); err != nil {
		return nil, err
	}
	if err := people.RemoveRole(ctx, f.Table, tx, c.Organization.Root, role); err != nil {
		return nil, err
	}
	event := c.Event("role.deleted", "role", role.ID)
	event.Before = recordedRole(role)
	f.Trail.Write(tx, event)
	return nil, nil
}

// unusedByConnections refuses where somebody new would get the role by signing in. The list is some moments behind: a connection that
// chose the role meanwhile creates nobody until it has another one.
func (f *users) unusedByConnections(ctx context.Context, c *access.Caller, role *people.Role) error {
	all, err := connection.OfTree(ctx, f.Table, c.Organization.Root, "")
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.JustInTime == role.ID {
			return problem.New(problem.Conflict, "role-in-use", "The SSO connection %q gives the role %q to whoever signs in for the first time. Choose another one there first.", one.Name, role.Name)
		}
	}
	return nil
}

// unmapped refuses where a group is mapped to the role, and has the change fail where one is meanwhile.
func (f *users) unmapped(ctx context.Context, c *access.Caller, tx *table.Tx, role *people.Role) error {
	mappings, err := directory.ReadMappings(ctx, f.Table, c.Organization.Root)
	if err != nil {
		return err
	}
	if n := mappings.To(role.Organization, role.ID); n > 0 {
		refused := problem.New(problem.Conflict, "role-in-use", "Groups of an identity provider are mapped to the role %q. Map them to another one first.", role.Name)
		refused.Consequences = problem.Amounts(problem.Amount{N: n, One: "mapped group", Many: "mapped groups"})
		return refused
	}
	mappings.Hold(tx)
	return nil
}

// namedRole reads a role to be changed, with the caller's own. Built-in ones stay as they are.
func (f *users) namedRole(ctx context.Context, c *access.Caller, role string, match httpapi.Match) (its, own *people.Role, err error) {
	if its, err = people.ReadRole(ctx, f.Table, c.Organization.ID, role); err != nil {
		return nil, nil, err
	}
	if own, err = f.ownRole(ctx, c); err != nil {
		return nil, nil, err
	}
	switch {
	case its.BuiltIn != "":
		return nil, nil, problem.New(problem.Conflict, "built-in-role", "%q is a role that every organization has, and stays as it is. Make a role of your own instead.", its.Name)
	case !its.Within(own):
		return nil, nil, problem.Refused("The role %q includes what your own role does not.", its.Name)
	}
	return its, own, match.Check(its.Version)
}

// ownRole is the caller's.
func (f *users) ownRole(ctx context.Context, c *access.Caller) (*people.Role, error) {
	own := &people.Role{}
	_, err := f.Table.Get(ctx, c.RoleKey(), own)
	return own, err
}

// apply writes the fields that are there into the role.
func (in *RoleEdit) apply(role *people.Role) (err error) {
	if in.Name != nil {
		if role.Name, err = roleName(*in.Name); err != nil {
			return err
		}
	}
	if in.Workspaces != nil {
		role.Workspaces = people.Workspaces(*in.Workspaces)
	}
	if in.Analyzer != nil {
		role.Analyzer = *in.Analyzer
	}
	return nil
}

// roleName checks the name of a named role.
func roleName(value string) (string, error) {
	name, err := people.CheckName("body.name", value)
	if err == nil && people.BuiltInName(name) {
		err = people.NameTaken()
	}
	return name, err
}

// recordedRole is what the audit keeps of a role.
func recordedRole(r *people.Role) map[string]any {
	return map[string]any{"name": r.Name, "portalAccess": r.Portal, "workspaces": r.Workspaces, "analyzer": r.Analyzer}
}
