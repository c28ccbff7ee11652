package rolesync

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
)

const root = "org_main"

var groupNames = []string{"a", "b", "c", "d"}

func drawnMappings(t *rapid.T) (all []directory.Mapping) {
	for rank, group := range rapid.Permutation(groupNames).Draw(t, "ranks") {
		m := directory.Mapping{Group: group, Rank: rank + 1, Pending: rapid.Bool().Draw(t, "pending")}
		if rapid.IntRange(0, 3).Draw(t, "mapped") > 0 {
			m.Organization = rapid.SampledFrom([]string{root, "org_sub"}).Draw(t, "organization")
			m.Administrator = rapid.Bool().Draw(t, "administrator")
			m.Role = fmt.Sprint(m.Organization, m.Administrator)
		}
		all = append(all, m)
	}
	return all
}

func drawnUsers(t *rapid.T, mappings []directory.Mapping) []*people.User {
	users := make([]*people.User, rapid.IntRange(1, 12).Draw(t, "users"))
	for i := range users {
		u := &people.User{ID: fmt.Sprintf("usr_%02d", i), Root: root, Connection: "con_1", Status: rapid.SampledFrom([]people.Status{people.Active, people.Invited, people.Inactive}).Draw(t, "status"),
			Outsider: rapid.Bool().Draw(t, "outsider")}
		u.Version = 1
		for _, group := range groupNames {
			if rapid.Bool().Draw(t, "in "+group) {
				u.Groups = append(u.Groups, group)
			}
		}
		switch m := rapid.SampledFrom(mappings).Draw(t, "present"); rapid.IntRange(0, 2).Draw(t, "source") {
		case 1:
			give(u, Given{Organization: root, Role: root + "true", Source: directory.ByPerson, By: audit.Actor{Type: audit.ByUser, ID: "usr_ada"}})
		case 2:
			if m.Role != "" {
				give(u, Given{Organization: m.Organization, Role: m.Role, Source: directory.BySCIM, Group: m.Group})
			}
		}
		users[i] = u
	}
	return users
}

// give has the user have a role, as a plan that is applied does.
func give(u *people.User, g Given) {
	u.Organization, u.Role, u.RoleGroup, u.RoleBy, u.Portal = g.Organization, g.Role, g.Group, g.By, people.UserAccess
	switch g.Role {
	case "":
		u.Portal = ""
	case root + "true", "org_subtrue":
		u.Portal = people.AdministratorAccess
	}
	u.Version++
}

func anybody(*people.User) bool { return true }

func planner(users []*people.User, mappings []directory.Mapping, signsIn func(*people.User) bool) *Planner {
	p := &Planner{Root: root, Mappings: mappings, SignsIn: signsIn}
	for _, u := range users {
		if u.Status == people.Active && u.AdministersMain() && signsIn(u) {
			p.Left++
		}
	}
	return p
}

// planned applies the plan, and gives what it was.
func planned(users []*people.User, mappings []directory.Mapping, signsIn func(*people.User) bool) (plan []Change) {
	p := planner(users, mappings, signsIn)
	for _, u := range users {
		r := p.Review(u)
		if r.State == Planned {
			plan = append(plan, r.Change)
			give(u, r.To)
			conflicts(u, mappings)
		}
	}
	return plan
}

// conflicts writes down in which mapped groups the user is, where these are several, as a settled user has it.
func conflicts(u *people.User, mappings []directory.Mapping) {
	u.Conflicts = nil
	for _, m := range mappings {
		if m.Role != "" && slices.Contains(u.Groups, m.Group) {
			u.Conflicts = append(u.Conflicts, m.Group)
		}
	}
	if slices.Sort(u.Conflicts); len(u.Conflicts) < 2 {
		u.Conflicts = nil
	}
}

// A second sync changes nobody, but for who was the last administrator until a later one was made.
func TestASecondSyncChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mappings := drawnMappings(t)
		users := drawnUsers(t, mappings)
		last := lastAdministrator(users, mappings)
		planned(users, mappings, anybody)
		for _, one := range planned(users, mappings, anybody) {
			if one.User != last {
				t.Fatalf("again: %+v", one)
			}
		}
		if thrice := planned(users, mappings, anybody); len(thrice) != 0 {
			t.Fatalf("a third time: %+v", thrice)
		}
	})
}

// lastAdministrator is who stays an administrator only because nobody else is one by then, empty for nobody.
func lastAdministrator(users []*people.User, mappings []directory.Mapping) (user string) {
	p := planner(users, mappings, anybody)
	for _, u := range users {
		if r := p.Review(u); r.Reason == LastAdministrator {
			user = u.ID
		}
	}
	return user
}

func TestAPlanAndItsInverseRestore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mappings := drawnMappings(t)
		users := drawnUsers(t, mappings)
		var before []Given
		for _, u := range users {
			before = append(before, present(u))
		}
		for _, one := range planned(users, mappings, anybody) {
			i := slices.IndexFunc(users, func(u *people.User) bool { return u.ID == one.User })
			give(users[i], one.From)
		}
		for i, u := range users {
			if diff := cmp.Diff(before[i], present(u)); diff != "" {
				t.Fatalf("%s: %s", u.ID, diff)
			}
		}
	})
}

func TestNoPlanTakesTheLastAdministrator(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mappings := drawnMappings(t)
		users := drawnUsers(t, mappings)
		locked := map[string]bool{}
		for _, u := range users {
			locked[u.ID] = rapid.Bool().Draw(t, "has no way to sign in")
		}
		signsIn := func(u *people.User) bool { return !locked[u.ID] }
		had := planner(users, mappings, signsIn).Left
		planned(users, mappings, signsIn)
		if left := planner(users, mappings, signsIn).Left; had > 0 && left == 0 {
			t.Fatalf("of %d administrators who can sign in none is left", had)
		}
	})
}

// Groups joined and left in any order, and again, give the same roles as long as the same users are in the same groups in the end.
func TestAnyOrderOfRequestsGivesTheSameRoles(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mappings := drawnMappings(t)
		one := drawnUsers(t, mappings)
		other := make([]*people.User, len(one))
		for i, u := range one {
			same := *u
			same.Groups = rapid.Permutation(u.Groups).Draw(t, "order")
			other[i] = &same
		}
		planned(one, mappings, anybody)
		planned(other, rapid.Permutation(mappings).Draw(t, "mappings"), anybody)
		for i := range one {
			if diff := cmp.Diff(present(one[i]), present(other[i])); diff != "" {
				t.Fatalf("%s: %s", one[i].ID, diff)
			}
		}
	})
}
