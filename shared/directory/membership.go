package directory

import (
	"context"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Membership is a user in a group: an item of its own, so that adding and removing one reads and writes no other (SCI-4).
type Membership struct {
	User string `dynamodbav:"user"`
	At   string `dynamodbav:"at"`
}

// In tells whether the user is in the group. It is decided on the user, under whose version memberships change.
func In(u *people.User, group string) bool { return slices.Contains(u.Groups, group) }

// Join has the change put the user, who is not in it, into the group. edit is the change of the user.
func Join(tx *table.Tx, edit *table.Change, u *people.User, group string, now time.Time) {
	u.Groups = append(slices.Clone(u.Groups), group)
	edit.Include("groups", group)
	tx.Put(table.MembershipKey(group, u.ID), Membership{User: u.ID, At: clock.Format(now)})
	tx.Count(u.Root, table.GroupCount(group), +1, nil)
	tx.Count(u.Root, table.GroupChanges(group), +1, nil)
}

// Leave has the change take the user, who is in it, out of the group.
func Leave(tx *table.Tx, edit *table.Change, u *people.User, group string) {
	u.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(one string) bool { return one == group })
	edit.Exclude("groups", group)
	tx.Delete(table.MembershipKey(group, u.ID), 0)
	tx.Count(u.Root, table.GroupCount(group), -1, nil)
	tx.Count(u.Root, table.GroupChanges(group), +1, nil)
}

// Members gives the ids of the members of a group behind one of them, empty for the first, at most so many, in the order of their ids.
func Members(ctx context.Context, t *table.Table, group, behind string, most int) (users []string, more bool, err error) {
	after := table.Key{}
	if behind != "" {
		after = table.MembershipKey(group, behind)
	}
	begin := table.MembershipKey(group, "")
	rows, more, err := collect(ctx, t, table.Question{PK: begin.PK, Prefix: begin.SK}, after, most)
	for _, row := range rows {
		users = append(users, row.sk[len(begin.SK):])
	}
	return users, more, err
}

// Tally is how many members a group has, and how often they changed.
type Tally struct{ Members, Changes int }

// ReadTally reads the tally of a group.
func ReadTally(ctx context.Context, t *table.Table, root, group string) (Tally, error) {
	members, changes := table.GroupCount(group), table.GroupChanges(group)
	counts, err := t.Counts(ctx, root, "GROUP#"+group+"#")
	return Tally{counts[members], counts[changes]}, err
}
