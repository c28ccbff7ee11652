package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
)

// reruns is how often a page is done again because something it had read was changed in between, each after a random wait
// below a doubling bound.
const (
	reruns    = 8
	firstWait = 20 * time.Millisecond
)

// Runner does jobs. It is the worker's.
type Runner struct {
	Table *table.Table
	Queue queue.Sender // where a job that goes on after this invocation is handed to
	Clock clock.Clock
	Steps map[Kind]Step
	Needs time.Duration // the time that a page takes at most: one that would be cut off is not begun
	Log   *slog.Logger
}

// Start has the change begin the job as the package's Start does, and does it as soon as the change is committed, before that returns:
// for what is short enough to be waited for. What the time does not suffice for, and what fails, is handed on over the queue; where
// this process is cut off, the job's watch has somebody go on.
func (r *Runner) Start(tx *table.Tx, j *Job, by audit.Actor, now time.Time) {
	begin(tx, j, by, now)
	tx.After(func(ctx context.Context) {
		if err := r.Run(ctx, j.Root, j.ID); err != nil {
			r.Log.WarnContext(ctx, "a job is handed on", "job", j.ID, "error", err)
			j.wake(ctx, r.Queue)
		}
	})
}

// Run goes on with a job, page by page, until it is over or the time of ctx does not suffice for another page; then it hands
// the job on over the queue. A job that is over, gone, or gone on with by somebody else is left alone. After an error the
// job is where the last page has left it.
func (r *Runner) Run(ctx context.Context, root, job string) error {
	j, err := Read(ctx, r.Table, root, job)
	if problem.Gone(err) {
		return nil
	}
	for err == nil && j != nil && !j.Over() {
		if !r.enough(ctx) {
			return r.Queue.Send(ctx, j.message())
		}
		if j, err = r.page(ctx, j); err != nil {
			err = fmt.Errorf("job %s: %w", job, err)
		}
	}
	return err
}

func (r *Runner) enough(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > r.Needs
}

// page does one page and gives the job as it stands after it, nil where somebody else goes on with it.
func (r *Runner) page(ctx context.Context, j *Job) (*Job, error) {
	step, known := r.Steps[j.Kind]
	if !known {
		return nil, fmt.Errorf("the unknown kind %.40q", j.Kind)
	}
	for i := range reruns {
		p := &Page{Job: *j, Now: r.Clock(), Tx: table.NewTx()}
		err := p.do(ctx, step)
		if err == nil {
			err = r.Table.Commit(ctx, p.Tx)
		}
		switch {
		case err == nil:
			r.tell(ctx, &p.Job)
			return &p.Job, nil
		case !overtaken(err):
			return nil, err
		}
		fresh, err := Read(ctx, r.Table, j.Root, j.ID)
		if err != nil || fresh.Step != j.Step || fresh.Over() {
			return nil, unlessMissing(err)
		}
		pause(ctx, rand.N(firstWait<<i))
	}
	return nil, fmt.Errorf("page %d was changed by others %d times", j.Step, reruns)
}

// overtaken tells whether the page was refused for what somebody else has written since it read: done again, it sees that.
func overtaken(err error) bool {
	e := problem.As(err)
	return errors.Is(err, table.ErrChanged) || e != nil && e.Code == problem.Conflict
}

// do has the step do the page. A problem of the work itself, which another try would not solve, ends the job.
func (p *Page) do(ctx context.Context, step Step) error {
	err := step(ctx, p)
	if e := problem.As(err); e != nil && e.Code != problem.Unavailable && e.Code != problem.Internal {
		p.Tx = table.NewTx()
		p.fail(p.Tx, e, p.Now)
		return nil
	}
	if err != nil {
		return err
	}
	if !p.said {
		return errors.New("the page said neither where to go on nor that it is over")
	}
	p.settle()
	return nil
}

// tell writes the one line that the log has of a job that is over.
func (r *Runner) tell(ctx context.Context, j *Job) {
	if j.Over() {
		event := "job.over"
		if j.Status == Failed {
			event = "job.failed"
		}
		r.Log.InfoContext(ctx, "job over", "event", event, "job", j.ID, "kind", j.Kind, "status", j.Status, "done", j.Done, "steps", j.Step, "problem", j.Problem)
	}
}

func unlessMissing(err error) error {
	if problem.Gone(err) {
		return nil
	}
	return err
}

func pause(ctx context.Context, wait time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}
