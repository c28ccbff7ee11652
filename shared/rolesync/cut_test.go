package rolesync_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/rolesync"
)

// Whatever ends a run before a page that was cut off is done again: who was changed by then is counted, and the run can be undone.
func TestSYN7_WhatAPageDidThatWasCutOffIsInTheRecord(t *testing.T) {
	t.Parallel()
	for status, ends := range map[string]func(w *world, r *rolesync.Run){
		"cancelled ":              func(w *world, r *rolesync.Run) { w.cancels(r) },
		"failed forbidden":        func(w *world, _ *rolesync.Run) { w.becomes(w.ana, w.acme.User) },
		"failed mappings-changed": func(w *world, _ *rolesync.Run) { w.maps("grp_b", w.acme.User) },
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			second := w.behalf(w.Person(w.acme.Administrator))
			w.maps("grp_a", w.acme.User)
			for range 60 { // more than a page
				w.comes("grp_a")
			}
			r := w.begin(rolesync.Apply)
			w.isCutOff(r, 2)
			ends(w, r)
			r = w.ends(r)
			if got := string(r.Status) + " " + r.Problem; got != status || r.Done != 40 {
				t.Errorf("%s, %d done", got, r.Done)
			}
			w.by = second
			undone, err := w.undoes(r)
			if err != nil {
				t.Fatal(err)
			}
			counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 40, WithoutRole: 40})
		})
	}
}

func TestSYN7_WhatAnUndoDidThatWasCutOffIsPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	undo, err := w.reverts(w.syncs(rolesync.Apply))
	if err != nil {
		t.Fatal(err)
	}
	w.isCutOff(undo, 1)
	w.cancels(undo)
	counted(t, w.ends(undo), rolesync.Cancelled, rolesync.Counts{Reviewed: 1, WithoutRole: 1})
	counted(t, w.syncs(rolesync.Scheduled), rolesync.Succeeded, rolesync.Counts{Reviewed: 1, Skipped: 1})
	w.has(nil, user)
}

// Whoever applied another mapping may have met a user before the sync that goes by the former one does.
func TestSYN4_WhoWasChangedByMappingsOfBeforeFollowsTheNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	r := w.begin(rolesync.Apply)
	w.isCutOff(r, 2)
	w.has(w.acme.User, user)
	w.maps("grp_a", w.sub.User)
	if r = w.ends(r); r.Status != rolesync.Failed || r.Problem != "mappings-changed" {
		t.Errorf("%s %s", r.Status, r.Problem)
	}
	w.has(w.sub.User, user)
}
