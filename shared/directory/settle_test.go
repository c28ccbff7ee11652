package directory_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// world is a tree with a suborganization whose people come by SCIM.
type world struct {
	*accesstest.World
	*directory.Settler
	t          *testing.T
	acme, sub  *accesstest.Organization
	ana        *accesstest.Person // the administrator
	connection string
	by         audit.Actor
	mappings   *directory.Mappings
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: accesstest.New(t), t: t, connection: id.New(id.Connection)}
	w.acme = w.Tree(tenant.Client)
	w.sub, w.ana = w.Under(w.acme), w.Person(w.acme.Administrator)
	w.Settler = directory.NewSettler(w.World.Table, audit.Trail{Keep: accesstest.KeyGrace, Clock: w.World.Clock}, w.World.Outbox(), accesstest.KeyGrace, nil)
	w.by, w.mappings = audit.Actor{Type: audit.BySCIM, ID: w.connection}, &directory.Mappings{Root: w.acme.ID}
	return w
}

func (w *world) table() *table.Table { return w.World.Table }

func (w *world) now() time.Time { return w.World.Clock() }

// comes makes somebody who came by SCIM.
func (w *world) comes() (user string) {
	w.Commit(func(tx *table.Tx) {
		address := accesstest.Unique() + "@acme.example"
		user = people.Provision(tx, id.New(id.User), w.acme.ID, w.connection, people.Person{Name: "Pat", Email: address}, people.Vouched{Address: address, Verified: true}, true, w.by, w.now()).ID
	})
	return user
}

func (w *world) user(user string) *people.User {
	w.t.Helper()
	u, err := people.ReadUser(w.t.Context(), w.table(), w.acme.ID, user)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(u.Groups)
	slices.Sort(u.Conflicts)
	return u
}

// maps has a group give a role, ranked last.
func (w *world) maps(group string, role *people.Role) {
	w.mappings.List = append(w.mappings.List, directory.Mapped{Group: group, Organization: role.Organization, Role: role.ID, Administrator: role.Portal == people.AdministratorAccess})
}

// moves has the user leave a group and join another, empty for none, and settles it in the same change.
func (w *world) moves(user, out, in string) *directory.Settled {
	w.t.Helper()
	is, err := w.tryMove(user, out, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return is
}

func (w *world) tryMove(user, out, in string) (is *directory.Settled, err error) {
	err = directory.Again(w.t.Context(), func() error {
		u, err := people.ReadUser(w.t.Context(), w.table(), w.acme.ID, user)
		if err != nil {
			return err
		}
		tx, edit := table.NewTx(), people.Edit(u, w.by, w.now())
		if out != "" {
			directory.Leave(tx, edit, u, out, errors.New("gone"), w.now())
		}
		if in != "" {
			directory.Join(tx, edit, u, in, errors.New("gone"), w.now())
		}
		if is, err = w.Settle(w.t.Context(), tx, edit, u, w.mappings); err != nil {
			return err
		}
		tx.Update(edit)
		return w.table().Commit(w.t.Context(), tx)
	})
	return is, err
}

func (w *world) tally(group string) directory.Tally {
	w.t.Helper()
	tally, err := directory.ReadTally(w.t.Context(), w.table(), w.acme.ID, group)
	if err != nil {
		w.t.Fatal(err)
	}
	return tally
}

func (w *world) members(org *accesstest.Organization, role *people.Role) int {
	w.t.Helper()
	counts, err := w.table().Counts(w.t.Context(), w.acme.ID, table.MembersCount(org.ID, role.ID))
	if err != nil {
		w.t.Fatal(err)
	}
	return counts[table.MembersCount(org.ID, role.ID)]
}

func TestSCI5_TheRoleComesAndGoesWithTheGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_guides", w.sub.User)
	pat := w.comes()
	if is := w.moves(pat, "", "grp_other"); is.Outcome != directory.Unchanged || w.user(pat).Role != "" {
		t.Errorf("by a group that is not mapped: %+v", is)
	}
	before := w.user(pat).Epoch
	is := w.moves(pat, "", "grp_guides")
	u := w.user(pat)
	if is.Outcome != directory.RoleGiven || u.Role != w.sub.User.ID || u.Organization != w.sub.ID || u.RoleGroup != "grp_guides" || u.RoleBy != w.by || w.members(w.sub, w.sub.User) != 1 {
		t.Errorf("in the group: %+v, %+v", is, u)
	}
	if got := w.tally("grp_guides"); got != (directory.Tally{Members: 1, Changes: 1, ChangedAt: clock.Format(w.now())}) {
		t.Errorf("the tally is %+v", got)
	}
	is = w.moves(pat, "grp_guides", "")
	u = w.user(pat)
	if is.Outcome != directory.RoleTaken || u.Role != "" || u.Organization != "" || u.RoleGroup != "" || u.Epoch <= before || w.members(w.sub, w.sub.User) != 0 || !slices.Equal(u.Groups, []string{"grp_other"}) {
		t.Errorf("out of it: %+v, %+v", is, u)
	}
	if got := w.tally("grp_guides"); got != (directory.Tally{Members: 0, Changes: 2, ChangedAt: clock.Format(w.now())}) {
		t.Errorf("the tally is %+v", got)
	}
}

