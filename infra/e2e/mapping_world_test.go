package e2e

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// aGroup is what these tests read of a group.
type aGroup struct {
	ID, Name, ConnectionID, Status string
	Members, Conflicts             int
	Mapping, Remembered            *aMapping
}

type aMapping struct {
	OrganizationID, Organization, RoleID, Role, MappedAt string
	Administrator                                        bool
	Rank                                                 int
	MappedBy                                             struct{ Type, ID, Name string }
}

// theGroups is a page of the list of groups.
type theGroups struct {
	Items       []aGroup
	NextCursor  string
	Arrived     bool
	WithoutRole int
}

func groupsOf(org string) string { return "/v1/organizations/" + org + "/provisioning/groups" }

// groups is the list of groups, all of its pages.
func (tree *Tree) groups(t testing.TB, limit int) (all theGroups) {
	t.Helper()
	for cursor := ""; ; cursor = all.NextCursor {
		var page theGroups
		tree.Admin.DoWithKey(t, "GET", fmt.Sprintf("%s?limit=%d&cursor=%s", groupsOf(tree.Org), limit, cursor), nil).Expect(t, 200).JSON(t, &page)
		page.Items = append(all.Items, page.Items...)
		if all = page; page.NextCursor == "" {
			return all
		}
	}
}

// group is one of them.
func (tree *Tree) group(t testing.TB, group string) aGroup {
	t.Helper()
	for _, one := range tree.groups(t, 200).Items {
		if one.ID == group {
			return one
		}
	}
	t.Fatalf("the group %s is not listed", group)
	return aGroup{}
}

// change makes a change past the product, again where somebody else was first.
func (o owned) change(t testing.TB, do func(tx *table.Tx) error) {
	t.Helper()
	for {
		tx := table.NewTx()
		err := do(tx)
		if err == nil {
			err = o.table.Commit(t.Context(), tx)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, table.ErrChanged) {
			t.Fatal(err)
		}
	}
}

// push makes a group of the IdP with these members, and gives its id.
func (i *idp) push(t testing.TB, name string, members ...string) string {
	t.Helper()
	return i.group(t, name, members...).ID
}

// join puts a user into a group past the product, so that nothing follows from it.
func (i *idp) join(t testing.TB, group, user string) {
	t.Helper()
	i.past(t, user, func(tx *table.Tx, edit *table.Change, u *people.User) {
		directory.Join(tx, edit, u, group, errors.New("gone"), time.Now())
	})
}

// leave takes a user out of a group, in the same way.
func (i *idp) leave(t testing.TB, group, user string) {
	t.Helper()
	i.past(t, user, func(tx *table.Tx, edit *table.Change, u *people.User) {
		directory.Leave(tx, edit, u, group, errors.New("gone"), time.Now())
	})
}

// past changes a user past the product.
func (i *idp) past(t testing.TB, user string, do func(tx *table.Tx, edit *table.Change, u *people.User)) {
	t.Helper()
	o := rawTable(t)
	o.change(t, func(tx *table.Tx) error {
		u, err := people.ReadUser(t.Context(), o.table, i.tree.Org, user)
		if err != nil {
			return err
		}
		edit := people.Edit(u, audit.Actor{Type: audit.BySCIM, ID: i.id}, time.Now())
		do(tx, edit, u)
		tx.Update(edit)
		return nil
	})
}

// theChange is the answer to a change of a mapping.
type theChange struct {
	Group    aGroup
	Affected int
	AtMost   bool
	JobID    string
}

func mappingOf(org, group string) string { return groupsOf(org) + "/" + group + "/mapping" }

// maps maps a group to a role.
func (tree *Tree) maps(t testing.TB, group, org, role string, now bool) (out theChange) {
	t.Helper()
	answer := tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, group), map[string]any{"organizationId": org, "roleId": role, "applyNow": now})
	if answer.Status != 200 && answer.Status != 202 {
		t.Fatalf("mapped: %d %s", answer.Status, answer.Body)
	}
	answer.JSON(t, &out)
	return out
}

