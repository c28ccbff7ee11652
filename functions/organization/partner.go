package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// codeLasts is how long a partner's code can be used.
const codeLasts = 24 * time.Hour

// partnerCode is a code that waits to be used, by the hash of its token.
type partnerCode struct {
	Partner   string `dynamodbav:"partner"`
	CreatedAt int64  `dynamodbav:"created,omitempty"` // Unix seconds
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// PartnerChoice names the new partner in one of two ways.
type PartnerChoice struct {
	Code      string `json:"code,omitempty" maxLength:"512" doc:"The one-time code that the new partner gave"`
	PartnerID string `json:"partnerId,omitempty" maxLength:"40" doc:"The partner's id; for the platform's administrators"`
}

// PartnerInput is the input of PUT /v1/organizations/{org}/partner.
type PartnerInput struct {
	httpapi.About
	httpapi.Match
	Body PartnerChoice
}

// setPartner answers PUT /v1/organizations/{org}/partner (GEN-2). Choosing the partner that it has changes nothing.
func (o *organizations) setPartner(ctx context.Context, c *access.Caller, in *PartnerInput, tx *table.Tx) (*Shown, error) {
	before, err := o.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	if err := only(before, tenant.Client, "a partner"); err != nil {
		return nil, err
	}
	choice, err := o.choose(ctx, c, in.Body)
	if err != nil {
		return nil, err
	}
	after := *before
	if choice.partner.ID != before.Partner {
		choice.spend(tx)
		o.changePartner(tx, c, before, &after, choice.partner)
	}
	return o.show(ctx, c, &after)
}

// choice is a partner that was named, with the code that did.
type choice struct {
	partner *tenant.Organization
	code    table.Key // empty where it was named by its id
	spent   error     // where somebody else used the code in between
}

// spend uses up the code.
func (ch choice) spend(tx *table.Tx) {
	if ch.code != (table.Key{}) {
		tx.DeleteExisting(ch.code, ch.spent)
	}
}

// choose reads the partner that the request names.
func (o *organizations) choose(ctx context.Context, c *access.Caller, in PartnerChoice) (choice, error) {
	switch {
	case (in.Code == "") == (in.PartnerID == ""):
		return choice{}, problem.Invalid("body", "names the partner by either code or partnerId", nil)
	case in.Code != "":
		return o.byCode(ctx, c, in.Code)
	case c.May(access.Oversee) != nil:
		return choice{}, problem.Refused("Only the platform names a partner by its id. Ask the partner for a code.")
	}
	partner, err := o.partner(ctx, in.PartnerID, problem.Invalid("body.partnerId", "is not the id of a partner", in.PartnerID))
	return choice{partner: partner}, err
}

func (o *organizations) byCode(ctx context.Context, c *access.Caller, code string) (choice, error) {
	unknown := problem.Invalid("body.code", "is not a partner's code that is still valid: a code is used once, within a day", nil)
	_, hash, err := secret.Parse(secret.PartnerCode, code)
	if err != nil {
		return choice{}, unknown
	}
	var waiting partnerCode
	found, err := o.Table.Get(ctx, table.OnceKey(hash), &waiting)
	if err != nil {
		return choice{}, err
	}
	if !found || c.Restored.Voids(time.Unix(waiting.CreatedAt, 0)) {
		return choice{}, unknown
	}
	partner, err := o.partner(ctx, waiting.Partner, unknown)
	return choice{partner: partner, code: table.OnceKey(hash), spent: unknown}, err
}

// partner reads a partner that is in use; unknown is the error for anything else.
func (o *organizations) partner(ctx context.Context, partner string, unknown error) (*tenant.Organization, error) {
	if !id.Valid(id.Organization, partner) {
		return nil, unknown
	}
	var of tenant.Organization
	var state tenant.Access
	read, standing := table.Want(table.OrganizationKey(partner), &of), table.Want(table.AccessKey(partner), &state)
	if err := o.Table.GetMany(ctx, read, standing); err != nil {
		return nil, err
	}
	if !read.Found || !standing.Found || of.Type != tenant.Partner || state.Suspended || state.Closed() {
		return nil, unknown
	}
	return &of, nil
}

// changePartner gives the client another partner, or none (nil), which may do nothing until it is granted something (PER-3).
func (o *organizations) changePartner(tx *table.Tx, c *access.Caller, before, after, partner *tenant.Organization) {
	after.Partner, after.PartnerAccess = "", ""
	told := mail.Data{}
	tenant.CountClient(tx, before.Partner, -1)
	if partner != nil {
		after.Partner, after.PartnerAccess, told.Partner = partner.ID, tenant.NoAccess, partner.Name
		tenant.CountClient(tx, partner.ID, +1)
	}
	o.store(tx, c, before, after, "organization.partner-changed")
	o.tell(tx, c, after, mail.PartnerChanged, told)
}

// LeaveInput is the input of DELETE /v1/organizations/{org}/partner.
type LeaveInput struct {
	httpapi.About
	httpapi.Match
}

// removePartner answers DELETE /v1/organizations/{org}/partner.
func (o *organizations) removePartner(ctx context.Context, c *access.Caller, in *LeaveInput, tx *table.Tx) (*struct{}, error) {
	before, err := o.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	if before.Partner == "" {
		return nil, problem.Missing()
	}
	after := *before
	o.changePartner(tx, c, before, &after, nil)
	return nil, nil
}

// Code is a partner's one-time code.
type Code struct {
	Code      string `json:"code,omitempty" doc:"To be given to an administrator of the client; shown here only"`
	ExpiresAt string `json:"expiresAt" format:"date-time" doc:"Until when it can be used"`
}

// CodeMade is the answer of POST /v1/organizations/{org}/partner-codes.
type CodeMade struct{ Body Code }

// Forget removes the code, which a replay does not answer again.
func (m *CodeMade) Forget() { m.Body.Code = "" }

// createCode answers POST /v1/organizations/{org}/partner-codes.
func (o *organizations) createCode(_ context.Context, c *access.Caller, _ *httpapi.About, tx *table.Tx) (*CodeMade, error) {
	if err := only(c.Organization, tenant.Partner, "codes for clients"); err != nil {
		return nil, err
	}
	now := o.Clock()
	expires := now.Add(codeLasts)
	token, hash := secret.New(secret.PartnerCode, c.Organization.ID)
	tx.Create(table.OnceKey(hash), partnerCode{Partner: c.Organization.ID, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(expires)}, table.ErrChanged)
	event := c.Event("partner-code.created", "organization", c.Organization.ID)
	event.After = map[string]any{"expiresAt": clock.Format(expires)}
	o.Trail.Write(tx, event)
	return &CodeMade{Code{Code: token, ExpiresAt: clock.Format(expires)}}, nil
}
