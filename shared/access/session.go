package access

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Holds tells whether the session still stands, but for its age: the user is active with a role, no epoch has passed it by,
// the tree is open, and was not closed nor the installation restored since it was opened. It costs a round trip where the
// session is by an IdP and something of the tree's domains has ended since it asked last.
func Holds(ctx context.Context, t *table.Table, s *people.Session, u *people.User, a *tenant.Access, restored restore.Mark) (bool, error) {
	if u.Status != people.Active || u.Role == "" || s.UserEpoch != u.Epoch || a.Closed() || s.Closings != a.Closings || restored.Voids(time.Unix(s.CreatedAt, 0)) {
		return false, nil
	}
	switch s.Method {
	case people.ByPassword:
		return u.PasswordFor(a) && s.PasswordEpoch == a.PasswordEpoch, nil
	case people.ByMicrosoft, people.ByGoogle, people.ByRecovery:
		return true, nil
	case people.BySAML:
		if !behind(s, a) {
			return true, nil
		}
		return federated(ctx, t, s, u.Root)
	}
	return false, nil
}

// behind tells whether something of the tree's domains has ended since the session asked for its own.
func behind(s *people.Session, a *tenant.Access) bool {
	return s.Method == people.BySAML && s.SeenDomains != a.DomainEpoch
}

// federated tells whether what a session by an IdP stands on still stands: its domain is the tree's and leads to its connection,
// and has done so all the time. The tree's epoch was read before: what ends later is seen the next time. It asks in a batch,
// which every function may do for its callers.
func federated(ctx context.Context, t *table.Table, s *people.Session, root string) (bool, error) {
	var domain tenant.Standing
	var state tenant.Access
	err := t.GetMany(ctx, table.Want(table.DomainNameKey(root, s.Domain), &domain), table.Want(table.AccessKey(root), &state))
	return domain.Verified && domain.Epoch == s.DomainEpoch && domain.Connection == s.Connection && !state.Closed(), err
}

// seen writes that the session was used, every now and then, and what it has seen of the tree where that is new.
func (g *Gate) seen(ctx context.Context, s *people.Session, a *tenant.Access, key table.Key, now time.Time) {
	edit := table.Touch(key).IfThere(table.ErrChanged).Set("lastSeen", now.Unix())
	if behind(s, a) {
		g.touch(ctx, edit.Set("seenDomains", a.DomainEpoch))
		return
	}
	if now.Sub(time.Unix(s.LastSeen, 0)) > touchEvery {
		g.touch(ctx, edit)
	}
}
