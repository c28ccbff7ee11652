// Package lockout knows which administrators of a tree could still sign in after a change, and how, so that nobody locks an
// organization out (PER-5): whoever changes its policy, people, domains or connections asks first, and says so in the answer.
//
//	now, err := lockout.Read(ctx, services.Table, root, restored, social, at)
//	after := now.Without(user)  // or Under, Cleared, Losing, Gaining, Readdressed, Leading, Off, HandedOver: as things will be
//	err = after.Keep(tx)        // refused where nobody could; otherwise what one who can stands on stays, in the same change
//
// What asks nobody, since it cannot be refused, tells the platform and the partner instead where nobody is left who can sign in (Notice).
//
// It refuses to change anything itself. What it counts are ways that an administrator of the main organization has now or can open
// alone, such as a new password by mail; what takes somebody else's help is none. A suborganization's connection is no way in for
// them, nor is it required of them.
package lockout

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Tree is the active administrators of a main organization with what decides about their ways to sign in, as it was read or as it
// will be after a change.
type Tree struct {
	State tenant.Access // as it was read

	root           string
	at             time.Time
	restored       restore.Mark
	social         []people.Method
	policy         *tenant.Access
	administrators []administrator
	connections    map[string]*connection.Connection // that the domains of their addresses lead to
	read           map[string]int                    // the versions of those that were read
}

// administrator is one of them. What the change holds is as it was read: user, standing, password and accounts.
type administrator struct {
	user     people.User
	password people.Password // empty where there is none that is valid
	standing tenant.Standing // of the domain of the address
	accounts []account

	off    bool // signs in by email and password no more
	lost   bool // the domain is the tree's no more
	gained bool // the domain is the tree's now
}

// account is one with a provider that the installation has.
type account struct {
	by      people.Method
	subject string
}

// Read reads the tree root as it is. social are the providers that the installation has.
func Read(ctx context.Context, t *table.Table, root string, restored restore.Mark, social []people.Method, at time.Time) (*Tree, error) {
	tree := &Tree{root: root, at: at, restored: restored, social: social, connections: map[string]*connection.Connection{}, read: map[string]int{}}
	var set tenant.Administrators
	if err := t.GetMany(ctx, table.Want(table.AdministratorsKey(root), &set), table.Want(table.AccessKey(root), &tree.State)); err != nil {
		return nil, err
	}
	tree.policy = &tree.State
	users, err := people.ActiveAdministrators(ctx, t, root, set.Users)
	if err == nil {
		tree.administrators, err = tree.know(ctx, t, users)
	}
	if err != nil {
		return nil, err
	}
	return tree, tree.follow(ctx, t)
}

// Now reads the tree root as Read does, with what was restored of it, for whoever acts for no caller.
func Now(ctx context.Context, t *table.Table, root string, social []people.Method, at time.Time) (*Tree, error) {
	restored, err := restore.Read(ctx, t, root)
	if err != nil {
		return nil, err
	}
	return Read(ctx, t, root, restored, social, at)
}

// know reads what the administrators have.
func (t *Tree) know(ctx context.Context, from *table.Table, users []people.User) ([]administrator, error) {
	all, held := make([]administrator, len(users)), make([]people.Credentials, len(users))
	linked := make([]people.Account, len(users)*len(t.social))
	var wants []*table.Wanted
	for i := range users {
		all[i].user = users[i]
		wants = append(wants, held[i].Wants(users[i].ID)...)
		wants = append(wants, tenant.WantStanding(users[i].Root, users[i].Email, &all[i].standing))
		for n, method := range t.social {
			wants = append(wants, table.Want(table.AccountKey(users[i].ID, string(method)), &linked[i*len(t.social)+n]))
		}
	}
	if err := from.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	for i := range all {
		held[i].Standing(&t.State, t.restored)
		all[i].password = held[i].Password
		for n, method := range t.social {
			if subject := linked[i*len(t.social)+n].Subject; subject != "" {
				all[i].accounts = append(all[i].accounts, account{method, subject})
			}
		}
	}
	return all, nil
}

// follow reads the connections that the domains of their addresses lead to.
func (t *Tree) follow(ctx context.Context, from *table.Table) error {
	var wants []*table.Wanted
	for i := range t.administrators {
		if to := t.administrators[i].standing.Connection; to != "" && t.connections[to] == nil {
			t.connections[to] = &connection.Connection{}
			wants = append(wants, table.Want(table.ConnectionKey(to), t.connections[to]))
		}
	}
	err := from.GetMany(ctx, wants...)
	for id, c := range t.connections {
		t.read[id] = c.Version
	}
	return err
}

