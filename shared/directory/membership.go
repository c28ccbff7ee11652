package directory

import (
	"context"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Membership is a user in a group: an item of its own, so that adding and removing one reads and writes no other (SCI-4). The user
// names the groups too: that decides, under the user's version.
type Membership struct {
	User string `dynamodbav:"user"`
	At   string `dynamodbav:"at"`
}

// In tells whether the user is in the group.
func In(u *people.User, group string) bool { return slices.Contains(u.Groups, group) }

// Join has the change put the user, who is not in it, into the group. edit is the change of the user. gone is the error where the group
// was deleted meanwhile.
func Join(tx *table.Tx, edit *table.Change, u *people.User, group string, gone error, now time.Time) {
	set(edit, u, append(slices.Clone(u.Groups), group))
	tx.Put(table.MembershipKey(group, u.ID), Membership{User: u.ID, At: clock.Format(now)})
	tx.Count(u.Root, table.GroupCount(group), +1, gone)
	tx.Count(u.Root, table.GroupChanges(group), +1, gone)
}

// Leave has the change take the user, who is in it, out of the group. gone is as in Join.
func Leave(tx *table.Tx, edit *table.Change, u *people.User, group string, gone error) {
	forget(tx, edit, u, group)
	tx.Count(u.Root, table.GroupCount(group), -1, gone)
	tx.Count(u.Root, table.GroupChanges(group), +1, gone)
}

// forget has the change take the user out of a group that is there no more, and counts nothing.
func forget(tx *table.Tx, edit *table.Change, u *people.User, group string) {
	set(edit, u, slices.DeleteFunc(slices.Clone(u.Groups), func(one string) bool { return one == group }))
	tx.Delete(table.MembershipKey(group, u.ID), 0)
}

func set(edit *table.Change, u *people.User, groups []string) {
	u.Groups, u.Grouped = groups, u.Grouped+1
	edit.SetTexts("groups", groups...).Set("grouped", u.Grouped)
}

// Release has the change let go of a user whose connection is no more: the user is in no group, and a role that one gave is as if given
// by whoever makes the change. The groups and their counts go by themselves.
func Release(edit *table.Change, u *people.User, now time.Time) {
	set(edit, u, nil)
	u.Conflicts = nil
	edit.Remove("conflicts")
	if u.RoleGroup != "" {
		people.Attribute(edit, u, "", now)
	}
}

// Members gives the ids of the members of a group behind one of them, empty for the first, at most so many, in the order of their ids.
func Members(ctx context.Context, t *table.Table, group, behind string, most int) (users []string, more bool, err error) {
	begin := table.MembershipKey(group, "")
	keys, more, err := t.SortKeys(ctx, begin, behind, most)
	for _, key := range keys {
		users = append(users, key[len(begin.SK):])
	}
	return users, more, err
}

// Tally is how many members a group has, how often they changed, and how many of them are in conflict (SCI-6).
type Tally struct{ Members, Changes, Conflicts int }

// talliesAtOnce is of how many groups the tallies are read at the same time.
const talliesAtOnce = 16

// ReadTallies reads the tallies of groups, in their order.
func ReadTallies(ctx context.Context, t *table.Table, root string, groups []string) ([]Tally, error) {
	tallies, places := make([]Tally, len(groups)), make([]int, len(groups))
	for i := range places {
		places[i] = i
	}
	return tallies, Each(places, talliesAtOnce, func(i int) (err error) {
		tallies[i], err = ReadTally(ctx, t, root, groups[i])
		return err
	})
}

// ReadTally reads the tally of a group.
func ReadTally(ctx context.Context, t *table.Table, root, group string) (Tally, error) {
	counts, err := t.Counts(ctx, root, table.GroupCounts(group))
	return Tally{counts[table.GroupCount(group)], counts[table.GroupChanges(group)], counts[table.GroupConflicts(group)]}, err
}
