package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is groups as they are answered. Who is in one is apart from it, and read only where it is shown.

// Bounds of what is answered of a group (SCI-10).
const (
	mostDescribed      = 1_000   // members of a group with all that there is of each; of more only the ids
	mostDescribedOfAll = 20_000  // the same of all groups of an answer together, which would be larger than can be sent soon after
	mostMembers        = 100_000 // members at all, of all groups of an answer
	groupsAtOnce       = 16      // of a list that are read at the same time
)

// circle is a group of the connection, with what decides about its members.
type circle struct {
	document *directory.Document
	sent     *scim.Resource
	intent   directory.Intent // that is under way, without an ID for none
	mappings *directory.Mappings
}

// findGroup reads a group of the connection.
func (d *door) findGroup(ctx context.Context, idp *caller, group string) (*circle, error) {
	if !id.Valid(id.Group, group) {
		return nil, missing(ofGroups())
	}
	g := &circle{document: &directory.Document{}, mappings: &directory.Mappings{Root: idp.Root}}
	err := d.Table.GetMany(ctx, table.Want(table.DocumentKey(idp.ID, group), g.document), table.Want(table.IntentKey(group), &g.intent), table.Want(table.MappingsKey(idp.Root), g.mappings))
	if err != nil {
		return nil, err
	}
	if g.document.ID == "" || g.document.Kind != directory.OfGroup {
		return nil, missing(ofGroups())
	}
	g.sent, err = resourceOf(ofGroups(), g.document)
	return g, err
}

// completeGroups has groups show their version, which grows with each change of the members, and the members where these are shown.
func (d *door) completeGroups(ctx context.Context, idp *caller, groups []*one, shows scim.Projection) error {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.document.ID
	}
	tallies, err := directory.ReadTallies(ctx, d.Table, idp.Root, ids)
	if err != nil {
		return err
	}
	wanted, sum := shows.Wants("members"), 0
	for i, g := range groups {
		g.moved = tallies[i].ChangedAt
		g.show(idp, g.document.Version+tallies[i].Changes, "", nil)
		sum += tallies[i].Members
	}
	if !wanted {
		return nil
	}
	if sum > mostMembers {
		return tooManyMembers(sum)
	}
	most := describedOf(sum)
	return directory.Each(groups, groupsAtOnce, func(_ int, g *one) error { return d.listMembers(ctx, idp, g, most) })
}

// describedOf is up to how many members a group shows with all that there is of each, in an answer with so many of all groups.
func describedOf(members int) int {
	if members > mostDescribedOfAll {
		return 0
	}
	return mostDescribed
}

func tooManyMembers(n int) error {
	return scim.Bad(scim.TooMany, "The answer would have %d members. At most %d are answered: ask with excludedAttributes=members, and whether somebody is a member by the filter members eq.", n, mostMembers)
}

// answerable refuses to answer with the members of a group that has too many.
func (d *door) answerable(ctx context.Context, idp *caller, group string) error {
	tally, err := directory.ReadTally(ctx, d.Table, idp.Root, group)
	if err == nil && tally.Members > mostMembers {
		err = tooManyMembers(tally.Members)
	}
	return err
}

// listMembers has the group show its members, of more than described their ids alone. One that has none shows so (Entra ID and Okta create groups that way).
func (d *door) listMembers(ctx context.Context, idp *caller, g *one, described int) error {
	users, more, err := directory.Members(ctx, d.Table, g.document.ID, "", mostMembers+1)
	if err != nil {
		return err
	}
	if more || len(users) > mostMembers { // since they were counted
		return tooManyMembers(len(users))
	}
	g.Values["members"] = scim.MembersOf(idp.base, users, len(users) > described)
	return nil
}

// showMembers has groups show those of the users who are in them, and nobody else: what a filter asks.
func (d *door) showMembers(ctx context.Context, idp *caller, groups []*one, users []string) error {
	in := map[string][]string{}
	for _, one := range users {
		u, err := d.member(ctx, idp, one)
		if err != nil {
			return err
		}
		for _, group := range u.Groups {
			in[group] = append(in[group], u.ID)
		}
	}
	for _, g := range groups {
		g.show(idp, g.document.Version, "members", scim.MembersOf(idp.base, in[g.document.ID], false))
	}
	return nil
}
