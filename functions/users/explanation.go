package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Explanation is why somebody has the role (USR-5).
type Explanation struct {
	Role           Role             `json:"role" doc:"The role"`
	OrganizationID string           `json:"organizationId" doc:"The organization of the role, of which the user is a member by it"`
	Organization   string           `json:"organization" doc:"Its name"`
	Source         string           `json:"source" enum:"person,key,sign-in,installation,group" doc:"What gave the role: a person, an API key, a first sign-in by SSO, the installation, or a mapped group"`
	GivenBy        people.Named     `json:"givenBy" doc:"Who gave it; of a group: who put the user into it, or had the mapping applied"`
	GivenAt        string           `json:"givenAt,omitempty" format:"date-time" doc:"When; absent where that was not written down yet"`
	Groups         []ExplainedGroup `json:"groups" doc:"The mapped groups that the user is in, the one that decides first"`
	Chain          []string         `json:"chain" doc:"The same in words, from what gave the role to what it allows"`
	WouldChange    []string         `json:"wouldChange" doc:"What would change it"`
}

// Explained is the answer of GET /v1/organizations/{org}/users/{user}/role-explanation.
type Explained struct{ Body Explanation }

// explain answers GET /v1/organizations/{org}/users/{user}/role-explanation.
func (f *users) explain(ctx context.Context, c *access.Caller, in *AboutUser) (*Explained, error) {
	u, err := f.find(ctx, c, in.User)
	if err != nil {
		return nil, err
	}
	if u.Role == "" {
		return nil, problem.New(problem.Conflict, "no-role", "%s has no role, and so no access.", u.Name)
	}
	var role people.Role
	var of tenant.Organization
	if err := f.Table.GetMany(ctx, table.Want(table.RoleKey(u.Organization, u.Role), &role), table.Want(table.OrganizationKey(u.Organization), &of)); err != nil {
		return nil, err
	}
	by, at := u.RoleBy, u.RoleAt
	if by.Type == "" { // given before that was written down: with the user
		by = u.CreatedBy
	}
	names, err := people.Names(ctx, f.Table, u.Root, by)
	if err != nil {
		return nil, err
	}
	e := Explanation{Role: roleView(&role), OrganizationID: of.ID, Organization: of.Name, Source: source(by), GivenBy: names[by], GivenAt: at, Groups: []ExplainedGroup{}}
	if u.RoleGroup != "" {
		e.Source = "group"
	}
	if err := f.tellGroups(ctx, u, &e); err != nil {
		return nil, err
	}
	e.tell(u)
	return &Explained{e}, nil
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
	e.Chain = append(e.Chain, given+".", fmt.Sprintf("The role makes %s a member of %s%s.", u.Name, e.Organization, worth(e.Role)))
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
