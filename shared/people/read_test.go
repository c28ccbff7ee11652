package people_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestPER4_UsersAndRolesAreReadInTheirOwnTreeOnly(t *testing.T) {
	t.Parallel()
	f := plant(t, tabletest.New(t))
	user, err := f.invite(0, 1, f.address(0))
	f.must(t, err)
	role := f.roles[0][1]
	if u, err := people.ReadUser(ctx, f.tab, f.roots[0], user); err != nil || u.Role != role.ID || u.Email != f.address(0) {
		t.Errorf("%+v %v", u, err)
	}
	if r, err := people.ReadRole(ctx, f.tab, role.Organization, role.ID); err != nil || r.Name != "User" {
		t.Errorf("%+v %v", r, err)
	}
	for name, read := range map[string]func() error{
		"a user of another tree":         func() error { _, err := people.ReadUser(ctx, f.tab, f.roots[1], user); return err },
		"a user that nobody is":          func() error { _, err := people.ReadUser(ctx, f.tab, f.roots[0], id.New(id.User)); return err },
		"no id of a user":                func() error { _, err := people.ReadUser(ctx, f.tab, f.roots[0], role.ID); return err },
		"an empty id":                    func() error { _, err := people.ReadUser(ctx, f.tab, f.roots[0], ""); return err },
		"a role of another organization": func() error { _, err := people.ReadRole(ctx, f.tab, f.roles[0][2].Organization, role.ID); return err },
		"no id of a role":                func() error { _, err := people.ReadRole(ctx, f.tab, f.roots[0], "ORG"); return err },
	} {
		if slug := slugOf(read()); slug != "not-found" {
			t.Errorf("%s: %s", name, slug)
		}
	}
}

func TestGEN7_NamesAreJoinedFromTheOwnTreeAndErasedOnesSaySo(t *testing.T) {
	t.Parallel()
	f := plant(t, tabletest.New(t))
	own, err := f.invite(0, 1, f.address(0))
	f.must(t, err)
	foreign, err := f.invite(1, 1, f.address(0))
	f.must(t, err)
	key := people.APIKey{ID: id.New(id.APIKey), Root: f.roots[0], Name: "nightly"}
	tx := table.NewTx()
	tx.Put(key.Key(), key)
	f.must(t, f.tab.Commit(ctx, tx))

	user := func(id, across string) audit.Actor { return audit.Actor{Type: audit.ByUser, ID: id, Across: across} }
	a, b, c, d, gone := user(own, ""), user(foreign, "partner"), audit.Actor{Type: audit.ByKey, ID: key.ID}, audit.System("install"), user(id.New(id.User), "")
	lost := audit.Actor{Type: audit.ByKey, ID: id.New(id.APIKey)}
	got, err := people.Names(ctx, f.tab, f.roots[0], a, b, c, d, a, gone, lost)
	f.must(t, err)
	want := map[audit.Actor]people.Named{
		a:    {Type: audit.ByUser, ID: own, Name: "N", Email: f.address(0)},
		b:    {Type: audit.ByUser, ID: foreign, Across: "partner"},
		c:    {Type: audit.ByKey, ID: key.ID, Name: "nightly"},
		d:    {Type: audit.BySystem, ID: "install"},
		gone: {Type: audit.ByUser, ID: gone.ID, Name: "erased"},
		lost: {Type: audit.ByKey, ID: lost.ID, Name: "erased"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
