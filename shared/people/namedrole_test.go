package people_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestUSR4_AnOrganizationHasAHundredNamedRolesAtMost(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	root := id.New(id.Organization)
	change := func(fill func(tx *table.Tx)) string {
		tx := table.NewTx()
		fill(tx)
		return slugOf(tab.Commit(t.Context(), tx))
	}
	role := func(n int) *people.Role {
		return &people.Role{ID: id.New(id.Role), Organization: root, Name: fmt.Sprintf("Role %d", n), Portal: people.UserAccess}
	}
	var last *people.Role
	for n := range 100 {
		last = role(n)
		if got := change(func(tx *table.Tx) { people.CreateRole(tx, root, last) }); got != "<nil>" {
			t.Fatalf("role %d: %s", n, got)
		}
	}
	more := func(tx *table.Tx) { people.CreateRole(tx, root, role(100)) }
	if got := change(more); got != "too-many-roles" {
		t.Errorf("the hundred and first: %s", got)
	}
	if got := change(func(tx *table.Tx) { people.CloseRoles(tx, root, root, time.Now()) }); got == "<nil>" {
		t.Error("closed although there are roles")
	}
	if got := change(func(tx *table.Tx) {
		if err := people.RemoveRole(t.Context(), tab, tx, root, last); err != nil {
			t.Fatal(err)
		}
	}); got != "<nil>" {
		t.Fatalf("remove one: %s", got)
	}
	if got := change(more); got != "<nil>" {
		t.Errorf("in the place of the removed one: %s", got)
	}
}

func TestGEN4_ARemovedOrganizationGetsNoMoreRoles(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	root := id.New(id.Organization)
	for n, want := range []string{"<nil>", "not-found"} {
		tx := table.NewTx()
		if n == 0 {
			people.CloseRoles(tx, root, root, time.Now())
		} else {
			people.CreateRole(tx, root, &people.Role{ID: id.New(id.Role), Organization: root, Name: "Late", Portal: people.UserAccess})
		}
		if got := slugOf(tab.Commit(t.Context(), tx)); got != want {
			t.Errorf("step %d: %s", n, got)
		}
	}
}
