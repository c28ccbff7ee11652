package rolesync

import (
	"context"
	"maps"
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// How much a page does at most.
const (
	pageUsers   = 1_000 // reviewed
	pageLines   = 90    // kept of them: what a transaction takes, less the run and what else is written
	pageChanges = 40    // applied, one by one
)

// mostKept is how many roles and how many groups a run remembers.
const mostKept = 1_500

// Syncer does the jobs of kind job.SyncRoles.
type Syncer struct{ *directory.Settler }

// checkpoint is behind which user, in the order of their ids, a page begins.
type checkpoint struct {
	Behind string `json:"behind"`
}

// page is a page of a run with what is read for it.
type page struct {
	*job.Page
	run      *Run
	at       checkpoint
	mappings *directory.Mappings
	rights   *directory.Rights // of whom it is done for
	guard    Guard
	roles    map[string]bool         // that users had or have, of this page
	groups   map[string]bool         // that decided
	names    map[string]string       // of organizations, as far as they were read
	users    map[string]*people.User // of this page, as they were read
	before   map[string]*Change      // what an attempt that was cut off has done already
	changed  []string                // who was, by this page or its attempt that was cut off
}

// Step does one page of a run.
func (s *Syncer) Step(ctx context.Context, p *job.Page) error {
	x, err := s.open(ctx, p)
	if err != nil {
		return err
	}
	if x == nil {
		p.Finish(nil, 0)
		return nil
	}
	if x.rights, err = s.Rights(ctx, x.run.behalf(), x.Root); err != nil {
		return err
	}
	done := x.run.Done
	if err := s.goOn(ctx, x); err != nil {
		return err
	}
	if x.run.Phase == over {
		p.Finish(nil, x.run.Done-done)
	} else {
		p.Next(x.at, x.run.Done-done)
	}
	p.Expect(x.run.Changes)
	x.keep()
	return nil
}

// goOn does the page, or ends the run where it is not to go on.
func (s *Syncer) goOn(ctx context.Context, x *page) error {
	r := x.run
	stops := r.Cancelling || !x.rights.Stand() || x.overtaken()
	if stops {
		if err := s.recount(ctx, x); err != nil {
			return err
		}
	}
	switch {
	case r.Phase == over: // the tree was closed
	case r.Cancelling:
		s.end(x, Cancelled)
	case !x.rights.Stand():
		s.fail(x, problem.As(problem.Refused("Who began or confirmed this may not do it any more. Have somebody begin it again who may.")))
	case stops:
		s.fail(x, mappingsChanged())
	case r.Phase == planning:
		return s.plan(ctx, x)
	default:
		return s.apply(ctx, x)
	}
	return nil
}

// overtaken tells whether the mappings are not any more as the run was planned with.
func (x *page) overtaken() bool {
	return x.run.Mode != Undo && x.run.Revision != unplanned && x.run.Revision != x.mappings.Revision
}

// open reads what decides about a page: nil where the run is gone.
func (s *Syncer) open(ctx context.Context, p *job.Page) (*page, error) {
	var in Input
	if _, err := p.Given(&in); err != nil {
		return nil, err
	}
	x := &page{Page: p, run: &Run{}, mappings: &directory.Mappings{Root: p.Root}, guard: DefaultGuard, roles: map[string]bool{}, groups: map[string]bool{},
		names: map[string]string{}}
	if _, err := p.Checkpoint(&x.at); err != nil {
		return nil, err
	}
	var state tenant.Access
	err := s.Table.GetMany(ctx, table.Want(table.SyncRunKey(p.Root, in.Run), x.run), table.Want(table.MappingsKey(p.Root), x.mappings),
		table.Want(table.AccessKey(p.Root), &state), table.Want(table.SyncGuardKey(p.Root), &x.guard))
	if err != nil {
		return nil, err
	}
	if x.run.ID == "" || x.run.Job != p.ID {
		return nil, nil
	}
	if state.Closed() {
		s.fail(x, problem.As(tenant.ClosedFirst()))
	}
	return x, nil
}

// end ends the run, and says in the trail what came of it (ADT-1).
func (s *Syncer) end(x *page, as Status) {
	r := x.run
	r.Status, r.Phase, r.FinishedAt = as, over, clock.Format(x.Now)
	if r.Mode == Preview || r.Mode == Scheduled && r.Changes == 0 {
		return
	}
	c := r.Counts
	s.Trail.Write(x.Tx, audit.Event{Action: "sync.finished", Root: r.Root, Organization: r.Root, Actor: r.By, Target: audit.Target{Type: "sync-run", ID: r.ID}, Count: r.Done,
		After: map[string]any{"status": as, "mode": r.Mode, "reviewed": c.Reviewed, "roleChanged": c.RoleChanged, "moved": c.Moved, "withoutRole": c.WithoutRole,
			"skipped": c.Skipped, "failed": c.Failed}})
}

// fail ends the run for a problem.
func (s *Syncer) fail(x *page, why *problem.Error) {
	x.run.Problem, x.run.Detail = why.Slug, why.Detail
	s.end(x, Failed)
}

// keep has the page write the run as it is by now, but for what others write of it.
func (x *page) keep() {
	r := x.run
	edit := table.Touch(r.Key()).IfThere(table.ErrChanged).Set("status", r.Status).Set("phase", r.Phase).Set("revision", r.Revision).Set("counts", r.Counts).
		Set("changes", r.Changes).Set("done", r.Done).Set("holders", r.Holders).Set("losers", r.Losers).Set("left", r.Left).Set("missed", r.Missed)
	for name, text := range map[string]string{"finishedAt": r.FinishedAt, "waitsUntil": r.WaitsUntil, "problem": r.Problem, "detail": r.Detail} {
		if text != "" {
			edit.Set(name, text)
		}
	}
	if len(r.Roles) > mostKept || len(r.Groups) > mostKept {
		edit.Set("many", true)
	} else {
		include(edit, "roles", x.roles)
		include(edit, "groups", x.groups)
	}
	x.Tx.Update(edit)
}

func include(edit *table.Change, name string, all map[string]bool) {
	if len(all) > 0 {
		edit.Include(name, slices.Sorted(maps.Keys(all))...)
	}
}
