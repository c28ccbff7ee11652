package directory

import (
	"cmp"
	"slices"
)

// Mapping gives the members of a group a role, and so the role's organization.
type Mapping struct {
	Group        string
	Organization string
	Role         string // empty: the mapping was cleared, and is listed while that is pending
	Rank         int    // its place in the one order of the tree; 1 is the highest
	// Administrator tells that the role is an administrator's, which outsiders do not get (SCI-8).
	Administrator bool
	// Missing tells that the role or its organization is no longer there.
	Missing bool
	// Pending tells that it was changed or cleared and not applied yet to those who have a role (MAP-3).
	Pending bool
}

// cleared tells whether the group is mapped no longer.
func (m Mapping) cleared() bool { return m.Role == "" }

// compare orders by rank. Two of one rank, which a tree does not have, are told apart by what is as lasting as the rank.
func compare(a, b Mapping) int {
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Role, b.Role))
}

// of gives the mappings of these groups, each group's once, the highest first.
func of(groups []string, mappings []Mapping) []Mapping {
	var all []Mapping
	in := setOf(groups)
	for _, m := range mappings {
		if in[m.Group] {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, compare)
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(m Mapping) bool {
		before := seen[m.Group]
		seen[m.Group] = true
		return before
	})
}
