package rolesync

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// Guard is from when on a run of a tree waits for somebody's word (SYN-6): it would take access, or the administration, from more than
// Percent of those who have it, and from Least users at least.
type Guard struct {
	Percent int `dynamodbav:"percent"`
	Least   int `dynamodbav:"least"`
	audit.Stamp
}

// DefaultGuard is that of a tree which has set no other.
var DefaultGuard = Guard{Percent: 20, Least: 10}

// ReadGuard reads the guard of a tree. One that was never set has the version 0.
func ReadGuard(ctx context.Context, t *table.Table, root string) (Guard, error) {
	g := DefaultGuard
	_, err := t.Get(ctx, table.SyncGuardKey(root), &g)
	return g, err
}

// Set has the change give the tree this guard in the place of g, as read. It fails where others set it meanwhile.
func (g Guard) Set(tx *table.Tx, root string, percent, least int, by audit.Actor, now time.Time) Guard {
	to := Guard{Percent: percent, Least: least, Stamp: g.Stamp}
	if g.Version == 0 {
		to.Stamp = audit.Made(by, clock.Format(now))
		tx.Create(table.SyncGuardKey(root), to, table.ErrChanged)
		return to
	}
	to.Version, to.UpdatedAt, to.UpdatedBy = g.Version+1, clock.Format(now), by
	tx.Update(table.Edit(table.SyncGuardKey(root), g.Version).Set("percent", percent).Set("least", least).Set("updatedAt", to.UpdatedAt).Set("updatedBy", by))
	return to
}

// stops tells whether the run would take access from too many.
func (g Guard) stops(r *Run) bool {
	return r.Losers >= g.Least && r.Losers*100 > r.Holders*g.Percent
}
