package directory_test

import (
	"errors"
	"testing"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// attempt does a page of the job, which is committed where it is not cut off.
func (w *world) attempt(j *job.Job, cutOff bool) *job.Page {
	w.t.Helper()
	p := &job.Page{Job: *j, Now: w.now(), Tx: table.NewTx()}
	if err := w.Apply(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
	if !cutOff {
		if err := w.table().Commit(w.t.Context(), p.Tx); err != nil {
			w.t.Fatal(err)
		}
		*j = p.Job
	}
	return p
}

// applies maps the group to the role, and has a job apply that.
func (w *world) applies(group string, role *people.Role) *job.Job {
	w.t.Helper()
	w.mappings.List = []directory.Mapped{{Group: group, Connection: w.connection, Organization: role.Organization, Role: role.ID, Pending: true, Revision: 1}}
	w.mappings.Revision = 1
	w.Commit(func(tx *table.Tx) { w.mappings.Write(tx) })
	by := audit.Actor{Type: audit.ByUser, ID: w.ana.ID}
	j := &job.Job{Root: w.acme.ID, Organization: w.acme.ID, Kind: job.ApplyMapping}
	j.Give(directory.Applying{Group: group, Revision: 1, Now: true, By: by})
	w.Commit(func(tx *table.Tx) { job.Start(tx, j, accesstest.Asleep{}, by, w.now()) })
	return j
}

// joins has a user join the group, while nothing follows.
func (w *world) joins(user, group string) {
	w.Commit(func(tx *table.Tx) {
		u := w.user(user)
		edit := people.Edit(u, w.by, w.now())
		directory.Join(tx, edit, u, group, errors.New("gone"), w.now())
		tx.Update(edit)
	})
}

// TestMAP3_WhatIsMappedOtherwiseWhileAJobAppliesItHoldsForAll has somebody map the group otherwise, and apply that to whoever the job of
// before is about to change.
func TestMAP3_WhatIsMappedOtherwiseWhileAJobAppliesItHoldsForAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mapped, cutOff bool }{
		"mapped otherwise": {mapped: true}, "mapped no more": {}, "mapped otherwise, and cut off": {mapped: true, cutOff: true}, "mapped no more, and cut off": {cutOff: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, want := newWorld(t), ""
			pat := w.comes()
			w.joins(pat, "grp_guides")
			j := w.applies("grp_guides", w.acme.User)
			otherwise := func() {
				if w.remaps("grp_guides", w.sub.User); c.mapped {
					want = w.sub.User.ID
				} else {
					w.clears("grp_guides")
				}
			}
			if c.cutOff {
				w.attempt(j, true)
				otherwise()
			} else {
				meanwhile := w.interrupted(1, func() {
					otherwise()
					now, _ := directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
					if _, err := w.Resettle(t.Context(), w.acme.ID, pat, directory.Resettling{Mappings: now, By: w.by}); err != nil {
						t.Error(err)
					}
				})
				p := &job.Page{Job: *j, Now: w.now(), Tx: table.NewTx()}
				if err := meanwhile.Apply(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if u := w.user(pat); u.Role != want {
					t.Errorf("at once the user has %q", u.Role)
				}
				if err := w.table().Commit(t.Context(), p.Tx); !errors.Is(err, table.ErrChanged) {
					t.Fatalf("the page of who mapped before ends with %v", err)
				}
			}
			w.attempt(j, false)
			if u := w.user(pat); u.Role != want {
				t.Errorf("in the end the user has %q", u.Role)
			}
		})
	}
}

func TestMAP3_AJobCountsWhatItDidAlsoWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	const members = 70 // more than two pages
	w := newWorld(t)
	var users []string
	for range members {
		users = append(users, w.comes())
		w.joins(users[len(users)-1], "grp_guides")
	}
	j := w.applies("grp_guides", w.sub.User)

	w.attempt(j, true)
	w.moves(users[0], "grp_guides", "") // who was given the role by what was cut off, and is met no more
	w.attempt(j, false)
	w.attempt(j, true)
	w.attempt(j, true)
	w.attempt(j, false)
	done := w.attempt(j, false)
	var came directory.Application
	if _, err := done.Result(&came); err != nil {
		t.Fatal(err)
	}
	if want := (directory.Application{Given: members}); came != want {
		t.Errorf("%+v, not %+v", came, want)
	}
}
