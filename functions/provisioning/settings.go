package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

const settings = all + "/settings"

// mountSettings adds the operations of what a tree sets for itself.
func mountSettings(s *httpapi.Server, f *provisioning) {
	httpapi.Read(s, httpapi.Operation{ID: "get-sync-settings", Method: http.MethodGet, Path: settings, Needs: access.ReadMainOnly,
		Summary: "Read from when on Sync assigned roles waits for a confirmation"}, f.getSettings)
	httpapi.Change(s, httpapi.Operation{ID: "set-sync-settings", Method: http.MethodPut, Path: settings, Needs: access.EditMainOnly,
		Summary:     "Set from when on Sync assigned roles waits for a confirmation",
		Description: "For runs that people begin and for those on schedule. It holds for runs that are still being planned, and for previews that are applied; one that waits already goes on waiting."}, f.setSettings)
}

// SyncConfirmation is from when on a run waits for somebody's word (SYN-6).
type SyncConfirmation struct {
	Percent int `json:"percent" minimum:"0" maximum:"90" doc:"A run waits that would take access, or the administration, from more than this share of those who have access" example:"20"`
	Users   int `json:"users" minimum:"1" maximum:"1000" doc:"and from so many users at least" example:"10"`
}

// SyncSettings is what a tree sets for Sync assigned roles, as the API shows it.
type SyncSettings struct {
	Confirmation SyncConfirmation `json:"confirmation" doc:"From when on a run waits for a confirmation, a day at most"`
	UpdatedAt    string           `json:"updatedAt,omitempty" format:"date-time" doc:"When that was set; absent: it is the default"`
	UpdatedBy    *people.Named    `json:"updatedBy,omitempty" doc:"By whom"`
}

// ShownSettings is the answer with them.
type ShownSettings struct {
	ETag string `header:"ETag"`
	Body SyncSettings
}

// SettingsInput is the input of PUT /v1/organizations/{org}/provisioning/settings.
type SettingsInput struct {
	httpapi.About
	httpapi.Match
	Body struct {
		Confirmation SyncConfirmation `json:"confirmation" doc:"From when on a run waits for a confirmation"`
	}
}

// getSettings answers GET /v1/organizations/{org}/provisioning/settings.
func (f *provisioning) getSettings(ctx context.Context, c *access.Caller, _ *httpapi.About) (*ShownSettings, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	guard, err := rolesync.ReadGuard(ctx, f.Table, c.Organization.Root)
	if err != nil {
		return nil, err
	}
	return f.showSettings(ctx, c, guard)
}

// setSettings answers PUT /v1/organizations/{org}/provisioning/settings.
func (f *provisioning) setSettings(ctx context.Context, c *access.Caller, in *SettingsInput, tx *table.Tx) (*ShownSettings, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	guard, err := rolesync.ReadGuard(ctx, f.Table, c.Organization.Root)
	if err != nil {
		return nil, err
	}
	if err := in.Check(guard.Version); err != nil {
		return nil, err
	}
	to := in.Body.Confirmation
	if was := (SyncConfirmation{guard.Percent, guard.Least}); was != to {
		event := c.Event("sync.settings-edited", "organization", c.Organization.ID)
		event.Before, event.After = was.recorded(), to.recorded()
		f.Trail.Write(tx, event)
		guard = guard.Set(tx, c.Organization.Root, to.Percent, to.Users, c.Actor, f.Clock())
	}
	return f.showSettings(ctx, c, guard)
}

// recorded is what the audit keeps of it.
func (s SyncConfirmation) recorded() map[string]any {
	return map[string]any{"percent": s.Percent, "users": s.Users}
}

func (f *provisioning) showSettings(ctx context.Context, c *access.Caller, guard rolesync.Guard) (*ShownSettings, error) {
	out := &ShownSettings{ETag: httpapi.ETag(guard.Version), Body: SyncSettings{Confirmation: SyncConfirmation{guard.Percent, guard.Least}, UpdatedAt: guard.UpdatedAt}}
	if guard.Version == 0 {
		return out, nil
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, guard.UpdatedBy)
	by := names[guard.UpdatedBy]
	out.Body.UpdatedBy = &by
	return out, err
}