// User gives one of the administrators, as it was read, nil where the user is none.
func (t *Tree) User(id string) *people.User {
	for _, u := range t.Users() {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// Users are the administrators, as they were read, in order of their ids.
func (t *Tree) Users() []*people.User {
	users := make([]*people.User, len(t.administrators))
	for i := range users {
		user := t.administrators[i].user
		users[i] = &user
	}
	return users
}

// changed is a copy of the tree to be changed.
func (t *Tree) changed() *Tree {
	after := *t
	after.administrators, after.connections = slices.Clone(t.administrators), maps.Clone(t.connections)
	return &after
}

// Under is the tree with that policy.
func (t *Tree) Under(policy *tenant.Access) *Tree {
	after := t.changed()
	after.policy = policy
	return after
}

// Without is the tree without the user, who is about to leave.
func (t *Tree) Without(user string) *Tree {
	after := t.changed()
	after.administrators = slices.DeleteFunc(after.administrators, func(a administrator) bool { return a.user.ID == user })
	return after
}

// Cleared is the tree when the user's password has been removed.
func (t *Tree) Cleared(user string) *Tree {
	return t.each(func(a *administrator) {
		if a.user.ID == user {
			a.password = people.Password{}
		}
	})
}

// WithoutPassword is the tree when the user does not sign in by email and password any more.
func (t *Tree) WithoutPassword(user string) *Tree {
	return t.each(func(a *administrator) { a.off = a.off || a.user.ID == user })
}

// Losing is the tree when it has lost the verified domain.
func (t *Tree) Losing(domain string) *Tree {
	return t.each(func(a *administrator) { a.lost = a.lost || a.domain() == domain && a.standing.Verified })
}

// Gaining is the tree when it has verified the domain, which leads to the active connection as that one says from then on.
func (t *Tree) Gaining(domain string, c *connection.Connection) *Tree {
	after := t.each(func(a *administrator) { a.gained = a.gained || a.domain() == domain })
	after.connections[c.ID] = c
	return after
}

// Readdressed is the tree when the user has another address, whose domain and what it leads to it reads.
func (t *Tree) Readdressed(ctx context.Context, from *table.Table, user, address string) (*Tree, error) {
	after := t.changed()
	after.read = maps.Clone(t.read)
	for i := range after.administrators {
		if a := &after.administrators[i]; a.user.ID == user {
			a.user.Email, a.standing = address, tenant.Standing{}
			if err := from.GetMany(ctx, tenant.WantStanding(t.root, address, &a.standing)); err != nil {
				return nil, err
			}
		}
	}
	return after, after.follow(ctx, from)
}

// At is the tree at another time, with what it has now.
func (t *Tree) At(at time.Time) *Tree {
	then := t.changed()
	then.at = at
	return then
}

func (t *Tree) each(change func(*administrator)) *Tree {
	after := t.changed()
	for i := range after.administrators {
		change(&after.administrators[i])
	}
	return after
}

// Leading is the tree when the connection is active as it says, and those domains lead to it and no others.
func (t *Tree) Leading(c *connection.Connection, domains []string) *Tree {
	after, active := t.changed(), *c
	active.Active, active.Leads = true, domains
	after.connections[c.ID] = &active
	for id, other := range after.connections {
		if id != c.ID {
			less := *other
			less.Leads = slices.DeleteFunc(slices.Clone(other.Leads), func(name string) bool { return slices.Contains(domains, name) })
			after.connections[id] = &less
		}
	}
	return after
}

// Off is the tree when nobody signs in by the connection any more.
func (t *Tree) Off(c *connection.Connection) *Tree {
	after := t.changed()
	delete(after.connections, c.ID)
	return after
}

// HandedOver is the tree when the domains of one connection, which is removed, lead to another.
func (t *Tree) HandedOver(from, to *connection.Connection) *Tree {
	return t.Off(from).Leading(to, slices.Concat(to.Leads, from.Leads))
}

// domain is the one of the address.
func (a *administrator) domain() string { return domainname.Of(a.user.Email) }

// leads is the connection of the main organization that the administrator's address leads to, nil for none.
func (t *Tree) leads(a *administrator) *connection.Connection {
	if a.lost || !a.standing.Verified && !a.gained {
		return nil
	}
	for _, c := range t.connections {
		if c.Organization == t.root && c.SignsIn(a.domain()) {
			return c
		}
	}
	return nil
}
