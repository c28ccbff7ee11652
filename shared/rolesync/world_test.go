package rolesync_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

var errCut = errors.New("cut off")

// world is a tree with a suborganization whose people come by SCIM.
type world struct {
	*accesstest.World
	t          *testing.T
	acme, sub  *accesstest.Organization
	ana        *accesstest.Person // the administrator
	by         access.Behalf      // for whom runs are done: hers
	connection string
	runner     *job.Runner
	meanwhile  func() // what somebody else does between planning and applying, once
	cut        int    // the page that is cut off before it is committed, once, as the first, the second ...
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: accesstest.New(t), t: t, connection: id.New(id.Connection)}
	w.acme = w.Tree(tenant.Client)
	w.sub, w.ana = w.Under(w.acme), w.Person(w.acme.Administrator)
	w.by = w.behalf(w.ana)
	log := slog.New(slog.DiscardHandler)
	syncer := &rolesync.Syncer{Settler: directory.NewSettler(w.Table, audit.Trail{Keep: time.Hour, Clock: w.Clock}, w.Outbox(), time.Hour, nil)}
	w.runner = &job.Runner{Table: w.Table, Queue: accesstest.Asleep{}, Clock: w.Clock, Log: log, Steps: map[job.Kind]job.Step{job.SyncRoles: w.interrupted(syncer)}}
	return w
}

// behalf is for what somebody of the tree begins.
func (w *world) behalf(p *accesstest.Person) access.Behalf {
	return access.Behalf{Actor: audit.Actor{Type: audit.ByUser, ID: p.ID}, Tree: w.acme.ID}
}

// interrupted is the syncer's step, with what somebody else does meanwhile.
func (w *world) interrupted(s *rolesync.Syncer) job.Step {
	return func(ctx context.Context, p *job.Page) error {
		if do := w.meanwhile; do != nil && p.Step == 1 {
			w.meanwhile = nil
			do()
		}
		err := s.Step(ctx, p)
		if p.Step+1 == w.cut && err == nil {
			w.cut, err = 0, errCut
		}
		return err
	}
}

// comes makes somebody who came by SCIM and is in the groups, without having been settled.
func (w *world) comes(groups ...string) (user string) {
	w.Commit(func(tx *table.Tx) {
		address := accesstest.Unique() + "@acme.example"
		user = people.Provision(tx, id.New(id.User), w.acme.ID, w.connection, people.Person{Name: "Pat", Email: address}, people.Vouched{Address: address, Verified: true}, true,
			audit.Actor{Type: audit.BySCIM, ID: w.connection}, w.Clock()).ID
	})
	for _, group := range groups {
		w.moves(user, "", group)
	}
	return user
}

// moves has the user leave a group and join another, empty for none, without what follows.
func (w *world) moves(user, out, in string) {
	u := w.user(user)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, audit.Actor{Type: audit.BySCIM, ID: w.connection}, w.Clock())
		if out != "" {
			directory.Leave(tx, edit, u, out, errors.New("gone"), w.Clock())
		}
		if in != "" {
			directory.Join(tx, edit, u, in, errors.New("gone"), w.Clock())
		}
		tx.Update(edit)
	})
}

// isTakenOver has the IdP manage somebody who is there.
func (w *world) isTakenOver(user string) {
	u := w.user(user)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, w.ana.UpdatedBy, w.Clock())
		people.TakeOver(edit, u, w.connection, false)
		tx.Update(edit)
	})
}

// renames changes something of a user that no group decides.
func (w *world) renames(user string) {
	u := w.user(user)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, w.ana.UpdatedBy, w.Clock())
		people.Rename(edit, u, "Renamed")
		tx.Update(edit)
	})
}

