package export

import (
	"context"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// columns are those of an export of users, in their order (USR-1).
var columns = []string{"id", "name", "email", "department", "organizationId", "organization", "roleId", "role", "status",
	"emailPassword", "createdAt", "createdBy", "updatedAt", "updatedBy"}

// roster reads the users who have a role, of a whole tree or of one suborganization of it, as rows of text.
type roster struct {
	table *table.Table
	root  string
	org   string            // the suborganization; the root: all of the tree
	names map[string]string // of organizations and roles, by id, as far as they were read
	state *tenant.Access    // how the tree signs in, once it was read
}

// sheet is the roster as a table.
func (r *roster) sheet() *sheet {
	return &sheet{title: "Users", kind: "user", columns: columns, rows: r.rows}
}

// question asks for the users behind the cursor: of a tree in the order in which they were made, of a suborganization by name. That
// one has a list of its own, some moments behind, so that its file costs its own users and not those of the whole tree.
func (r *roster) question(cursor string) table.Question {
	if r.org != r.root {
		list := table.UsersByName(r.org, "", "")
		return table.Question{Index: list.Index, PK: list.PK, Limit: table.MaxLimit, Cursor: cursor}
	}
	begin := table.UserKey(r.root, "")
	return table.Question{PK: begin.PK, Prefix: begin.SK, Limit: table.MaxLimit, Cursor: cursor}
}

// rows reads the next page behind the cursor, and gives the cursor behind it; empty: that was all.
func (r *roster) rows(ctx context.Context, cursor string) (rows [][]string, next string, err error) {
	page, err := table.List[people.User](ctx, r.table, r.question(cursor))
	if err != nil {
		return nil, "", err
	}
	var members []people.User
	var actors []audit.Actor
	for _, u := range page.Items {
		if u.Role != "" && (r.org == r.root || r.org == u.Organization) {
			members, actors = append(members, u), append(actors, u.CreatedBy, u.UpdatedBy)
		}
	}
	if err := r.learn(ctx, members); err != nil {
		return nil, "", err
	}
	by, err := people.Names(ctx, r.table, r.root, actors...)
	for _, u := range members {
		rows = append(rows, []string{u.ID, u.Name, u.Email, u.Department, u.Organization, r.names[u.Organization], u.Role, r.names[u.Role],
			string(u.Status), r.emailPassword(&u), u.CreatedAt, actor(by[u.CreatedBy]), u.UpdatedAt, actor(by[u.UpdatedBy])})
	}
	return rows, page.Next, err
}

// learn reads the names of the users' organizations and roles that are not known yet.
func (r *roster) learn(ctx context.Context, members []people.User) error {
	organizations, roles := map[string]*tenant.Organization{}, map[string]*people.Role{}
	var wants []*table.Wanted
	if r.state == nil {
		r.state = &tenant.Access{}
		wants = append(wants, table.Want(table.AccessKey(r.root), r.state))
	}
	for _, u := range members {
		if _, known := r.names[u.Organization]; !known && organizations[u.Organization] == nil {
			organizations[u.Organization] = &tenant.Organization{}
			wants = append(wants, table.Want(table.OrganizationKey(u.Organization), organizations[u.Organization]))
		}
		if _, known := r.names[u.Role]; !known && roles[u.Role] == nil {
			roles[u.Role] = &people.Role{}
			wants = append(wants, table.Want(table.RoleKey(u.Organization, u.Role), roles[u.Role]))
		}
	}
	if err := r.table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for id, one := range organizations {
		r.names[id] = one.Name
	}
	for id, one := range roles {
		r.names[id] = one.Name
	}
	return nil
}

// emailPassword says whether the user may sign in by email and password.
func (r *roster) emailPassword(u *people.User) string {
	if u.PasswordFor(r.state) {
		return "enabled"
	}
	return "disabled"
}

// actor is how a file names who made or changed something.
func actor(by people.Named) string {
	switch {
	case by.Email != "":
		return by.Name + " (" + by.Email + ")"
	case by.Name != "":
		return by.Name
	case by.Across != "":
		return by.Across
	}
	return string(by.Type)
}
