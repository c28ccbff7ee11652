package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/rolesync"
)

// SyncRun is a run of Sync assigned roles as the API shows it (SYN-3).
type SyncRun struct {
	ID          string        `json:"id" doc:"Its id" example:"run_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Mode        string        `json:"mode" enum:"preview,apply,undo,scheduled" doc:"What it is for"`
	PreviewID   string        `json:"previewId,omitempty" doc:"The preview whose plan it applies"`
	Undoes      string        `json:"undoes,omitempty" doc:"The run that it undoes"`
	UndoneBy    string        `json:"undoneBy,omitempty" doc:"The run that undoes it"`
	Status      string        `json:"status" enum:"queued,running,waiting,succeeded,failed,cancelled" doc:"Where it stands; waiting is for a confirmation"`
	Cancelling  bool          `json:"cancelling,omitempty" doc:"It is about to be cancelled"`
	Counts      SyncCounts    `json:"counts" doc:"What came of the users, or will where nothing was applied yet"`
	Progress    SyncProgress  `json:"progress" doc:"How far it is with the changes"`
	LosesAccess int           `json:"losesAccess" doc:"How many lose access, or the administration, by the plan"`
	WaitsUntil  string        `json:"waitsUntil,omitempty" format:"date-time" doc:"How long it waits for a confirmation"`
	ConfirmedBy *people.Named `json:"confirmedBy,omitempty" doc:"Who confirmed it"`
	CreatedAt   string        `json:"createdAt" format:"date-time" doc:"When it was begun"`
	CreatedBy   people.Named  `json:"createdBy" doc:"By whom"`
	FinishedAt  string        `json:"finishedAt,omitempty" format:"date-time" doc:"When it was over"`
	Problem     *SyncFailure  `json:"problem,omitempty" doc:"Why it failed"`
}

// SyncCounts are what came of the users that a run reviewed.
type SyncCounts struct {
	Reviewed    int `json:"reviewed" doc:"Users in SCIM groups of the tree"`
	Unchanged   int `json:"unchanged" doc:"Who have what the mappings say"`
	RoleChanged int `json:"roleChanged" doc:"Who get another role of their organization, or a first one"`
	Moved       int `json:"moved" doc:"Who get a role of another organization of the tree"`
	WithoutRole int `json:"withoutRole" doc:"Who lose their role, and so access"`
	Conflicts   int `json:"conflicts" doc:"Of all these: who are in several mapped groups"`
	Skipped     int `json:"skipped" doc:"Who were passed over; the changes say why"`
	Failed      int `json:"failed" doc:"Whose change did not come about; the changes say why"`
}

// SyncProgress is how far a run is.
type SyncProgress struct {
	Done  int `json:"done" doc:"How many changes are done"`
	Total int `json:"total" doc:"How many there are, as far as is known"`
}

// SyncFailure is why a run failed.
type SyncFailure struct {
	Type   string `json:"type" doc:"urn:tenantry:problem:<slug>"`
	Detail string `json:"detail" doc:"What happened, and what to do"`
}

// ShownSync is the answer with a run.
type ShownSync struct{ Body SyncRun }

func (f *provisioning) showSync(ctx context.Context, c *access.Caller, r *rolesync.Run) (*ShownSync, error) {
	views, err := f.syncViews(ctx, c, []rolesync.Run{*r})
	if err != nil {
		return nil, err
	}
	return &ShownSync{views[0]}, nil
}

// syncViews are runs with the names of who began and confirmed them.
func (f *provisioning) syncViews(ctx context.Context, c *access.Caller, runs []rolesync.Run) ([]SyncRun, error) {
	var actors []audit.Actor
	for _, r := range runs {
		actors = append(actors, r.By, r.Confirmed)
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, actors...)
	if err != nil {
		return nil, err
	}
	views := make([]SyncRun, len(runs))
	for i, r := range runs {
		views[i] = SyncRun{ID: r.ID, Mode: string(r.Mode), UndoneBy: r.Undone, Status: string(r.Status), Cancelling: r.Cancelling && !r.Over(), Counts: SyncCounts(r.Counts),
			Progress: SyncProgress{Done: r.Done, Total: r.Changes}, LosesAccess: r.Losers, CreatedAt: r.CreatedAt, CreatedBy: names[r.By], FinishedAt: r.FinishedAt}
		if r.Status == rolesync.Waiting {
			views[i].WaitsUntil = r.WaitsUntil
		}
		if r.Mode == rolesync.Undo {
			views[i].Undoes = r.Of
		} else {
			views[i].PreviewID = r.Of
		}
		if r.Confirmed.Type != "" {
			by := names[r.Confirmed]
			views[i].ConfirmedBy = &by
		}
		if r.Problem != "" {
			views[i].Problem = &SyncFailure{Type: "urn:tenantry:problem:" + r.Problem, Detail: r.Detail}
		}
	}
	return views, nil
}

// SyncRunPage is a page of the list of runs.
type SyncRunPage struct {
	Items      []SyncRun `json:"items" doc:"The page"`
	NextCursor string    `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListSyncsInput is the question of GET /v1/organizations/{org}/provisioning/sync-runs.
type ListSyncsInput struct {
	httpapi.About
	httpapi.Page
}

// ListedSyncs is the answer of GET /v1/organizations/{org}/provisioning/sync-runs.
type ListedSyncs struct{ Body SyncRunPage }

// listSyncs answers GET /v1/organizations/{org}/provisioning/sync-runs.
func (f *provisioning) listSyncs(ctx context.Context, c *access.Caller, in *ListSyncsInput) (*ListedSyncs, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	page, err := rolesync.List(ctx, f.Table, c.Organization.Root, in.Limit, in.Cursor, f.Clock())
	if err != nil {
		return nil, err
	}
	views, err := f.syncViews(ctx, c, page.Items)
	return &ListedSyncs{SyncRunPage{Items: views, NextCursor: page.Next}}, err
}
