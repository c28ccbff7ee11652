package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

// linkLasts is how long the link to a file can be used (ADT-3).
const linkLasts = 10 * time.Minute

// NewExport is a file to be made.
type NewExport struct {
	What   string `json:"what" enum:"organization,users,sync-changes" doc:"What is exported: organization is everything of the whole tree, but for secrets; users are those of the tree, or of the suborganization; sync-changes is what a run of Sync assigned roles changes, user by user"`
	Format string `json:"format" enum:"jsonl,csv,xlsx" doc:"How: jsonl is JSON Lines, an object a line, whose kind says what it is; csv and xlsx are tables, of all but an organization"`
	RunID  string `json:"runId,omitempty" maxLength:"64" doc:"With sync-changes: the run"`
}

// BeginExportInput is the input of POST /v1/organizations/{org}/exports.
type BeginExportInput struct {
	httpapi.About
	Body NewExport
}

// AboutExport is the input that names an export of the organization.
type AboutExport struct {
	httpapi.About
	Job string `path:"export" doc:"The export's id, which is its job's" example:"job_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// Export is a file as the API shows it: the job that makes it and, while it can be had, a link to it.
type Export struct {
	Job
	What         string `json:"what" doc:"What is exported"`
	Format       string `json:"format" doc:"How"`
	URL          string `json:"url,omitempty" doc:"Where anybody who has the link can download the file for ten minutes; each reading gives a new one, after a sign-in within the last 10 minutes or with a key for what is delicate"`
	URLExpiresAt string `json:"urlExpiresAt,omitempty" format:"date-time" doc:"When the link ends"`
	AvailableTo  string `json:"availableUntil,omitempty" format:"date-time" doc:"When the file is gone"`
}

// BegunExport is the answer to an export that was begun.
type BegunExport struct {
	Location string `header:"Location"`
	Body     Export
}

// ShownExport is the answer with an export.
type ShownExport struct{ Body Export }

// beginExport answers POST /v1/organizations/{org}/exports.
func (j *jobs) beginExport(ctx context.Context, c *access.Caller, in *BeginExportInput, tx *table.Tx) (*BegunExport, error) {
	if err := in.Body.allowed(c); err != nil {
		return nil, err
	}
	if in.Body.What == export.Organization && !c.Organization.Main() {
		return nil, problem.New(problem.Conflict, "wrong-type", "Only a main organization is exported, with all of its tree, and this is a %s.", c.Organization.Type)
	}
	if err := j.run(ctx, c, &in.Body); err != nil {
		return nil, err
	}
	begun := &job.Job{Root: c.Organization.Root, Organization: c.Organization.ID, Kind: job.Export, Cancellable: true}
	begun.Give(export.Input{What: in.Body.What, Format: in.Body.Format, Run: in.Body.RunID})
	job.Start(tx, begun, j.Work, c.Actor, j.Clock())
	event := c.Event("export.begun", "job", begun.ID)
	event.After = map[string]any{"what": in.Body.What, "format": in.Body.Format}
	j.Trail.Write(tx, event)
	shown, err := j.showExport(ctx, c, begun)
	if err != nil {
		return nil, err
	}
	return &BegunExport{Location: exports(c.Organization.ID) + "/" + begun.ID, Body: shown.Body}, nil
}

// allowed tells whether the caller may have it: everything of a tree is for those who decide on its policy. Only what is a table is
// written as one.
func (e *NewExport) allowed(c *access.Caller) error {
	if e.What != export.Organization {
		return nil
	}
	if err := c.May(access.EditPolicy); err != nil {
		return err
	}
	if e.Format != export.JSONLines {
		return problem.Invalid("body.format", "must be jsonl for an organization: it is no table", e.Format)
	}
	return nil
}

// run tells whether the run of Sync assigned roles that is asked for is the tree's, and none is asked for otherwise.
func (j *jobs) run(ctx context.Context, c *access.Caller, e *NewExport) error {
	if e.What != export.SyncChanges {
		if e.RunID != "" {
			return problem.Invalid("body.runId", "is for sync-changes", e.RunID)
		}
		return nil
	}
	if err := c.May(access.ReadMainOnly); err != nil {
		return err
	}
	_, err := rolesync.Read(ctx, j.Table, c.Organization.Root, e.RunID, j.Clock())
	if problem.Gone(err) || err == nil && !c.Organization.Main() {
		return problem.Invalid("body.runId", "is not a run of Sync assigned roles of this main organization", e.RunID)
	}
	return err
}

func exports(org string) string { return "/v1/organizations/" + org + "/exports" }

// getExport answers GET /v1/organizations/{org}/exports/{export}.
func (j *jobs) getExport(ctx context.Context, c *access.Caller, in *AboutExport) (*ShownExport, error) {
	found, err := j.find(ctx, c, in.Job)
	if err != nil {
		return nil, err
	}
	if found.Kind != job.Export {
		return nil, problem.Missing()
	}
	var asked export.Input
	if _, err := found.Given(&asked); err != nil {
		return nil, err
	}
	if asked.What == export.Organization {
		if err := c.May(access.EditPolicy); err != nil {
			return nil, err
		}
	}
	if asked.What == export.SyncChanges {
		if err := c.May(access.ReadMainOnly); err != nil {
			return nil, err
		}
	}
	return j.showExport(ctx, c, found)
}

func (j *jobs) showExport(ctx context.Context, c *access.Caller, of *job.Job) (*ShownExport, error) {
	shown, err := j.show(ctx, c, of)
	if err != nil {
		return nil, err
	}
	var asked export.Input
	if _, err := of.Given(&asked); err != nil {
		return nil, err
	}
	e := Export{Job: shown.Body, What: asked.What, Format: asked.Format}
	if of.Status == job.Succeeded {
		err = j.link(ctx, c, of, &e)
	}
	return &ShownExport{e}, err
}

// link adds until when the file is there and, for who may do what is delicate, a link to it: having it is exporting as well as
// beginning it is (PER-6).
func (j *jobs) link(ctx context.Context, c *access.Caller, of *job.Job, e *Export) error {
	var made export.Result
	if _, err := of.Result(&made); err != nil {
		return err
	}
	finished, err := time.Parse(time.RFC3339, of.FinishedAt)
	if err != nil {
		return err
	}
	now, gone := j.Clock(), finished.Add(export.Lasts)
	if !now.Before(gone) {
		return nil
	}
	e.AvailableTo = clock.Format(gone)
	if c.Fresh() != nil {
		return nil
	}
	e.URL, err = j.store.Link(ctx, made.Key, "tenantry-"+of.ID+"."+e.Format, linkLasts)
	e.URLExpiresAt = clock.Format(now.Add(linkLasts))
	return err
}
