package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Give has the change give the user an assignment as it is, whatever the groups say: role is the assignment's, and by is who it
// counts as given by. It fails and tells as people.Assign does.
func Give(tx *table.Tx, edit *table.Change, u *people.User, to Assignment, role *people.Role, by audit.Actor, now time.Time) (keysEnd bool) {
	if to.None() {
		return people.Unassign(tx, edit, u, now)
	}
	changes := u.UpdatedBy
	u.UpdatedBy = by // as whose the role is written down
	if Compare(PresentOf(u), to) == Unchanged {
		people.Attribute(edit, u, to.Group, now)
	} else {
		keysEnd = people.AssignByGroup(tx, edit, u, role, to.Group, now)
	}
	u.UpdatedBy = changes
	return keysEnd
}

// Conflicting tells whether the user's conflict is not written down as it is.
func Conflicting(u *people.User, is *Resolution) bool { return !sameSet(u.Conflicts, is.conflicts()) }

// Pend has the change have the mappings of these groups, each as <connection>/<group>, be pending again: what they gave was undone, and
// is for people to apply. Of a group without one it is as if it had just been cleared. They count as changed, so that what was previewed
// before is not applied after.
func (m *Mappings) Pend(tx *table.Tx, groups []string, by audit.Actor, now time.Time) {
	was, next := slices.Clone(m.List), m.Revision+1
	for _, one := range groups {
		connection, group, _ := strings.Cut(one, "/")
		switch at := m.Of(group); {
		case at < 0 && len(m.List) < MostMappings:
			m.List = append(m.List, Mapped{Group: group, Connection: connection, Pending: true, Revision: next, By: by, At: clock.Format(now)})
		case at >= 0 && !m.List[at].Pending:
			m.List[at].Pending, m.List[at].Revision = true, next
		}
	}
	if !slices.Equal(was, m.List) {
		m.Revision = next
		m.Write(tx)
	}
}
