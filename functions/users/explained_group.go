package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// ExplainedGroup is a group that somebody is in (USR-5).
type ExplainedGroup struct {
	ID             string        `json:"id" doc:"The group"`
	Name           string        `json:"name" doc:"Its name at the IdP"`
	MemberSince    string        `json:"memberSince,omitempty" format:"date-time" doc:"When the IdP put the user into it"`
	OrganizationID string        `json:"organizationId,omitempty" doc:"The organization that it is mapped to; absent: it is not mapped"`
	RoleID         string        `json:"roleId,omitempty" doc:"The role that it is mapped to"`
	Rank           int           `json:"rank,omitempty" doc:"Its place among the mappings: the highest, which is 1, decides"`
	Pending        bool          `json:"pending,omitempty" doc:"Its mapping was changed or cleared, and is not applied yet to those who have a role"`
	Decides        bool          `json:"decides" doc:"Whether it is the one that decides"`
	Against        string        `json:"against,omitempty" enum:"outranked,outsider,role-missing,unmapped" doc:"Of another one, why it does not: another one has a higher rank; it is an administrator's and the user's address of no verified domain; its role is gone, so that everything stays as it is; it is not mapped, or not any more"`
	MappedBy       *people.Named `json:"mappedBy,omitempty" doc:"Who mapped it so, or cleared its mapping"`
	MappedAt       string        `json:"mappedAt,omitempty" format:"date-time" doc:"When"`
}

// The reasons against a group that directory does not have, since these decide nothing there.
const (
	leadsNowhere = directory.Against(directory.RoleMissing)
	unmapped     = directory.Against("unmapped")
)

// mostUnmapped is how many groups without a mapping are named.
const mostUnmapped = 20

// memberOf is a group that a user is in, with its mapping and what it is called.
type memberOf struct {
	directory.Mapping // empty but for the group: it is not mapped
	mapped            directory.Mapped
	group             directory.Document
	member            directory.Membership
	of                tenant.Organization
	role              people.Role
	by                people.Named
	against           directory.Against
}

// gives is what the group gives, in words.
func (m *memberOf) gives() string {
	return fmt.Sprintf("the role %q of %s", m.role.Name, m.of.Name)
}

// memberships are the groups of a user, the mapped ones by rank, then some that are not; with by resolved once more, since only with their
// roles read it is known whether these are there.
func (f *users) memberships(ctx context.Context, u *people.User, by *byGroups) (all []memberOf, err error) {
	for _, one := range by.mappings.All() {
		if slices.Contains(u.Groups, one.Group) {
			all = append(all, memberOf{Mapping: one, mapped: by.mappings.List[by.mappings.Of(one.Group)]})
		}
	}
	others := 0
	for _, group := range slices.Sorted(slices.Values(u.Groups)) {
		if by.mappings.Of(group) < 0 && others < mostUnmapped {
			all = append(all, memberOf{Mapping: directory.Mapping{Group: group}})
			others++
		}
	}
	if err := f.name(ctx, u, all); err != nil {
		return nil, err
	}
	by.weigh(u, all)
	if at := slices.IndexFunc(all, func(m memberOf) bool { return m.against == "" }); at > 0 {
		decides := all[at]
		all = slices.Insert(slices.Delete(all, at, at+1), 0, decides)
	}
	return all, nil
}

// name reads what the groups, and what they are mapped to, are called, in one round trip for a few.
func (f *users) name(ctx context.Context, u *people.User, all []memberOf) error {
	var wants []*table.Wanted
	var actors []audit.Actor
	for i := range all {
		m := &all[i]
		wants = append(wants, table.Want(table.DocumentKey(u.Connection, m.Group), &m.group), table.Want(table.MembershipKey(m.Group, u.ID), &m.member))
		if m.Role != "" {
			wants = append(wants, table.Want(table.OrganizationKey(m.Organization), &m.of), table.Want(table.RoleKey(m.Organization, m.Role), &m.role))
		}
		if m.mapped.At != "" {
			actors = append(actors, m.mapped.By)
		}
	}
	if err := f.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	names, err := people.Names(ctx, f.Table, u.Root, actors...)
	for i := range all {
		all[i].by = names[all[i].mapped.By]
	}
	return err
}

// weigh resolves the user by these groups, and says of each why it does not decide.
func (by *byGroups) weigh(u *people.User, all []memberOf) {
	mappings := make([]directory.Mapping, len(all))
	for i := range all {
		all[i].Missing = all[i].Role != "" && all[i].role.ID == ""
		mappings[i] = all[i].Mapping
	}
	by.resolution = directory.Resolve(directory.StandingOf(u), slices.DeleteFunc(mappings, func(m directory.Mapping) bool { return m.Rank == 0 }))
	against := map[string]directory.Against{}
	for _, one := range by.resolution.Losers {
		against[one.Group] = one.Why
	}
	for i := range all {
		switch m := &all[i]; {
		case m.Role == "":
			m.against = unmapped
		case by.resolution.By != nil && by.resolution.By.Group == m.Group && m.Missing:
			m.against = leadsNowhere
		default:
			m.against = against[m.Group]
		}
	}
}

// view is the group as the API shows it.
func (m *memberOf) view() ExplainedGroup {
	g := ExplainedGroup{ID: m.Group, Name: m.group.Name, MemberSince: m.member.At, OrganizationID: m.Organization, RoleID: m.Role, Pending: m.Pending, Decides: m.against == "",
		Against: string(m.against), MappedAt: m.mapped.At}
	if m.Role != "" {
		g.Rank = m.Rank
	}
	if m.mapped.At != "" {
		g.MappedBy = &m.by
	}
	return g
}

// says is what the group has to do with the role, in words.
func (m *memberOf) says(u *people.User) []string {
	is := fmt.Sprintf("The identity provider has %s in the group %q, ", u.Name, m.group.Name)
	switch {
	case m.Role == "" && m.Pending:
		return []string{is + fmt.Sprintf("whose mapping %s cleared on %s.", m.by.Called(), m.mapped.At)}
	case m.Role == "":
		return []string{is + "which is mapped to no role."}
	case m.Missing:
		return []string{is + fmt.Sprintf("which %s mapped on %s to a role that is gone: as long as that is so, everything stays as it is.", m.by.Called(), m.mapped.At)}
	}
	said := []string{is + fmt.Sprintf("which %s mapped to %s on %s.", m.by.Called(), m.gives(), m.mapped.At)}
	switch m.against {
	case directory.Outranked:
		said = append(said, fmt.Sprintf("%q does not decide: another group has a higher rank.", m.group.Name))
	case directory.OutsiderBarred:
		said = append(said, fmt.Sprintf("%q does not decide: the address of %s is of no verified domain, so that %s gets no administrator's role.", m.group.Name, u.Name, u.Name))
	}
	return said
}
