package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Explanation is why somebody has the role, or none (USR-5).
type Explanation struct {
	Status         string           `json:"status" enum:"invited,active,inactive" doc:"Whether the user can make use of a role"`
	Role           *Role            `json:"role,omitempty" doc:"The role; absent: the user has none"`
	OrganizationID string           `json:"organizationId,omitempty" doc:"The organization of the role, of which the user is a member by it"`
	Organization   string           `json:"organization,omitempty" doc:"Its name"`
	Source         string           `json:"source" enum:"person,key,sign-in,installation,group,none" doc:"What gave the role: a person, an API key, a first sign-in by SSO, the installation, or a mapped group; none: there is no role"`
	GivenBy        *people.Named    `json:"givenBy,omitempty" doc:"Who gave it, or took the last one; of a group: who put the user into it, took the user out of it, or had the mapping applied. Absent: there never was one"`
	GivenAt        string           `json:"givenAt,omitempty" format:"date-time" doc:"When; absent where that was not written down yet"`
	Groups         []ExplainedGroup `json:"groups" doc:"The groups that the user is in: the one that decides first, then the mapped ones, then at most 20 that are not mapped"`
	OtherGroups    int              `json:"otherGroups,omitempty" doc:"How many more groups the user is in that are not mapped"`
	Chain          []string         `json:"chain" doc:"The same in words, from what gave the role to what it allows, or why there is none"`
	WouldChange    []string         `json:"wouldChange" doc:"What would change it, or give a role"`
}

// Explained is the answer of GET /v1/organizations/{org}/users/{user}/role-explanation.
type Explained struct{ Body Explanation }

// explain answers GET /v1/organizations/{org}/users/{user}/role-explanation.
func (f *users) explain(ctx context.Context, c *access.Caller, in *AboutUser) (*Explained, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	by, err := f.groups(ctx, u)
	if err != nil {
		return nil, err
	}
	memberships, err := f.memberships(ctx, u, by)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Status: string(u.Status), Source: "none", Groups: []ExplainedGroup{}, Chain: []string{}, WouldChange: []string{}, OtherGroups: len(u.Groups) - len(memberships)}
	for i := range memberships {
		e.Groups = append(e.Groups, memberships[i].view())
	}
	if err := f.tellGiver(ctx, u, e); err != nil {
		return nil, err
	}
	if u.Role == "" {
		e.tellNone(u, by, memberships)
		return &Explained{*e}, nil
	}
	if err := f.tellRole(ctx, u, e); err != nil {
		return nil, err
	}
	for i := range memberships {
		e.Chain = append(e.Chain, memberships[i].says(u)...)
	}
	e.tell(u)
	e.wouldChange(u, by, memberships)
	return &Explained{*e}, nil
}

// tellGiver adds who gave the role, or took the last one.
func (f *users) tellGiver(ctx context.Context, u *people.User, e *Explanation) error {
	by := u.RoleBy
	if by.Type == "" && u.Role != "" { // given before that was written down: with the user
		by = u.CreatedBy
	}
	if by.Type == "" {
		return nil
	}
	names, err := people.Names(ctx, f.Table, u.Root, by)
	given := names[by]
	e.GivenBy, e.GivenAt = &given, u.RoleAt
	if u.Role != "" {
		e.Source = source(by)
	}
	if u.RoleGroup != "" {
		e.Source = "group"
	}
	return err
}

// tellRole adds the role with its organization.
func (f *users) tellRole(ctx context.Context, u *people.User, e *Explanation) error {
	var role people.Role
	var of tenant.Organization
	err := f.Table.GetMany(ctx, table.Want(table.RoleKey(u.Organization, u.Role), &role), table.Want(table.OrganizationKey(u.Organization), &of))
	view := roleView(&role)
	e.Role, e.OrganizationID, e.Organization = &view, of.ID, of.Name
	return err
}

// source is what kind of thing gave a role.
func source(by audit.Actor) string {
	switch by.Type {
	case audit.ByUser:
		return "person"
	case audit.ByKey:
		return "key"
	case audit.BySystem:
		return "installation"
	}
	return "sign-in"
}

// tell puts it into words.
func (e *Explanation) tell(u *people.User) {
	given := fmt.Sprintf("%s gave %s the role %q of %s", e.giver(), u.Name, e.Role.Name, e.Organization)
	if e.GivenAt != "" {
		given += " on " + e.GivenAt
	}
	e.Chain = append(e.Chain, given+".", fmt.Sprintf("The role makes %s a member of %s%s.", u.Name, e.Organization, worth(*e.Role)))
	if u.Status != people.Active {
		e.Chain = append(e.Chain, fmt.Sprintf("%s is %s, so that nothing of it can be used at the moment.", u.Name, u.Status))
	}
	if e.Source != "group" {
		e.WouldChange = append(e.WouldChange, "An administrator gives another role, of this organization or of another one of the tree.")
	}
	if e.Role.BuiltIn == "" {
		e.WouldChange = append(e.WouldChange, "An administrator edits the role, which changes what it allows to everybody who has it.")
	}
}

// giver is who gave the role, in words. Who is of another tree has no name here.
func (e *Explanation) giver() string {
	switch {
	case e.Source == "group":
		return "The group"
	case e.GivenBy.Across != "":
		return "Somebody of the " + e.GivenBy.Across
	case e.Source == "person":
		return e.GivenBy.Name
	case e.Source == "key":
		return "The API key " + e.GivenBy.Name
	case e.Source == "installation":
		return "The installation"
	}
	return "A first sign-in by SSO"
}

// worth is what a role allows, in words.
func worth(r Role) string {
	text := ""
	if r.PortalAccess == string(people.AdministratorAccess) {
		text = ", with the administration of it"
	}
	if r.Workspaces != string(people.WorkspacesNone) {
		text += ", with Workspaces " + r.Workspaces
	}
	if r.Analyzer {
		text += ", with Analyzer"
	}
	return text
}
