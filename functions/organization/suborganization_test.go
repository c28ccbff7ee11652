package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestGEN4Suborganizations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	admin := w.Person(acme.Administrator)
	made := w.call(admin, "POST", path(acme, "/suborganizations"), fields{"name": "Iberia", "country": "ES"}).is(http.StatusCreated)
	made.has(fields{"type": "suborganization", "mainOrganizationId": acme.ID, "name": "Iberia", "country": "ES", "language": "en", "members": 0,
		"email": nil, "status": "active", "withoutAdministrator": false})
	if again := w.call(admin, "GET", made.header.Get("Location"), nil); again.raw != made.raw {
		t.Errorf("created as\n%s, read as\n%s", made.raw, again.raw)
	}
	sub := w.Under(acme)
	own := w.Person(sub.Administrator)
	w.Person(sub.User)
	w.call(admin, "PATCH", path(sub, ""), fields{"name": "Benelux"}).is(http.StatusOK)
	list := w.call(admin, "GET", path(acme, "/suborganizations"), nil)
	if !slices.Equal(list.names(), []string{"Benelux", "Iberia"}) {
		t.Errorf("listed %s", list.raw)
	}
	if first := list.body["items"].([]any)[0].(fields); first["members"] != 2.0 || first["id"] != sub.ID {
		t.Errorf("listed %v", first)
	}
	if names := w.call(admin, "GET", path(acme, "/suborganizations?name=ib"), nil).names(); !slices.Equal(names, []string{"Iberia"}) {
		t.Errorf("by name: %v", names)
	}
	if names := w.call(own, "GET", path(sub, "/suborganizations"), nil).names(); len(names) != 0 {
		t.Errorf("under a suborganization: %v", names)
	}
	w.call(admin, "POST", path(sub, "/suborganizations"), fields{"name": "X"}).refused(http.StatusConflict, "wrong-type")
	w.call(own, "POST", path(sub, "/suborganizations"), fields{"name": "X"}).refused(http.StatusForbidden, "forbidden")
	w.call(w.root, "POST", path(w.Tree(tenant.Partner), "/suborganizations"), fields{"name": "X"}).refused(http.StatusConflict, "wrong-type")
}

func TestGEN4OnlyWhatIsEmptyIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	sub := w.Under(acme)
	admin, own, user := w.Person(acme.Administrator), w.Person(sub.Administrator), w.Person(sub.User)
	w.Commit(func(tx *table.Tx) {
		tx.Count(acme.ID, table.KeysCount(sub.ID, sub.User.ID), +1, nil)
		named := &people.Role{ID: "rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", Organization: sub.ID, Name: "Named", Stamp: audit.Made(audit.System("test"), "")}
		tx.Create(table.RoleKey(sub.ID, named.ID), named, nil)
	})
	w.call(own, "DELETE", path(sub, ""), nil).refused(http.StatusForbidden, "forbidden")
	left := w.call(admin, "DELETE", path(sub, ""), nil).refused(http.StatusConflict, "not-empty")
	if !strings.Contains(left.text("detail"), "2 users, 1 API key, 1 role.") {
		t.Errorf("it names %s", left.raw)
	}
	w.Commit(func(tx *table.Tx) {
		tx.Count(acme.ID, table.KeysCount(sub.ID, sub.User.ID), -1, nil)
		tx.Delete(table.RoleKey(sub.ID, "rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"), 0)
		people.Remove(tx, user.User, w.Clock())
	})
	w.Commit(func(tx *table.Tx) { people.Remove(tx, own.User, w.Clock()) })
	w.call(admin, "DELETE", path(sub, ""), nil, "If-Match", `"9"`).refused(http.StatusPreconditionFailed, "stale")
	w.call(admin, "DELETE", path(sub, ""), nil, "If-Match", `"1"`).is(http.StatusNoContent)
	w.call(admin, "GET", path(sub, ""), nil).refused(http.StatusNotFound, "not-found")
	if names := w.call(admin, "GET", path(acme, "/suborganizations"), nil).names(); len(names) != 0 {
		t.Errorf("still listed: %v", names)
	}
	if counts, err := w.Table.Counts(t.Context(), acme.ID, table.SuborganizationsCount(acme.ID)); err != nil || counts[table.SuborganizationsCount(acme.ID)] != 0 {
		t.Errorf("counted %v, %v", counts, err)
	}
	if roles, err := table.All[people.Role](t.Context(), w.Table, table.Question{PK: table.OrganizationPartition(sub.ID)}); err != nil || len(roles) != 0 {
		t.Errorf("left behind: %+v, %v", roles, err)
	}
	t.Run("nobody who read it as there puts anybody into it", func(t *testing.T) {
		tx := table.NewTx()
		people.Invite(tx, acme.ID, sub.User, people.Person{Name: "Late", Email: "late@acme.example"}, audit.System("test"), w.Clock())
		if err := w.Table.Commit(t.Context(), tx); problem.As(err) == nil || problem.As(err).Slug != "role-gone" {
			t.Errorf("answered %v", err)
		}
	})
}

func TestMainOrganizationsAreNotDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	w.call(w.Person(acme.Administrator), "DELETE", path(acme, ""), nil).refused(http.StatusConflict, "wrong-type")
	w.call(w.root, "DELETE", path(w.platform, ""), nil).refused(http.StatusConflict, "wrong-type")
}

// TestADeletionAndAnInvitationNeverBothHappen races the two.
func TestADeletionAndAnInvitationNeverBothHappen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := w.Tree(tenant.Client)
	admin := w.Person(acme.Administrator)
	for range 10 {
		sub := w.Under(acme)
		var both sync.WaitGroup
		var deleted int
		var invited error
		both.Go(func() { deleted = w.call(admin, "DELETE", path(sub, ""), nil).status })
		both.Go(func() {
			tx := table.NewTx()
			people.Invite(tx, acme.ID, sub.User, people.Person{Name: "Race", Email: sub.ID + "@acme.example"}, audit.System("test"), w.Clock())
			invited = w.Table.Commit(t.Context(), tx)
		})
		both.Wait()
		if (deleted == http.StatusNoContent) == (invited == nil) {
			t.Errorf("deleted: %d, invited: %v", deleted, invited)
		}
	}
}
