package rolesync

import (
	"context"

	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
)

// administrators knows who can sign in and administers the main organization, or would (PER-5). It reads them once, when it is asked:
// most plans touch none of them.
type administrators struct {
	*directory.Settler
	root string
	tree *lockout.Tree
	can  map[string]bool
}

func (a *administrators) read(ctx context.Context) (err error) {
	if a.tree != nil {
		return nil
	}
	if a.tree, err = a.Lockout(ctx, a.root); err != nil {
		return err
	}
	a.can = map[string]bool{}
	for _, one := range a.tree.CanSignIn() {
		a.can[one.UserID] = true
	}
	return nil
}

// left is how many there are.
func (a *administrators) left(ctx context.Context) (int, error) {
	err := a.read(ctx)
	return len(a.can), err
}

// signsIn tells whether the user can sign in, and whoever is no administrator yet could as one.
func (a *administrators) signsIn(ctx context.Context, u *people.User) (bool, error) {
	if err := a.read(ctx); err != nil || a.tree.User(u.ID) != nil {
		return a.can[u.ID], err
	}
	return a.tree.Admits(ctx, a.Table, u)
}
