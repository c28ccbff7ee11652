package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// RemoveInput is the input of DELETE /v1/organizations/{org}/domains/{domain}, and of POST .../release.
type RemoveInput struct {
	ChangeInput
	httpapi.Confirmation
}

// remove answers DELETE /v1/organizations/{org}/domains/{domain} (DOM-6).
func (f *domains) remove(ctx context.Context, c *access.Caller, in *RemoveInput, tx *table.Tx) (*Nothing, error) {
	d, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	var standing tenant.Standing
	if _, err := f.Table.Get(ctx, table.DomainNameKey(d.Root, d.Name), &standing); err != nil {
		return nil, err
	}
	if d.Led, err = connection.From(ctx, f.Table, &standing); err != nil {
		return nil, err
	}
	if err := f.agreed(ctx, c, in, tx, d); err != nil {
		return nil, err
	}
	f.registry.Remove(tx, d, &standing, f.act(c))
	return nil, nil
}

// agreed asks for the confirmation that the domain, with the connection that it leads to, is not the organization's any more, and refuses
// where nobody could administer it then.
func (f *domains) agreed(ctx context.Context, c *access.Caller, in *RemoveInput, tx *table.Tx, d *domain.Domain) error {
	affected, consequences, err := f.concerned(ctx, d)
	if err != nil {
		return err
	}
	still, err := f.keep(ctx, c, tx, d)
	if err != nil {
		return err
	}
	return in.Confirmed(affected, slices.Concat(consequences, ends(d), still)...)
}

// concerned says whom the removal of a domain concerns, and how: how many users, and a sentence for each thing that depends on
// the domain.
func (f *domains) concerned(ctx context.Context, d *domain.Domain) (affected int, consequences []string, err error) {
	affected, err = f.users(ctx, d)
	if err != nil {
		return 0, nil, err
	}
	name, users := domainname.Shown(d.Name), problem.Amount{N: affected, One: "user has", Many: "users have"}
	if !d.Verified {
		return affected, []string{fmt.Sprintf("%s an address of %s. It is not verified, so nobody signs in by it.", users, name)}, nil
	}
	return affected, []string{
		fmt.Sprintf("%s an address of %s: they cannot sign in by SAML until it is verified again, and their SAML sessions end.", users, name),
		fmt.Sprintf("No links, such as invitations and password resets, are mailed to addresses of %s until then.", name),
		fmt.Sprintf("Another organization can prove that %s is its own.", name),
	}, nil
}

// ends says what becomes of the connection that the domain leads to, nothing where it leads to none.
func ends(d *domain.Domain) []string {
	switch c := d.Led.Connection(); {
	case c == nil || !c.SignsIn(d.Name):
		return nil
	case len(c.Leads) == 1:
		return []string{fmt.Sprintf("The connection %q has no other verified domain: it becomes inactive.", c.Name)}
	default:
		return []string{fmt.Sprintf("The connection %q goes on with %s.", c.Name, connection.Shown(c.LeadsBut(d.Name)))}
	}
}

// release answers POST /v1/organizations/{org}/domains/{domain}/release (DOM-5).
func (f *domains) release(ctx context.Context, c *access.Caller, in *RemoveInput, tx *table.Tx) (*Shown, error) {
	d, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	if err := d.Follow(ctx, f.Table); err != nil {
		return nil, err
	}
	if !d.Verified {
		return nil, problem.New(problem.Conflict, "domain-not-verified", "There is nothing to release: the domain is not verified.")
	}
	if err := f.agreed(ctx, c, in, tx, d); err != nil {
		return nil, err
	}
	f.registry.Release(tx, d, f.act(c))
	return f.show(ctx, c, d)
}

// tree is which administrators can sign in as things are.
func (f *domains) tree(ctx context.Context, c *access.Caller) (*lockout.Tree, error) {
	return lockout.Read(ctx, f.Table, c.Organization.Root, c.Restored, f.Config.Social(), f.Clock())
}

// keep says which administrators can still sign in once the domain is not the tree's any more, a sentence each, and refuses where none
// can (PER-5). A domain that is lost by its record asks nobody, and is told of (lockout.Notice).
func (f *domains) keep(ctx context.Context, c *access.Caller, tx *table.Tx, d *domain.Domain) ([]string, error) {
	if !d.Verified {
		return nil, nil
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return nil, err
	}
	then := now.Losing(d.Name)
	return then.Sentences(), then.KeepFrom(tx, now)
}
