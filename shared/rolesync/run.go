package rolesync

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Mode is what a run is for.
type Mode string

// The modes.
const (
	Preview   Mode = "preview"   // plans and changes nothing (SYN-2)
	Apply     Mode = "apply"     // plans and applies, or applies what was previewed
	Undo      Mode = "undo"      // gives back what another run changed (SYN-7)
	Scheduled Mode = "scheduled" // plans and applies under mappings that are applied already (SYN-5)
)

// Status is where a run stands.
type Status string

// The states. The last three are final.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Waiting   Status = "waiting" // for somebody to confirm it (SYN-6)
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
)

const (
	keepFor     = 30 * 24 * time.Hour // how long a run is kept, with its changes (SYN-3)
	waitsFor    = 24 * time.Hour      // how long it waits for a confirmation
	undoableFor = 7 * 24 * time.Hour  // how long it can be undone
)

// Counts are what came of the users that a run reviewed. Each is in one of them, but for Reviewed, which is all, and Conflicts, which
// are those in several mapped groups.
type Counts struct {
	Reviewed    int `dynamodbav:"reviewed"`
	Unchanged   int `dynamodbav:"unchanged"`
	RoleChanged int `dynamodbav:"roleChanged"` // or given to somebody without one
	Moved       int `dynamodbav:"moved"`
	WithoutRole int `dynamodbav:"withoutRole"`
	Conflicts   int `dynamodbav:"conflicts"`
	Skipped     int `dynamodbav:"skipped"`
	Failed      int `dynamodbav:"failed"`
}

// add counts n users of an outcome.
func (c *Counts) add(of Outcome, n int) {
	switch of {
	case Unchanged:
		c.Unchanged += n
	case RoleGiven, RoleChanged:
		c.RoleChanged += n
	case Moved:
		c.Moved += n
	case WithoutRole:
		c.WithoutRole += n
	case Skipped:
		c.Skipped += n
	case FailedChange:
		c.Failed += n
	}
}

// Run is one Sync assigned roles of a tree.
type Run struct {
	ID       string `dynamodbav:"id"`
	Root     string `dynamodbav:"root"`
	Mode     Mode   `dynamodbav:"mode"`
	Of       string `dynamodbav:"of,omitempty"` // the run whose plan is applied, or whose changes are undone
	Job      string `dynamodbav:"job"`          // that does it
	Status   Status `dynamodbav:"status"`
	Phase    phase  `dynamodbav:"phase"`
	Revision int    `dynamodbav:"revision"` // of the mappings that were planned with; unplanned before that
	Counts   Counts `dynamodbav:"counts"`
	Changes  int    `dynamodbav:"changes"` // how many users are to be changed
	Done     int    `dynamodbav:"done"`    // how many of them are done
	Holders  int    `dynamodbav:"holders"` // how many of the reviewed have access
	Losers   int    `dynamodbav:"losers"`  // how many of those would lose it, or the administration
	Left     int    `dynamodbav:"left"`    // administrators of the main organization whom the plan leaves and who can sign in
	Missed   int    `dynamodbav:"missed"`  // how many did not get what was planned
	// Roles are those that users had and got, as <organization>/<role>, and Groups those that decided, as <connection>/<group>: for an undo.
	Roles      []string    `dynamodbav:"roles,stringset,omitempty"`
	Groups     []string    `dynamodbav:"groups,stringset,omitempty"`
	Many       bool        `dynamodbav:"many,omitempty"` // there are more of them than are kept
	Cancelling bool        `dynamodbav:"cancelling,omitempty"`
	WaitsUntil string      `dynamodbav:"waitsUntil,omitempty"`
	Confirmed  audit.Actor `dynamodbav:"confirmed,omitempty"` // who did
	Undone     string      `dynamodbav:"undone,omitempty"`    // the run that undoes it
	By         audit.Actor `dynamodbav:"by"`
	// ByTree and ConfirmedTree are the trees of who began and who confirmed it; empty: this one.
	ByTree        string `dynamodbav:"byTree,omitempty"`
	ConfirmedTree string `dynamodbav:"confirmedTree,omitempty"`
	CreatedAt     string `dynamodbav:"createdAt"`
	FinishedAt    string `dynamodbav:"finishedAt,omitempty"`
	Problem       string `dynamodbav:"problem,omitempty"` // of one that failed: the problem's slug
	Detail        string `dynamodbav:"detail,omitempty"`  // and its sentence
	ExpiresAt     int64  `dynamodbav:"expiresAt"`
}

