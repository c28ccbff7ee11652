package access

import (
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
)

// Reach tells whether the caller administers that organization of the request's tree: nil, or Forbidden.
func (c *Caller) Reach(org string) error {
	if c.Relation == OwnAdministrator && org != c.Home {
		return problem.Refused("This is of another part of your organization, which you do not administer.")
	}
	return nil
}

// MayTouch tells whether the caller, whose role is own, may change the user, whose role is present: nobody touches who has more
// rights (PER-2). A role that is gone is empty: it is within none.
func (c *Caller) MayTouch(u *people.User, present, own *people.Role) error {
	if u.Role != "" && !present.Within(own) {
		return problem.Refused("%s has rights that you do not have.", u.Name)
	}
	return nil
}
