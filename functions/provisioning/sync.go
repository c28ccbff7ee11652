package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	syncs   = all + "/sync-runs"
	syncing = syncs + "/{run}"
)

// mountSync adds the operations of Sync assigned roles to the server.
func mountSync(s *httpapi.Server, f *provisioning) {
	httpapi.Change(s, httpapi.Operation{ID: "begin-sync-run", Method: http.MethodPost, Path: syncs, Status: http.StatusAccepted, Needs: access.EditMainOnly,
		Summary: "Sync assigned roles, or preview it",
		Description: "Reviews every user in SCIM groups of the tree and gives each the role that the mappings say, as far as the caller may change it, then and as it is done. A preview changes nothing; with its id the same plan is applied, " +
			"refused where the mappings changed since, and users who changed since are passed over. One run of a tree is under way at a time (sync-running, with the other's id in existing). " +
			"A run that would take access from many waits for a confirmation: from more than a fifth, and from ten users at least, where the settings say nothing else."}, f.beginSync)
	httpapi.Read(s, httpapi.Operation{ID: "list-sync-runs", Method: http.MethodGet, Path: syncs, Needs: access.ReadMainOnly,
		Summary: "List the runs of Sync assigned roles", Description: "The newest first; they are kept for 30 days."}, f.listSyncs)
	httpapi.Read(s, httpapi.Operation{ID: "get-sync-run", Method: http.MethodGet, Path: syncing, Needs: access.ReadMainOnly,
		Summary: "Read a run of Sync assigned roles"}, f.getSync)
	httpapi.Read(s, httpapi.Operation{ID: "list-sync-changes", Method: http.MethodGet, Path: syncing + "/changes", Needs: access.ReadMainOnly,
		Summary: "List what a run of Sync assigned roles changes, user by user", Description: "Users of whom there is nothing to tell are only counted."}, f.listChanges)
	httpapi.Change(s, httpapi.Operation{ID: "cancel-sync-run", Method: http.MethodPost, Path: syncing + "/cancel", Needs: access.EditMainOnly,
		Summary: "Cancel a run of Sync assigned roles", Description: "It ends with the users that it is at; what was done stays, and can be undone."}, f.cancelSync)
	httpapi.Change(s, httpapi.Operation{ID: "confirm-sync-run", Method: http.MethodPost, Path: syncing + "/confirm", Needs: access.EditMainOnly,
		Summary: "Confirm a run of Sync assigned roles that waits", Description: "What was planned is applied, as what was previewed is. It waits for a day."}, f.confirmSync)
	httpapi.Change(s, httpapi.Operation{ID: "undo-sync-run", Method: http.MethodPost, Path: syncing + "/undo", Status: http.StatusAccepted, Needs: access.EditMainOnly,
		Summary: "Undo the last run of Sync assigned roles",
		Description: "Within 7 days of its end. A run of its own gives each user back the organization and role from before, as far as the user has not changed since. It takes the right to give each of these roles; " +
			"that of an administrator takes a recent sign-in. The mappings are pending then."}, f.undoSync)
}

// NewSync is a run to be begun.
type NewSync struct {
	Mode      string `json:"mode" enum:"preview,apply" doc:"preview changes nothing"`
	PreviewID string `json:"previewId,omitempty" maxLength:"64" doc:"With apply: the preview whose plan is applied as it stands"`
}

// SyncInput is the input of POST /v1/organizations/{org}/provisioning/sync-runs.
type SyncInput struct {
	httpapi.About
	Body NewSync
}

