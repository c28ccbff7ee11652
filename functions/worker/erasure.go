package main

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

const (
	// stillFor is how long the erasing waits after it was announced: a request that began before may write for as long as a
	// function runs.
	stillFor = time.Minute

	// guardEvery is how often somebody looks whether the erasing is still going on.
	guardEvery = 24 * time.Hour
)

// erasures begin to erase the trees whose time is over (GEN-6), in two steps: first nobody may change anything of the tree any
// more, which is the end of reopening, then the job is started. The timer stays until the job has erased it too.
type erasures struct{ *start.Services }

// handler works on the timers of kind timer.Erasure.
func (e erasures) handler() timer.Handler {
	return timer.Handler{Lease: time.Minute, Page: 10, Needs: pageTime, Do: e.begin}
}

func (e erasures) begin(ctx context.Context, now time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		// Where somebody reopened it at the same time, that one wins and has cancelled the timer.
		if err := e.beginOne(ctx, now, claimed); err != nil && !errors.Is(err, table.ErrChanged) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (e erasures) beginOne(ctx context.Context, now time.Time, claimed timer.Claimed) error {
	root, tx := claimed.Owner, table.NewTx()
	var state tenant.Access
	if _, err := e.Table.Get(ctx, table.AccessKey(root), &state); err != nil {
		return err
	}
	switch {
	case !state.Closed():
		claimed.Done(tx)
	case now.Before(state.Ends()):
		claimed.Move(tx, state.Ends())
	case !state.Erasing:
		tenant.BeginErasing(tx, root, &state)
		claimed.Move(tx, now.Add(stillFor))
	default:
		if err := e.keepGoing(ctx, tx, root, &state, now); err != nil {
			return err
		}
		claimed.Move(tx, now.Add(guardEvery))
	}
	return e.Table.Commit(ctx, tx)
}

// keepGoing has the change start the job that erases the tree, unless there is one that is not over.
func (e erasures) keepGoing(ctx context.Context, tx *table.Tx, root string, state *tenant.Access, now time.Time) error {
	if state.Erasure != "" {
		known, err := job.Read(ctx, e.Table, root, state.Erasure)
		if problem.Gone(err) {
			err = nil
		}
		if err != nil || known.ID != "" && !known.Over() {
			return err
		}
	}
	next := &job.Job{Root: root, Organization: root, Kind: job.Erase}
	job.Start(tx, next, e.Work, erased(), now)
	tenant.EraseBy(tx, root, state, next.ID)
	return nil
}

// erased is who erases.
func erased() audit.Actor { return audit.System("erasure") }
