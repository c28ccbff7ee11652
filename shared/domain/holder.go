package domain

import (
	"context"

	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Holder is whose a domain is that somebody else is about to prove, with what decides whether it stays that one's.
type Holder struct {
	Claim
	Domain Domain // empty where the tree that held it has been erased
	Name   string // of the organization
	state  tenant.Access
}

// ReadHolder reads whose the domain is, nil for nobody's.
func ReadHolder(ctx context.Context, t *table.Table, name string) (*Holder, error) {
	h := &Holder{}
	found, err := t.Get(ctx, table.DomainClaimKey(name), &h.Claim)
	if err != nil || !found {
		return nil, err
	}
	var organization tenant.Organization
	err = t.GetMany(ctx, table.Want(table.DomainKey(h.Organization, h.Claim.Domain), &h.Domain),
		table.Want(table.OrganizationKey(h.Organization), &organization), table.Want(table.AccessKey(h.Root), &h.state))
	if err != nil {
		return nil, err
	}
	h.Name = organization.Name
	return h, h.Domain.Follow(ctx, t)
}

// Record says whether the holder's own record is there: a look at the domain that was made for somebody else tells it, too. The
// record of a tree that is closed counts for nothing, as the domain is free for whoever proves it (GEN-6).
func (h *Holder) Record(look domainproof.Look) domainproof.Outcome {
	if h.Domain.ID == "" || h.state.Closed() {
		return domainproof.NotFound
	}
	return look.OutcomeFor(h.Domain.Token)
}

// loses tells whether there is somebody to lose the domain: nobody is in a tree that is being erased.
func (h *Holder) loses() bool { return h.Domain.Verified && !h.state.Erasing }

// Told tells whether there is somebody to be told of losing the domain, in a tree that goes on.
func (h *Holder) Told() bool { return h.loses() && h.closed() == nil }

// closed is how the holder's tree stands where it is closed, nil otherwise.
func (h *Holder) closed() *tenant.Access {
	if h.state.Closed() {
		return &h.state
	}
	return nil
}
