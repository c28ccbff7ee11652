package main

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// syncing begins the Sync assigned roles that no person begins (SYN-5).
type syncing struct{ *start.Services }

// syncPage is how many are begun at once.
const syncPage = 20

func (w syncing) handler() timer.Handler {
	return timer.Handler{Lease: time.Minute, Page: syncPage, Needs: pageTime, Do: w.page}
}

// page goes through a page of connections that provision. One that fails keeps no other from its turn.
func (w syncing) page(ctx context.Context, now time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		if err := w.turn(ctx, now, claimed); !errors.Is(err, table.ErrChanged) { // it falls due again when the lease ends
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// turn begins the sync of a connection's tree, unless one is under way, or there is nothing that a group could give.
func (w syncing) turn(ctx context.Context, now time.Time, claimed timer.Claimed) error {
	tx := table.NewTx()
	c, err := connection.Read(ctx, w.Table, claimed.Owner)
	switch {
	case problem.Gone(err), err == nil && !c.Provisions():
		claimed.Done(tx)
		return w.Table.Commit(ctx, tx)
	case err != nil:
		return err
	}
	wanted, err := w.wanted(ctx, c.Root)
	if err != nil {
		return err
	}
	if wanted {
		run := &rolesync.Run{Root: c.Root, Mode: rolesync.Scheduled}
		err = rolesync.Begin(ctx, w.Table, tx, run, w.Work, access.ForProduct("schedule"), now)
		if running := problem.As(err); running != nil && running.Slug == "sync-running" { // which does what this turn would
			err = nil
		}
	}
	if err != nil {
		return err
	}
	claimed.Move(tx, now.Add(connection.SyncEvery))
	return w.Table.Commit(ctx, tx)
}

// wanted tells whether the tree is open, and has a mapping.
func (w syncing) wanted(ctx context.Context, root string) (bool, error) {
	var state tenant.Access
	var mappings directory.Mappings
	err := w.Table.GetMany(ctx, table.Want(table.AccessKey(root), &state), table.Want(table.MappingsKey(root), &mappings))
	return !state.Closed() && len(mappings.List) > 0, err
}
