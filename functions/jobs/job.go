package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Job is long work as the API shows it.
type Job struct {
	ID          string       `json:"id" doc:"Its id" example:"job_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Kind        string       `json:"kind" doc:"What it does"`
	Status      string       `json:"status" enum:"queued,running,succeeded,failed,cancelled" doc:"Where it stands"`
	Cancellable bool         `json:"cancellable" doc:"It can be cancelled while it is not over"`
	Progress    Progress     `json:"progress" doc:"How far it is"`
	CreatedAt   string       `json:"createdAt" format:"date-time" doc:"When it was begun"`
	CreatedBy   people.Named `json:"createdBy" doc:"By whom"`
	UpdatedAt   string       `json:"updatedAt" format:"date-time" doc:"When it went on last"`
	FinishedAt  string       `json:"finishedAt,omitempty" format:"date-time" doc:"When it was over"`
	Problem     *Failure     `json:"problem,omitempty" doc:"Why it failed"`
	Import      *Invited     `json:"import,omitempty" doc:"Of an import that is done: what came of it"`
	Mapping     *Application `json:"mapping,omitempty" doc:"Of a mapping that was applied to the members of its group: what came of it"`
}

// Progress is how far a job is.
type Progress struct {
	Done  int `json:"done" doc:"How much is done"`
	Total int `json:"total" doc:"How much there is to do; 0 while that is not known"`
}

// Failure is why a job failed.
type Failure struct {
	Type   string `json:"type" doc:"urn:tenantry:problem:<slug>"`
	Detail string `json:"detail" doc:"What happened, and what to do"`
}

// Shown is the answer with a job.
type Shown struct{ Body Job }

// get answers GET /v1/organizations/{org}/jobs/{job}.
func (j *jobs) get(ctx context.Context, c *access.Caller, in *AboutJob) (*Shown, error) {
	found, err := j.find(ctx, c, in.Job)
	if err != nil {
		return nil, err
	}
	return j.show(ctx, c, found)
}

// cancel answers POST /v1/organizations/{org}/jobs/{job}/cancel.
func (j *jobs) cancel(ctx context.Context, c *access.Caller, in *AboutJob, tx *table.Tx) (*Shown, error) {
	found, err := j.find(ctx, c, in.Job)
	if err != nil {
		return nil, err
	}
	if err := found.Cancel(tx, j.Clock()); err != nil {
		return nil, err
	}
	j.Trail.Write(tx, c.Event("job.cancelled", "job", found.ID))
	return j.show(ctx, c, found)
}

// find reads a job of the organization: Missing where it has none of that id, Forbidden where it is of a part of the tree that
// the caller does not administer.
func (j *jobs) find(ctx context.Context, c *access.Caller, id string) (*job.Job, error) {
	found, err := job.Read(ctx, j.Table, c.Organization.Root, id)
	switch {
	case err != nil:
		return nil, err
	case found.Organization == c.Organization.ID:
		return found, nil
	}
	if err := c.Reach(found.Organization); err != nil {
		return nil, err
	}
	return nil, problem.Missing()
}

func (j *jobs) show(ctx context.Context, c *access.Caller, of *job.Job) (*Shown, error) {
	names, err := people.Names(ctx, j.Table, c.Organization.Root, of.Owner)
	if err != nil {
		return nil, err
	}
	shown := Job{ID: of.ID, Kind: string(of.Kind), Status: string(of.Status), Cancellable: of.Cancellable && !of.Over(),
		Progress: Progress{of.Done, of.Total}, CreatedAt: of.CreatedAt, CreatedBy: names[of.Owner], UpdatedAt: of.UpdatedAt, FinishedAt: of.FinishedAt}
	if of.Problem != "" {
		shown.Problem = &Failure{Type: "urn:tenantry:problem:" + of.Problem, Detail: of.Detail}
	}
	if shown.Import, err = invited(of); err != nil {
		return nil, err
	}
	shown.Mapping, err = applied(of)
	return &Shown{shown}, err
}
