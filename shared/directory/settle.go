package directory

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Settled is what became of a user's role by the groups that the user is in.
type Settled struct {
	*Resolution
	From, To Assignment
	Outcome  Outcome
	KeysEnd  bool // the user administers less than before: the administrators are to be told of the user's keys
	Kept     bool // the role stays although the groups say otherwise: nobody else administers the organization (PER-5)
}

// PresentOf is what role the user has, and where it comes from.
func PresentOf(u *people.User) Assignment {
	if u.Role == "" {
		return Assignment{}
	}
	a := Assignment{Organization: u.Organization, Role: u.Role, Source: ByPerson, Group: u.RoleGroup}
	switch {
	case u.RoleGroup != "":
		a.Source = BySCIM
	case u.RoleBy == audit.System("saml"):
		a.Source = JustInTime
	}
	return a
}

// Settle has the change of the user give or take what follows from the groups that the user is in now (SCI-5, SCI-6). administrators
// are the active ones of the main organization. It refuses nothing.
func Settle(ctx context.Context, t *table.Table, tx *table.Tx, edit *table.Change, u *people.User, mappings *Mappings, administrators []string, now time.Time) (s Settled, err error) {
	s.From = PresentOf(u)
	standing := Standing{Active: u.Status != people.Inactive, Outsider: u.Outsider, Groups: u.Groups, Present: s.From}
	all := mappings.All()
	s.Resolution = Resolve(standing, all)
	role := &people.Role{}
	if s.By != nil && s.Assigned != s.From {
		if role, err = people.ReadRole(ctx, t, s.Assigned.Organization, s.Assigned.Role); problem.As(err) != nil {
			for i := range all {
				all[i].Missing = all[i].Missing || all[i].Role == s.Assigned.Role
			}
			s.Resolution, err = Resolve(standing, all), nil
		}
		if err != nil {
			return s, err
		}
	}
	s.To = s.Assigned
	s.Outcome = Compare(s.From, s.To)
	if s.From == s.To {
		return s, nil
	}
	if last := u.Status == people.Active && u.AdministersMain() && len(administrators) <= 1; last && (role.Portal != people.AdministratorAccess || s.To.Organization != u.Root) {
		s.To, s.Outcome, s.Kept = s.From, Unchanged, true
		return s, nil
	}
	s.write(tx, edit, u, role, now)
	return s, nil
}

// write has the change of the user make it so.
func (s *Settled) write(tx *table.Tx, edit *table.Change, u *people.User, role *people.Role, now time.Time) {
	switch {
	case s.To.None():
		s.KeysEnd = people.Unassign(tx, edit, u, now)
	case s.Outcome != Unchanged:
		s.KeysEnd = people.Assign(tx, edit, u, role, now)
	}
	if u.RoleGroup = s.To.Group; u.RoleGroup == "" {
		edit.Remove("roleGroup")
	} else {
		edit.Set("roleGroup", u.RoleGroup)
	}
}
