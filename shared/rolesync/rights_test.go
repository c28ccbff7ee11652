package rolesync_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

// named makes a role of the main organization.
func (w *world) named(portal people.PortalAccess, level people.Workspaces) *people.Role {
	role := &people.Role{ID: id.New(id.Role), Organization: w.acme.ID, Name: accesstest.Unique(), Portal: portal, Workspaces: level, Stamp: w.ana.Stamp}
	role.Version = 1
	w.Commit(func(tx *table.Tx) { people.CreateRole(tx, w.acme.ID, role) })
	return role
}

// becomes gives a person of the tree another role.
func (w *world) becomes(p *accesstest.Person, role *people.Role) {
	u := w.user(p.ID)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, audit.System("test"), w.Clock())
		people.Assign(tx, edit, u, role, w.Clock())
		tx.Update(edit)
	})
}

func TestPER1_WhoIsNobodyByThenHasNothingDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.Person(w.acme.Administrator)
	w.maps("grp_a", w.acme.User)
	user := w.comes("grp_a")
	preview, begun := w.syncs(rolesync.Preview), w.begin(rolesync.Apply)
	w.becomes(w.ana, w.acme.User)
	if r := w.ends(begun); r.Status != rolesync.Failed || r.Problem != "forbidden" || r.Done != 0 {
		t.Errorf("%+v", r)
	}
	w.has(nil, user)
	if r, err := w.appliesPlan(preview); err != nil || r.Status != rolesync.Failed {
		t.Errorf("%+v, %v", r, err)
	}
	w.by = w.behalf(second)
	done := w.syncs(rolesync.Apply)
	counted(t, done, rolesync.Succeeded, rolesync.Counts{Reviewed: 1, RoleChanged: 1})
	w.by = w.behalf(w.ana)
	if r, err := w.undoes(done); err != nil || r.Status != rolesync.Failed {
		t.Errorf("%+v, %v", r, err)
	}
	w.has(w.acme.User, user)
}

// Somebody may have the sync done, but not each of its changes: those are passed over, and the mapping stays pending.
func TestPER2_ASyncDoesNothingThatItsPersonCouldNotDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	weak := w.Person(w.named(people.AdministratorAccess, people.WorkspacesNone))
	strong := w.named(people.UserAccess, people.WorkspacesL2)
	w.maps("grp_a", strong)
	given, taken := w.comes("grp_a"), w.comes("grp_b")
	u := w.user(taken)
	w.Commit(func(tx *table.Tx) {
		edit := people.Edit(u, audit.System("test"), w.Clock())
		people.Assign(tx, edit, u, strong, w.Clock())
		tx.Update(edit)
	})
	w.maps("grp_b", w.acme.User)
	strongly := w.by
	w.by = w.behalf(weak)
	for _, mode := range []rolesync.Mode{rolesync.Preview, rolesync.Apply} {
		r := w.syncs(mode)
		counted(t, r, rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Skipped: 2})
		for _, user := range []string{given, taken} {
			if got := w.changes(r)[user].Reason; got != rolesync.NotAllowed {
				t.Errorf("%s: %q", mode, got)
			}
		}
	}
	w.has(nil, given)
	w.has(strong, taken)
	counted(t, w.syncs(rolesync.Scheduled), rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Skipped: 2}) // pending
	w.by = strongly
	preview := w.syncs(rolesync.Preview)
	w.by = w.behalf(weak)
	applied, err := w.appliesPlan(preview)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, applied, rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Skipped: 2})
	w.by = strongly
	done := w.syncs(rolesync.Apply)
	counted(t, done, rolesync.Succeeded, rolesync.Counts{Reviewed: 2, RoleChanged: 2})
	w.by = w.behalf(weak)
	undone, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 2, Skipped: 2})
	w.has(strong, given)
	w.has(w.acme.User, taken)
}

// What an undo gave back is pending with the page that did, so that a schedule does not do it again where the undo was cut short.
func TestSYN7_AnUndoThatIsCancelledLeavesItsMappingsPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.maps("grp_a", w.acme.User)
	for range 60 { // more than a page
		w.comes("grp_a")
	}
	done := w.syncs(rolesync.Apply)
	w.meanwhile = func() { w.cancels(w.run(w.run(done.ID).Undone)) }
	undone, err := w.undoes(done)
	if err != nil || undone.Status != rolesync.Cancelled || undone.Counts.WithoutRole != 40 {
		t.Errorf("%+v, %v", undone, err)
	}
	if m := w.mappings(); !m.List[m.Of("grp_a")].Pending {
		t.Error("the mapping is not pending")
	}
	if r := w.syncs(rolesync.Scheduled); r.Counts.RoleChanged != 0 {
		t.Errorf("the schedule did again what was undone: %+v", r.Counts)
	}
}

// Whoever a run is done for is changed last: the rights that it takes from that one are there for everybody else.
func TestSYN1_ARunThatTakesTheRightsOfItsPersonDoesAllOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Person(w.acme.Administrator) // beside whom others may go
	w.maps("grp_a", w.acme.User)
	w.maps("grp_b", w.acme.Administrator)
	w.isTakenOver(w.ana.ID)
	w.moves(w.ana.ID, "", "grp_a")
	boss := w.comes("grp_b")
	for range 60 { // more than a page
		w.comes("grp_a")
	}
	done := w.syncs(rolesync.Apply)
	counted(t, done, rolesync.Succeeded, rolesync.Counts{Reviewed: 62, RoleChanged: 62})
	w.has(w.acme.User, w.ana.ID)
	w.by = access.Behalf{Actor: audit.Actor{Type: audit.ByUser, ID: boss}, Tree: w.acme.ID}
	undone, err := w.undoes(done)
	if err != nil {
		t.Fatal(err)
	}
	counted(t, undone, rolesync.Succeeded, rolesync.Counts{Reviewed: 62, WithoutRole: 61, RoleChanged: 1})
	w.has(nil, boss)
}
