package directory

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Settler gives and takes the roles that follow from groups. It refuses nothing: what cannot be is left as it is, and told (Settled).
type Settler struct {
	Table    *table.Table
	Trail    audit.Trail
	Outbox   *mail.Outbox
	KeyGrace time.Duration   // how long an API key outlives its maker's leaving
	Social   []people.Method // the providers that people can sign in with here
	Clock    clock.Clock
}

// NewSettler is the settler of an installation whose people can sign in with those providers, and where keys last that long after
// their makers' leaving.
func NewSettler(t *table.Table, trail audit.Trail, outbox *mail.Outbox, keyGrace time.Duration, social []people.Method) *Settler {
	return &Settler{Table: t, Trail: trail, Outbox: outbox, KeyGrace: keyGrace, Social: social, Clock: trail.Clock}
}

// Settled is what became of a user's role by the groups that the user is in.
type Settled struct {
	*Resolution
	From, To Assignment
	Outcome  Outcome
	Kept     bool // the role stays although the groups say otherwise: nobody else could administer the organization (PER-5)
	Left     bool // the role stays because only those without one were to get it (MAP-3)
	Refused  bool // of one that stays so: whoever has it changed may not do that (PER-2)
}

// Changed tells whether there was anything to write of the role: Outcome can be Unchanged where the same role comes from another group.
func (s *Settled) Changed() bool { return s.From != s.To }

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

// StandingOf is all that the user's role follows from.
func StandingOf(u *people.User) Standing {
	return Standing{Active: u.Status != people.Inactive, Outsider: u.Outsider, Groups: u.Groups, Present: PresentOf(u)}
}

// Settle has the change of the user give or take what follows from the groups that the user is in now (SCI-5, SCI-6): the role with
// its organization, the end of sessions and keys where access is lost, the letters that tell of it, and the conflict. Whoever calls
// writes the event, and finishes edit with tx.Update. Settle comes before a change that lets the user in, and after one that keeps the
// user out.
func (s *Settler) Settle(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User, mappings *Mappings) (*Settled, error) {
	return s.settle(ctx, tx, edit, u, mappings, false)
}

func (s *Settler) settle(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User, mappings *Mappings, giveOnly bool) (*Settled, error) {
	if err := people.Outside(ctx, s.Table, u); err != nil {
		return nil, err
	}
	is, role, err := s.resolve(ctx, u, mappings)
	if err != nil {
		return nil, err
	}
	if conflict(tx, edit, u, is.Resolution) {
		s.goOn(tx, u, Resettling{Mappings: mappings, By: u.UpdatedBy, GiveOnly: giveOnly})
	}
	if giveOnly && !is.From.None() && is.Changed() {
		is.stays()
		is.Left = true
	}
	stays := !is.Changed() || role != nil && role.Portal == people.AdministratorAccess && role.Organization == u.Root
	if is.Kept, err = s.Needed(ctx, tx, u, stays); err != nil {
		return nil, err
	}
	if is.Kept {
		is.stays()
	}
	if is.Changed() {
		err = s.write(ctx, tx, edit, u, is, role)
	}
	return is, err
}

// stays has the role stay whatever the groups say.
func (s *Settled) stays() { s.To, s.Outcome = s.From, Unchanged }

// resolve says what the user's role is to be, with the role where it is another one than before.
func (s *Settler) resolve(ctx context.Context, u *people.User, mappings *Mappings) (*Settled, *people.Role, error) {
	standing := StandingOf(u)
	all := mappings.All()
	is := Resolve(standing, all)
	var role *people.Role
	if is.Reason == GroupMapped && is.Assigned != standing.Present {
		var err error
		role, err = people.ReadRole(ctx, s.Table, is.Assigned.Organization, is.Assigned.Role)
		switch {
		case problem.Gone(err): // it was deleted, or its organization
			for i := range all {
				all[i].Missing = all[i].Missing || all[i].Role == is.Assigned.Role
			}
			is = Resolve(standing, all)
		case err != nil:
			return nil, nil, err
		}
	}
	return &Settled{Resolution: is, From: standing.Present, To: is.Assigned, Outcome: Compare(standing.Present, is.Assigned)}, role, nil
}

