package directory

import "slices"

// Standing is all that a user's role follows from.
type Standing struct {
	Active   bool
	Outsider bool       // of no verified domain of the tree
	Groups   []string   // that the user is in, mapped or not, in any order
	Present  Assignment // as it is stored
}

// Reason is why a user has the role, or none.
type Reason string

// The reasons.
const (
	GroupMapped   Reason = "group-mapped"    // the highest-ranked mapping of the user's groups
	KeptByHand    Reason = "kept"            // in no mapped group, so what SCIM did not give stays (SCI-5)
	NoMappedGroup Reason = "no-mapped-group" // in none, and nothing else gives a role
	RoleMissing   Reason = "role-missing"    // the mapping that decides leads to a role that is gone: all stays until it is mended
)

// Against is why a mapping of a user's groups does not decide.
type Against string

// Why not.
const (
	Outranked      Against = "outranked"
	OutsiderBarred Against = "outsider" // an administrator's role, which outsiders do not get
)

// Loser is a mapping that does not decide.
type Loser struct {
	Mapping
	Why Against
}

// Resolution is what a user's role is to be, and why.
type Resolution struct {
	// Assigned is what is stored of the user, active or not, so that who comes back finds what the groups give. What the user may do
	// with it is Effective.
	Assigned Assignment
	Reason   Reason
	By       *Mapping // that decides, with GroupMapped and RoleMissing
	Losers   []Loser  // the other mappings of the user's groups, the highest first
	Conflict bool     // in several mapped groups (SCI-6)
	Pending  bool     // a mapping of the user's groups was changed and not applied: for people to apply, not for a schedule (SYN-5)
	active   bool
}

// Effective is the organization and role that the user acts with: none for who is inactive.
func (r *Resolution) Effective() Assignment {
	if !r.active {
		return Assignment{}
	}
	return r.Assigned
}

// Resolve gives the organization and role of a user by the mappings of the tree, in any order. It is a pure function, and resolving what it
// gave again gives the same.
//
// A role is taken away only by what gave it: who is in no mapped group keeps one given by hand or at the first sign-in, also if it is an
// administrator's, and loses one that a group gave. The first mapped group takes the role over for good.
func Resolve(s Standing, mappings []Mapping) *Resolution {
	r := &Resolution{active: s.Active}
	mapped := 0
	for _, m := range of(s.Groups, mappings) {
		r.Pending = r.Pending || m.Pending
		if m.cleared() {
			continue
		}
		mapped++
		r.consider(m, s.Outsider)
	}
	r.Conflict = mapped > 1
	r.decide(s.Present)
	return r
}

// consider takes the first mapping that the user can have; one that leads to a missing role is not passed over, since the next could give
// more than was meant.
func (r *Resolution) consider(m Mapping, outsider bool) {
	switch {
	case r.By != nil:
		r.Losers = append(r.Losers, Loser{m, Outranked})
	case outsider && m.Administrator && !m.Missing:
		r.Losers = append(r.Losers, Loser{m, OutsiderBarred})
	default:
		r.By = &m
	}
}

func (r *Resolution) decide(present Assignment) {
	switch {
	case r.By != nil && r.By.Missing:
		r.Reason, r.Assigned = RoleMissing, present
	case r.By != nil:
		r.Reason, r.Assigned = GroupMapped, Assignment{r.By.Organization, r.By.Role, BySCIM, r.By.Group}
	case !present.None() && present.Source != BySCIM:
		r.Reason, r.Assigned = KeptByHand, present
	default:
		r.Reason = NoMappedGroup
	}
}

// conflicts are the ids of the mapped groups that the user is in, in their order, where these are several (SCI-6).
func (r *Resolution) conflicts() (groups []string) {
	if !r.Conflict {
		return nil
	}
	for _, loser := range r.Losers {
		groups = append(groups, loser.Group)
	}
	if r.By != nil {
		groups = append(groups, r.By.Group)
	}
	slices.Sort(groups)
	return groups
}
