package rolesync

import (
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/people"
	"slices"
)

// Planner reviews users one by one. It is a pure function of them, the mappings and the administrators that are left.
type Planner struct {
	Root     string
	Mappings []directory.Mapping
	// Scheduled leaves users of pending mappings alone (SYN-5).
	Scheduled bool
	// Left is how many administrators of the main organization there are who can sign in: it counts along with the plan, which takes none
	// away from the last.
	Left int
	// SignsIn tells whether an administrator can sign in, or somebody could as one; nil: everybody.
	SignsIn func(u *people.User) bool
	// May tells whether the one for whom it is done may take the one role and give the other; nil: whatever it is.
	May func(from, to directory.Assignment) bool
}

// Reviewed is what a planner says of a user.
type Reviewed struct {
	Change
	Counted bool // in SCIM groups of the tree, or with a role by one
	Kept    bool // there is something to tell: a line is kept
	Holder  bool // has access
	Loses   bool // would lose it, or the administration
}

// Review says what is to become of a user.
func (p *Planner) Review(u *people.User) (r Reviewed) {
	if len(u.Groups) == 0 && u.RoleGroup == "" {
		return r
	}
	standing := directory.StandingOf(u)
	from, resolved := standing.Present, directory.Resolve(standing, p.Mappings)
	r.Change = Change{User: u.ID, Connection: u.Connection, Outcome: Outcome(directory.Compare(from, resolved.Assigned)), Reason: string(resolved.Reason),
		Conflict: resolved.Conflict, From: present(u), To: given(resolved.Assigned), Version: u.Version}
	r.Counted, r.Kept = true, r.Conflict
	r.Holder = u.Status != people.Inactive && !from.None()
	switch {
	case resolved.Reason == directory.RoleMissing:
		r.Change, r.Kept = r.skip(RoleMissing), true
	case from == resolved.Assigned && !directory.Conflicting(u, resolved):
	case p.Scheduled && pending(u, resolved, p.Mappings): // those of a large group would be told of day by day
		r.Change = r.skip(Pending)
	default:
		p.change(&r, u, resolved)
	}
	return r
}

// pending tells whether what becomes of the user is for people to apply: a mapping of the user's groups was changed and is not applied yet,
// or that of the group which gives the role.
func pending(u *people.User, resolved *directory.Resolution, mappings []directory.Mapping) bool {
	return resolved.Pending || u.RoleGroup != "" && slices.ContainsFunc(mappings, func(m directory.Mapping) bool { return m.Pending && m.Group == u.RoleGroup })
}

// change plans what the user is to get.
func (p *Planner) change(r *Reviewed, u *people.User, resolved *directory.Resolution) {
	r.Kept = true
	administrator := resolved.By != nil && resolved.By.Administrator
	counted := u.Status == people.Active && u.AdministersMain()
	if p.May != nil && !p.May(r.From.assignment(), resolved.Assigned) {
		r.Change = r.skip(NotAllowed)
		return
	}
	counts := u.Status == people.Active && administrator && resolved.Assigned.Organization == p.Root
	if counted != counts {
		left := p.Left + p.way(u, counts)
		if counted && left <= 0 {
			r.Change = r.skip(LastAdministrator)
			return
		}
		p.Left = left
	}
	r.State, r.Plan = Planned, r.Outcome
	r.Loses = r.Holder && (resolved.Assigned.None() || u.Administrator() && !administrator)
}

// way is by how many those who can sign in become more, or fewer, where the user joins or leaves the administrators.
func (p *Planner) way(u *people.User, joins bool) int {
	switch {
	case p.SignsIn != nil && !p.SignsIn(u):
		return 0
	case joins:
		return 1
	default:
		return -1
	}
}
