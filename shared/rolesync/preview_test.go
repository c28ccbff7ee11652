package rolesync_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/rolesync"
)

// A preview counts on those only who can sign in, as applying does, whether they were administrators before or become ones by it.
func TestSYN2_APreviewPassesOverWhomApplyingDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mailsNoPassword()
	w.maps("grp_a", w.acme.Administrator)
	pat := w.comes("grp_a")
	w.syncs(rolesync.Apply)
	w.signsIn(pat)
	w.moves(pat, "grp_a", "grp_b")
	w.maps("grp_b", w.acme.User)
	skipped := func(mode rolesync.Mode, want rolesync.Counts) {
		t.Helper()
		r := w.syncs(mode)
		counted(t, r, rolesync.Succeeded, want)
		if got := w.changes(r)[pat].Reason; got != rolesync.LastAdministrator {
			t.Errorf("%s: %q", mode, got)
		}
	}
	skipped(rolesync.Preview, rolesync.Counts{Reviewed: 1, Skipped: 1})
	next := w.comes("grp_a")
	skipped(rolesync.Preview, rolesync.Counts{Reviewed: 2, RoleChanged: 1, Skipped: 1})
	skipped(rolesync.Apply, rolesync.Counts{Reviewed: 2, RoleChanged: 1, Skipped: 1})
	w.signsIn(next)
	for _, mode := range []rolesync.Mode{rolesync.Preview, rolesync.Apply} {
		counted(t, w.syncs(mode), rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Unchanged: 1, RoleChanged: 1})
	}
	w.has(w.acme.User, pat)
}
