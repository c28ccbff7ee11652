package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// suspend answers POST /v1/organizations/{org}/suspend (GEN-5).
func (o *organizations) suspend(ctx context.Context, c *access.Caller, _ *httpapi.About, tx *table.Tx) (*struct{}, error) {
	return nil, o.turn(ctx, c, tx, true, "organization.suspended", mail.OrganizationSuspended)
}

// resume answers POST /v1/organizations/{org}/resume.
func (o *organizations) resume(ctx context.Context, c *access.Caller, _ *httpapi.About, tx *table.Tx) (*struct{}, error) {
	return nil, o.turn(ctx, c, tx, false, "organization.resumed", mail.OrganizationResumed)
}

// turn suspends or resumes a tree; one that is so already stays untouched. The platform itself cannot be suspended: nobody
// could resume it.
func (o *organizations) turn(ctx context.Context, c *access.Caller, tx *table.Tx, suspended bool, action string, kind mail.Kind) error {
	of := c.Organization
	if of.Type != tenant.Partner && of.Type != tenant.Client {
		return problem.New(problem.Conflict, "wrong-type", "Only partners and clients are suspended and resumed, each with its tree, and this is a %s.", of.Type)
	}
	var state tenant.Access
	if _, err := o.Table.Get(ctx, table.AccessKey(of.Root), &state); err != nil || state.Suspended == suspended {
		return err
	}
	as := expression.Name("suspended").Equal(expression.Value(!suspended))
	tx.Update(table.Touch(table.AccessKey(of.Root)).Set("suspended", suspended).If(as, table.ErrChanged))
	o.Trail.Write(tx, c.Event(action, "organization", of.ID))
	o.tell(tx, c, of, kind, mail.Data{})
	return nil
}
