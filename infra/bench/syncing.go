package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// This file measures SYN-4: Sync assigned roles over many users, once where a part of them changes, and once where nobody does.

const (
	changeEvery = 10 // user changes
	syncTimeout = time.Hour
)

// synced is what two syncs took.
type synced struct {
	users, changed int
	first, second  recheck
}

// perUnchanged and perChanged are the calls of the table for a user.
func (s *synced) perUnchanged() float64 {
	return float64(s.second.Made.Calls["dynamodb"]) / float64(s.users)
}

func (s *synced) perChanged() float64 {
	return float64(s.first.Made.Calls["dynamodb"]-s.second.Made.Calls["dynamodb"]) / float64(s.changed)
}

// syncRoles measures with n users. It errs where a sync comes to anything else than it must.
func syncRoles(ctx context.Context, s *stack, n int) (*synced, error) {
	e := &estate{stack: s, table: table.Open(s.owner.config(), s.owner.Table, nil, clock.System)}
	var org struct{ ID string }
	if err := e.ask(ctx, http.MethodPost, "/v1/organizations", map[string]any{"type": "client", "name": "Directory " + unique(), "email": "hello@acme.example",
		"administrator": map[string]string{"email": "admin-" + unique() + "@acme.example", "name": "Ada Admin", "language": "en"}}, &org); err != nil {
		return nil, err
	}
	changed, err := e.directory(ctx, org.ID, n)
	if err != nil {
		return nil, fmt.Errorf("load users: %w", err)
	}
	out := &synced{users: n, changed: changed}
	for _, one := range []struct {
		took    *recheck
		changes int
	}{{&out.first, changed}, {&out.second, 0}} {
		if *one.took, err = e.measured(ctx, func() error { return e.sync(ctx, org.ID, n, one.changes) }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// directory gives an organization users in a mapped group, of whom every tenth has no role by it yet, and tells how many these are.
func (e *estate) directory(ctx context.Context, org string, n int) (changed int, err error) {
	role, err := userRole(ctx, e.table, org)
	if err != nil {
		return 0, err
	}
	group, connection := id.New(id.Group), id.New(id.Connection)
	mappings := &directory.Mappings{Root: org, Revision: 1, List: []directory.Mapped{{Group: group, Connection: connection, Organization: org, Role: role.ID, Revision: 1}}}
	tx := table.NewTx()
	mappings.Write(tx)
	changes := []*table.Tx{tx}
	for i := range n {
		if i%(table.MaxWrites/2) == 0 {
			tx = table.NewTx()
			changes = append(changes, tx)
		}
		address := fmt.Sprintf("u%d-%s@acme.example", i, unique())
		u := &people.User{ID: id.New(id.User), Root: org, Name: "User " + address, Email: address, Status: people.Active, Proved: true, Connection: connection, Groups: []string{group}}
		u.Version = 1
		if i%changeEvery == 0 {
			changed++
			tx.Count(org, "WITHOUT-ROLE", +1, nil)
		} else {
			u.Organization, u.Role, u.Portal, u.RoleGroup = org, role.ID, role.Portal, group
			tx.Count(org, table.MembersCount(org, role.ID), +1, nil)
		}
		tx.Put(u.Key(), u, u.Places()...)
	}
	var next atomic.Int64
	_, err = each(ctx, writers, len(changes), func(int) error { return e.table.Commit(ctx, changes[next.Add(1)-1]) })
	return changed, err
}

// userRole is the built-in role of a new organization that is no administrator's.
func userRole(ctx context.Context, t *table.Table, org string) (people.Role, error) {
	roles, err := table.All[people.Role](ctx, t, table.Question{PK: table.OrganizationPartition(org), Prefix: "ROLE#"})
	at := slices.IndexFunc(roles, func(r people.Role) bool { return r.Portal == people.UserAccess })
	if err == nil && at < 0 {
		err = fmt.Errorf("none of %d roles is a user's", len(roles))
	}
	if err != nil {
		return people.Role{}, err
	}
	return roles[at], nil
}

// sync has the roles of an organization synced, and errs where not so many change.
func (e *estate) sync(ctx context.Context, org string, users, changes int) error {
	var run struct {
		ID, Status string
		Counts     struct{ Reviewed, RoleChanged, Unchanged int }
	}
	path := "/v1/organizations/" + org + "/provisioning/sync-runs"
	if err := e.ask(ctx, http.MethodPost, path, map[string]string{"mode": "apply"}, &run); err != nil {
		return err
	}
	for end := time.Now().Add(syncTimeout); run.Status == "queued" || run.Status == "running"; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("the sync is not over: %+v", run)
		}
		if err := e.ask(ctx, http.MethodGet, path+"/"+run.ID, nil, &run); err != nil {
			return err
		}
	}
	if run.Status != "succeeded" || run.Counts.Reviewed != users || run.Counts.RoleChanged != changes || run.Counts.Unchanged != users-changes {
		return fmt.Errorf("the sync of %d users of whom %d change came to %+v", users, changes, run)
	}
	return nil
}

func (m *measurement) syncChapter(ctx context.Context) (string, error) {
	s, err := m.running(ctx)
	if err != nil {
		return "", err
	}
	out, err := syncRoles(ctx, s, m.synced)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d users in a mapped group, of whom %d have no role by it yet; then the same again, when nobody changes. A user who changes nothing\ntakes %.4f calls of the table, one who changes %.2f.\n\n",
		out.users, out.changed, out.perUnchanged(), out.perChanged())
	fmt.Fprintf(&b, "| | calls of the table | read units | write units | invocations | peak memory | took |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, one := range []struct {
		name string
		recheck
	}{{fmt.Sprintf("%d change", out.changed), out.first}, {"nobody changes", out.second}} {
		fmt.Fprintf(&b, "| %s | %d | %.0f | %.0f | %d | %d MB | %.0f s |\n", one.name, one.Made.Calls["dynamodb"], one.Made.ReadUnits, one.Made.WriteUnits, one.Ran.Invocations, one.Ran.MemoryMB, one.took.Seconds())
	}
	return b.String(), nil
}
