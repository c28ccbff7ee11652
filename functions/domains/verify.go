package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// Bounds of looking for a record on demand: each look is a handful of questions to other people's name servers.
const (
	window       = 10 * time.Minute
	looksOfOne   = 20
	looksOfTree  = 600
	lookTimeout  = 5 * time.Second // at the two places where the record may stand
	strayTimeout = 4 * time.Second // and for it elsewhere
)

// verify answers POST /v1/organizations/{org}/domains/{domain}/verify (DOM-4, DOM-5).
func (f *domains) verify(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Shown, error) {
	d, err := f.changing(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := f.bound(ctx, d); err != nil {
		return nil, err
	}
	look := f.look(ctx, d)
	finding := f.explain(ctx, look)
	if err := d.Follow(ctx, f.Table); err != nil {
		return nil, err
	}
	if finding.Outcome == domainproof.Found && !d.Verified {
		if err = f.prove(ctx, c, d, look, finding, tx); err == nil {
			err = f.letIn(ctx, c, d, tx)
		}
	} else if f.registry.Note(tx, d, finding, f.act(c)) == domainproof.Lost {
		timer.Cancel(tx, timer.Domain, d.Owner())
		err = f.notice.LoseDomain(ctx, tx, d.Root, d.Name, f.act(c).Event, f.Clock())
	}
	if err != nil {
		return nil, err
	}
	return f.show(ctx, c, d)
}

// letIn refuses to have the domain lead, verified, to a connection that is required of its addresses and lets nobody in, where that takes
// the administrators' last way to sign in (PER-5).
func (f *domains) letIn(ctx context.Context, c *access.Caller, d *domain.Domain, tx *table.Tx) error {
	by := d.Led.Connection()
	if by == nil || !by.SSORequired {
		return nil
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return err
	}
	return now.Gaining(d.Name, by).KeepFrom(tx, now)
}

// bound refuses too many looks.
func (f *domains) bound(ctx context.Context, d *domain.Domain) error {
	if err := f.rates.Count(ctx, "verify-domain/"+d.ID, 1, looksOfOne, window); err != nil {
		return err
	}
	return f.rates.Count(ctx, "verify-tree/"+d.Root, 1, looksOfTree, window)
}

func (f *domains) look(ctx context.Context, d *domain.Domain) domainproof.Look {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return domainproof.LookAround(ctx, f.resolver, d.Name, d.Token)
}

func (f *domains) explain(ctx context.Context, look domainproof.Look) domainproof.Finding {
	ctx, cancel := context.WithTimeout(ctx, strayTimeout)
	defer cancel()
	return domainproof.Explain(ctx, f.resolver, look)
}

// prove makes the domain verified where no other tree holds it, or where the one that does has its own record no more: that
// was looked for along with the domain's own, at the same places.
func (f *domains) prove(ctx context.Context, c *access.Caller, d *domain.Domain, look domainproof.Look, finding domainproof.Finding, tx *table.Tx) error {
	holder, err := domain.ReadHolder(ctx, f.Table, d.Name)
	if err != nil {
		return err
	}
	if holder == nil {
		f.registry.Prove(tx, d, finding, f.act(c))
		return nil
	}
	if holder.Claim.Domain == d.ID {
		return table.ErrChanged // since the domain was read
	}
	switch holder.Record(look) {
	case domainproof.Found:
		return problem.New(problem.Conflict, "domain-held", "Your record is there, but the domain is verified for another organization whose own record (%s) still stands. Remove that record from the DNS of the domain, then verify again.", holder.Domain.Record().Value)
	case domainproof.Failed:
		return problem.New(problem.Conflict, "domain-held", "Your record is there, but the domain is verified for another organization, and DNS did not say whether its record still stands. Try again in some minutes.")
	}
	told := holder.Told()
	if f.registry.TakeOver(tx, d, holder, finding, f.act(c)); !told {
		return nil
	}
	return f.notice.LoseDomain(ctx, tx, holder.Root, d.Name, domain.BySystem(holder.Name, f.Clock()).Event, f.Clock())
}
