package connection

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Administrator is an active one of a main organization, with what decides about the ways to sign in.
type Administrator struct {
	people.User
	lead     Lead
	standing tenant.Standing
}

// WayIn is an administrator who can sign in, and how.
type WayIn struct {
	*people.User
	Ways []people.Method
}

// Administrators are those of a tree's main organization, with the state of the tree.
func Administrators(ctx context.Context, t *table.Table, root string) ([]Administrator, *tenant.Access, error) {
	var set tenant.Administrators
	var state tenant.Access
	if err := t.GetMany(ctx, table.Want(table.AdministratorsKey(root), &set), table.Want(table.AccessKey(root), &state)); err != nil {
		return nil, nil, err
	}
	users, err := people.ActiveAdministrators(ctx, t, root, set.Users)
	if err != nil {
		return nil, nil, err
	}
	all := make([]Administrator, len(users))
	var wants []*table.Wanted
	for i := range all {
		all[i].User = users[i]
		wants = append(wants, WantLead(domainname.Of(all[i].Email), &all[i].lead), tenant.WantStanding(root, all[i].Email, &all[i].standing))
	}
	return all, &state, t.GetMany(ctx, wants...)
}

// Still are those of the administrators who can sign in once the connection of is as after says, nil where nobody signs in by it
// any more. leads are the domains that lead to it then (PER-5).
func Still(all []Administrator, state *tenant.Access, of, after *Connection, leads []string) []WayIn {
	in := []WayIn{}
	for i := range all {
		if ways := all[i].ways(all[i].leadAfter(of, after, leads), state); len(ways) > 0 {
			in = append(in, WayIn{&all[i].User, ways})
		}
	}
	return in
}

// leadAfter is where the administrator's address leads after the change.
func (a *Administrator) leadAfter(of, after *Connection, leads []string) Lead {
	switch {
	case after != nil && slices.Contains(leads, domainname.Of(a.Email)):
		return Lead{Root: of.Root, Organization: of.Organization, Connection: of.ID, SSORequired: after.SSORequired}
	case a.lead.Connection == of.ID:
		return Lead{}
	}
	return a.lead
}

// ways are how the administrator can sign in. A connection of a suborganization signs in nobody of the main organization, and is
// required of nobody there. While email and password are on, a new password comes by mail; a break-glass administrator has one.
func (a *Administrator) ways(lead Lead, state *tenant.Access) []people.Method {
	var ways []people.Method
	own := lead.Connection != "" && lead.Organization == a.Root
	required := own && lead.SSORequired && !a.BreaksGlass(state)
	if a.PasswordFor(state) && !a.standing.Closed() && !required {
		ways = append(ways, people.ByPassword)
	}
	if own {
		ways = append(ways, people.BySAML)
	}
	return ways
}

// Sentence says who it is and how that one signs in.
func (w WayIn) Sentence() string {
	words := make([]string, len(w.Ways))
	for i, way := range w.Ways {
		words[i] = string(way)
	}
	return fmt.Sprintf("%s (%s): %s", w.Name, w.Email, strings.Join(words, ", "))
}
