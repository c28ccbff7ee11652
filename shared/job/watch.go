package job

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Watch is the handler of the timers of kind timer.Job: a job that is still to be done is woken again, since its message may
// be lost or among the dead letters, and one without progress for a day has failed. Where nobody watched meanwhile, because
// the installation was closed or restored from a backup, that day begins anew. A job that is woken without need is done by two
// for a page, of which one is committed.
func (r *Runner) Watch() timer.Handler {
	return timer.Handler{Lease: time.Minute, Page: 25, Needs: r.Needs, Do: r.watch}
}

func (r *Runner) watch(ctx context.Context, now time.Time, page []timer.Claimed) error {
	var failed []error
	for _, claimed := range page {
		if err := r.look(ctx, now, claimed); err != nil && !errors.Is(err, table.ErrChanged) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// look looks after one job.
func (r *Runner) look(ctx context.Context, now time.Time, claimed timer.Claimed) error {
	root, job, _ := strings.Cut(claimed.Owner, "/")
	tx := table.NewTx()
	j, err := Read(ctx, r.Table, root, job)
	switch {
	case problem.Gone(err), err == nil && j.Over():
		claimed.Done(tx)
		return r.Table.Commit(ctx, tx)
	case err != nil:
		return err
	}
	progressed, _ := time.Parse(time.RFC3339, j.UpdatedAt)
	stuck, watched := now.Sub(progressed) > giveUpAfter, now.Sub(claimed.Due) < unwatchedAfter
	if stuck && watched {
		r.Log.ErrorContext(ctx, "job given up", "event", "job.failed", "job", j.ID, "kind", j.Kind, "step", j.Step)
		j.fail(tx, problem.New(problem.Conflict, "no-progress", "The work did not go on for a day. Begin it again."), now)
		return r.Table.Commit(ctx, tx)
	}
	if stuck { // its day begins now
		tx.Update(table.Touch(j.Key()).If(j.here(), table.ErrChanged).Set("updatedAt", clock.Format(now)))
	}
	claimed.Move(tx, now.Add(watchEvery))
	if err := r.Table.Commit(ctx, tx); err != nil {
		return err
	}
	return r.Queue.Send(ctx, j.message())
}
