package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// byGroups is what the groups of a user say of the role.
type byGroups struct {
	mappings   *directory.Mappings
	resolution *directory.Resolution
	present    directory.Assignment
}

// groups resolves a user by the mappings as they are.
func (f *users) groups(ctx context.Context, u *people.User) (by *byGroups, err error) {
	standing := directory.StandingOf(u)
	by = &byGroups{present: standing.Present}
	if by.mappings, err = directory.ReadMappings(ctx, f.Table, u.Root); err != nil {
		return nil, err
	}
	by.resolution = directory.Resolve(standing, by.mappings.All())
	return by, nil
}

// mappedTo is a mapping of a group that a user is in, with what it is called.
type mappedTo struct {
	group  directory.Document
	member directory.Membership
	of     tenant.Organization
	role   people.Role
	by     people.Named
	mapped directory.Mapped
}

// named reads what mappings of groups that the user is in are called, in one round trip for a few.
func (f *users) named(ctx context.Context, u *people.User, by *byGroups, mappings []directory.Mapping) ([]mappedTo, error) {
	all := make([]mappedTo, len(mappings))
	var wants []*table.Wanted
	var actors []audit.Actor
	for i, one := range mappings {
		all[i].mapped = by.mappings.List[by.mappings.Of(one.Group)]
		actors = append(actors, all[i].mapped.By)
		wants = append(wants, table.Want(table.DocumentKey(u.Connection, one.Group), &all[i].group), table.Want(table.MembershipKey(one.Group, u.ID), &all[i].member),
			table.Want(table.OrganizationKey(one.Organization), &all[i].of), table.Want(table.RoleKey(one.Organization, one.Role), &all[i].role))
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	names, err := people.Names(ctx, f.Table, u.Root, actors...)
	for i := range all {
		all[i].by = names[all[i].mapped.By]
	}
	return all, err
}

// says is what the mapping gives, in words.
func (m *mappedTo) says() string {
	return fmt.Sprintf("the role %q of %s", m.role.Name, m.of.Name)
}

// ExplainedGroup is a mapped group that somebody is in (USR-5).
type ExplainedGroup struct {
	ID             string       `json:"id" doc:"The group"`
	Name           string       `json:"name" doc:"Its name at the IdP"`
	MemberSince    string       `json:"memberSince,omitempty" format:"date-time" doc:"When the IdP put the user into it"`
	OrganizationID string       `json:"organizationId" doc:"The organization that it is mapped to"`
	RoleID         string       `json:"roleId" doc:"The role that it is mapped to"`
	Rank           int          `json:"rank" doc:"Its place among the mappings: the highest, which is 1, decides"`
	Decides        bool         `json:"decides" doc:"Whether it is the one that decides"`
	Against        string       `json:"against,omitempty" enum:"outranked,outsider" doc:"Of another one, why it does not: another one has a higher rank, or it is an administrator's and the user's address of no verified domain"`
	MappedBy       people.Named `json:"mappedBy" doc:"Who mapped it so"`
	MappedAt       string       `json:"mappedAt" format:"date-time" doc:"When"`
}

// tellGroups adds what the user's groups have to do with the role.
func (f *users) tellGroups(ctx context.Context, u *people.User, e *Explanation) error {
	if len(u.Groups) == 0 {
		return nil
	}
	by, err := f.groups(ctx, u)
	if err != nil {
		return err
	}
	var mappings []directory.Mapping
	if by.resolution.By != nil {
		mappings = append(mappings, *by.resolution.By)
	}
	for _, one := range by.resolution.Losers {
		mappings = append(mappings, one.Mapping)
	}
	named, err := f.named(ctx, u, by, mappings)
	if err != nil {
		return err
	}
	against := make([]directory.Against, len(named))
	for i := range by.resolution.Losers {
		against[len(named)-len(by.resolution.Losers)+i] = by.resolution.Losers[i].Why
	}
	for i, one := range named {
		e.Groups = append(e.Groups, ExplainedGroup{ID: one.group.ID, Name: one.group.Name, MemberSince: one.member.At, OrganizationID: one.of.ID, RoleID: one.role.ID,
			Rank: mappings[i].Rank, Decides: against[i] == "", Against: string(against[i]), MappedBy: one.by, MappedAt: one.mapped.At})
		e.tellGroup(u, &one, against[i])
	}
	e.wouldChange(u, by, named)
	return nil
}

// tellGroup puts a group into the chain.
func (e *Explanation) tellGroup(u *people.User, m *mappedTo, against directory.Against) {
	e.Chain = append(e.Chain, fmt.Sprintf("The identity provider has %s in the group %q, which %s mapped to %s on %s.", u.Name, m.group.Name, m.by.Called(), m.says(), m.mapped.At))
	switch against {
	case directory.Outranked:
		e.Chain = append(e.Chain, fmt.Sprintf("%q does not decide: another group has a higher rank.", m.group.Name))
	case directory.OutsiderBarred:
		e.Chain = append(e.Chain, fmt.Sprintf("%q does not decide: the address of %s is of no verified domain, so that %s gets no administrator's role.", m.group.Name, u.Name, u.Name))
	}
}

// wouldChange says what would change a role of somebody who is in groups.
func (e *Explanation) wouldChange(u *people.User, by *byGroups, named []mappedTo) {
	if assigned := by.resolution.Assigned; assigned != by.present {
		e.WouldChange = append(e.WouldChange, "Sync assigned roles, or applying the mapping at once: "+e.pending(assigned, named))
	}
	if by.resolution.By == nil {
		return
	}
	decides, next := named[0].group.Name, "then no group gives a role any more"
	for i, one := range by.resolution.Losers {
		if one.Why == directory.Outranked {
			next = fmt.Sprintf("then %q decides, with %s", named[i+1].group.Name, named[i+1].says())
			break
		}
	}
	e.WouldChange = append(e.WouldChange,
		fmt.Sprintf("The identity provider takes %s out of the group %q: %s.", u.Name, decides, next),
		fmt.Sprintf("An administrator maps the group %q to another role, clears its mapping, or ranks another group above it, and has that applied.", decides))
}

// pending says what the groups give, where that is something else than what is there.
func (e *Explanation) pending(assigned directory.Assignment, named []mappedTo) string {
	if assigned.None() || len(named) == 0 {
		return "no group gives this role any more."
	}
	return fmt.Sprintf("the group %q gives %s.", named[0].group.Name, named[0].says())
}