// AboutSync is the input that names a run.
type AboutSync struct {
	httpapi.About
	Run string `path:"run" doc:"The run's id" example:"run_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// BegunSync is the answer to a run that was begun.
type BegunSync struct {
	Location string `header:"Location"`
	Body     SyncRun
}

// beginSync answers POST /v1/organizations/{org}/provisioning/sync-runs.
func (f *provisioning) beginSync(ctx context.Context, c *access.Caller, in *SyncInput, tx *table.Tx) (*BegunSync, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	root := c.Organization.Root
	if in.Body.PreviewID == "" {
		r := &rolesync.Run{Root: root, Mode: rolesync.Mode(in.Body.Mode)}
		if err := rolesync.Begin(ctx, f.Table, tx, r, f.Work, c.Behalf(), f.Clock()); err != nil {
			return nil, err
		}
		return f.begun(ctx, c, tx, r)
	}
	if in.Body.Mode != string(rolesync.Apply) {
		return nil, problem.Invalid("body.previewId", "is for applying", in.Body.PreviewID)
	}
	preview, err := rolesync.Read(ctx, f.Table, root, in.Body.PreviewID, f.Clock())
	if problem.Gone(err) {
		return nil, problem.Invalid("body.previewId", "is not a run of this tree", in.Body.PreviewID)
	}
	if err != nil {
		return nil, err
	}
	r, err := rolesync.ApplyPlan(ctx, f.Table, tx, preview, f.Work, c.Behalf(), f.Clock())
	if err != nil {
		return nil, err
	}
	return f.begun(ctx, c, tx, r)
}

// begun writes down that a run was begun, and answers it.
func (f *provisioning) begun(ctx context.Context, c *access.Caller, tx *table.Tx, r *rolesync.Run) (*BegunSync, error) {
	event := c.Event("sync.begun", "sync-run", r.ID)
	event.After = map[string]any{"mode": r.Mode}
	if r.Of != "" {
		event.After["of"] = r.Of
	}
	f.Trail.Write(tx, event)
	shown, err := f.showSync(ctx, c, r)
	if err != nil {
		return nil, err
	}
	return &BegunSync{Location: strings.Replace(syncs, "{org}", c.Organization.ID, 1) + "/" + r.ID, Body: shown.Body}, nil
}

// findSync reads a run of the tree: Missing where it has none of that id.
func (f *provisioning) findSync(ctx context.Context, c *access.Caller, in *AboutSync) (*rolesync.Run, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	return rolesync.Read(ctx, f.Table, c.Organization.Root, in.Run, f.Clock())
}

// getSync answers GET /v1/organizations/{org}/provisioning/sync-runs/{run}.
func (f *provisioning) getSync(ctx context.Context, c *access.Caller, in *AboutSync) (*ShownSync, error) {
	r, err := f.findSync(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return f.showSync(ctx, c, r)
}

// cancelSync answers POST /v1/organizations/{org}/provisioning/sync-runs/{run}/cancel.
func (f *provisioning) cancelSync(ctx context.Context, c *access.Caller, in *AboutSync, tx *table.Tx) (*ShownSync, error) {
	r, err := f.findSync(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := r.Cancel(tx, f.Clock()); err != nil {
		return nil, err
	}
	f.Trail.Write(tx, c.Event("sync.cancelled", "sync-run", r.ID))
	return f.showSync(ctx, c, r)
}

// confirmSync answers POST /v1/organizations/{org}/provisioning/sync-runs/{run}/confirm.
func (f *provisioning) confirmSync(ctx context.Context, c *access.Caller, in *AboutSync, tx *table.Tx) (*ShownSync, error) {
	r, err := f.findSync(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := r.Confirm(ctx, f.Table, tx, f.Work, c.Behalf(), f.Clock()); err != nil {
		return nil, err
	}
	event := c.Event("sync.confirmed", "sync-run", r.ID)
	event.Count = r.Losers
	f.Trail.Write(tx, event)
	return f.showSync(ctx, c, r)
}

// undoSync answers POST /v1/organizations/{org}/provisioning/sync-runs/{run}/undo.
func (f *provisioning) undoSync(ctx context.Context, c *access.Caller, in *AboutSync, tx *table.Tx) (*BegunSync, error) {
	of, err := f.findSync(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := f.mayUndo(ctx, c, of); err != nil {
		return nil, err
	}
	r, err := of.Revert(ctx, f.Table, tx, f.Work, c.Behalf(), f.Clock())
	if err != nil {
		return nil, err
	}
	return f.begun(ctx, c, tx, r)
}

// mayUndo tells whether the caller could do each change of an undo: give all of the roles that users get back, and touch those who have what
// they got (PER-2, SYN-7). A role that is gone is given to nobody.
func (f *provisioning) mayUndo(ctx context.Context, c *access.Caller, of *rolesync.Run) error {
	var own people.Role
	roles := make([]people.Role, len(of.Roles))
	wants := []*table.Wanted{table.Want(c.RoleKey(), &own)}
	for i, one := range of.Roles {
		org, role, _ := strings.Cut(one, "/")
		wants = append(wants, table.Want(table.RoleKey(org, role), &roles[i]))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for i := range roles {
		if roles[i].ID == "" {
			continue
		}
		if err := c.MayGive(&roles[i], &own); err != nil {
			return err
		}
	}
	return nil
}