func (w *world) user(user string) *people.User {
	w.t.Helper()
	u, err := people.ReadUser(w.t.Context(), w.Table, w.acme.ID, user)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// maps has a group give a role, ranked last, or another one than before.
func (w *world) maps(group string, role *people.Role) {
	w.remaps(func(m *directory.Mappings) {
		one := directory.Mapped{Group: group, Connection: w.connection, Organization: role.Organization, Role: role.ID, Pending: true, Revision: m.Revision,
			Administrator: role.Portal == people.AdministratorAccess}
		if at := m.Of(group); at >= 0 {
			m.List[at] = one
		} else {
			m.List = append(m.List, one)
		}
	})
}

func (w *world) remaps(change func(*directory.Mappings)) {
	m := w.mappings()
	m.Revision++
	change(m)
	w.Commit(m.Write)
}

func (w *world) mappings() *directory.Mappings {
	w.t.Helper()
	m, err := directory.ReadMappings(w.t.Context(), w.Table, w.acme.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// begin begins a run.
func (w *world) begin(mode rolesync.Mode) *rolesync.Run {
	w.t.Helper()
	r := &rolesync.Run{Root: w.acme.ID, Mode: mode}
	w.Commit(func(tx *table.Tx) {
		if err := rolesync.Begin(w.t.Context(), w.Table, tx, r, accesstest.Asleep{}, w.by, w.Clock()); err != nil {
			w.t.Fatal(err)
		}
	})
	return r
}

// ends has the run come to its end, and gives it as it is then.
func (w *world) ends(r *rolesync.Run) *rolesync.Run {
	w.t.Helper()
	r = w.run(r.ID)
	if err := w.runner.Run(w.t.Context(), w.acme.ID, r.Job); err != nil {
		w.t.Fatal(err)
	}
	return w.run(r.ID)
}

// isCutOff has the run come to the page, which is cut off when it has changed its users.
func (w *world) isCutOff(r *rolesync.Run, page int) {
	w.t.Helper()
	w.cut = page
	if err := w.runner.Run(w.t.Context(), w.acme.ID, r.Job); !errors.Is(err, errCut) {
		w.t.Fatal(err)
	}
}

// cancels has somebody cancel the run.
func (w *world) cancels(r *rolesync.Run) {
	w.t.Helper()
	w.Commit(func(tx *table.Tx) {
		if err := w.run(r.ID).Cancel(tx, w.Clock()); err != nil {
			w.t.Fatal(err)
		}
	})
}

// syncs begins a run and has it come to its end.
func (w *world) syncs(mode rolesync.Mode) *rolesync.Run {
	w.t.Helper()
	return w.ends(w.begin(mode))
}

func (w *world) run(run string) *rolesync.Run {
	w.t.Helper()
	r, err := rolesync.Read(w.t.Context(), w.Table, w.acme.ID, run, w.Clock())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// appliesPlan has a plan applied, or refused.
func (w *world) appliesPlan(preview *rolesync.Run) (*rolesync.Run, error) {
	tx := table.NewTx()
	r, err := rolesync.ApplyPlan(w.t.Context(), w.Table, tx, preview, accesstest.Asleep{}, w.by, w.Clock())
	if err == nil {
		err = w.Table.Commit(w.t.Context(), tx)
	}
	if err != nil {
		return nil, err
	}
	return w.ends(r), nil
}

// undoes has a run undone, or refused.
func (w *world) undoes(of *rolesync.Run) (*rolesync.Run, error) {
	r, err := w.reverts(of)
	if err != nil {
		return nil, err
	}
	return w.ends(r), nil
}

// reverts begins the undo of a run, or is refused.
func (w *world) reverts(of *rolesync.Run) (*rolesync.Run, error) {
	tx := table.NewTx()
	r, err := of.Revert(w.t.Context(), w.Table, tx, accesstest.Asleep{}, w.by, w.Clock())
	if err == nil {
		err = w.Table.Commit(w.t.Context(), tx)
	}
	return r, err
}

// changes are the lines of a run by user.
func (w *world) changes(r *rolesync.Run) map[string]rolesync.Change {
	w.t.Helper()
	all, err := table.All[rolesync.Change](w.t.Context(), w.Table, rolesync.Changed(r.ID, 0, "", ""))
	if err != nil {
		w.t.Fatal(err)
	}
	by := map[string]rolesync.Change{}
	for _, one := range all {
		by[one.User] = one
	}
	return by
}

// has checks which role users have.
func (w *world) has(role *people.Role, users ...string) {
	w.t.Helper()
	for _, user := range users {
		want := ""
		if role != nil {
			want = role.ID
		}
		if u := w.user(user); u.Role != want {
			w.t.Errorf("%s has the role %q of %q, not %q", user, u.Role, u.Organization, want)
		}
	}
}

// counted checks what a run came to.
func counted(t *testing.T, r *rolesync.Run, as rolesync.Status, want rolesync.Counts) {
	t.Helper()
	if r.Status != as || r.Counts != want {
		t.Errorf("%s, %+v (%s %s); want %s, %+v", r.Status, r.Counts, r.Problem, r.Detail, as, want)
	}
}
