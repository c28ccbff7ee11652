package access

import (
	"slices"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Standing is what the caller is in the own tree: Home to the organization of the caller's role, and Below to the
// suborganizations of the tree, OfTree where the caller does not administer them.
func (c *Caller) Standing() (home, below Relation) {
	administrator := c.Portal == people.AdministratorAccess
	switch {
	case administrator && c.Home == c.Root && c.Access.Type == tenant.Platform:
		return PlatformAdministrator, PlatformAdministrator
	case administrator && c.Home == c.Root:
		return MainAdministrator, MainAdministrator
	case administrator:
		return OwnAdministrator, OfTree
	}
	return Member, OfTree
}

// Rights are those of the relation, in alphabetical order.
func Rights(relation Relation) []Right { return sorted(permissions[relation]) }

// RightsOutside are those that the caller has outside of any one organization, in alphabetical order.
func (c *Caller) RightsOutside() []Right {
	if c.Portal != people.AdministratorAccess || c.Home != c.Root {
		return []Right{}
	}
	return sorted(installation[c.Access.Type])
}

func sorted(set map[Right]bool) []Right {
	list := []Right{}
	for right := range set {
		list = append(list, right)
	}
	slices.Sort(list)
	return list
}
