package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/table"
)

// SyncChange is what a run found and did about one user.
type SyncChange struct {
	UserID   string       `json:"userId" doc:"The user"`
	Name     string       `json:"name,omitempty" doc:"The user's name now; absent of whoever is gone"`
	Email    string       `json:"email,omitempty" doc:"The user's address now"`
	Outcome  string       `json:"outcome" enum:"unchanged,role-given,role-changed,moved,without-role,skipped,failed" doc:"What comes of it"`
	Reason   string       `json:"reason,omitempty" doc:"Why, or why not: group-mapped, kept, no-mapped-group, undone; changed-since, gone, pending, last-administrator, role-missing, outsider, not-allowed (to whom it is done for), contended (others changed the user all the time), or the slug of a problem"`
	Conflict bool         `json:"conflict" doc:"The user is in several mapped groups"`
	Applied  bool         `json:"applied" doc:"It was done"`
	From     *SyncedRole  `json:"from,omitempty" doc:"What the user had; absent: no role"`
	To       *SyncedRole  `json:"to,omitempty" doc:"What the user gets; absent: no role"`
	Group    *SyncedGroup `json:"group,omitempty" doc:"The group that decides, or did until then"`
}

// SyncedRole is a role with its organization, and what gives it.
type SyncedRole struct {
	OrganizationID string `json:"organizationId" doc:"The organization"`
	Organization   string `json:"organization,omitempty" doc:"Its name; absent where it is gone"`
	RoleID         string `json:"roleId" doc:"The role"`
	Role           string `json:"role,omitempty" doc:"Its name; absent where it is gone"`
	Source         string `json:"source" enum:"person,scim,just-in-time" doc:"What gives it"`
}

// SyncedGroup is a group that decides.
type SyncedGroup struct {
	ID   string `json:"id" doc:"Its id"`
	Name string `json:"name,omitempty" doc:"Its name; absent where it is gone"`
}

// SyncChangePage is a page of what a run changes.
type SyncChangePage struct {
	Items      []SyncChange `json:"items" doc:"The page; it may be short"`
	NextCursor string       `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
}

// ListChangesInput is the question of GET /v1/organizations/{org}/provisioning/sync-runs/{run}/changes.
type ListChangesInput struct {
	AboutSync
	httpapi.Page
	Outcome  string `query:"outcome" enum:"unchanged,role-given,role-changed,moved,without-role,skipped,failed" doc:"Only those of this outcome"`
	Conflict bool   `query:"conflict" doc:"Only users in several mapped groups"`
}

// ListedChanges is the answer of GET /v1/organizations/{org}/provisioning/sync-runs/{run}/changes.
type ListedChanges struct{ Body SyncChangePage }

// listChanges answers GET /v1/organizations/{org}/provisioning/sync-runs/{run}/changes.
func (f *provisioning) listChanges(ctx context.Context, c *access.Caller, in *ListChangesInput) (*ListedChanges, error) {
	r, err := f.findSync(ctx, c, &in.AboutSync)
	if err != nil {
		return nil, err
	}
	question := rolesync.Changed(r.ID, in.Limit, in.Cursor, in.about())
	page, err := table.List[rolesync.Change](ctx, f.Table, question)
	if err != nil {
		return nil, err
	}
	var some []rolesync.Change
	for _, one := range page.Items {
		if (in.Outcome == "" || in.Outcome == string(one.Outcome)) && (!in.Conflict || one.Conflict) {
			some = append(some, one)
		}
	}
	views, err := f.changeViews(ctx, c, some)
	return &ListedChanges{SyncChangePage{Items: views, NextCursor: page.Next}}, err
}

// about is what the cursor of the list is bound to.
func (in *ListChangesInput) about() string {
	if in.Conflict {
		return in.Outcome + "/conflict"
	}
	return in.Outcome
}

// changeViews are changes with the names of whom and what they are about, in some round trips for a page.
func (f *provisioning) changeViews(ctx context.Context, c *access.Caller, list []rolesync.Change) ([]SyncChange, error) {
	n := rolesync.NewNames(f.Table, c.Organization.Root)
	if err := n.Learn(ctx, list); err != nil {
		return nil, err
	}
	views := make([]SyncChange, len(list))
	for i, one := range list {
		u := n.User(one.User)
		views[i] = SyncChange{UserID: one.User, Name: u.Name, Email: u.Email, Outcome: string(one.Outcome), Reason: one.Reason, Conflict: one.Conflict,
			Applied: one.State == rolesync.Applied, From: syncedRole(n, one.From), To: syncedRole(n, one.To)}
		if group := one.Group(); group != "" {
			views[i].Group = &SyncedGroup{ID: group, Name: n.Of(group)}
		}
	}
	return views, nil
}

func syncedRole(n *rolesync.Names, of rolesync.Given) *SyncedRole {
	if of.Role == "" {
		return nil
	}
	return &SyncedRole{OrganizationID: of.Organization, Organization: n.Of(of.Organization), RoleID: of.Role, Role: n.Of(of.Role), Source: string(of.Source)}
}
