package main

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// RankingInput is the input of PUT /v1/organizations/{org}/provisioning/ranking.
type RankingInput struct {
	httpapi.About
	httpapi.Match
	Body struct {
		GroupIDs []string `json:"groupIds" maxItems:"1000" doc:"The groups that are mapped, each once, the highest rank first"`
	}
}

// Ranking is the order of the mappings.
type Ranking struct {
	GroupIDs []string `json:"groupIds" doc:"The groups that are mapped, the highest rank first"`
	Affected int      `json:"affected" doc:"How many users are in several mapped groups, one of which has another rank now: at most so many have another role when it is applied"`
}

// Ranked is the answer with it.
type Ranked struct {
	ETag string `header:"ETag"`
	Body Ranking
}

// rank answers PUT /v1/organizations/{org}/provisioning/ranking (MAP-3).
func (f *provisioning) rank(ctx context.Context, c *access.Caller, in *RankingInput, tx *table.Tx) (*Ranked, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	m, err := directory.ReadMappings(ctx, f.Table, c.Organization.Root)
	if err != nil {
		return nil, err
	}
	if err := in.Check(m.Revision); err != nil {
		return nil, err
	}
	was := m.Ranked()
	if !slices.Equal(sorted(was), sorted(in.Body.GroupIDs)) {
		return nil, problem.Invalid("body.groupIds", "must have each group that is mapped once, and no other", nil)
	}
	moved := moved(was, in.Body.GroupIDs)
	out := &Ranked{Body: Ranking{GroupIDs: in.Body.GroupIDs}}
	if len(moved) > 0 {
		if err := f.mayMove(ctx, c, m, moved); err != nil {
			return nil, err
		}
		if out.Body.Affected, err = f.conflicts(ctx, m, moved); err != nil {
			return nil, err
		}
		m.Rank(tx, in.Body.GroupIDs, out.Body.Affected > 0)
		event := c.Event("groups.ranked", "organization", c.Organization.ID)
		event.Count, event.Before, event.After = out.Body.Affected, map[string]any{"groupIds": was}, map[string]any{"groupIds": in.Body.GroupIDs}
		f.Trail.Write(tx, event)
	}
	out.ETag = httpapi.ETag(m.Revision)
	return out, nil
}

func sorted(groups []string) []string {
	groups = slices.Clone(groups)
	slices.Sort(groups)
	return groups
}

// moved are the groups that have another place.
func moved(was, now []string) (groups []string) {
	for i, group := range now {
		if was[i] != group {
			groups = append(groups, group)
		}
	}
	return groups
}

// mayMove tells whether the caller may give each role whose mapping moves, since it may decide then where another one did (PER-2).
func (f *provisioning) mayMove(ctx context.Context, c *access.Caller, m *directory.Mappings, moved []string) error {
	roles := make([]people.Role, len(moved)+1)
	wants := []*table.Wanted{table.Want(c.RoleKey(), &roles[len(moved)])}
	for i, group := range moved {
		one := m.List[m.Of(group)]
		wants = append(wants, table.Want(table.RoleKey(one.Organization, one.Role), &roles[i]))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	for i := range moved {
		if roles[i].ID == "" { // it is gone, and gives nothing
			continue
		}
		if err := c.MayGive(&roles[i], &roles[len(moved)]); err != nil {
			return err
		}
	}
	return nil
}

// mayGiveWay tells whether the caller may have the mapping at a place of the list decide no more: where somebody is in other mapped groups
// too, one that is ranked below it may decide then, as if it were ranked above.
func (f *provisioning) mayGiveWay(ctx context.Context, c *access.Caller, s *subject, at int) error {
	below := s.mappings.Ranked()[at+1:]
	if len(below) == 0 {
		return nil
	}
	tally, err := directory.ReadTally(ctx, f.Table, s.mappings.Root, s.group.ID)
	if err != nil || tally.Conflicts == 0 {
		return err
	}
	return f.mayMove(ctx, c, s.mappings, below)
}

// conflicts is how many users are in one of the groups and in another mapped one, at most.
func (f *provisioning) conflicts(ctx context.Context, m *directory.Mappings, moved []string) (n int, err error) {
	tallies, err := directory.ReadTallies(ctx, f.Table, m.Root, moved)
	for _, tally := range tallies {
		n += tally.Conflicts
	}
	return n, err
}