// unplanned is the revision of a run that has not read the mappings yet.
const unplanned = -1

// phase is what a run does.
type phase string

const (
	planning phase = "planning"
	applying phase = "applying"
	over     phase = "over"
)

// Actor is who the run is in the audit, and among those who change users.
func (r *Run) Actor() audit.Actor { return audit.Actor{Type: audit.BySync, ID: r.ID} }

// behalf is on whose behalf users are changed: who said the last word.
func (r *Run) behalf() access.Behalf {
	if r.Confirmed.Type != "" {
		return access.Behalf{Actor: r.Confirmed, Tree: r.ConfirmedTree}
	}
	return access.Behalf{Actor: r.By, Tree: r.ByTree}
}

// person is who that is, where it is a person.
func (r *Run) person() string {
	if by := r.behalf().Actor; by.Type == audit.ByUser {
		return by.ID
	}
	return ""
}

// Key is where the run is stored.
func (r *Run) Key() table.Key { return table.SyncRunKey(r.Root, r.ID) }

// Over tells whether nothing more comes of the run.
func (r *Run) Over() bool {
	return r.Status == Succeeded || r.Status == Failed || r.Status == Cancelled
}

// exact tells whether only what was planned is done, to users who are as they were then.
func (r *Run) exact() bool { return r.Of != "" || r.Confirmed.Type != "" }

// source is the run whose lines are gone through when applying.
func (r *Run) source() string {
	if r.Of != "" {
		return r.Of
	}
	return r.ID
}

// Read reads a run of the tree as it stands now: Missing where there is none of that id.
func Read(ctx context.Context, t *table.Table, root, run string, now time.Time) (*Run, error) {
	if !id.Valid(id.Run, run) {
		return nil, problem.Missing()
	}
	r := &Run{}
	found, err := t.Get(ctx, table.SyncRunKey(root, run), r)
	if err == nil && !found {
		err = problem.Missing()
	}
	if err != nil {
		return nil, err
	}
	return r, r.follow(ctx, t, now)
}

// follow brings the run in line with what its job says of itself, and with the time that it waits.
func (r *Run) follow(ctx context.Context, t *table.Table, now time.Time) error {
	if r.Over() {
		return nil
	}
	if r.Status == Waiting {
		if now.After(clock.Parse(r.WaitsUntil)) {
			r.Status, r.FinishedAt, r.Detail = Cancelled, r.WaitsUntil, "Nobody confirmed it within a day."
		}
		return nil
	}
	j := &job.Job{}
	if _, err := t.Get(ctx, table.JobKey(r.Root, r.Job), j); err != nil {
		return err
	}
	if j.ID != "" && !j.Over() {
		return nil
	}
	job := r.Job
	if _, err := t.Get(ctx, r.Key(), r); err != nil { // both may have ended since the run was read
		return err
	}
	if r.Job == job && !r.Over() && r.Status != Waiting {
		r.Status, r.FinishedAt, r.Problem, r.Detail = Failed, j.FinishedAt, j.Problem, j.Detail
	}
	return nil
}

// listed asks for the runs of a tree, the newest first.
func listed(root string, limit int, cursor string) table.Question {
	begin := table.SyncRunKey(root, "")
	return table.Question{PK: begin.PK, Prefix: begin.SK, Descending: true, Limit: limit, Cursor: cursor}
}

// List reads a page of the runs of a tree, each as it stands now.
func List(ctx context.Context, t *table.Table, root string, limit int, cursor string, now time.Time) (page table.Page[Run], err error) {
	page, err = table.List[Run](ctx, t, listed(root, limit, cursor))
	for i := range page.Items {
		if err == nil { // one run of a tree is under way at a time, so that this reads a job at most
			err = page.Items[i].follow(ctx, t, now)
		}
	}
	return page, err
}
