package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// giveSecondFactor finishes a sign-in by a code: of the second factor, or of the one that is being set up along with it.
func (d *door) giveSecondFactor(ctx context.Context, _ *access.Caller, in *codeInput, tx *table.Tx) (*opened, error) {
	root, user, key, err := holder(in.Body.Challenge)
	if err != nil {
		return nil, err
	}
	c, err := d.try(ctx, key)
	if err != nil {
		return nil, err
	}
	a, err := d.readAccount(ctx, root, user)
	if err != nil {
		return nil, err
	}
	if err := d.readLead(ctx, a); err != nil {
		return nil, err
	}
	if !c.holds(a) || a.required() && !c.Recovery {
		return nil, challengeEnded()
	}
	if a.access.Suspended {
		return nil, tenant.Suspended()
	}
	tx.DeleteExisting(key, challengeEnded())
	if c.Next == "enrol-second-factor" {
		return d.confirm(ctx, tx, a, c, in.Body.Code)
	}
	return d.proveFactor(ctx, tx, a, in.Body.Code)
}

// proveFactor opens the session by a code of the second factor.
func (d *door) proveFactor(ctx context.Context, tx *table.Tx, a *account, code string) (*opened, error) {
	// After the challenge, so that nobody uses up the owner's tries without the password. A second factor that is being set up
	// has nothing to guess.
	if err := d.throttleCode(ctx, a); err != nil {
		return nil, err
	}
	right, err := a.UseCode(ctx, tx, d.Keyring, a.id, code, d.Clock(), people.WrongCode())
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, d.refuse(ctx, a, "code", people.WrongCode())
	}
	cookies, err := d.open(ctx, tx, a, true)
	return &opened{Status: 204, Cookies: cookies}, err
}

// confirm puts the second factor that was set up into use and opens the session. Sessions that were opened without it end.
func (d *door) confirm(ctx context.Context, tx *table.Tx, a *account, c *challenge, code string) (*opened, error) {
	if c.Sealed == "" || a.Enrolled() {
		return nil, challengeEnded()
	}
	now := d.Clock()
	first, right, err := people.VerifyEnrolment(ctx, d.Keyring, a.id, c.Sealed, code, now)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, d.refuse(ctx, a, "code", people.WrongCode())
	}
	out := &opened{Status: 200}
	edit := people.Edit(&a.user, audit.Actor{Type: audit.ByUser, ID: a.id}, now)
	people.EndSessions(edit, &a.user)
	tx.Update(edit)
	out.Body.RecoveryCodes = people.Enrol(tx, &a.user, &a.access, c.Sealed, first, now)
	d.Trail.Write(tx, d.event(ctx, a, "second-factor.enrolled"))
	if out.Cookies, err = d.open(ctx, tx, a, true); err != nil {
		return nil, err
	}
	return out, people.Tell(ctx, d.Table, d.Outbox, tx, &a.user, mail.SecondFactorEnrolled, now)
}

// enrol makes a second factor for a sign-in that takes one. Asked again, it makes another, which replaces the first.
func (d *door) enrol(ctx context.Context, _ *access.Caller, in *challengeInput, tx *table.Tx) (*enrolment, error) {
	root, user, key, err := holder(in.Body.Challenge)
	if err != nil {
		return nil, err
	}
	var c challenge
	found, err := d.Table.Get(ctx, key, &c)
	if err != nil {
		return nil, err
	}
	a, err := d.readAccount(ctx, root, user)
	if err != nil {
		return nil, err
	}
	if !found || c.Next != "enrol-second-factor" || !c.holds(a) {
		return nil, challengeEnded()
	}
	out := &enrolment{}
	if out.Body.Secret, out.Body.URI, err = secret.NewTOTP(a.user.Email); err != nil {
		return nil, err
	}
	same := expression.Name("userEpoch").Equal(expression.Value(c.UserEpoch))
	tx.Update(table.Touch(key).If(same, challengeEnded()).Set("sealed", people.SealSecondFactor(d.Keyring, user, out.Body.Secret)))
	return out, nil
}
