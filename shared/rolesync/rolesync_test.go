package rolesync_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

func refused(t *testing.T, err error, slug string) {
	t.Helper()
	if e := problem.As(err); e == nil || e.Slug != slug {
		t.Errorf("%v, not %s", err, slug)
	}
}

func TestSYN1_ASyncGivesWhatGroupsAreMappedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	w.maps("grp_b", w.sub.User)
	in, moved, both, none, unmapped := w.comes("grp_a"), w.comes("grp_a"), w.comes("grp_b", "grp_a"), w.comes(), w.comes("grp_c")
	first := w.syncs(rolesync.Apply)
	counted(t, first, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, RoleChanged: 3, Unchanged: 1, Conflicts: 1})
	w.has(w.acme.User, in, moved, both)
	w.has(nil, none, unmapped)
	if w.mappings().List[0].Pending || w.mappings().List[1].Pending {
		t.Error("the mappings are pending after they were applied")
	}
	w.moves(moved, "grp_a", "grp_b")
	w.moves(both, "grp_a", "")
	w.moves(in, "grp_a", "")
	counted(t, w.syncs(rolesync.Apply), rolesync.Succeeded, rolesync.Counts{Reviewed: 4, Moved: 2, WithoutRole: 1, Unchanged: 1})
	w.has(w.sub.User, moved, both)
	w.has(nil, in)
	if u := w.user(moved); u.UpdatedBy.Type != "sync" || u.RoleGroup != "grp_b" {
		t.Errorf("%+v", u)
	}
	again := w.syncs(rolesync.Apply)
	counted(t, again, rolesync.Succeeded, rolesync.Counts{Reviewed: 3, Unchanged: 3})
	if len(w.changes(again)) != 0 {
		t.Errorf("a second sync changes %+v", w.changes(again))
	}
}

func TestSYN2_WhatWasPreviewedIsAppliedAsItStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	users := []string{w.comes("grp_a"), w.comes("grp_a"), w.comes("grp_a"), w.comes("grp_a")}
	preview := w.syncs(rolesync.Preview)
	counted(t, preview, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, RoleChanged: 4})
	w.has(nil, users...)
	w.renames(users[1])
	w.Commit(func(tx *table.Tx) { people.Remove(tx, w.user(users[2]), w.Clock()) })
	applied, err := w.appliesPlan(preview)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, applied, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, RoleChanged: 2, Skipped: 2})
	w.has(w.acme.User, users[0], users[3])
	w.has(nil, users[1])
	lines := w.changes(applied)
	if got := lines[users[1]].Reason + " " + lines[users[2]].Reason; got != "changed-since gone" {
		t.Error(got)
	}
	if !w.mappings().List[0].Pending {
		t.Error("a mapping counts as applied that was not to somebody")
	}
	late := w.syncs(rolesync.Preview)
	w.maps("grp_a", w.sub.User)
	_, err = w.appliesPlan(late)
	refused(t, err, "mappings-changed")
	_, err = w.appliesPlan(applied)
	refused(t, err, "not-a-preview")
}

func TestSYN4_TwoSyncsNeverRunAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user, first := w.comes("grp_a"), w.begin(rolesync.Apply)
	err := rolesync.Begin(t.Context(), w.Table, table.NewTx(), &rolesync.Run{Root: w.acme.ID, Mode: rolesync.Preview}, accesstest.Asleep{}, w.by, w.Clock())
	refused(t, err, "sync-running")
	if problem.As(err).Existing != first.ID {
		t.Error("which one runs is not said")
	}
	w.cancels(first)
	counted(t, w.ends(first), rolesync.Cancelled, rolesync.Counts{})
	w.has(nil, user)
	refused(t, w.run(first.ID).Cancel(table.NewTx(), w.Clock()), "run-over")
	counted(t, w.syncs(rolesync.Apply), rolesync.Succeeded, rolesync.Counts{Reviewed: 1, RoleChanged: 1})
}

func TestSYN4_MappingsThatChangeWhileASyncRunsEndIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	preview := w.syncs(rolesync.Preview)
	tx := table.NewTx()
	r, err := rolesync.ApplyPlan(t.Context(), w.Table, tx, preview, accesstest.Asleep{}, w.by, w.Clock())
	if err == nil {
		err = w.Table.Commit(t.Context(), tx)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.maps("grp_b", w.acme.User)
	if r = w.ends(r); r.Status != rolesync.Failed || r.Problem != "mappings-changed" {
		t.Errorf("%+v", r)
	}
}

func TestSYN5_TheScheduleLeavesPendingMappingsToPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	w.syncs(rolesync.Apply)
	w.maps("grp_b", w.acme.User)
	drifted, pending := w.comes("grp_a"), w.comes("grp_b")
	counted(t, w.syncs(rolesync.Scheduled), rolesync.Succeeded, rolesync.Counts{Reviewed: 2, RoleChanged: 1, Skipped: 1})
	w.has(w.acme.User, drifted)
	w.has(nil, pending)
	if !w.mappings().List[1].Pending {
		t.Error("the schedule applied a mapping")
	}
}

func TestSYN6_WhatTakesAccessFromManyWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	var users []string
	for range 12 {
		users = append(users, w.comes("grp_a"))
	}
	w.syncs(rolesync.Apply)
	w.remaps(func(m *directory.Mappings) { m.List[0].Role, m.List[0].Organization, m.List[0].Pending = "", "", true })
	waits := w.syncs(rolesync.Apply)
	counted(t, waits, rolesync.Waiting, rolesync.Counts{Reviewed: 12, WithoutRole: 12})
	w.has(w.acme.User, users...)
	late := w.syncs(rolesync.Apply) // it is in nobody's way
	w.renames(users[3])
	w.Commit(func(tx *table.Tx) {
		if err := waits.Confirm(t.Context(), w.Table, tx, accesstest.Asleep{}, w.by, w.Clock()); err != nil {
			t.Fatal(err)
		}
	})
	counted(t, w.ends(waits), rolesync.Succeeded, rolesync.Counts{Reviewed: 12, WithoutRole: 11, Skipped: 1})
	refused(t, w.run(waits.ID).Confirm(t.Context(), w.Table, table.NewTx(), accesstest.Asleep{}, w.by, w.Clock()), "not-waiting")
	w.Move(25 * time.Hour)
	if got := w.run(late.ID); got.Status != rolesync.Cancelled {
		t.Errorf("after a day it is %s", got.Status)
	}
}

func TestSYN7_ASyncIsUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	w.maps("grp_b", w.sub.User)
	given, moved, byHand, changed := w.comes("grp_b"), w.comes("grp_a"), w.comes(), w.comes("grp_a")
	w.syncs(rolesync.Apply)
	u := w.user(byHand)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, w.ana.UpdatedBy, w.Clock())
		people.Assign(tx, edit, u, w.acme.Administrator, w.Clock())
		tx.Update(edit)
	})
	w.moves(given, "grp_b", "")
	w.moves(moved, "grp_a", "grp_b")
	w.moves(changed, "grp_a", "grp_b")
	w.moves(byHand, "", "grp_b")
	before := map[string]directory.Assignment{}
	for _, user := range []string{given, moved, byHand} {
		before[user] = directory.PresentOf(w.user(user))
	}
	done := w.syncs(rolesync.Apply)
	counted(t, done, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, Moved: 3, WithoutRole: 1})
	w.has(w.sub.User, moved, byHand, changed)
	w.renames(changed)
	undone, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, Moved: 2, RoleChanged: 1, Skipped: 1})
	for user, want := range before {
		if diff := cmp.Diff(want, directory.PresentOf(w.user(user))); diff != "" {
			t.Errorf("%s: %s", user, diff)
		}
	}
	if by := w.user(byHand).RoleBy; by != w.ana.UpdatedBy {
		t.Errorf("the role given by hand is by %+v", by)
	}
	w.has(w.sub.User, changed)
	counted(t, w.syncs(rolesync.Scheduled), rolesync.Succeeded, rolesync.Counts{Reviewed: 4, Unchanged: 1, Skipped: 3})
	again, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, again, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, Skipped: 4})
	_, err = w.undoes(undone)
	refused(t, err, "not-undoable")
	w.Move(8 * 24 * time.Hour)
	_, err = w.undoes(done)
	refused(t, err, "not-undoable")
}

func TestSYN1_NoSyncTakesTheLastAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	w.isTakenOver(w.ana.ID)
	w.moves(w.ana.ID, "", "grp_a")
	for _, mode := range []rolesync.Mode{rolesync.Preview, rolesync.Apply} {
		r := w.syncs(mode)
		counted(t, r, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, Skipped: 1})
		if got := w.changes(r)[w.ana.ID].Reason; got != rolesync.LastAdministrator {
			t.Error(got)
		}
	}
	w.has(w.acme.Administrator, w.ana.ID)
}

// A tree of more users than a page holds, whose first page is delivered twice.
func TestSYN4_PagesMissNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	var users []string
	for range 210 {
		users = append(users, w.comes("grp_a"))
	}
	r := w.begin(rolesync.Apply)
	failed := make(chan error, 2)
	for range 2 {
		go func() { failed <- w.runner.Run(t.Context(), w.acme.ID, r.Job) }()
	}
	for range 2 {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	counted(t, w.run(r.ID), rolesync.Succeeded, rolesync.Counts{Reviewed: 210, RoleChanged: 210})
	w.has(w.acme.User, users...)
	for _, user := range users {
		if u := w.user(user); u.Version != 3 {
			t.Errorf("%s was changed %d times", user, u.Version-2)
		}
	}
	undone, err := w.undoes(w.run(r.ID))
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 210, WithoutRole: 210})
	w.has(nil, users...)
}

// Who is changed between planning and applying gets what the groups give then, and one whose change nothing is left of is told of.
func TestSYN4_AChangeWhileASyncRunsWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	w.maps("grp_b", w.sub.User)
	moved, left, gone, kept := w.comes("grp_a"), w.comes("grp_a"), w.comes("grp_a"), w.comes("grp_a")
	w.meanwhile = func() {
		w.moves(moved, "grp_a", "grp_b")
		w.moves(left, "grp_a", "")
		w.Commit(func(tx *table.Tx) { people.Remove(tx, w.user(gone), w.Clock()) })
	}
	r := w.syncs(rolesync.Apply)
	counted(t, r, rolesync.Succeeded, rolesync.Counts{Reviewed: 4, RoleChanged: 2, Unchanged: 1, Skipped: 1})
	w.has(w.sub.User, moved)
	w.has(nil, left)
	w.has(w.acme.User, kept)
	if lines := w.changes(r); lines[gone].Reason != rolesync.Gone || lines[moved].To.Group != "grp_b" || lines[left].State == rolesync.Applied {
		t.Errorf("%+v", lines)
	}
}

func TestGEN6_ASyncOfAClosedTreeChangesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	r := w.begin(rolesync.Apply)
	w.Commit(func(tx *table.Tx) {
		tx.Update(table.Touch(table.AccessKey(w.acme.ID)).Set("closedAt", "2026-11-24T12:00:00.000Z"))
	})
	if got := w.ends(r); got.Status != rolesync.Failed || got.Problem != "closed" || got.Counts != (rolesync.Counts{}) {
		t.Errorf("it is %s, %s, %+v", got.Status, got.Problem, got.Counts)
	}
	w.has(nil, user)
}
