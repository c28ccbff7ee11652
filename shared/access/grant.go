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
// role is above the caller's in any dimension (PER-2), or what an administrator's role takes besides (PER-6). That the
// caller administers the role's organization is not asked here.
func (c *Caller) MayGive(role, own *people.Role) error {
	if !role.Within(own) {
		return problem.Refused("The role %q includes what your own role does not.", role.Name)
	}
	if role.Portal == people.AdministratorAccess {
		return c.Fresh()
	}
	return nil
}
