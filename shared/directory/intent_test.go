package directory_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// remaps has the group give another role, as somebody else decides it meanwhile, and applies it to nobody.
func (w *world) remaps(group string, role *people.Role) {
	now, err := directory.ReadMappings(w.t.Context(), w.table(), w.acme.ID)
	if err != nil {
		w.t.Error(err)
		return
	}
	now.List = slices.DeleteFunc(now.List, func(one directory.Mapped) bool { return one.Group == group })
	now.List = append(now.List, directory.Mapped{Group: group, Organization: role.Organization, Role: role.ID})
	w.Commit(now.Write)
}

// clears forgets the mapping of the group, as whoever clears it and applies that does.
func (w *world) clears(group string) {
	if err := directory.Unmap(w.t.Context(), w.table(), w.acme.ID, group); err != nil {
		w.t.Error(err)
	}
}

// interrupted is another settler over the same table. When it asks for the time so often, somebody else does something: between what is
// read of a member and what is changed.
func (w *world) interrupted(at int32, do func()) *directory.Settler {
	var asked atomic.Int32
	s := *w.Settler
	s.Clock = func() time.Time {
		if asked.Add(1) == at {
			do()
		}
		return w.now()
	}
	return &s
}

// intends writes down what a request would have of a group.
func (w *world) intends(group string, mappings int, joins, leaves []string) {
	in := directory.Intent{Root: w.acme.ID, Connection: w.connection, Group: group, Request: directory.Request{By: w.by}, Mappings: mappings}
	w.Commit(func(tx *table.Tx) { w.Intend(tx, in, joins, leaves) })
}

func (w *world) intended(group string) bool {
	found, err := w.table().Get(w.t.Context(), table.IntentKey(group), &directory.Intent{})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestSCI5_WhoWasMovedBeforeARequestWasCutOffFollowsTheMappingsOfWhoGoesOn(t *testing.T) {
	t.Parallel()
	for name, written := range map[string]int{"as it is written down": 1, "by a release before": 0} {
		w := newWorld(t)
		w.remaps("grp_other", w.acme.User)
		pat, kim := w.comes(), w.comes()
		w.intends("grp_guides", written, []string{pat, kim}, nil)
		w.moves(pat, "", "grp_guides") // as far as the request came
		w.remaps("grp_guides", w.sub.User)
		if err := w.Finish(t.Context(), "grp_guides"); err != nil {
			t.Fatal(err)
		}
		for _, user := range []string{pat, kim} {
			if u := w.user(user); u.Role != w.sub.User.ID || u.RoleGroup != "grp_guides" {
				t.Errorf("%s: pat is %t: %+v", name, user == pat, u)
			}
		}
		if w.intended("grp_guides") {
			t.Errorf("%s: the intent is still there", name)
		}
	}
}

func TestSCI5_WhoWasMovedBeforeAnIntentWasOverFollowsTheMappings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pat, kim := w.comes(), w.comes()
	w.moves(pat, "", "grp_users")
	w.moves(kim, "", "grp_guides")
	w.intends("grp_guides", 0, []string{pat}, []string{kim})
	meanwhile := w.interrupted(2, func() { // first it says that somebody goes on
		w.remaps("grp_users", w.acme.User)
		w.Commit(func(tx *table.Tx) { directory.Drop(tx, w.connection, "grp_guides") })
	})
	if err := meanwhile.Finish(t.Context(), "grp_guides"); err != nil {
		t.Fatal(err)
	}
	if u := w.user(pat); !directory.In(u, "grp_guides") || u.Role != w.acme.User.ID {
		t.Errorf("who was moved: %+v", u)
	}
	if u := w.user(kim); !directory.In(u, "grp_guides") {
		t.Error("what was intended was done although it was given up")
	}
}

func TestSCI5_WhoIsTakenOutOfADeletedGroupFollowsTheMappings(t *testing.T) {
	t.Parallel()
	for name, settled := range map[string]bool{"who is settled by them meanwhile": true, "who is not": false} {
		w := newWorld(t)
		w.remaps("grp_users", w.acme.User)
		w.mappings, _ = directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
		pat := w.comes()
		w.moves(pat, "", "grp_users")
		w.moves(pat, "", "grp_gone")
		meanwhile := w.interrupted(1, func() {
			w.remaps("grp_users", w.sub.User)
			if !settled {
				return
			}
			now, _ := directory.ReadMappings(t.Context(), w.table(), w.acme.ID)
			if _, err := w.Resettle(t.Context(), w.acme.ID, pat, directory.Resettling{Mappings: now, By: w.by}); err != nil {
				t.Error(err)
			}
		})
		n, err := meanwhile.Empty(t.Context(), w.acme.ID, directory.Emptying{Connection: w.connection, Group: "grp_gone", Request: directory.Request{By: w.by}}, 10)
		if u := w.user(pat); err != nil || n != 1 || !slices.Equal(u.Groups, []string{"grp_users"}) || u.Role != w.sub.User.ID {
			t.Errorf("%s: %d, %v, %+v", name, n, err, u)
		}
		if given := w.events("user.role-changed", "user.moved"); settled && given != 1 {
			t.Errorf("%s: the role changed %d times", name, given)
		}
	}
}

// events counts what the connection did, of some actions.
func (w *world) events(actions ...string) (n int) {
	w.t.Helper()
	by := table.AuditBy(w.by.ID, "")
	events, err := table.List[audit.Event](w.t.Context(), w.table(), table.Question{Index: by.Index, PK: by.PK})
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range events.Items {
		if slices.Contains(actions, events.Items[i].Action) {
			n++
		}
	}
	return n
}

func TestSCI5_WhoCannotFollowTheMappingsAtOnceDoesSoLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pat := w.comes()
	w.moves(pat, "", "grp_guides")
	w.remaps("grp_guides", w.sub.User)
	busy := *w.Settler
	busy.Clock = func() time.Time { // somebody changes the user each time between reading and changing
		u := w.user(pat)
		w.Commit(func(tx *table.Tx) {
			edit := people.Edit(u, w.by, w.now())
			people.Rename(edit, u, u.Name+"!")
			tx.Update(edit)
		})
		return w.now()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	in := directory.Intent{Root: w.acme.ID, Connection: w.connection, Group: "grp_guides", Request: directory.Request{By: w.by}}
	late, err := busy.Follow(ctx, in, pat)
	if err != nil || late == nil || w.user(pat).Role != "" || !w.intended("grp_guides") {
		t.Fatalf("%v, %v, %+v", late, err, w.user(pat))
	}
	if err := w.Finish(t.Context(), "grp_guides"); err != nil {
		t.Fatal(err)
	}
	if u := w.user(pat); u.Role != w.sub.User.ID || w.intended("grp_guides") {
		t.Errorf("later: %+v", u)
	}
	if late, err := w.Follow(t.Context(), in, pat); late != nil || err != nil || w.intended("grp_guides") {
		t.Errorf("who is in line: %v, %v", late, err)
	}
}
