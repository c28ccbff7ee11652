// Package job is long work: what outlasts a request, or an invocation of the worker. A job is begun in the transaction of the
// change that wants it, and done in pages on the queue: each page's writes are committed together with where the next one
// begins, so that a job which is cut off, delivered twice or woken out of order does every page exactly once.
//
//	exported := &job.Job{Root: root, Organization: org, Kind: job.Export, Cancellable: true}
//	job.Start(tx, exported, services.Work, caller.Actor, now)
//
// Whoever starts one answers 202 with the address of O/jobs/{job}. The package refuses to know what the kinds do: that
// stands in functions/worker, a Step for each.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Kind is what a job does; functions/worker has a Step for each.
type Kind string

// The kinds, with what their input is.
const (
	Export           Kind = "export"            // writes what a tree holds into a file; an export.Input, finished with an export.Result
	ClearCredentials Kind = "clear-credentials" // a tree's: removes credentials of older generations (AUT-2); nothing
	Erase            Kind = "erase"             // a closed tree's: erases all of it; nothing
	TellOfRestore    Kind = "tell-of-restore"   // the platform's: tells the administrators of every tree; a restore.Mark

	ApplyMapping    Kind = "apply-mapping"    // gives the members of a group what it is mapped to; a directory.Applying, finished with a directory.Application
	SyncRoles       Kind = "sync-roles"       // a Sync assigned roles of a tree; a rolesync.Input
	ImportUsers     Kind = "import-users"     // invites the people of a file; an intake.Input, finished with an intake.Outcome
	EmptyGroup      Kind = "empty-group"      // takes the members out of a group that the IdP deleted; a directory.Emptying, finished with nothing
	CleanConnection Kind = "clean-connection" // cleans up behind an SSO connection that was removed; a connection.Cleaning
)

// Status is where a job stands.
type Status string

// The states. The last three are final.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

const (
	// keepFor is how long a job that is over can be read.
	keepFor = 30 * 24 * time.Hour

	// watchEvery is how often somebody looks whether the job goes on: its message may be lost, or among the dead letters.
	watchEvery = 10 * time.Minute

	// giveUpAfter is how long a job may be without progress before it has failed.
	giveUpAfter = 24 * time.Hour

	// unwatchedAfter is how late a look may be for its job to have been watched all the time.
	unwatchedAfter = time.Hour

	// wakeTimeout bounds what a request waits for its message to the queue; the watch makes up for one that was not sent.
	wakeTimeout = 2 * time.Second
)

// Job is one piece of long work.
type Job struct {
	ID           string      `dynamodbav:"id"`
	Root         string      `dynamodbav:"root"`         // the tree that it is of
	Organization string      `dynamodbav:"organization"` // where it is shown
	Kind         Kind        `dynamodbav:"kind"`
	Status       Status      `dynamodbav:"status"`
	Cancellable  bool        `dynamodbav:"cancellable"`
	Owner        audit.Actor `dynamodbav:"owner"` // who began it
	Total        int         `dynamodbav:"total"` // how much there is to do, 0 while it is not known
	Done         int         `dynamodbav:"done"`
	Step         int         `dynamodbav:"step"` // how many pages are done
	CreatedAt    string      `dynamodbav:"createdAt"`
	UpdatedAt    string      `dynamodbav:"updatedAt"` // of the last progress
	FinishedAt   string      `dynamodbav:"finishedAt,omitempty"`
	Problem      string      `dynamodbav:"problem,omitempty"` // of one that failed: the problem's slug
	Detail       string      `dynamodbav:"detail,omitempty"`  // and its sentence
	InputJSON    string      `dynamodbav:"input,omitempty"`
	AtJSON       string      `dynamodbav:"checkpoint,omitempty"`
	ResultJSON   string      `dynamodbav:"result,omitempty"`
	ExpiresAt    int64       `dynamodbav:"expiresAt,omitempty"`
}

// Key is where the job is stored.
func (j *Job) Key() table.Key { return table.JobKey(j.Root, j.ID) }

// Over tells whether nothing more will be done.
func (j *Job) Over() bool { return j.Status != Queued && j.Status != Running }

// Give sets what the job is to be done with, before it is started: a value that encodes as JSON and holds no secret.
func (j *Job) Give(input any) { j.InputJSON = encode(input) }

// Given reads what the job was given into value; false where it was given nothing.
func (j *Job) Given(value any) (bool, error) { return decode(j.InputJSON, value) }

