package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// DirectoryGroup is a group that an IdP pushed, as the API shows it.
type DirectoryGroup struct {
	ID           string        `json:"id" doc:"Its id" example:"grp_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name         string        `json:"name" doc:"Its name at the IdP"`
	ConnectionID string        `json:"connectionId" doc:"The SSO connection whose IdP pushed it"`
	Connection   string        `json:"connection" doc:"Its name"`
	Members      int           `json:"members" doc:"How many users are in it"`
	Conflicts    int           `json:"conflicts" doc:"How many of them are in another mapped group too: the one with the highest rank decides"`
	Status       string        `json:"status" enum:"unmapped,pending,applied" doc:"pending: the mapping was changed, or cleared, and not all who have a role by the group have what it says"`
	Mapping      *GroupMapping `json:"mapping,omitempty" doc:"Absent: the group gives no role"`
	Remembered   *Remembered   `json:"remembered,omitempty" doc:"Of one without a mapping: what a group of that name was mapped to which the IdP deleted in the last 30 days"`
}

// Remembered is a mapping of a group that was deleted, as it is offered for another one of that name (SCI-3).
type Remembered struct {
	OrganizationID string `json:"organizationId" doc:"The organization of the tree"`
	Organization   string `json:"organization" doc:"Its name"`
	RoleID         string `json:"roleId" doc:"The role"`
	Role           string `json:"role" doc:"Its name"`
}

// GroupMapping is what a group gives its members.
type GroupMapping struct {
	OrganizationID string       `json:"organizationId" doc:"The organization of the tree whose members they become"`
	Organization   string       `json:"organization" doc:"Its name"`
	RoleID         string       `json:"roleId" doc:"The role"`
	Role           string       `json:"role" doc:"Its name"`
	Administrator  bool         `json:"administrator" doc:"Whether it is an administrator's"`
	Rank           int          `json:"rank" doc:"Its place among all mappings of the tree: 1 is the highest"`
	MappedBy       people.Named `json:"mappedBy" doc:"Who mapped the group so"`
	MappedAt       string       `json:"mappedAt" format:"date-time" doc:"When"`
}

// views are groups as the API shows them.
func (f *provisioning) views(ctx context.Context, c *access.Caller, mappings *directory.Mappings, sources []connection.Connection, groups []*directory.Document) ([]DirectoryGroup, error) {
	views := make([]DirectoryGroup, len(groups))
	mapped := make([]*directory.Mapped, len(groups))
	ids := make([]string, len(groups))
	for i, group := range groups {
		ids[i] = group.ID
	}
	tallies, err := directory.ReadTallies(ctx, f.Table, c.Organization.Root, ids)
	if err != nil {
		return nil, err
	}
	for i, group := range groups {
		views[i] = DirectoryGroup{ID: group.ID, Name: group.Name, ConnectionID: group.Connection, Members: tallies[i].Members, Conflicts: tallies[i].Conflicts, Status: "unmapped"}
		for _, source := range sources {
			if source.ID == group.Connection {
				views[i].Connection = source.Name
			}
		}
		if at := mappings.Of(group.ID); at >= 0 {
			mapped[i] = &mappings.List[at]
		}
	}
	if err := f.join(ctx, c, mappings, mapped, views); err != nil {
		return nil, err
	}
	return views, f.offer(ctx, views)
}

// offer puts what is remembered of groups with the same name into those without a mapping, where its role is there still.
func (f *provisioning) offer(ctx context.Context, views []DirectoryGroup) error {
	remembered, names := make([]directory.Remembered, len(views)), make([]joined, len(views))
	var wants, roles []*table.Wanted
	for i, one := range views {
		if one.Status == "unmapped" {
			wants = append(wants, table.Want(table.RememberedKey(one.ConnectionID, table.Fold(one.Name)), &remembered[i]))
		}
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for i, was := range remembered {
		if was.Role != "" {
			roles = append(roles, table.Want(tenant.KeyOf(was.Organization), &names[i].of), table.Want(table.RoleKey(was.Organization, was.Role), &names[i].role))
		}
	}
	err := f.Table.GetMany(ctx, roles...)
	for i, was := range remembered {
		if names[i].role.ID != "" {
			views[i].Remembered = &Remembered{was.Organization, names[i].of.Name, was.Role, names[i].role.Name}
		}
	}
	return err
}

// joined is what a mapping is shown with.
type joined struct {
	of   tenant.Organization
	role people.Role
}

// join puts the mappings into the groups, with all names read in two round trips for fifty.
func (f *provisioning) join(ctx context.Context, c *access.Caller, mappings *directory.Mappings, mapped []*directory.Mapped, views []DirectoryGroup) error {
	names := make([]joined, len(views))
	var wants []*table.Wanted
	var actors []audit.Actor
	for i, one := range mapped {
		if one != nil && one.Role != "" {
			wants = append(wants, table.Want(tenant.KeyOf(one.Organization), &names[i].of), table.Want(table.RoleKey(one.Organization, one.Role), &names[i].role))
			actors = append(actors, one.By)
		}
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	by, err := people.Names(ctx, f.Table, c.Organization.Root, actors...)
	if err != nil {
		return err
	}
	for i, one := range mapped {
		if one == nil {
			continue
		}
		if views[i].Status = "applied"; one.Pending {
			views[i].Status = "pending"
		}
		if one.Role != "" {
			views[i].Mapping = &GroupMapping{OrganizationID: one.Organization, Organization: names[i].of.Name, RoleID: one.Role, Role: names[i].role.Name,
				Administrator: one.Administrator, Rank: mappings.Of(one.Group) + 1, MappedBy: by[one.By], MappedAt: one.At}
		}
	}
	return nil
}
