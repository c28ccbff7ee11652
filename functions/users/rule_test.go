package main

import (
	"errors"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// office is the feature in an installation of the test's.
type office struct {
	*users
	*accesstest.World
	t *testing.T
}

func newOffice(t *testing.T) *office {
	t.Helper()
	w := accesstest.New(t)
	return &office{&users{&start.Services{Table: w.Table, Clock: w.Clock, Trail: audit.Trail{Keep: time.Hour, Clock: w.Clock},
		Outbox: w.Outbox()}}, w, t}
}

// change has the person do something in the organization.
func (o *office) change(by *accesstest.Person, org *accesstest.Organization, do func(c *access.Caller, tx *table.Tx) error) error {
	o.t.Helper()
	caller, err := o.Gate.Identify(o.t.Context(), access.Request{Token: by.Token, Organization: org.ID})
	if err != nil {
		o.t.Fatal(err)
	}
	tx := table.NewTx()
	if err := do(caller, tx); err != nil {
		return err
	}
	return o.World.Table.Commit(o.t.Context(), tx)
}

func (o *office) patch(by *accesstest.Person, org *accesstest.Organization, user string, body UserEdit) error {
	o.t.Helper()
	return o.change(by, org, func(c *access.Caller, tx *table.Tx) error {
		_, err := o.edit(o.t.Context(), c, &EditInput{AboutUser: AboutUser{User: user}, Body: body}, tx)
		return err
	})
}

func refused(t *testing.T, err error, slug string) {
	t.Helper()
	if !errors.Is(err, &problem.Error{Slug: slug}) {
		t.Errorf("answered %v, not %s", err, slug)
	}
}

func TestPER2_NobodyTouchesOrGivesMoreRightsThanTheirOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	acme := o.Tree(tenant.Client)
	limited := &people.Role{ID: "rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", Organization: acme.ID, Name: "Front desk", Portal: people.AdministratorAccess,
		Workspaces: people.WorkspacesL1}
	o.Commit(func(tx *table.Tx) { tx.Put(table.RoleKey(acme.ID, limited.ID), limited) })
	desk, admin, user := o.Person(limited), o.Person(acme.Administrator), o.Person(acme.User)
	name, inactive := "Renamed", "inactive"
	refused(t, o.patch(desk, acme, admin.ID, UserEdit{Name: &name}), "forbidden")
	refused(t, o.patch(desk, acme, admin.ID, UserEdit{Status: &inactive}), "forbidden")
	refused(t, o.patch(desk, acme, user.ID, UserEdit{RoleID: &acme.Administrator.ID}), "forbidden")
	refused(t, o.patch(desk, acme, desk.ID, UserEdit{RoleID: &acme.Administrator.ID}), "forbidden")
	remove := func(c *access.Caller, tx *table.Tx) error {
		_, err := o.remove(t.Context(), c, &ChangeInput{AboutUser: AboutUser{User: admin.ID}}, tx)
		return err
	}
	refused(t, o.change(desk, acme, remove), "forbidden")
	signOut := func(c *access.Caller, tx *table.Tx) error {
		_, err := o.endSessions(t.Context(), c, &AboutUser{User: admin.ID}, tx)
		return err
	}
	refused(t, o.change(desk, acme, signOut), "forbidden")
	for _, allowed := range []UserEdit{{Name: &name}, {RoleID: &limited.ID}} {
		if err := o.patch(desk, acme, user.ID, allowed); err != nil {
			t.Error(err)
		}
	}
	if err := o.patch(desk, acme, desk.ID, UserEdit{RoleID: &acme.User.ID}); err != nil {
		t.Errorf("one may step down: %v", err)
	}
}

func TestPER6_AnAdministratorsRoleTakesARecentSignIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	acme := o.Tree(tenant.Client)
	admin, second, user := o.Person(acme.Administrator), o.Person(acme.Administrator), o.Person(acme.User)
	o.World.Change(second, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, second.User, o.World.Clock()) })
	o.Move(11 * time.Minute)
	name, active := "Renamed", "active"
	if err := o.patch(admin, acme, user.ID, UserEdit{Name: &name}); err != nil {
		t.Errorf("a name takes none: %v", err)
	}
	refused(t, o.patch(admin, acme, user.ID, UserEdit{RoleID: &acme.Administrator.ID}), "reauthentication-required")
	refused(t, o.patch(admin, acme, second.ID, UserEdit{Status: &active}), "reauthentication-required")
	invite := func(c *access.Caller, tx *table.Tx) error {
		_, err := o.invite(t.Context(), c, &InviteInput{Body: NewUser{Email: "new@acme.example", Name: "New", RoleID: acme.Administrator.ID}}, tx)
		return err
	}
	refused(t, o.change(admin, acme, invite), "reauthentication-required")
	o.SignIn(admin)
	for user, edit := range map[string]UserEdit{user.ID: {RoleID: &acme.Administrator.ID}, second.ID: {Status: &active}} {
		if err := o.patch(admin, acme, user, edit); err != nil {
			t.Error(err)
		}
	}
	if err := o.change(admin, acme, invite); err != nil {
		t.Error(err)
	}
}

func TestWhatChangesNothingWritesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	acme := o.Tree(tenant.Client)
	admin, user := o.Person(acme.Administrator), o.Person(acme.User)
	err := o.change(admin, acme, func(c *access.Caller, tx *table.Tx) error {
		_, err := o.edit(t.Context(), c, &EditInput{AboutUser: AboutUser{User: user.ID}, Body: UserEdit{Name: &user.Name, RoleID: &user.Role}}, tx)
		if !tx.Empty() {
			t.Error("something is written")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnInvitedUserWhoWasDeactivatedDoesNotStayDeparted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	acme := o.Tree(tenant.Client)
	admin, invited := o.Person(acme.Administrator), &accesstest.Person{}
	o.Commit(func(tx *table.Tx) {
		invited.User, _ = people.Invite(tx, acme.ID, acme.Administrator, people.Person{Name: "Ida", Email: "ida@acme.example"}, audit.System("test"), o.World.Clock())
	})
	inactive := "inactive"
	if err := o.patch(admin, acme, invited.ID, UserEdit{Status: &inactive}); err != nil {
		t.Fatal(err)
	}
	var left people.Departure
	if found, err := o.World.Table.Get(t.Context(), table.DepartureKey(invited.ID), &left); found || err != nil {
		t.Errorf("departed: %t, %v", found, err)
	}
}
