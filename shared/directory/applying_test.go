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

// TestMAP3_WhatIsMappedOtherwiseWhileAJobAppliesItIsNotTakenAsApplied has somebody map the group otherwise and apply that to whoever the
// job of before is about to change.
func TestMAP3_WhatIsMappedOtherwiseWhileAJobAppliesItIsNotTakenAsApplied(t *testing.T) {
	t.Parallel()
	for name, mapped := range map[string]bool{"mapped otherwise": true, "mapped no more": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			pat := w.comes()
			w.joins(pat, "grp_guides")
			j := w.applies("grp_guides", w.acme.User)
			meanwhile := w.interrupted(1, func() {
				if w.remaps("grp_guides", w.sub.User); !mapped {
					w.clears("grp_guides")
				}
				now, _ := directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
				if _, err := w.Resettle(t.Context(), w.acme.ID, pat, directory.Resettling{Mappings: now, By: w.by}); err != nil {
					t.Error(err)
				}
			})
			p := &job.Page{Job: *j, Now: w.now(), Tx: table.NewTx()}
			if err := meanwhile.Apply(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if err := w.table().Commit(t.Context(), p.Tx); !errors.Is(err, table.ErrChanged) {
				t.Fatalf("the page of who mapped before ends with %v", err)
			}
			if u := w.user(pat); u.Role != w.acme.User.ID {
				t.Fatalf("nothing is shown: %+v", u)
			}
			w.attempt(j, false)
			now, err := directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
			if err != nil {
				t.Fatal(err)
			}
			if i := now.Of("grp_guides"); mapped && !now.List[i].Pending || !mapped && (i >= 0 || w.user(pat).Role != "") {
				t.Errorf("%+v, and the user has %q", now.List, w.user(pat).Role)
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
