package directory

import (
	"context"
	"sync"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Rights say which roles of a tree somebody may change for whom a job goes on, as that one stands now (PER-1). An IdP has none to ask
// for: what it says of its people is done.
type Rights struct {
	acting *access.Acting
	table  *table.Table
	reads  sync.Mutex
	roles  map[string]*people.Role // as far as they were read; nil: gone
}

// Rights reads them.
func (s *Settler) Rights(ctx context.Context, by access.Behalf, root string) (*Rights, error) {
	acting, err := by.Read(ctx, s.Table, root, s.KeyGrace, s.Clock())
	return &Rights{acting: acting, table: s.Table, roles: map[string]*people.Role{}}, err
}

// Stand tells whether the one may have roles changed there at all.
func (r *Rights) Stand() bool { return r.acting.May(access.EditMainOnly) }

// May tells whether the one may have the change made: nobody gives a role above their own, nor takes one from somebody who has more
// rights (PER-2).
func (r *Rights) May(ctx context.Context, from, to Assignment) (bool, error) {
	if Compare(from, to) == Unchanged {
		return true, nil
	}
	was, err := r.Role(ctx, from)
	if err != nil || was != nil && !r.acting.MayTouch(was) {
		return false, err
	}
	becomes, err := r.Role(ctx, to)
	return err == nil && (becomes == nil || r.acting.MayGive(becomes)), err
}

// Role reads the role of an assignment: nil where there is none, or it is gone.
func (r *Rights) Role(ctx context.Context, of Assignment) (*people.Role, error) {
	if of.None() {
		return nil, nil
	}
	r.reads.Lock()
	defer r.reads.Unlock()
	if known, found := r.roles[of.Role]; found {
		return known, nil
	}
	role, err := people.ReadRole(ctx, r.table, of.Organization, of.Role)
	if problem.Gone(err) {
		role, err = nil, nil
	}
	if err == nil {
		r.roles[of.Role] = role
	}
	return role, err
}