// Needed tells whether the user is an administrator of the main organization without whom none could sign in (PER-5), and would be one no
// more: stays says that the change leaves the user one. Otherwise the change fails with table.ErrChanged where another one goes meanwhile.
func (s *Settler) Needed(ctx context.Context, tx *table.Tx, u *people.User, stays bool) (bool, error) {
	if stays || u.Status != people.Active || !u.AdministersMain() {
		return false, nil
	}
	tree, err := s.Lockout(ctx, u.Root)
	if err != nil {
		return false, err
	}
	if err := tree.Without(u.ID).Keep(tx); problem.As(err) != nil {
		return true, nil
	} else if err != nil {
		return false, err
	}
	others := expression.Size(expression.Name("users")).GreaterThan(expression.Value(1))
	tx.Require(table.AdministratorsKey(u.Root), others, table.ErrChanged)
	return false, nil
}

// Lockout is which administrators of the tree can sign in.
func (s *Settler) Lockout(ctx context.Context, root string) (*lockout.Tree, error) {
	return lockout.Now(ctx, s.Table, root, s.Social, s.Clock())
}

// write has the change make it so.
func (s *Settler) write(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User, is *Settled, role *people.Role) error {
	now, keysEnd, was := s.Clock(), false, u.Portal
	switch {
	case is.To.None():
		keysEnd = people.Unassign(tx, edit, u, now)
	case is.Outcome == Unchanged:
		people.Attribute(edit, u, is.To.Group, now)
	default:
		tx.Count(u.Root, table.MembersCount(role.Organization, role.ID), 0, table.ErrChanged) // it was read as there: run again where it is not
		keysEnd = people.AssignByGroup(tx, edit, u, role, is.To.Group, now)
	}
	if keysEnd {
		if err := u.TellOfKeys(ctx, s.Table, s.Outbox, tx); err != nil {
			return err
		}
	}
	if is.Outcome == Unchanged || u.Portal != people.AdministratorAccess || was == u.Portal && is.Outcome != Moved {
		return nil
	}
	of, err := tenant.Read(ctx, s.Table, u.Organization)
	if err != nil {
		return err
	}
	u.TellOfAdministrator(s.Outbox, tx, of.Name, s.nameOf(ctx, u), now)
	return nil
}

// nameOf is how letters name the group that gives the user the role.
func (s *Settler) nameOf(ctx context.Context, u *people.User) string {
	d, found, err := Read(ctx, s.Table, OfGroup, u.Connection, u.RoleGroup)
	if err != nil || !found {
		return u.RoleGroup
	}
	return d.Name + " (SCIM)"
}

// notYet is how many items whoever has a user settled may put into the change after the conflict is noted, at most.
const notYet = 28

// conflict has the change note in which of several mapped groups the user is, and count it with each (SCI-6). These can be hundreds more
// or fewer at once, where many mappings were changed, and nobody may be kept from leaving by it: more tells that some are not noted yet.
func conflict(tx *table.Tx, edit *table.Change, u *people.User, is *Resolution) (more bool) {
	room := max(0, table.MaxWrites-notYet-tx.Size())
	groups, noted := is.conflicts(), slices.Clone(u.Conflicts)
	are, were := setOf(groups), setOf(noted)
	count := func(group string, n int) bool {
		if room--; room < 0 {
			more = true
			return false
		}
		tx.Count(u.Root, table.GroupConflicts(group), n, nil)
		return true
	}
	noted = slices.DeleteFunc(noted, func(group string) bool { return !are[group] && count(group, -1) })
	for _, group := range groups {
		if !were[group] && count(group, +1) {
			noted = append(noted, group)
		}
	}
	if slices.Sort(noted); !slices.Equal(slices.Sorted(slices.Values(u.Conflicts)), noted) {
		u.Conflicts = noted
		edit.SetTexts("conflicts", noted...)
	}
	return more
}

// goOn has the rest of a conflict be noted once the change is made, by others, which change no role: somebody may have applied another
// mapping meanwhile. Where that comes to nothing it is done when the user is settled next.
func (s *Settler) goOn(tx *table.Tx, u *people.User, how Resettling) {
	root, user := u.Root, u.ID
	how.Accept = func(_ *people.User, is *Settled) bool { return !is.Changed() }
	tx.After(func(ctx context.Context) {
		if _, err := s.Resettle(ctx, root, user, how); err != nil {
			slog.WarnContext(ctx, "a user's conflict is noted in part", "user", user, "error", err)
		}
	})
}
