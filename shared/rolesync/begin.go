package rolesync

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
)

// lock says which run of a tree is under way, or was the last one: it is held as long as that one's job is not over, so that nobody
// has to give it back.
type lock struct {
	Run     string `dynamodbav:"run"`
	Job     string `dynamodbav:"job"`
	Changed string `dynamodbav:"changed"` // the last run that changed anybody: the one that can be undone
}

// Input is what the job of a run is given.
type Input struct {
	Run string `json:"run"`
}

// Begin has the change begin a run, which has its Root and Mode, and Of where it is about another one. It is refused with sync-running,
// naming the other, while one of the tree is under way.
func Begin(ctx context.Context, t *table.Table, tx *table.Tx, r *Run, work queue.Sender, by access.Behalf, now time.Time) error {
	r.ID, r.By, r.ByTree, r.Status, r.CreatedAt, r.ExpiresAt = id.New(id.Run), by.Actor, by.Tree, Queued, clock.Format(now), table.Expiry(now.Add(keepFor))
	if r.Phase = applying; r.Of == "" {
		r.Phase, r.Revision = planning, unplanned
	}
	if err := r.start(ctx, t, tx, work, by.Actor, now); err != nil {
		return err
	}
	tx.Create(r.Key(), r, table.ErrChanged)
	return nil
}

// start has the change start the job of the run, where no other run has one.
func (r *Run) start(ctx context.Context, t *table.Table, tx *table.Tx, work queue.Sender, by audit.Actor, now time.Time) error {
	var held lock
	if _, err := t.Get(ctx, table.SyncLockKey(r.Root), &held); err != nil {
		return err
	}
	if err := held.refuse(ctx, t, r.Root); err != nil {
		return err
	}
	begun := &job.Job{Root: r.Root, Organization: r.Root, Kind: job.SyncRoles}
	begun.Give(Input{Run: r.ID})
	job.Start(tx, begun, work, by, now)
	r.Job = begun.ID
	free := expression.Name("job").AttributeNotExists()
	if held.Job != "" {
		free = expression.Name("job").Equal(expression.Value(held.Job))
	}
	tx.Update(table.Touch(table.SyncLockKey(r.Root)).If(free, table.ErrChanged).Set("run", r.ID).Set("job", r.Job))
	return nil
}

// refuse refuses to begin while the run that has the lock is under way.
func (l lock) refuse(ctx context.Context, t *table.Table, root string) error {
	if l.Job == "" {
		return nil
	}
	var j job.Job
	if _, err := t.Get(ctx, table.JobKey(root, l.Job), &j); err != nil {
		return err
	}
	if j.ID == "" || j.Over() {
		return nil
	}
	e := problem.New(problem.Conflict, "sync-running", "Sync assigned roles is under way already, as %s. Wait for its end, or cancel it.", l.Run)
	e.Existing = l.Run
	return e
}

// ApplyPlan has the change begin a run that applies what another one previewed, exactly. It is refused with not-a-preview where that one
// is no plan to apply, and with mappings-changed where the mappings are not as they were.
func ApplyPlan(ctx context.Context, t *table.Table, tx *table.Tx, preview *Run, work queue.Sender, by access.Behalf, now time.Time) (*Run, error) {
	if preview.Mode != Preview || preview.Status != Succeeded {
		return nil, problem.New(problem.Conflict, "not-a-preview", "Only a preview that has succeeded can be applied.")
	}
	if err := preview.stands(ctx, t); err != nil {
		return nil, err
	}
	r := &Run{Root: preview.Root, Mode: Apply, Of: preview.ID, Revision: preview.Revision, Counts: preview.Counts, Changes: preview.Changes,
		Holders: preview.Holders, Losers: preview.Losers, Missed: preview.Missed}
	return r, Begin(ctx, t, tx, r, work, by, now)
}

// stands refuses where the mappings are not as the run was planned with.
func (r *Run) stands(ctx context.Context, t *table.Table) error {
	m, err := directory.ReadMappings(ctx, t, r.Root)
	if err == nil && m.Revision != r.Revision {
		err = mappingsChanged()
	}
	return err
}

func mappingsChanged() *problem.Error {
	return problem.New(problem.Conflict, "mappings-changed", "The mappings changed since the plan was made. Begin again, with the mappings as they are.")
}

// Confirm has the change go on with a run that waits for it (SYN-6): what was planned is applied, exactly.
func (r *Run) Confirm(ctx context.Context, t *table.Table, tx *table.Tx, work queue.Sender, by access.Behalf, now time.Time) error {
	if r.Status != Waiting {
		return problem.New(problem.Conflict, "not-waiting", "The run does not wait for a confirmation: it is %s.", r.Status)
	}
	if err := r.stands(ctx, t); err != nil {
		return err
	}
	if err := r.start(ctx, t, tx, work, by.Actor, now); err != nil {
		return err
	}
	waits := expression.Name("status").Equal(expression.Value(Waiting))
	r.Status, r.Phase, r.Confirmed, r.ConfirmedTree = Queued, applying, by.Actor, by.Tree
	tx.Update(table.Touch(r.Key()).If(waits, table.ErrChanged).Set("status", r.Status).Set("phase", r.Phase).Set("confirmed", r.Confirmed).Set("confirmedTree", r.ConfirmedTree).Set("job", r.Job).
		Remove("waitsUntil"))
	r.WaitsUntil = ""
	return nil
}

// Cancel has the change cancel the run: one that waits is over at once, one that runs when the page that is being done is. What was done
// until then stays.
func (r *Run) Cancel(tx *table.Tx, now time.Time) error {
	if r.Over() {
		return problem.New(problem.Conflict, "run-over", "The run is over: it is %s.", r.Status)
	}
	same := expression.Name("status").In(expression.Value(Queued), expression.Value(Running))
	edit := table.Touch(r.Key()).Set("cancelling", true)
	r.Cancelling = true
	if r.Status == Waiting {
		same = expression.Name("status").Equal(expression.Value(Waiting))
		r.Status, r.FinishedAt = Cancelled, clock.Format(now)
		edit.Set("status", r.Status).Set("finishedAt", r.FinishedAt)
	}
	tx.Update(edit.If(same, table.ErrChanged))
	return nil
}

// Revert has the change begin a run that undoes this one (SYN-7): the last that changed anybody, within seven days. It can be repeated:
// who is as before is passed over.
func (r *Run) Revert(ctx context.Context, t *table.Table, tx *table.Tx, work queue.Sender, by access.Behalf, now time.Time) (*Run, error) {
	var last lock
	if _, err := t.Get(ctx, table.SyncLockKey(r.Root), &last); err != nil {
		return nil, err
	}
	switch {
	case r.Mode == Preview || r.Mode == Undo || !r.Over():
		return nil, problem.New(problem.Conflict, "not-undoable", "Only a run that changed users, and is over, can be undone.")
	case last.Changed != r.ID || r.Many || now.Sub(clock.Parse(r.FinishedAt)) > undoableFor:
		return nil, problem.New(problem.Conflict, "not-undoable", "Only the last run that changed users can be undone, within 7 days of its end.")
	}
	undo := &Run{Root: r.Root, Mode: Undo, Of: r.ID, Changes: r.Done}
	if err := Begin(ctx, t, tx, undo, work, by, now); err != nil {
		return nil, err
	}
	r.Undone = undo.ID
	tx.Update(table.Touch(r.Key()).IfThere(table.ErrChanged).Set("undone", undo.ID))
	return undo, nil
}
