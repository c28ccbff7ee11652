package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/timer"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// count is the kind of job of these tests: it counts to Total, one a page, each page leaving a mark.
const count job.Kind = "count"

// office runs jobs on a real table.
type office struct {
	job.Runner
	sent []queue.Message
	lost bool
	now  time.Time
	step func(ctx context.Context, p *job.Page) error // instead of counting, unless nil
	root string
}

func (o *office) Send(_ context.Context, messages ...queue.Message) error {
	if o.lost {
		return errors.New("the queue does not answer")
	}
	o.sent = append(o.sent, messages...)
	return nil
}

func newOffice(t *testing.T) *office {
	o := &office{now: noon, root: id.New(id.Organization)}
	o.Runner = job.Runner{Table: tabletest.NewAt(t, func() time.Time { return o.now }), Queue: o, Clock: func() time.Time { return o.now },
		Log: slog.New(slog.DiscardHandler), Steps: map[job.Kind]job.Step{count: func(ctx context.Context, p *job.Page) error {
			if o.step != nil {
				return o.step(ctx, p)
			}
			return o.count(ctx, p)
		}}}
	return o
}

type counted struct{ At int }

// count does one page: a mark for it, that can be there only once.
func (o *office) count(_ context.Context, p *job.Page) error {
	var to, at counted
	if _, err := p.Given(&to); err != nil {
		return err
	}
	if _, err := p.Checkpoint(&at); err != nil {
		return err
	}
	p.Expect(to.At)
	p.Tx.Create(mark(p.Root, at.At), struct{}{}, fmt.Errorf("page %d was done twice", at.At))
	if at.At++; at.At == to.At {
		p.Finish(at, 1)
		return nil
	}
	p.Next(at, 1)
	return nil
}

func mark(root string, n int) table.Key {
	return table.Key{PK: "ONCE#" + root, SK: fmt.Sprintf("MARK#%03d", n)}
}

func (o *office) marks(t *testing.T) int {
	t.Helper()
	all, err := table.All[struct{}](t.Context(), o.Table, table.Question{PK: "ONCE#" + o.root})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func (o *office) begin(t *testing.T, to int) *job.Job {
	t.Helper()
	j := &job.Job{Root: o.root, Organization: o.root, Kind: count, Cancellable: true}
	j.Give(counted{to})
	tx := table.NewTx()
	job.Start(tx, j, o, audit.System("test"), o.now)
	if err := o.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return j
}

func (o *office) read(t *testing.T, of *job.Job) *job.Job {
	t.Helper()
	j, err := job.Read(t.Context(), o.Table, o.root, of.ID)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (o *office) run(t *testing.T, of *job.Job) error {
	t.Helper()
	return o.Run(t.Context(), o.root, of.ID)
}

func TestAJobIsDonePageByPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 5)
	if len(o.sent) != 1 || o.sent[0] != (queue.Message{Kind: queue.Job, Tree: o.root, ID: j.ID}) {
		t.Fatalf("woken by %+v", o.sent)
	}
	if got := o.read(t, j); got.Status != job.Queued {
		t.Fatalf("%+v", got)
	}
	if err := o.run(t, j); err != nil {
		t.Fatal(err)
	}
	var result counted
	got := o.read(t, j)
	if _, err := got.Result(&result); err != nil || got.Status != job.Succeeded || got.Done != 5 || got.Total != 5 || result.At != 5 || o.marks(t) != 5 {
		t.Errorf("%+v, result %+v, %v", got, result, err)
	}
	if err := o.run(t, j); err != nil || o.marks(t) != 5 {
		t.Errorf("delivered again: %v", err)
	}
}

func TestAJobThatIsCutOffGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 6)
	cut := errors.New("cut off")
	for i := range 6 {
		o.step = func(ctx context.Context, p *job.Page) error {
			if p.Step > i {
				return cut
			}
			return o.count(ctx, p)
		}
		if err := o.run(t, j); i < 5 && !errors.Is(err, cut) {
			t.Fatalf("run %d: %v", i, err)
		}
		if got := o.read(t, j); got.Done != i+1 {
			t.Fatalf("after run %d: %+v", i, got)
		}
	}
	if got := o.read(t, j); got.Status != job.Succeeded || o.marks(t) != 6 {
		t.Errorf("%+v", got)
	}
}

func TestAJobDeliveredTwiceDoesEachPageOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 12)
	errs := make(chan error)
	for range 3 {
		go func() { errs <- o.Run(t.Context(), o.root, j.ID) }()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := o.run(t, j); err != nil {
		t.Error(err)
	}
	if got := o.read(t, j); got.Status != job.Succeeded || got.Done != 12 || o.marks(t) != 12 {
		t.Errorf("%+v, %d marks", got, o.marks(t))
	}
}

func TestACancelledJobCommitsNothingMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 5)
	o.step = func(ctx context.Context, p *job.Page) error {
		if p.Step == 2 { // somebody cancels while the page is done
			tx := table.NewTx()
			if err := o.read(t, j).Cancel(tx, o.now); err != nil {
				return err
			}
			if err := o.Table.Commit(ctx, tx); err != nil {
				return err
			}
		}
		return o.count(ctx, p)
	}
	if err := o.run(t, j); err != nil {
		t.Fatal(err)
	}
	got := o.read(t, j)
	if got.Status != job.Cancelled || got.Done != 2 || o.marks(t) != 2 {
		t.Errorf("%+v, %d marks", got, o.marks(t))
	}
	if err := got.Cancel(table.NewTx(), o.now); problem.As(err) == nil || problem.As(err).Slug != "job-over" {
		t.Errorf("cancelled twice: %v", err)
	}
	if err := (&job.Job{Status: job.Running}).Cancel(table.NewTx(), o.now); problem.As(err) == nil || problem.As(err).Slug != "not-cancellable" {
		t.Errorf("one that has to go through: %v", err)
	}
}

