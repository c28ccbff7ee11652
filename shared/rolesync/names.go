package rolesync

import (
	"context"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Names are those of whom and what changes are about, joined at reading: a change keeps none, so that erasing a person erases the name
// everywhere (GEN-7).
type Names struct {
	table *table.Table
	root  string
	known map[string]*named       // organizations, roles and groups, by id
	users map[string]*people.User // of the changes that were learnt last
}

// named is whatever has a name.
type named struct {
	Name string `dynamodbav:"name"`
}

// NewNames knows no name of the tree yet.
func NewNames(t *table.Table, root string) *Names {
	return &Names{table: t, root: root, known: map[string]*named{}}
}

// Learn reads the names of these changes that are not known yet. Users of earlier ones are forgotten.
func (n *Names) Learn(ctx context.Context, changes []Change) error {
	n.users = map[string]*people.User{}
	var wants []*table.Wanted
	want := func(id string, key table.Key) {
		if id != "" && n.known[id] == nil {
			n.known[id] = &named{}
			wants = append(wants, table.Want(key, n.known[id]))
		}
	}
	for _, one := range changes {
		n.users[one.User] = &people.User{}
		wants = append(wants, table.Want(table.UserKey(n.root, one.User), n.users[one.User]))
		for _, of := range []Given{one.From, one.To} {
			want(of.Organization, table.OrganizationKey(of.Organization))
			want(of.Role, table.RoleKey(of.Organization, of.Role))
			want(of.Group, table.DocumentKey(one.Connection, of.Group))
		}
	}
	return n.table.GetMany(ctx, wants...)
}

// Of is the name of an organization, a role or a group, empty where it is gone.
func (n *Names) Of(id string) string {
	if known := n.known[id]; known != nil {
		return known.Name
	}
	return ""
}

// User is a user of the changes that were learnt last, an empty one where that one is gone.
func (n *Names) User(user string) *people.User {
	if u := n.users[user]; u != nil {
		return u
	}
	return &people.User{}
}
