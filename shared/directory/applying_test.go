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

func TestMAP3_AJobCountsWhatItDidAlsoWhereItWasCutOff(t *testing.T) {
	t.Parallel()
	const members = 70 // more than two pages
	w := newWorld(t)
	var users []string
	joins := func(user string) {
		w.Commit(func(tx *table.Tx) {
			u := w.user(user)
			edit := people.Edit(u, w.by, w.now())
			directory.Join(tx, edit, u, "grp_guides", errors.New("gone"), w.now())
			tx.Update(edit)
		})
	}
	for range members {
		users = append(users, w.comes())
		joins(users[len(users)-1])
	}
	w.mappings.List = []directory.Mapped{{Group: "grp_guides", Connection: w.connection, Organization: w.sub.ID, Role: w.sub.User.ID, Pending: true, Revision: 1}}
	w.mappings.Revision = 1
	w.Commit(func(tx *table.Tx) { w.mappings.Write(tx) })

	j := &job.Job{Root: w.acme.ID, Organization: w.acme.ID, Kind: job.ApplyMapping}
	j.Give(directory.Applying{Group: "grp_guides", Revision: 1, Now: true, By: audit.Actor{Type: audit.ByUser, ID: w.ana.ID}})
	w.Commit(func(tx *table.Tx) {
		job.Start(tx, j, accesstest.Asleep{}, audit.Actor{Type: audit.ByUser, ID: w.ana.ID}, w.now())
	})

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