func TestSCI5_ARoleGivenByHandStaysUntilTheFirstMappedGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_users", w.acme.User)
	pat := w.Person(w.acme.User)
	w.Change(pat, func(_ *table.Tx, edit *table.Change) { people.TakeOver(edit, pat.User, w.connection, false) })
	w.moves(pat.ID, "", "grp_other")
	if u := w.user(pat.ID); u.Role != w.acme.User.ID || u.RoleGroup != "" {
		t.Errorf("in a group that is not mapped: %+v", u)
	}
	epoch := w.user(pat.ID).Epoch
	is := w.moves(pat.ID, "", "grp_users")
	if u := w.user(pat.ID); is.Outcome != directory.Unchanged || !is.Changed() || u.RoleGroup != "grp_users" || u.Epoch != epoch {
		t.Errorf("the same role from a group: %+v, %+v", is, u)
	}
	if is := w.moves(pat.ID, "grp_users", ""); is.Outcome != directory.RoleTaken {
		t.Errorf("out of the group that had taken it over: %+v", is)
	}
}

func TestSCI6_AConflictIsCountedWithEachGroupUntilOneIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_guides", w.sub.User)
	w.maps("grp_users", w.acme.User)
	pat := w.comes()
	w.moves(pat, "", "grp_users")
	is := w.moves(pat, "", "grp_guides")
	if u := w.user(pat); is.Outcome != directory.Moved || u.Organization != w.sub.ID || !slices.Equal(u.Conflicts, []string{"grp_guides", "grp_users"}) {
		t.Errorf("in both: %+v, %+v", is, u)
	}
	if w.tally("grp_guides").Conflicts != 1 || w.tally("grp_users").Conflicts != 1 {
		t.Error("the conflict is not counted with both")
	}
	is = w.moves(pat, "grp_guides", "")
	if u := w.user(pat); is.Outcome != directory.Moved || u.Organization != w.acme.ID || u.Conflicts != nil || w.tally("grp_guides").Conflicts != 0 || w.tally("grp_users").Conflicts != 0 {
		t.Errorf("in one: %+v, %+v", is, u)
	}
}

func TestPER5_GroupsDoNotTakeTheLastAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_users", w.acme.User)
	w.Change(w.ana, func(_ *table.Tx, edit *table.Change) { people.TakeOver(edit, w.ana.User, w.connection, false) })
	is := w.moves(w.ana.ID, "", "grp_users")
	if u := w.user(w.ana.ID); !is.Kept || is.Changed() || u.Role != w.acme.Administrator.ID || !directory.In(u, "grp_users") {
		t.Errorf("the only administrator: %+v, %+v", is, u)
	}
	w.Person(w.acme.Administrator)
	is, err := w.Resettle(t.Context(), w.acme.ID, w.ana.ID, directory.Resettling{Mappings: w.mappings, By: w.by})
	if u := w.user(w.ana.ID); err != nil || is.Kept || is.Outcome != directory.RoleChanged || u.Role != w.acme.User.ID {
		t.Errorf("with another one: %+v, %v", is, err)
	}
}

