package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/intake"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// What a tree may have checked, and invited, by files. Checking costs by the size of the file, inviting sends mails.
const (
	checkedWindow = 10 * time.Minute
	checkedMost   = 20_000 // kilobytes of CSV
	workbookCosts = 200    // as many as that, at least: what a small one unpacks to is not known before
	invitedWindow = 24 * time.Hour
	invitedMost   = 10_000
)

// NewImport is a file with people to be invited.
type NewImport struct {
	Format  string `json:"format" enum:"csv,xlsx" doc:"What the file is: CSV in UTF-8 with commas, semicolons or tabs, or an Excel workbook, of which the first sheet is read"`
	Content []byte `json:"content" doc:"The file, in base64: 750 KB and 2,000 rows at most. Its first row names the columns: name, email, role (or roleId), and perhaps department, language, organization (or organizationId); those that an export has besides are passed over"`
	DryRun  bool   `json:"dryRun" doc:"Only check the file, and say what would be done"`
}

// ImportInput is the input of POST /v1/organizations/{org}/users/import.
type ImportInput struct {
	httpapi.About
	Body NewImport
}

// Fault is why a row of a file cannot be taken.
type Fault struct {
	Row     int    `json:"row" doc:"The row as a spreadsheet counts it; the names of the columns are row 1"`
	Column  string `json:"column" doc:"The column"`
	Message string `json:"message" doc:"What is wrong, and what would be right"`
}

// Import is what becomes of a file.
type Import struct {
	DryRun      bool    `json:"dryRun" doc:"Nothing was done"`
	Rows        int     `json:"rows" doc:"How many rows the file has that are not empty, without the first"`
	Invitations int     `json:"invitations" doc:"How many people are invited, each by a mail"`
	Existing    []int   `json:"existing" doc:"The rows whose address is in use in the tree already: nothing is done for them"`
	Faults      []Fault `json:"faults" doc:"All that is wrong with the rows. While there is anything, nobody is invited"`
	Job         *Job    `json:"job,omitempty" doc:"The job that invites the people; absent where there is nobody to invite"`
}

// Imported is the answer to a file: 202 with where the job is, or 200 where there is none.
type Imported struct {
	Status   int
	Location string `header:"Location"`
	Body     Import
}

// importUsers answers POST /v1/organizations/{org}/users/import.
func (j *jobs) importUsers(ctx context.Context, c *access.Caller, in *ImportInput, tx *table.Tx) (*Imported, error) {
	if err := j.rates.Count(ctx, "import/"+c.Organization.Root, in.Body.costs(), checkedMost, checkedWindow); err != nil {
		return nil, err
	}
	rows, err := in.Body.rows()
	if err != nil {
		return nil, err
	}
	d := &draft{caller: c, dry: in.Body.DryRun}
	if err := j.check(ctx, d, rows); err != nil {
		return nil, err
	}
	out := &Imported{Status: 200, Body: Import{DryRun: d.dry, Rows: d.rows, Invitations: len(d.people), Existing: d.existing, Faults: d.faults}}
	switch {
	case d.dry:
		return out, nil
	case len(d.faults) > 0:
		return nil, faulty(d.faults)
	case len(d.people) == 0:
		return out, nil
	}
	return out, j.beginImport(ctx, d, tx, out)
}

// costs is what checking the file costs, in kilobytes of CSV.
func (in *NewImport) costs() int {
	kilobytes := len(in.Content)>>10 + 1
	if in.Format == export.Excel {
		return max(kilobytes, workbookCosts)
	}
	return kilobytes
}

// beginImport has the change begin the job that invites the people of the file.
func (j *jobs) beginImport(ctx context.Context, d *draft, tx *table.Tx, out *Imported) error {
	c := d.caller
	if err := j.rates.Count(ctx, "invited/"+c.Organization.Root, len(d.people), invitedMost, invitedWindow); err != nil {
		return err
	}
	begun := &job.Job{Root: c.Organization.Root, Organization: c.Organization.ID, Kind: job.ImportUsers, Cancellable: true, Total: len(d.people)}
	begun.Give(intake.Input{People: len(d.people), Existing: len(d.existing), By: authority(c)})
	job.Start(tx, begun, j.Work, c.Actor, j.Clock())
	intake.Keep(tx, begun.ID, d.people, c.Display(), j.Clock())
	event := c.Event("import.begun", "job", begun.ID)
	event.Count, event.After = len(d.people), map[string]any{"rows": d.rows, "existing": len(d.existing)}
	j.Trail.Write(tx, event)
	shown, err := j.show(ctx, c, begun)
	if err != nil {
		return err
	}
	out.Status, out.Location, out.Body.Job = 202, "/v1/organizations/"+c.Organization.ID+"/jobs/"+begun.ID, &shown.Body
	return nil
}

// authority is by whose right the people are invited.
func authority(c *access.Caller) intake.Authority {
	by := intake.Authority{Actor: c.Actor, Tree: c.Root, Organization: c.Home, Address: c.Address, Request: c.Request}
	if c.Key != nil {
		by.Role = c.Key.Role
	} else {
		by.Role = c.User.Role
	}
	return by
}

// faulty is the refusal of a file with faulty rows, each of them named.
func faulty(all []Fault) error {
	e := problem.New(problem.InvalidInput, "faulty-rows", "The file has rows that cannot be taken, so nobody was invited. Correct them and send it again.")
	for _, one := range all {
		e.Fields = append(e.Fields, problem.Field{Location: fmt.Sprintf("body.content[%d].%s", one.Row, one.Column), Message: one.Message})
	}
	return e
}

// Invited is what came of an import, as its job shows it.
type Invited struct {
	Invited  int          `json:"invited" doc:"How many were invited"`
	Existing int          `json:"existing" doc:"How many were there already"`
	Failed   int          `json:"failed" doc:"How many could not be invited, because of something that changed meanwhile"`
	Failures []NotInvited `json:"failures" doc:"The first hundred of those"`
}

// NotInvited is why somebody of a file was not invited.
type NotInvited struct {
	Row     int    `json:"row" doc:"The row of the file"`
	Message string `json:"message" doc:"What kept the person from being invited"`
}

// invited is what came of the import, nil of any other job.
func invited(of *job.Job) (*Invited, error) {
	var out intake.Outcome
	if of.Kind != job.ImportUsers {
		return nil, nil
	}
	if done, err := of.Result(&out); !done || err != nil {
		return nil, err
	}
	shown := &Invited{Invited: out.Invited, Existing: out.Existing, Failed: out.Failed, Failures: []NotInvited{}}
	for _, one := range out.Failures {
		shown.Failures = append(shown.Failures, NotInvited{one.Line, one.Why})
	}
	return shown, nil
}
