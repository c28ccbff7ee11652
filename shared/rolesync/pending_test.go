package rolesync_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/rolesync"
)

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