func TestPER5_OfManyAdministratorsWhoLeaveAtOnceOneStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_users", w.acme.User)
	all := []*accesstest.Person{w.ana}
	for range 5 {
		all = append(all, w.Person(w.acme.Administrator))
	}
	for _, p := range all {
		w.Change(p, func(_ *table.Tx, edit *table.Change) { people.TakeOver(edit, p.User, w.connection, false) })
	}
	var leaving sync.WaitGroup
	for _, p := range all {
		leaving.Go(func() {
			if _, err := w.tryMove(p.ID, "", "grp_users"); err != nil {
				t.Error(err)
			}
		})
	}
	leaving.Wait()
	stayed := 0
	for _, p := range all {
		if u := w.user(p.ID); !directory.In(u, "grp_users") {
			t.Errorf("%s is not in the group", p.ID)
		} else if u.AdministersMain() {
			stayed++
		}
	}
	if stayed != 1 {
		t.Errorf("%d of %d administrators stayed", stayed, len(all))
	}
}

func TestSCI8_AnOutsiderGetsNoAdministratorsRoleByAGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_admins", w.acme.Administrator)
	w.maps("grp_users", w.acme.User)
	var guest string
	w.Commit(func(tx *table.Tx) {
		guest = people.Provision(tx, id.New(id.User), w.acme.ID, w.connection, people.Person{Name: "Gil", Email: "g@guests.example"}, people.Vouched{Address: "g@guests.example"}, true, w.by, w.now()).ID
	})
	if is := w.moves(guest, "", "grp_admins"); is.Changed() || w.user(guest).Role != "" {
		t.Errorf("in the administrators' group: %+v", is)
	}
	if w.moves(guest, "", "grp_users"); w.user(guest).Role != w.acme.User.ID {
		t.Error("the next group gives nothing")
	}
}

func TestMAP3_WhoHasARoleKeepsItWhereOnlyOthersAreToGetOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pat, kim := w.comes(), w.comes()
	w.moves(pat, "", "grp_guides")
	w.maps("grp_users", w.acme.User)
	w.moves(kim, "", "grp_users")
	w.moves(kim, "", "grp_guides")
	w.mappings.List = append([]directory.Mapped{{Group: "grp_guides", Organization: w.sub.ID, Role: w.sub.User.ID}}, w.mappings.List...)
	for user, want := range map[string]string{pat: w.sub.User.ID, kim: w.acme.User.ID} {
		is, err := w.Resettle(t.Context(), w.acme.ID, user, directory.Resettling{Mappings: w.mappings, By: w.by, GiveOnly: true})
		if u := w.user(user); err != nil || u.Role != want || is.Left != (user == kim) {
			t.Errorf("%+v, %+v, %v", is, u, err)
		}
	}
	if got := w.user(kim).Conflicts; !slices.Equal(got, []string{"grp_guides", "grp_users"}) {
		t.Errorf("the conflict is %v", got)
	}
}

