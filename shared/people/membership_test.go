package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestUsersCountsClaimsAndAdministratorsFollowTheModel(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &life{forest: plant(t, tab), users: map[string]member{}, made: map[string]int{}}
		t.Repeat(map[string]func(*rapid.T){
			"invite": m.invite, "activate": m.activate, "deactivate": m.deactivate, "reinvite": m.reinvite,
			"assign": m.assign, "remove": m.remove,
			"": func(t *rapid.T) {
				if diff := cmp.Diff(m.follows(m.users), m.stored(t, m.made, addresses)); diff != "" {
					t.Fatalf("the model (-) and the table (+): %s", diff)
				}
			},
		})
	})
}

// addresses is how many addresses a life uses: few, so that they meet.
const addresses = 4

// life is the model of a forest.
type life struct {
	*forest
	users map[string]member
	made  map[string]int
	ids   []string
}

func (l *life) expect(t *rapid.T, err error, want string) {
	t.Helper()
	if got := slugOf(err); got != want {
		t.Fatalf("answered %s, the model says %s", got, want)
	}
}

// pick chooses a user who is there.
func (l *life) pick(t *rapid.T) (string, member) {
	var there []string
	for _, user := range l.ids {
		if _, found := l.users[user]; found {
			there = append(there, user)
		}
	}
	if len(there) == 0 {
		t.Skip("nobody is there")
	}
	user := rapid.SampledFrom(there).Draw(t, "user")
	return user, l.users[user]
}

// last tells whether the member is the only active administrator of the main organization.
func (l *life) last(m member) bool {
	return m.Role == 0 && m.Status == people.Active && len(l.follows(l.users).Administrators[m.Tree]) == 1
}

func (l *life) invite(t *rapid.T) {
	tree, role := rapid.IntRange(0, 1).Draw(t, "tree"), rapid.IntRange(0, 3).Draw(t, "role")
	email := l.address(rapid.IntRange(0, addresses-1).Draw(t, "address"))
	if rapid.Bool().Draw(t, "upper case") {
		email = strings.ToUpper(email)
	}
	user, err := l.forest.invite(tree, role, email)
	if l.follows(l.users).Addresses[fmt.Sprint(tree, " ", strings.ToLower(email))] != "" {
		l.expect(t, err, "address-in-use")
		return
	}
	l.expect(t, err, "<nil>")
	l.users[user], l.made[user] = member{Tree: tree, Role: role, Email: email, Status: people.Invited}, tree
	l.ids = append(l.ids, user)
}

func (l *life) activate(t *rapid.T) {
	user, m := l.pick(t)
	err := l.act(m.Tree, user, activate)
	if m.Status == people.Inactive && !m.Proved {
		l.expect(t, err, "<nil>")
		return
	}
	if holder := l.follows(l.users).Emails[strings.ToLower(m.Email)]; holder != "" && holder != user {
		l.expect(t, err, "address-in-use")
		return
	}
	l.expect(t, err, "<nil>")
	if m.Status == people.Inactive && administers(m.Role, m.Role) {
		m.Left = false
	}
	m.Status, m.Proved = people.Active, true
	l.users[user] = m
}

func (l *life) deactivate(t *rapid.T) {
	user, m := l.pick(t)
	err := l.act(m.Tree, user, deactivate)
	if l.last(m) {
		l.expect(t, err, "last-administrator")
		return
	}
	l.expect(t, err, "<nil>")
	m.Left = m.Left || m.Status == people.Active
	m.Status = people.Inactive
	l.users[user] = m
}

func (l *life) reinvite(t *rapid.T) {
	user, m := l.pick(t)
	l.expect(t, l.act(m.Tree, user, reinvite), "<nil>")
	if m.Status == people.Inactive && !m.Proved {
		m.Status = people.Invited
		l.users[user] = m
	}
}

func (l *life) assign(t *rapid.T) {
	user, m := l.pick(t)
	role := rapid.IntRange(0, 3).Draw(t, "role")
	err := l.act(m.Tree, user, assign(l.roles[m.Tree][role]))
	if role != 0 && l.last(m) {
		l.expect(t, err, "last-administrator")
		return
	}
	l.expect(t, err, "<nil>")
	switch active := m.Status == people.Active; {
	case administers(m.Role, m.Role) && !administers(role, m.Role):
		m.Left = m.Left || active
	case active && administers(role, role) && !administers(m.Role, role):
		m.Left = false
	}
	m.Role = role
	l.users[user] = m
}

// administers tells whether somebody with the role administers the organization of another role: of the four, the first
// administers the whole tree, the third the suborganization, which the third and the fourth are of.
func administers(role, of int) bool { return role == 0 || role == 2 && of >= 2 }

func (l *life) remove(t *rapid.T) {
	user, m := l.pick(t)
	err := l.act(m.Tree, user, remove)
	if l.last(m) {
		l.expect(t, err, "last-administrator")
		return
	}
	l.expect(t, err, "<nil>")
	delete(l.users, user)
}
