package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// AboutGroup is the input that names a group of the tree.
type AboutGroup struct {
	httpapi.About
	Group string `path:"group" doc:"The group's id" example:"grp_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// subject is a group whose mapping is to be changed, with what decides about it.
type subject struct {
	group    *directory.Document
	mappings *directory.Mappings
	sources  []connection.Connection
	own      people.Role // the caller's
	present  people.Role // that the group gives; empty: none
}

// mapped is the group's mapping; nil where it gives no role.
func (s *subject) mapped() *directory.Mapped {
	if at := s.mappings.Of(s.group.ID); at >= 0 && s.mappings.List[at].Role != "" {
		return &s.mappings.List[at]
	}
	return nil
}

// changing reads the group for a change of its mapping, on the mappings that the caller read. Nobody touches a mapping to more than their
// own role has (PER-2).
func (f *provisioning) changing(ctx context.Context, c *access.Caller, group string, match httpapi.Match) (s *subject, err error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	s = &subject{}
	if s.sources, err = f.sources(ctx, c); err != nil {
		return nil, err
	}
	if s.group, err = f.find(ctx, s.sources, group); err != nil {
		return nil, err
	}
	if s.mappings, err = directory.ReadMappings(ctx, f.Table, c.Organization.Root); err != nil {
		return nil, err
	}
	if err := match.Check(s.mappings.Revision); err != nil {
		return nil, err
	}
	wants := []*table.Wanted{table.Want(c.RoleKey(), &s.own)}
	if is := s.mapped(); is != nil {
		wants = append(wants, table.Want(table.RoleKey(is.Organization, is.Role), &s.present))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	if s.present.ID != "" && !s.present.Within(&s.own) { // one that is gone gives nothing, and has to be mended
		return nil, problem.Refused("The group gives the role %q, which includes what your own role does not.", s.present.Name)
	}
	return s, nil
}

// find reads a group that an IdP of the tree brought: Missing where none of them brought one of that id.
func (f *provisioning) find(ctx context.Context, sources []connection.Connection, group string) (*directory.Document, error) {
	if !id.Valid(id.Group, group) {
		return nil, problem.Missing()
	}
	for _, source := range sources {
		found, there, err := directory.Read(ctx, f.Table, directory.OfGroup, source.ID, group)
		if there || err != nil {
			return found, err
		}
	}
	return nil, problem.Missing()
}