func TestAProblemEndsTheJobAndAFaultDoesNot(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for err, want := range map[error]job.Status{
		problem.New(problem.Conflict, "taken", "Taken."):   job.Failed,
		problem.New(problem.Unavailable, "busy", "Later."): job.Queued,
		errors.New("a fault"):                              job.Queued,
	} {
		j := o.begin(t, 5)
		o.step = func(_ context.Context, p *job.Page) error {
			p.Tx.Put(mark(p.Root, 99), struct{}{})
			return err
		}
		if failed := o.run(t, j); (failed == nil) != (want == job.Failed) {
			t.Errorf("%v: the run gave %v", err, failed)
		}
		got := o.read(t, j)
		if got.Status != want || want == job.Failed && (got.Problem != "taken" || got.Detail != "Taken.") || o.marks(t) != 0 {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

func TestAPageRunsAgainWhereWhatItReadHasChanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j, tries := o.begin(t, 1), 0
	o.step = func(ctx context.Context, p *job.Page) error {
		if tries++; tries < 3 {
			p.Tx.DeleteExisting(mark(p.Root, 50), table.ErrChanged)
		}
		return o.count(ctx, p)
	}
	if err := o.run(t, j); err != nil || tries != 3 || o.read(t, j).Status != job.Succeeded {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestAPageRunsAgainWhereSomebodyElseHasTakenWhatItTakes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j, tries := o.begin(t, 1), 0
	o.step = func(ctx context.Context, p *job.Page) error {
		if tries++; tries < 3 {
			p.Tx.DeleteExisting(mark(p.Root, 50), problem.New(problem.Conflict, "taken", "It is taken."))
		}
		return o.count(ctx, p)
	}
	if err := o.run(t, j); err != nil || tries != 3 || o.read(t, j).Status != job.Succeeded {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestAJobThatVanishesLeavesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 1)
	o.step = func(_ context.Context, p *job.Page) error {
		p.Vanish()
		return nil
	}
	if err := o.run(t, j); err != nil {
		t.Fatal(err)
	}
	for _, key := range []table.Key{j.Key(), table.TimerKey(string(timer.Job), o.root+"/"+j.ID)} {
		var left struct{}
		if found, err := o.Table.Get(t.Context(), key, &left); found || err != nil {
			t.Errorf("%v is there: %v", key, err)
		}
	}
	if err := o.run(t, j); err != nil {
		t.Errorf("delivered again: %v", err)
	}
}

func TestAnInvocationWithoutTimeHandsTheJobOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 5)
	o.Needs = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o.sent = nil
	if err := o.Run(ctx, o.root, j.ID); err != nil || len(o.sent) != 1 || o.marks(t) != 0 {
		t.Errorf("%v, handed on %+v", err, o.sent)
	}
	o.lost = true
	if err := o.Run(ctx, o.root, j.ID); err == nil {
		t.Error("a job that could not be handed on is forgotten")
	}
}

// watch works on the timers of jobs that have fallen due.
func (o *office) watch(t *testing.T) {
	t.Helper()
	for shard := range table.TimerShards {
		if _, err := o.Watch().Work(t.Context(), o.Table, timer.Job, shard, o.now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAJobWhoseMessageIsLostIsWokenByItsWatch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lost = true
	j := o.begin(t, 2)
	o.lost = false
	for range 2 {
		o.now = o.now.Add(11 * time.Minute)
		o.watch(t)
	}
	if len(o.sent) != 2 {
		t.Fatalf("woken %d times in 22 minutes", len(o.sent))
	}
	if err := o.run(t, j); err != nil {
		t.Fatal(err)
	}
	o.now, o.sent = o.now.Add(time.Hour), nil
	o.watch(t)
	if len(o.sent) != 0 {
		t.Error("a job that is over is still watched")
	}
}

// watchFor does so for a time, every half hour.
func (o *office) watchFor(t *testing.T, d time.Duration) {
	t.Helper()
	for end := o.now.Add(d); o.now.Before(end); {
		o.now = o.now.Add(30 * time.Minute)
		o.watch(t)
	}
}

func TestAJobWithoutProgressForADayHasFailed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	j := o.begin(t, 2)
	o.watchFor(t, 24*time.Hour)
	if got := o.read(t, j); got.Over() {
		t.Fatalf("within the day: %+v", got)
	}
	o.watchFor(t, time.Hour)
	if got := o.read(t, j); got.Status != job.Failed || got.Problem != "no-progress" {
		t.Errorf("%+v", got)
	}
}

func TestINS6_AJobThatNobodyWatchedForADayIsWokenFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	going, stuck := o.begin(t, 2), o.begin(t, 2)
	o.now, o.sent = noon.Add(50*time.Hour), nil // the installation was closed, or this is a backup
	o.watch(t)
	if len(o.sent) != 2 || o.read(t, going).Over() || o.read(t, stuck).Over() {
		t.Fatalf("woken by %+v", o.sent)
	}
	if err := o.run(t, going); err != nil || o.read(t, going).Status != job.Succeeded {
		t.Fatalf("%+v, %v", o.read(t, going), err)
	}
	o.watchFor(t, 23*time.Hour)
	if got := o.read(t, stuck); got.Over() {
		t.Fatalf("within the day: %+v", got)
	}
	o.watchFor(t, 2*time.Hour)
	if got := o.read(t, stuck); got.Status != job.Failed {
		t.Errorf("%+v", got)
	}
}

func ExampleStart() {
	tx := table.NewTx()
	export := &job.Job{Root: "org_1", Organization: "org_1", Kind: "export", Cancellable: true}
	job.Start(tx, export, nil, audit.System("example"), clock.System())
	fmt.Println(export.Status, export.Over())
	// Output: queued false
}
