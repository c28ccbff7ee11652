package rolesync_test

import (
	"fmt"
	"testing"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// A run that passed over everybody changed nobody: what people would undo is the run before it.
func TestSYN7_ARunThatChangedNobodyLeavesTheOneBeforeToBeUndone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	effective := w.syncs(rolesync.Apply)
	late := w.comes("grp_a")
	preview := w.syncs(rolesync.Preview)
	w.renames(late)
	idle, err := w.appliesPlan(preview)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, idle, rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Unchanged: 1, Skipped: 1})
	_, err = w.undoes(idle)
	refused(t, err, "not-undoable")
	undone, err := w.undoes(effective)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, WithoutRole: 1})
	w.has(nil, user)
}

// What a sync notes of a conflict it notes with the role, so that the user is as the run left the user.
func TestSYN7_WhoIsInManyMappedGroupsIsUndoneToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var groups []string
	for n := range 25 {
		groups = append(groups, fmt.Sprintf("grp_%02d", n))
	}
	user := w.comes(groups...)
	for _, group := range groups {
		w.maps(group, w.acme.User)
	}
	done := w.syncs(rolesync.Apply)
	w.has(w.acme.User, user)
	undone, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, WithoutRole: 1})
	w.has(nil, user)
}

// signsIn gives a user a password.
func (w *world) signsIn(user string) {
	w.Commit(func(tx *table.Tx) {
		tx.Put(people.PasswordKey(user), people.Password{Hash: "h", SetAt: clock.Format(w.Clock())})
	})
}

// mailsNoPassword has the domain of the people's addresses be lost: no password can be mailed to them.
func (w *world) mailsNoPassword() {
	w.Commit(func(tx *table.Tx) { tx.Put(table.DomainNameKey(w.acme.ID, "acme.example"), tenant.Standing{Was: true}) })
}

// Who became an administrator stays one as long as the others have no way to sign in, however many they are.
func TestPER5_AnUndoLeavesAnAdministratorWhoCanSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mailsNoPassword()
	w.maps("grp_a", w.acme.Administrator)
	pat := w.comes("grp_a")
	done := w.syncs(rolesync.Apply)
	w.has(w.acme.Administrator, w.ana.ID, pat)
	w.signsIn(pat)
	undone, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, Skipped: 1})
	if got := w.changes(undone)[pat].Reason; got != rolesync.LastAdministrator {
		t.Error(got)
	}
	w.has(w.acme.Administrator, pat)
	w.signsIn(w.ana.ID)
	if undone, err = w.undoes(done); err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, WithoutRole: 1})
	w.has(nil, pat)
}

// A preview that found nothing to do would, applied after an undo, have the mappings count as applied that the undo made pending.
func TestSYN7_WhatWasPreviewedBeforeAnUndoIsNotAppliedAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	done := w.syncs(rolesync.Apply)
	preview := w.syncs(rolesync.Preview)
	if _, err := w.undoes(done); err != nil {
		t.Fatal(err)
	}
	_, err := w.appliesPlan(preview)
	refused(t, err, "mappings-changed")
	w.syncs(rolesync.Scheduled)
	w.has(nil, user)
}
