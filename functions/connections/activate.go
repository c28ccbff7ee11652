package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/table"
)

// SwitchInput is the input of POST /v1/organizations/{org}/sso-connections/{connection}/activate and .../deactivate.
type SwitchInput struct {
	ChangeInput
	httpapi.Confirmation
}

// activate answers POST /v1/organizations/{org}/sso-connections/{connection}/activate (SSO-4, SSO-8). One that is active stays so.
func (f *connections) activate(ctx context.Context, c *access.Caller, in *SwitchInput, tx *table.Tx) (*Shown, error) {
	of, reach, err := f.switching(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if !of.Active {
		if err := of.Activable(reach); err != nil {
			return nil, err
		}
		if err := f.confirmed(ctx, of, of.Domains, reach, in.Confirmation); err != nil {
			return nil, err
		}
	}
	still, err := f.keep(ctx, c, tx, of, of, reach)
	if err != nil {
		return nil, err
	}
	if !of.Active {
		f.registry.Activate(tx, of, reach, f.act(c))
	}
	return f.answer(ctx, c, of, still)
}

// deactivate answers POST /v1/organizations/{org}/sso-connections/{connection}/deactivate. One that is not active stays so.
func (f *connections) deactivate(ctx context.Context, c *access.Caller, in *SwitchInput, tx *table.Tx) (*Shown, error) {
	of, reach, err := f.switching(ctx, c, in)
	if err != nil {
		return nil, err
	}
	still, err := f.keep(ctx, c, tx, of, nil, reach)
	if err != nil {
		return nil, err
	}
	if of.Active {
		affected, consequences, err := f.leaving(ctx, of)
		if err != nil {
			return nil, err
		}
		if err := in.Confirmed(affected, append(append(consequences, theyStay), still.Sentences()...)...); err != nil {
			return nil, err
		}
		f.registry.Deactivate(tx, of, reach, f.act(c))
	}
	return f.answer(ctx, c, of, still)
}

// switching reads the connection that is to be switched on or off, and what it reaches.
func (f *connections) switching(ctx context.Context, c *access.Caller, in *SwitchInput) (*connection.Connection, *connection.Reach, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, nil, err
	}
	reach, err := connection.ReadReach(ctx, f.Table, of)
	return of, reach, err
}

// keep says who can sign in once the connection is as after says, nil where it is not active any more, and refuses what would leave
// the main organization without an administrator who can (PER-5).
func (f *connections) keep(ctx context.Context, c *access.Caller, tx *table.Tx, of, after *connection.Connection, reach *connection.Reach) (*lockout.Tree, error) {
	now, err := f.tree(ctx, c)
	if err != nil {
		return nil, err
	}
	then := now.Off(of)
	if after != nil {
		then = now.Leading(after, reach.Verified(after, after.Domains))
	}
	return then, then.KeepFrom(tx, now)
}

// tree reads which administrators of the tree can sign in.
func (f *connections) tree(ctx context.Context, c *access.Caller) (*lockout.Tree, error) {
	return lockout.Read(ctx, f.Table, c.Organization.Root, c.Restored, f.Config.Social(), f.Clock())
}

// confirmed asks for a confirmation where domains of the names lead to other connections, by the number of the users on them.
func (f *connections) confirmed(ctx context.Context, of *connection.Connection, names []string, reach *connection.Reach, in httpapi.Confirmation) error {
	taken := reach.Taken(of, names)
	if len(taken) == 0 {
		return nil
	}
	if err := connection.Handable(taken); err != nil {
		return err
	}
	var consequences, moved []string
	for _, other := range slices.SortedFunc(maps.Keys(taken), func(a, b *connection.Connection) int { return strings.Compare(a.ID, b.ID) }) {
		moved = append(moved, taken[other]...)
		consequences = append(consequences, fmt.Sprintf("The addresses of %s sign in by the connection %q until now; sessions by it end.", connection.Shown(taken[other]), other.Name))
		if len(taken[other]) == len(other.Leads) {
			consequences = append(consequences, fmt.Sprintf("The connection %q is left without a domain and becomes inactive.", other.Name))
		}
	}
	affected, err := f.users(ctx, of.Root, moved)
	if err != nil {
		return err
	}
	return in.Confirmed(affected, consequences...)
}

// users counts the tree's users with an address of the domains.
func (f *connections) users(ctx context.Context, root string, domains []string) (int, error) {
	n := 0
	for _, name := range domains {
		count := table.AddressesCount(name)
		counts, err := f.Table.Counts(ctx, root, count+"#")
		if err != nil {
			return 0, err
		}
		n += counts[count]
	}
	return n, nil
}

// answer is the connection as it is after the change, with who can sign in from then on, where that may have changed.
func (f *connections) answer(ctx context.Context, c *access.Caller, of *connection.Connection, then *lockout.Tree) (*Shown, error) {
	shown, err := f.show(ctx, c, of)
	if err != nil {
		return nil, err
	}
	if then != nil {
		shown.Body.Administrators = then.CanSignIn()
	}
	return shown, nil
}
