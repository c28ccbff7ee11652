package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// DirectoryGroupPage is a page of the list of groups.
type DirectoryGroupPage struct {
	Items       []DirectoryGroup `json:"items" doc:"The page; it may be short"`
	NextCursor  string           `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last one"`
	Arrived     bool             `json:"arrived" doc:"Whether a group has ever arrived"`
	WithoutRole int              `json:"withoutRole" doc:"How many users of the tree have no role, and so cannot sign in: those who came by SCIM and are in no mapped group"`
}

// ListInput is the question of GET /v1/organizations/{org}/provisioning/groups.
type ListInput struct {
	httpapi.About
	httpapi.Page
}

// Listed is the answer of GET /v1/organizations/{org}/provisioning/groups.
type Listed struct {
	ETag string `header:"ETag"`
	Body DirectoryGroupPage
}

// list answers GET /v1/organizations/{org}/provisioning/groups (MAP-1).
func (f *provisioning) list(ctx context.Context, c *access.Caller, in *ListInput) (*Listed, error) {
	if err := mainOnly(c); err != nil {
		return nil, err
	}
	mappings, err := directory.ReadMappings(ctx, f.Table, c.Organization.Root)
	if err != nil {
		return nil, err
	}
	w := &walk{provisioning: f, mappings: mappings, limit: cmp.Or(in.Limit, table.DefaultLimit)}
	if w.sources, err = f.sources(ctx, c); err != nil {
		return nil, err
	}
	next, err := w.page(ctx, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &Listed{ETag: httpapi.ETag(mappings.Revision), Body: DirectoryGroupPage{NextCursor: next}}
	if out.Body.Items, err = f.views(ctx, c, mappings, w.sources, w.found); err != nil {
		return nil, err
	}
	if out.Body.Arrived, err = directory.Arrived(ctx, f.Table, c.Organization.Root); err != nil {
		return nil, err
	}
	out.Body.WithoutRole, err = people.CountWithoutRole(ctx, f.Table, c.Organization.Root)
	return out, err
}

// walk goes through the groups of a tree: those that are in no mapping, connection by connection, then the mappings in their order.
type walk struct {
	*provisioning
	mappings *directory.Mappings
	sources  []connection.Connection
	limit    int
	found    []*directory.Document
}

// page finds the groups of the page that begins at the cursor, and gives the cursor of the next one.
func (w *walk) page(ctx context.Context, cursor string) (next string, err error) {
	at, err := w.open(cursor)
	for err == nil && !at.over && len(w.found) < w.limit {
		if at.mapped {
			at, err = w.mapped(ctx, at)
		} else {
			at, err = w.unmapped(ctx, at)
		}
	}
	return at.sealed(), err
}

// unmapped goes on among the groups of a connection.
func (w *walk) unmapped(ctx context.Context, at place) (place, error) {
	i := slices.IndexFunc(w.sources, func(one connection.Connection) bool { return one.ID == at.in })
	ids, next, err := directory.Page(ctx, w.Table, directory.OfGroup, at.in, w.limit-len(w.found), at.behind)
	if err != nil {
		return at, err
	}
	ids = slices.DeleteFunc(ids, func(group string) bool { return w.mappings.Of(group) >= 0 })
	groups, err := directory.ReadAll(ctx, w.Table, at.in, ids)
	w.found = append(w.found, groups...)
	switch {
	case next != "":
		at.behind = next
	case i+1 < len(w.sources):
		at = place{in: w.sources[i+1].ID}
	default:
		at = place{mapped: true}
	}
	return at, err
}

// mapped goes on among the mappings. A group that was deleted has one until its members have been seen to.
func (w *walk) mapped(ctx context.Context, at place) (place, error) {
	rest := w.mappings.List[w.mappings.Of(at.behind)+1:]
	some := rest[:min(len(rest), w.limit-len(w.found))]
	groups := make([]directory.Document, len(some))
	wants := make([]*table.Wanted, len(some))
	for i, one := range some {
		wants[i] = table.Want(table.DocumentKey(one.Connection, one.Group), &groups[i])
		at.behind = one.Group
	}
	if err := w.Table.GetMany(ctx, wants...); err != nil {
		return at, err
	}
	for i := range groups {
		if wants[i].Found {
			w.found = append(w.found, &groups[i])
		}
	}
	at.over = len(some) == len(rest)
	return at, nil
}
