package rolesync_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/rolesync"
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
