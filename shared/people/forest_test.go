package people_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

var (
	ctx  = context.Background()
	by   = audit.System("test")
	when = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("10") // each check is a life of two trees on the real table
	}
	os.Exit(m.Run())
}

// forest is two trees, of a main organization and one suborganization each, with their four roles.
type forest struct {
	tab   *table.Table
	roots [2]string
	roles [2][]*people.Role // main administrator, main user, administrator and user of the suborganization
	name  string            // what addresses of this forest begin with
}

func plant(t rapid.TB, tab *table.Table) *forest {
	f := &forest{tab: tab, name: strings.ToLower(id.New("x"))}
	tx := table.NewTx()
	for i := range f.roots {
		f.roots[i] = id.New(id.Organization)
		for _, org := range []string{f.roots[i], id.New(id.Organization)} {
			administrator, user := people.NewRoles(tx, org, by, when)
			f.roles[i] = append(f.roles[i], administrator, user)
		}
	}
	if err := tab.Commit(ctx, tx); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *forest) address(n int) string { return fmt.Sprintf("%s-%d@Example.com", f.name, n) }

// invite makes a user and gives its id.
func (f *forest) invite(tree, role int, email string) (string, error) {
	tx := table.NewTx()
	u, _ := people.Invite(tx, f.roots[tree], f.roles[tree][role], people.Person{Name: "N", Email: email}, by, when)
	return u.ID, f.tab.Commit(ctx, tx)
}

// act does one thing to a user as a caller of the API would: again when somebody was faster. It is about nobody, and so
// nothing, when the user is gone or the rules of the operations leave the user alone.
func (f *forest) act(tree int, user string, what func(tx *table.Tx, u *people.User)) error {
	for {
		u, err := people.ReadUser(ctx, f.tab, f.roots[tree], user)
		if e := problem.As(err); e != nil && e.Code == problem.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		tx := table.NewTx()
		what(tx, u)
		if err = f.tab.Commit(ctx, tx); !errors.Is(err, table.ErrChanged) {
			return err
		}
	}
}

func activate(tx *table.Tx, u *people.User) {
	if u.Status == people.Active || u.Status == people.Inactive && !u.Proved {
		return
	}
	edit := people.Edit(u, by, when)
	people.Activate(tx, edit, u, nil, when)
	tx.Update(edit)
}

func deactivate(tx *table.Tx, u *people.User) {
	if u.Status == people.Inactive {
		return
	}
	edit := people.Edit(u, by, when)
	people.Deactivate(tx, edit, u, when)
	tx.Update(edit)
}

func reinvite(tx *table.Tx, u *people.User) {
	if u.Status == people.Active {
		return
	}
	edit := people.Edit(u, by, when)
	people.Reinvite(edit, u, when)
	tx.Update(edit)
}

func remove(tx *table.Tx, u *people.User) { people.Remove(tx, u, when) }

func assign(role *people.Role) func(*table.Tx, *people.User) {
	return func(tx *table.Tx, u *people.User) {
		edit := people.Edit(u, by, when)
		people.Assign(tx, edit, u, role, when)
		tx.Update(edit)
	}
}

// member is a user as the model knows one.
type member struct {
	Tree, Role int
	Email      string
	Status     people.Status
	Proved     bool
	Left       bool // the departure marker
}

// state is all that must agree, of users known by their ids.
type state struct {
	Users          map[string]member
	Counts         map[string]int
	Administrators [2][]string
	Addresses      map[string]string // by tree and folded address
	Emails         map[string]string
}

// follows gives the state that users imply.
func (f *forest) follows(users map[string]member) state {
	s := state{Users: users, Counts: map[string]int{}, Addresses: map[string]string{}, Emails: map[string]string{}}
	for user, m := range users {
		role := f.roles[m.Tree][m.Role]
		s.Counts[f.roots[m.Tree]+table.MembersCount(role.Organization, role.ID)]++
		s.Counts[f.roots[m.Tree]+table.AddressesCount(domainname.Of(m.Email))]++
		if m.Role == 0 && m.Status == people.Active {
			s.Administrators[m.Tree] = append(s.Administrators[m.Tree], user)
		}
		s.Addresses[fmt.Sprint(m.Tree, " ", strings.ToLower(m.Email))] = user
		if m.Proved {
			s.Emails[strings.ToLower(m.Email)] = user
		}
	}
	for i := range s.Administrators {
		slices.Sort(s.Administrators[i])
	}
	return s
}

// stored reads the state from the table, of the users ever made and the first addresses of the forest.
func (f *forest) stored(t rapid.TB, made map[string]int, addresses int) state {
	s := state{Users: map[string]member{}, Counts: map[string]int{}, Addresses: map[string]string{}, Emails: map[string]string{}}
	var all reading
	for user, tree := range made {
		u, left := new(people.User), new(people.Departure)
		marker := table.Want(table.DepartureKey(user), left)
		all.want(marker, func() {})
		all.want(table.Want(table.UserKey(f.roots[tree], user), u), func() {
			role := slices.IndexFunc(f.roles[tree], func(r *people.Role) bool { return r.ID == u.Role })
			s.Users[user] = member{tree, role, u.Email, u.Status, u.Proved, marker.Found}
		})
	}
	for n := range addresses {
		folded, claim := strings.ToLower(f.address(n)), new(people.Claim)
		all.want(table.Want(table.EmailKey(folded), claim), func() { s.Emails[folded] = claim.User })
		for tree, root := range f.roots {
			claim := new(people.Claim)
			all.want(table.Want(table.AddressKey(root, folded), claim), func() { s.Addresses[fmt.Sprint(tree, " ", folded)] = claim.User })
		}
	}
	for tree, root := range f.roots {
		set := new(tenant.Administrators)
		all.want(table.Want(table.AdministratorsKey(root), set), func() {
			slices.Sort(set.Users)
			s.Administrators[tree] = set.Users
		})
		counts, err := f.tab.Counts(ctx, root, "")
		f.must(t, err)
		for name, n := range counts {
			if n != 0 {
				s.Counts[root+name] = n
			}
		}
	}
	f.must(t, f.tab.GetMany(ctx, all.wants...))
	all.take()
	return s
}

// reading is one round trip for many items, each with what becomes of it when it is there.
type reading struct {
	wants []*table.Wanted
	takes []func()
}

func (r *reading) want(w *table.Wanted, take func()) {
	r.wants, r.takes = append(r.wants, w), append(r.takes, take)
}

func (r *reading) take() {
	for i, want := range r.wants {
		if want.Found {
			r.takes[i]()
		}
	}
}

func (f *forest) must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func slugOf(err error) string {
	if e := problem.As(err); e != nil {
		return e.Slug
	}
	return fmt.Sprint(err)
}