// many brings so many users, who are in the group.
func (i *idp) many(t testing.TB, n int, group string) (users []string) {
	t.Helper()
	for range n {
		u := i.bring(t, unique()+"@"+i.domain)
		i.join(t, group, u.ID)
		users = append(users, u.ID)
	}
	return users
}

// theUser is what these tests read of a user.
type theUser struct {
	ID, OrganizationID, RoleID, RoleGroupID, Status string
	CreatedBy, UpdatedBy                            struct{ Type, ID, Name string }
	ManagedBy                                       *struct{ ID, Name string }
}

func (tree *Tree) person(t testing.TB, id string) (u theUser) {
	t.Helper()
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+id, nil).Expect(t, 200).JSON(t, &u)
	return u
}

// has checks a user's organization and role, both empty for none.
func (tree *Tree) has(t testing.TB, id, org, role string) {
	t.Helper()
	if u := tree.person(t, id); u.OrganizationID != org || u.RoleID != role {
		t.Errorf("has the role %q of %q, not %q of %q", u.RoleID, u.OrganizationID, role, org)
	}
}

// pusher is an IdP of the tree that pushes groups.
func (tree *Tree) pusher(t testing.TB) *idp {
	t.Helper()
	if tree.pushes == nil {
		tree.sweepConnections(t)
		tree.pushes = tree.idp(t, false)
		indexed()
	}
	return tree.pushes
}

// pushed is a group of the tree with a member.
func (tree *Tree) pushed(t testing.TB) string {
	t.Helper()
	i := tree.pusher(t)
	return i.push(t, "Group "+unique(), i.bring(t, unique()+"@"+i.domain).ID)
}

// stored are the mappings of a tree as the table has them.
func (tree *Tree) stored(t testing.TB) *directory.Mappings {
	t.Helper()
	m, err := directory.ReadMappings(t.Context(), rawTable(t).table, tree.Org)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// leadsTo tells whether a group is mapped to the role.
func (tree *Tree) leadsTo(group, role string) func(testing.TB) bool {
	return func(t testing.TB) bool {
		m := tree.stored(t)
		at := m.Of(group)
		return at >= 0 && m.List[at].Role == role
	}
}

var mappingChanges = map[string]func(testing.TB, *Tree) situation{
	"set-group-mapping": func(t testing.TB, tree *Tree) situation {
		group, role := tree.pushed(t), tree.Roles[tree.Org].User
		mapped := tree.leadsTo(group, role)
		return byKey(tree.Admin, "PUT", mappingOf(tree.Org, group), map[string]any{"roleId": role}, mapped, not(mapped))
	},
	"clear-group-mapping": func(t testing.TB, tree *Tree) situation {
		group, role := tree.pushed(t), tree.Roles[tree.Org].User
		tree.maps(t, group, tree.Org, role, false)
		mapped := tree.leadsTo(group, role)
		return byKey(tree.Admin, "DELETE", mappingOf(tree.Org, group)+"?applyNow=true", nil, not(mapped), mapped)
	},
	"rank-groups": func(t testing.TB, tree *Tree) situation {
		i := tree.pusher(t)
		for len(tree.stored(t).Ranked()) < 2 {
			tree.maps(t, i.push(t, "Group "+unique()), tree.Org, tree.Roles[tree.Org].User, false)
		}
		was := tree.stored(t).Ranked()
		wants := []string{was[1], was[0]}
		are := func(groups []string) func(testing.TB) bool {
			return func(t testing.TB) bool { return slices.Equal(tree.stored(t).Ranked(), groups) }
		}
		return byKey(tree.Admin, "PUT", rankingOf(tree.Org), map[string]any{"groupIds": wants}, are(wants), are(was))
	},
}

func rankingOf(org string) string { return "/v1/organizations/" + org + "/provisioning/ranking" }
