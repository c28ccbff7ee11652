package access

import (
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// RoleKey is where the caller's own role is stored, of the person or of the key.
func (c *Caller) RoleKey() table.Key {
	if c.Key != nil {
		return table.RoleKey(c.Key.Organization, c.Key.Role)
	}
	return table.RoleKey(c.User.Organization, c.User.Role)
}

// MayGive tells whether the caller, whose role is own, may give the role to somebody or to a key: nil, Forbidden where the
// role is above the caller's in any dimension or allows in its organization what the caller may not do there (PER-2), or
// what an administrator's role takes besides (PER-6). That the caller administers the role's organization is not asked
// here.
func (c *Caller) MayGive(role, own *people.Role) error {
	if !c.has(role, own) {
		return problem.Refused("The role %q includes what your own role does not.", role.Name)
	}
	if role.Portal == people.AdministratorAccess {
		if c.Recovering() {
			return recoveryOnly() // it would outlast the hour
		}
		return c.Fresh()
	}
	return nil
}

// has tells whether nothing of the role is more than the caller has, whose own role is the other one.
func (c *Caller) has(role, own *people.Role) bool { return role.Within(own) && c.covers(role) }

// covers tells whether the caller has every right that the role gives in its organization. A partner does not have all of
// a client's administrator: who makes one, or a key of one, would keep what the client takes back from the partner.
func (c *Caller) covers(role *people.Role) bool {
	for right := range permissions[c.holder(role)] {
		if !Allows(c.Relation, right) {
			return false
		}
	}
	return true
}

// holder is what the role makes of its holder, in the tree of the request's organization.
func (c *Caller) holder(role *people.Role) Relation {
	switch {
	case role.Portal != people.AdministratorAccess:
		return Member
	case role.Organization == c.Organization.Root:
		return MainAdministrator
	}
	return OwnAdministrator
}
