package directory

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// errGone tells that the group was deleted meanwhile.
var errGone = errors.New("the group is no more")

// Request is what a change is recorded with: the call of an IdP that asked for it.
type Request struct {
	By      audit.Actor `dynamodbav:"by"`
	Address string      `dynamodbav:"address,omitempty"`
	ID      string      `dynamodbav:"request,omitempty"`
}

// Event is one by the request, about a user.
func (r Request) Event(action string, u *people.User) audit.Event {
	return audit.Event{Action: action, Root: u.Root, Organization: cmp.Or(u.Organization, u.Root), Actor: r.By, Target: audit.Target{Type: "user", ID: u.ID},
		Address: r.Address, Request: r.ID}
}

// Member is one user who joins a group or leaves it.
type Member struct {
	Group   string
	Joins   bool
	Deleted bool // the group is no more, and leaving it is what follows
}

// Needed tells whether there is anything to do about the user.
func (m Member) Needed(u *people.User) bool { return In(u, m.Group) != m.Joins }

// Move puts into the change, whole, that the user joins or leaves the group, with all that follows (SCI-5). Where the group was deleted
// meanwhile the commit fails with gone.
func (s *Settler) Move(ctx context.Context, tx *table.Tx, by Request, u *people.User, m Member, mappings *Mappings, gone error) error {
	now := s.Clock()
	event := by.Event("membership.removed", u)
	edit := people.Edit(u, by.By, now)
	switch {
	case m.Joins:
		event.Action = "membership.added"
		Join(tx, edit, u, m.Group, gone, now)
	case m.Deleted:
		forget(tx, edit, u, m.Group)
	default:
		Leave(tx, edit, u, m.Group, gone, now)
	}
	is, err := s.Settle(ctx, tx, edit, u, mappings)
	if err != nil {
		return err
	}
	tx.Update(edit)
	event.Organization = cmp.Or(is.To.Organization, is.From.Organization, u.Root)
	event.Before, event.After = is.From.Recorded(), is.To.Recorded()
	event.After["memberOf"] = m.Group
	if is.Conflict {
		event.After["conflict"] = true
	}
	s.Trail.Write(tx, event)
	return nil
}

// abandonedAfter is how long nobody may have gone on with an intent before others do: each page of it takes far less.
const abandonedAfter = 3 * time.Second