// Result reads what the job was finished with into value; false where there is nothing.
func (j *Job) Result(value any) (bool, error) { return decode(j.ResultJSON, value) }

// Start has the change begin the job: j has Root, Organization, Kind and what else is known of it, and gets the rest. The
// worker is woken over the queue when the change is committed.
func Start(tx *table.Tx, j *Job, to queue.Sender, by audit.Actor, now time.Time) {
	begin(tx, j, by, now)
	tx.After(func(ctx context.Context) { j.wake(ctx, to) })
}

func begin(tx *table.Tx, j *Job, by audit.Actor, now time.Time) {
	if j.Root == "" || j.Organization == "" || j.Kind == "" {
		panic("job: a job needs a tree, an organization and a kind")
	}
	j.ID, j.Status, j.Owner = id.New(id.Job), Queued, by
	j.CreatedAt = clock.Format(now)
	j.UpdatedAt = j.CreatedAt
	tx.Create(j.Key(), j, table.ErrChanged)
	timer.Set(tx, timer.Job, owner(j.Root, j.ID), now.Add(watchEvery))
}

// wake has the worker go on with the job.
func (j *Job) wake(ctx context.Context, to queue.Sender) {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	if err := to.Send(ctx, j.message()); err != nil {
		slog.WarnContext(ctx, "a job waits for its watch", "job", j.ID, "error", err)
	}
}

func (j *Job) message() queue.Message {
	return queue.Message{Kind: queue.Job, Tree: j.Root, ID: j.ID}
}

func owner(root, job string) string { return root + "/" + job }

// Read reads a job of the tree: Missing where there is none of that id.
func Read(ctx context.Context, t *table.Table, root, job string) (*Job, error) {
	if !id.Valid(id.Job, job) {
		return nil, problem.Missing()
	}
	var j Job
	found, err := t.Get(ctx, table.JobKey(root, job), &j)
	if err == nil && !found {
		err = problem.Missing()
	}
	return &j, err
}

// Cancel has the change cancel the job: no page of it is committed any more. What was done so far stays. It is refused with
// job-over where it is over, and with not-cancellable where it has to go through.
func (j *Job) Cancel(tx *table.Tx, now time.Time) error {
	switch {
	case j.Over():
		return problem.New(problem.Conflict, "job-over", "The job is over: it has %s.", j.Status)
	case !j.Cancellable:
		return problem.New(problem.Conflict, "not-cancellable", "This job cannot be cancelled: what it has begun must be brought to its end.")
	}
	j.end(tx, Cancelled, now)
	return nil
}

// here holds as long as the job is at the step that is known of it, and not over.
func (j *Job) here() expression.ConditionBuilder {
	return expression.Name("step").Equal(expression.Value(j.Step)).
		And(expression.Name("status").In(expression.Value(Queued), expression.Value(Running)))
}

// advance begins the change of the job to its next step; it fails with table.ErrChanged where somebody else was first.
func (j *Job) advance(as Status, now time.Time) *table.Change {
	change := table.Touch(j.Key()).If(j.here(), table.ErrChanged)
	j.Step, j.Status, j.UpdatedAt = j.Step+1, as, clock.Format(now)
	return change.Set("step", j.Step).Set("status", as).Set("updatedAt", j.UpdatedAt).Set("done", j.Done).Set("total", j.Total)
}

// end has the change end the job.
func (j *Job) end(tx *table.Tx, as Status, now time.Time) {
	change := j.advance(as, now)
	j.FinishedAt, j.ExpiresAt = clock.Format(now), table.Expiry(now.Add(keepFor))
	change.Set("finishedAt", j.FinishedAt).Set("expiresAt", j.ExpiresAt).Remove("checkpoint")
	for name, text := range map[string]string{"result": j.ResultJSON, "problem": j.Problem, "detail": j.Detail} {
		if text != "" {
			change.Set(name, text)
		}
	}
	tx.Update(change)
	timer.Cancel(tx, timer.Job, owner(j.Root, j.ID))
}

// fail has the change end the job with the problem that it failed for.
func (j *Job) fail(tx *table.Tx, why *problem.Error, now time.Time) {
	j.Problem, j.Detail = why.Slug, why.Detail
	j.end(tx, Failed, now)
}

// encode writes a value as JSON. One that cannot be is a programmer's mistake and panics.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("job: %T cannot be written as JSON: %v", value, err))
	}
	return string(text)
}

func decode(text string, value any) (bool, error) {
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return false, fmt.Errorf("read %T of a job: %w", value, err)
	}
	return true, nil
}
