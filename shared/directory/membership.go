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
	count(tx, u.Root, group, +1, gone, now)
}

// count has the change count the members of a group, and that they changed, and when.
func count(tx *table.Tx, root, group string, n int, gone error, now time.Time) {
	tx.Count(root, table.GroupCount(group), n, gone)
	tx.CountAt(root, table.GroupChanges(group), +1, gone, now)
}

// Leave has the change take the user, who is in it, out of the group. gone is as in Join.
func Leave(tx *table.Tx, edit *table.Change, u *people.User, group string, gone error, now time.Time) {
	forget(tx, edit, u, group)
	count(tx, u.Root, group, -1, gone, now)
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

// Tally is how many members a group has, how often they changed, and when last (empty: never), and how many of them are in conflict
// (SCI-6).
type Tally struct {
	Members, Changes, Conflicts int
	ChangedAt                   string
}

// talliesAtOnce is of how many groups the tallies are read at the same time.
const talliesAtOnce = 16

// ReadTallies reads the tallies of groups, in their order.
func ReadTallies(ctx context.Context, t *table.Table, root string, groups []string) ([]Tally, error) {
	tallies := make([]Tally, len(groups))
	return tallies, Each(groups, talliesAtOnce, func(i int, group string) (err error) {
		tallies[i], err = ReadTally(ctx, t, root, group)
		return err
	})
}

// ReadTally reads the tally of a group.
func ReadTally(ctx context.Context, t *table.Table, root, group string) (Tally, error) {
	counts, last, err := t.CountsAt(ctx, root, table.GroupCounts(group))
	changes := table.GroupChanges(group)
	return Tally{counts[table.GroupCount(group)], counts[changes], counts[table.GroupConflicts(group)], last[changes]}, err
}
