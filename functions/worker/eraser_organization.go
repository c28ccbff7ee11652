package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// This file erases organizations: their settings, domains and files.

// suborganizations erases the suborganizations of a client, one after the other.
func (e eraser) suborganizations(ctx context.Context, x *erasingPage) (done bool, err error) {
	if x.main.Type != tenant.Client {
		return true, nil // a partner's clients stand in the same list
	}
	if x.at.Organization == "" {
		list := table.OrganizationsUnder(x.Root, "", "")
		page, err := table.List[tenant.Organization](ctx, e.Table, table.Question{Index: list.Index, PK: list.PK, Limit: 1, Cursor: x.at.Cursor})
		if err != nil {
			return false, err
		}
		x.at.Cursor = page.Next
		if len(page.Items) == 0 {
			return page.Next == "", nil
		}
		x.at.Organization = page.Items[0].ID
	}
	emptied, err := e.organization(ctx, x, x.at.Organization)
	if err != nil || !emptied {
		return false, err
	}
	if err := e.erase(ctx, x, table.OrganizationKey(x.at.Organization)); err != nil {
		return false, err
	}
	x.at.Organization = ""
	return x.at.Cursor == "", nil
}

// mainOrganization erases everything of the main organization but itself.
func (e eraser) mainOrganization(ctx context.Context, x *erasingPage) (done bool, err error) {
	return e.organization(ctx, x, x.Root)
}

// organization erases a page of an organization, and tells whether nothing but itself is left.
func (e eraser) organization(ctx context.Context, x *erasingPage, org string) (emptied bool, err error) {
	if none, err := e.domains(ctx, x, org); err != nil || !none {
		return false, err
	}
	if none, err := e.clear(ctx, x, table.OrganizationPartition(org), "", table.OrganizationKey(org)); err != nil || !none {
		return false, err
	}
	for _, prefix := range []string{blob.Uploads, blob.Images, blob.Exports} {
		removed, more, err := e.files.DeletePage(ctx, prefix+org+"/")
		if x.erased += removed; err != nil || more {
			return false, err
		}
	}
	return true, nil
}

// domains erases the domains of an organization with what looks after them. One that somebody else proved meanwhile is that
// one's.
func (e eraser) domains(ctx context.Context, x *erasingPage, org string) (done bool, err error) {
	begin := table.DomainKey(org, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pagePeople}, table.Key{})
	if err != nil {
		return false, err
	}
	claims, wants := make([]domain.Claim, len(rows)), make([]*table.Wanted, len(rows))
	all := make([]domain.Domain, len(rows))
	for i, row := range rows {
		if err := row.Read(&all[i]); err != nil {
			return false, err
		}
		wants[i] = table.Want(table.DomainClaimKey(all[i].Name), &claims[i])
	}
	if err := e.Table.GetMany(ctx, wants...); err != nil {
		return false, err
	}
	for i, d := range all {
		if claims[i].Domain == d.ID {
			same := expression.Name("domain").Equal(expression.Value(d.ID))
			x.Tx.DeleteIf(table.DomainClaimKey(d.Name), same, table.ErrChanged)
		}
		timer.Cancel(x.Tx, timer.Domain, d.Owner())
		x.Tx.Delete(d.Key(), 0)
	}
	x.erased += len(all)
	return !more && len(all) == 0, nil
}
