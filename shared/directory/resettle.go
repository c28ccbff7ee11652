package directory

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Resettling is how one user is brought in line with the groups, for who goes through many of them.
type Resettling struct {
	Mappings *Mappings   // as they are or are to be
	By       audit.Actor // who does it
	Run      string      // the job that it is done in, for the audit; empty for none
	// GiveOnly has whoever has a role keep it (MAP-3).
	GiveOnly bool
	// Accept is asked before anything is written, with the user as read and what would become of it; false leaves the user as it is. nil
	// accepts all. It can be asked again, where the user was changed meanwhile.
	Accept func(*people.User, *Settled) bool
	// With puts what else belongs to it into the change of a user whose role is another one then; nil for nothing.
	With func(*table.Tx, *Settled)
}

// Resettle gives or takes what follows from the groups of a user of the tree, in a transaction of its own, and tells what became of it.
// Somebody who is gone, or whom no IdP manages, is nil. Nothing is written where nothing changes, so that it can be done again.
func (s *Settler) Resettle(ctx context.Context, root, user string, how Resettling) (is *Settled, err error) {
	err = Again(ctx, func() error {
		is, err = s.resettle(ctx, root, user, how)
		return err
	})
	return is, err
}

func (s *Settler) resettle(ctx context.Context, root, user string, how Resettling) (*Settled, error) {
	u, err := people.ReadUser(ctx, s.Table, root, user)
	if problem.Gone(err) || err == nil && u.Connection == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	read, tx := *u, table.NewTx()
	edit := people.Edit(u, how.By, s.Clock())
	is, err := s.settle(ctx, tx, edit, u, how.Mappings, how.GiveOnly)
	if err != nil {
		return nil, err
	}
	same := !is.Changed() && sameSet(read.Conflicts, u.Conflicts)
	if same || how.Accept != nil && !how.Accept(&read, is) {
		return is, nil
	}
	if is.Changed() {
		s.Trail.Write(tx, Event(is, u, how.By, how.Run))
		if how.With != nil {
			how.With(tx, is)
		}
	}
	tx.Update(edit)
	return is, s.Table.Commit(ctx, tx)
}

// actions are what the audit calls the outcomes.
var actions = map[Outcome]string{RoleGiven: "user.role-given", RoleChanged: "user.role-changed", Moved: "user.moved", RoleTaken: "user.role-taken", Unchanged: "user.role-attributed"}

// Event is the event of what became of a user's role by groups alone. It stands with the organization that the user is in, or was.
func Event(is *Settled, u *people.User, by audit.Actor, run string) audit.Event {
	e := audit.Event{Action: actions[is.Outcome], Root: u.Root, Organization: cmp.Or(is.To.Organization, is.From.Organization, u.Root), Actor: by,
		Target: audit.Target{Type: "user", ID: u.ID}, Before: is.From.Recorded(), After: is.To.Recorded()}
	e.After["reason"] = string(is.Reason)
	if run != "" {
		e.After["jobId"] = run
	}
	return e
}

// Recorded is the assignment as the audit keeps it.
func (a Assignment) Recorded() map[string]any {
	return map[string]any{"organizationId": a.Organization, "roleId": a.Role, "groupId": a.Group}
}

// The pauses of Again.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 320 * time.Millisecond
	forTheAnswer = 1500 * time.Millisecond
)

// Again does what fails with table.ErrChanged where others were first, again and again as long as there is time: each time somebody
// else's change was made, so that all of them are made in the end. Then it answers busy.
func Again(ctx context.Context, do func() error) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		if err := do(); !errors.Is(err, table.ErrChanged) {
			return err
		}
		wait := rand.N(pause)
		if deadline, bounded := ctx.Deadline(); bounded && time.Until(deadline) < wait+forTheAnswer {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	busy := problem.New(problem.Unavailable, "busy", "Others are changing the same thing all the time. Repeat the request.")
	busy.RetryAfter = time.Second
	return busy
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !lacks(a, b)
}

// lacks tells whether one of the texts is not among others.
func lacks(others, texts []string) bool {
	in := setOf(others)
	for _, one := range texts {
		if !in[one] {
			return true
		}
	}
	return false
}

func setOf(texts []string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, one := range texts {
		set[one] = true
	}
	return set
}