func TestSYN4_WhatIsSettledIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pat := w.comes()
	w.moves(pat, "", "grp_guides")
	w.maps("grp_guides", w.sub.User)
	how := directory.Resettling{Mappings: w.mappings, By: audit.Actor{Type: audit.BySync, ID: "job_1"}, Run: "job_1"}
	refused := how
	refused.Accept = func(u *people.User, is *directory.Settled) bool {
		return u.Role != "" || is.Outcome != directory.RoleGiven
	}
	if _, err := w.Resettle(t.Context(), w.acme.ID, pat, refused); err != nil || w.user(pat).Role != "" {
		t.Errorf("what is not accepted was done: %v", err)
	}
	is, err := w.Resettle(t.Context(), w.acme.ID, pat, how)
	if err != nil || is.Outcome != directory.RoleGiven || w.user(pat).Role != w.sub.User.ID {
		t.Fatalf("%+v, %v", is, err)
	}
	version := w.user(pat).Version
	if is, err := w.Resettle(t.Context(), w.acme.ID, pat, how); err != nil || is.Changed() || w.user(pat).Version != version {
		t.Errorf("again: %+v, %v", is, err)
	}
	if is, err := w.Resettle(t.Context(), w.acme.ID, id.New(id.User), how); is != nil || err != nil {
		t.Errorf("nobody: %+v, %v", is, err)
	}
	by := table.AuditBy("job_1", "")
	events, err := table.List[audit.Event](t.Context(), w.table(), table.Question{Index: by.Index, PK: by.PK})
	if err != nil || len(events.Items) != 1 || events.Items[0].Action != "user.role-given" || events.Items[0].After["jobId"] != "job_1" || events.Items[0].Organization != w.sub.ID {
		t.Errorf("%+v, %v", events.Items, err)
	}
}

func TestARoleThatIsGoneLeavesAllAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pat := w.comes()
	gone := *w.sub.User
	gone.ID = id.New(id.Role)
	w.maps("grp_guides", &gone)
	w.maps("grp_users", w.acme.User)
	w.moves(pat, "", "grp_users")
	if is := w.moves(pat, "", "grp_guides"); is.Reason != directory.RoleMissing || w.user(pat).Role != w.acme.User.ID {
		t.Errorf("%+v", is)
	}
}

func TestSCI3_TheMappingOfAGroupGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_1", w.acme.User)
	w.maps("grp_2", w.sub.User)
	w.Commit(w.mappings.Write)
	for range 2 {
		if err := directory.Unmap(t.Context(), w.table(), w.acme.ID, "grp_1"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
	if err != nil || len(got.List) != 1 || got.Of("grp_2") != 0 || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSCI6_NobodyIsKeptFromAnythingByInHowManyMappedGroupsOneIs(t *testing.T) {
	t.Parallel()
	const many = 70
	for name, besides := range map[string]int{"alone": 0, "with some": 45, "with as much as there can be": table.MaxWrites - 28} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			pat, groups := w.comes(), []string{}
			for range many {
				groups = append(groups, id.New(id.Group))
				w.maps(groups[len(groups)-1], w.acme.User)
			}
			slices.Sort(groups)
			for page := range slices.Chunk(groups, 10) { // in groups that nobody has looked at since they were mapped
				w.Commit(func(tx *table.Tx) {
					u := w.user(pat)
					edit := people.Edit(u, w.by, w.now())
					for _, group := range page {
						directory.Join(tx, edit, u, group, errors.New("gone"), w.now())
					}
					tx.Update(edit)
				})
			}
			settles := func() {
				t.Helper()
				tx, u := table.NewTx(), w.user(pat)
				for n := range besides {
					tx.Put(table.OnceKey(accesstest.Unique()), struct{ N int }{n})
				}
				edit := people.Edit(u, w.by, w.now())
				if _, err := w.Settle(t.Context(), tx, edit, u, w.mappings); err != nil {
					t.Fatal(err)
				}
				tx.Update(edit)
				if err := w.table().Commit(t.Context(), tx); err != nil {
					t.Fatal(err)
				}
			}
			counted := func(n int) {
				t.Helper()
				for _, group := range groups {
					if tally := w.tally(group); tally.Conflicts != n {
						t.Errorf("%s counts %d in conflict", group, tally.Conflicts)
					}
				}
			}
			settles()
			if u := w.user(pat); u.Role != w.acme.User.ID || !slices.Equal(u.Conflicts, groups) {
				t.Errorf("%s, in conflict by %d", u.Role, len(u.Conflicts))
			}
			counted(1)
			w.mappings = &directory.Mappings{Root: w.acme.ID}
			settles()
			if u := w.user(pat); u.Role != "" || len(u.Conflicts) != 0 {
				t.Errorf("%s, in conflict by %d", u.Role, len(u.Conflicts))
			}
			counted(0)
		})
	}
}
