package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// NewMapping is what a group shall give its members.
type NewMapping struct {
	OrganizationID string `json:"organizationId,omitempty" maxLength:"64" doc:"The organization of the tree; absent: the main one"`
	RoleID         string `json:"roleId" minLength:"1" maxLength:"64" doc:"A role of it"`
	ApplyNow       bool   `json:"applyNow,omitempty" doc:"Change the roles of members who have one too; otherwise that is left to Sync assigned roles"`
}

// MappingInput is the input of PUT /v1/organizations/{org}/provisioning/groups/{group}/mapping.
type MappingInput struct {
	AboutGroup
	httpapi.Match
	httpapi.Confirmation
	Body NewMapping
}

// MappingChange is what becomes of a mapping.
type MappingChange struct {
	Group    DirectoryGroup `json:"group" doc:"The group with its mapping"`
	Affected int            `json:"affected" doc:"How many of the members have another role by it than now: who has none gets it at once, the others when it is applied"`
	AtMost   bool           `json:"atMost,omitempty" doc:"affected is how many members there are: the group is too large to be gone through in a request"`
	JobID    string         `json:"jobId,omitempty" doc:"The job that goes through the members; it is done already where the answer is 200. Absent: nothing was to be done"`
}

// Changed is the answer with it: 202 with where the job is, 200 where it is done.
type Changed struct {
	Status   int
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     MappingChange
}

// setMapping answers PUT /v1/organizations/{org}/provisioning/groups/{group}/mapping (MAP-2).
func (f *provisioning) setMapping(ctx context.Context, c *access.Caller, in *MappingInput, tx *table.Tx) (*Changed, error) {
	s, err := f.changing(ctx, c, in.Group, in.Match)
	if err != nil {
		return nil, err
	}
	role, of, err := f.chosen(ctx, c, s, &in.Body)
	if err != nil {
		return nil, err
	}
	was := s.mapped()
	other := was == nil || was.Role != role.ID
	if !other && !(was.Pending && in.Body.ApplyNow) {
		return f.answer(ctx, c, s, nil)
	}
	event := c.Event("group.mapped", "group", s.group.ID)
	if was != nil {
		event.Before = recorded(was)
	}
	if other {
		if err := s.mappings.Map(tx, s.group.Connection, s.group.ID, role, c.Actor, f.Clock()); err != nil {
			return nil, err
		}
	} else {
		event.Action = "mapping.applied"
		s.mappings.Hold(tx)
	}
	e, err := f.effect(ctx, c, s, in.Body.ApplyNow)
	if err != nil {
		return nil, err
	}
	if role.Portal == people.AdministratorAccess && (other || in.Body.ApplyNow) {
		if err := in.Confirmed(e.affected, e.administrators(role, of, in.Body.ApplyNow)...); err != nil {
			return nil, err
		}
	}
	event.Count, event.After = e.affected, recorded(s.mapped())
	event.After["applyNow"] = in.Body.ApplyNow
	f.Trail.Write(tx, event)
	f.apply(tx, c, s, e, in.Body.ApplyNow)
	return f.answer(ctx, c, s, e)
}

// chosen reads the chosen role with its organization, and decides whether the caller may give it (PER-2). What is of another tree answers
// like what does not exist (PER-4).
func (f *provisioning) chosen(ctx context.Context, c *access.Caller, s *subject, in *NewMapping) (*people.Role, *tenant.Organization, error) {
	var of tenant.Organization
	var role people.Role
	org := cmp.Or(in.OrganizationID, c.Organization.ID)
	wants := []*table.Wanted{table.Want(tenant.KeyOf(org), &of)}
	if id.Valid(id.Role, in.RoleID) {
		wants = append(wants, table.Want(table.RoleKey(org, in.RoleID), &role))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, nil, err
	}
	switch {
	case of.Root != c.Organization.Root:
		return nil, nil, problem.Invalid("body.organizationId", "is not an organization of this tree", org)
	case role.ID == "":
		return nil, nil, problem.Invalid("body.roleId", "is not a role of this organization", in.RoleID)
	}
	return &role, &of, c.MayGive(&role, &s.own)
}

// recorded is what the audit keeps of a mapping.
func recorded(m *directory.Mapped) map[string]any {
	return map[string]any{"organizationId": m.Organization, "roleId": m.Role}
}

// ClearInput is the input of DELETE /v1/organizations/{org}/provisioning/groups/{group}/mapping.
type ClearInput struct {
	AboutGroup
	httpapi.Match
	ApplyNow bool `query:"applyNow" doc:"Take the roles of members that the group gave at once; otherwise that is left to Sync assigned roles"`
}

// clearMapping answers DELETE /v1/organizations/{org}/provisioning/groups/{group}/mapping (MAP-2).
func (f *provisioning) clearMapping(ctx context.Context, c *access.Caller, in *ClearInput, tx *table.Tx) (*Changed, error) {
	s, err := f.changing(ctx, c, in.Group, in.Match)
	if err != nil {
		return nil, err
	}
	at := s.mappings.Of(s.group.ID)
	if at < 0 || s.mapped() == nil && !in.ApplyNow {
		return f.answer(ctx, c, s, nil)
	}
	event := c.Event("group.unmapped", "group", s.group.ID)
	if was := s.mapped(); was != nil {
		if err := f.mayGiveWay(ctx, c, s, at); err != nil {
			return nil, err
		}
		event.Before = recorded(was)
		s.mappings.Clear(tx, at, c.Actor, f.Clock())
	} else {
		event.Action = "mapping.applied"
		s.mappings.Hold(tx)
	}
	e, err := f.effect(ctx, c, s, in.ApplyNow)
	if err != nil {
		return nil, err
	}
	event.Count, event.After = e.affected, map[string]any{"applyNow": in.ApplyNow}
	f.Trail.Write(tx, event)
	f.apply(tx, c, s, e, in.ApplyNow)
	return f.answer(ctx, c, s, e)
}

// answer is the answer with the group as it is then; e is nil where nothing was to be done.
func (f *provisioning) answer(ctx context.Context, c *access.Caller, s *subject, e *effect) (*Changed, error) {
	out := &Changed{Status: 200, ETag: httpapi.ETag(s.mappings.Revision)}
	if e != nil {
		out.Body = MappingChange{Affected: e.affected, AtMost: e.atMost, JobID: e.job}
		if e.long {
			out.Status, out.Location = 202, fmt.Sprintf("/v1/organizations/%s/jobs/%s", c.Organization.ID, e.job)
		} else if e.applied {
			s.mappings.Applied(table.NewTx(), s.mappings.Revision, s.group.ID) // as the job, which is done when this is read
		}
	}
	views, err := f.views(ctx, c, s.mappings, s.sources, []*directory.Document{s.group})
	if err != nil {
		return nil, err
	}
	out.Body.Group = views[0]
	return out, nil
}
