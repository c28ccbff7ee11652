package directory

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Emptying is the input of the job that takes the members out of a group that was deleted.
type Emptying struct {
	Connection string  `json:"connection"`
	Group      string  `json:"group"`
	Request    Request `json:"request"`
}

// Remembered is to which role a deleted group was mapped: it is offered where the name comes back (SCI-3).
type Remembered struct {
	Name         string `dynamodbav:"name"`
	Organization string `dynamodbav:"organization"`
	Role         string `dynamodbav:"role"`
	ExpiresAt    int64  `dynamodbav:"expiresAt"`
}

// rememberFor is for how long.
const rememberFor = 30 * 24 * time.Hour

// Delete has the change delete a group, as read, of whom the job takes the members out: nobody joins it from then on, and its mapping is
// remembered. off is as in Document.Create.
func (s *Settler) Delete(tx *table.Tx, group *Document, found Found, mappings *Mappings, off error) {
	now := s.Clock()
	group.Delete(tx, found, off)
	tx.Put(table.GroupGoneKey(group.Connection, group.ID), reference{ID: group.ID})
	s.Table.EndCount(tx, group.Root, table.GroupCount(group.ID))
	Drop(tx, group.Connection, group.ID)
	was, mapped := mappings.Drop(group.ID)
	if !mapped {
		return
	}
	mappings.Write(tx)
	if was.Role != "" {
		tx.Put(table.RememberedKey(group.Connection, table.Fold(group.Name)), Remembered{group.Name, was.Organization, was.Role, table.Expiry(now.Add(rememberFor))})
	}
}

// Recall reads to which role a group of that name of the connection was mapped that was deleted in the last 30 days.
func Recall(ctx context.Context, t *table.Table, connection, name string) (r Remembered, found bool, err error) {
	found, err = t.Get(ctx, table.RememberedKey(connection, table.Fold(name)), &r)
	return r, found, err
}

// Empty takes some members out of a deleted group, and tells how many: none when it is empty.
func (s *Settler) Empty(ctx context.Context, root string, of Emptying, most int) (n int, err error) {
	ids, _, err := Members(ctx, s.Table, of.Group, "", most)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	users, mappings, err := readSettled(ctx, s.Table, root, ids)
	if err != nil {
		return 0, err
	}
	err = Each(ids, atOnce, func(i int, id string) error { return s.expel(ctx, root, of, id, &users[i], mappings) })
	in := &Intent{Root: root, Request: of.Request, Mappings: mappings.Version}
	return len(ids), errors.Join(err, s.follow(ctx, in, ids, nil)) // whoever was taken out is met no more when the page is done again
}

// expel takes one user out of a deleted group; u and the mappings are as read before, and are read again where the user has changed.
func (s *Settler) expel(ctx context.Context, root string, of Emptying, id string, u *people.User, mappings *Mappings) error {
	return Again(ctx, func() error {
		if u == nil {
			users, now, err := readSettled(ctx, s.Table, root, []string{id})
			if err != nil {
				return err
			}
			u, mappings = &users[0], now
		}
		m := Member{Group: of.Group, Deleted: true}
		if !m.Needed(u) { // gone, or an item that was left behind
			return s.Table.Remove(ctx, table.MembershipKey(of.Group, id))
		}
		tx, read := table.NewTx(), *u
		u = nil
		if err := s.Move(ctx, tx, of.Request, &read, m, mappings, errGone); err != nil {
			return err
		}
		return s.Table.Commit(ctx, tx)
	})
}

// Vanish erases what is left of a deleted group that is empty.
func Vanish(ctx context.Context, t *table.Table, root string, of Emptying) error {
	if err := t.ErasePartition(ctx, table.GroupPartition(of.Group)); err != nil {
		return err
	}
	counts := table.CountKeys(root, table.GroupChanges(of.Group), table.GroupConflicts(of.Group))
	return t.Erase(ctx, append(counts, table.GroupGoneKey(of.Connection, of.Group))...)
}

// Out of how many groups one change takes a user: it has bounds.
const (
	MostWithdrawn = 8  // who is deleted with it
	MostLeft      = 15 // who stays for now
)

// Withdraw has the change by which a user is deleted take the user out of the groups, of which those that are there are counted.
func Withdraw(ctx context.Context, t *table.Table, tx *table.Tx, u *people.User, now time.Time) error {
	live, err := Live(ctx, t, u.Connection, u.Groups)
	if err != nil {
		return err
	}
	for _, group := range u.Groups {
		tx.Delete(table.MembershipKey(group, u.ID), 0)
		if live[group] {
			count(tx, u.Root, group, -1, table.ErrChanged, now)
		}
	}
	for _, group := range u.Conflicts {
		tx.Count(u.Root, table.GroupConflicts(group), -1, nil)
	}
	return nil
}

// Live tells which of the groups of a connection are there.
func Live(ctx context.Context, t *table.Table, connection string, groups []string) (map[string]bool, error) {
	documents, err := ReadAll(ctx, t, connection, groups)
	live := map[string]bool{}
	for _, d := range documents {
		live[d.ID] = true
	}
	return live, err
}

// LeaveAll has the change take the user out of some groups, of which those that are there are counted.
func LeaveAll(ctx context.Context, t *table.Table, tx *table.Tx, edit *table.Change, u *people.User, groups []string, now time.Time) error {
	live, err := Live(ctx, t, u.Connection, groups)
	if err != nil {
		return err
	}
	for _, group := range groups {
		if live[group] {
			Leave(tx, edit, u, group, table.ErrChanged, now)
		} else {
			forget(tx, edit, u, group)
		}
	}
	return nil
}
