package main

import (
	"cmp"
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// enrolmentLasts is how long a second factor waits for its first code.
const enrolmentLasts = 10 * time.Minute

// unconfirmed is a second factor that is being set up; the one in use, if any, stays in use until then.
type unconfirmed struct {
	Sealed     string `dynamodbav:"sealed"`
	Generation int    `dynamodbav:"generation,omitempty"` // the tree's, when it was made
	CreatedAt  int64  `dynamodbav:"created,omitempty"`    // Unix seconds
	ExpiresAt  int64  `dynamodbav:"expiresAt"`
}

// enrol makes a second factor and keeps it apart until its first code comes. Asked again, it makes another.
func (o *own) enrol(_ context.Context, c *access.Caller, _ *nothing, tx *table.Tx) (*enrolmentOutput, error) {
	if err := mayProve(c); err != nil {
		return nil, err
	}
	out := &enrolmentOutput{}
	var err error
	if out.Body.Secret, out.Body.URI, err = secret.NewTOTP(cmp.Or(c.User.Email, c.User.Name)); err != nil {
		return nil, err
	}
	now := o.Clock()
	tx.Put(people.EnrolmentKey(c.User.ID), unconfirmed{Sealed: people.SealSecondFactor(o.Keyring, c.User.ID, out.Body.Secret),
		Generation: c.Access.PasswordEpoch, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(now.Add(enrolmentLasts))})
	o.Trail.Write(tx, c.Event("second-factor.enrolment-begun", "user", c.User.ID))
	return out, nil
}

// confirm puts it into use, in place of an older one, with new recovery codes. All other sessions end.
func (o *own) confirm(ctx context.Context, c *access.Caller, in *confirmation, tx *table.Tx) (*codesOutput, error) {
	if err := o.again(ctx, c); err != nil {
		return nil, err
	}
	if err := mayProve(c); err != nil {
		return nil, err
	}
	var waiting unconfirmed
	found, err := o.Table.Get(ctx, people.EnrolmentKey(c.User.ID), &waiting)
	if err != nil {
		return nil, err
	}
	ended := problem.New(problem.Conflict, "no-enrolment", "No second factor is being set up, or it took too long. Begin again.")
	if !found || waiting.Generation != c.Access.PasswordEpoch || c.Restored.Voids(time.Unix(waiting.CreatedAt, 0)) {
		return nil, ended
	}
	now := o.Clock()
	first, right, err := people.VerifyEnrolment(ctx, o.Keyring, c.User.ID, waiting.Sealed, in.Body.Code, now)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, people.WrongCode()
	}
	out := &codesOutput{}
	out.Body.RecoveryCodes = people.Enrol(tx, c.User, &c.Access, waiting.Sealed, first, now)
	tx.DeleteExisting(people.EnrolmentKey(c.User.ID), ended)
	o.Trail.Write(tx, c.Event("second-factor.enrolled", "user", c.User.ID))
	o.goOnAlone(c, tx, true)
	return out, people.Tell(ctx, o.Table, o.Outbox, tx, c.User, mail.SecondFactorEnrolled, now)
}

// renewCodes replaces the recovery codes, those left of the old ones included.
func (o *own) renewCodes(ctx context.Context, c *access.Caller, _ *nothing, tx *table.Tx) (*codesOutput, error) {
	if err := o.again(ctx, c); err != nil {
		return nil, err
	}
	if err := o.enrolled(ctx, c); err != nil {
		return nil, err
	}
	out := &codesOutput{}
	out.Body.RecoveryCodes = people.RenewRecoveryCodes(tx, c.User, &c.Access, o.Clock())
	o.Trail.Write(tx, c.Event("recovery-codes.renewed", "user", c.User.ID))
	return out, nil
}

func (o *own) enrolled(ctx context.Context, c *access.Caller) error {
	held, err := people.ReadCredentials(ctx, o.Table, c.User.ID, &c.Access, c.Restored)
	if err == nil && !held.Enrolled() {
		err = problem.New(problem.Conflict, "no-second-factor", "You have no second factor. Set one up first.")
	}
	return err
}

// removeSecondFactor takes it away where none has to be. All other sessions end, and this one counts as without.
func (o *own) removeSecondFactor(ctx context.Context, c *access.Caller, _ *nothing, tx *table.Tx) (*nothing, error) {
	if required(c) {
		return nil, problem.New(problem.Conflict, "second-factor-mandatory", "Your organization requires a second factor of you. Set up another one instead.")
	}
	if err := o.again(ctx, c); err != nil {
		return nil, err
	}
	if err := o.enrolled(ctx, c); err != nil {
		return nil, err
	}
	people.RemoveSecondFactor(tx, c.User.ID)
	o.Trail.Write(tx, c.Event("second-factor.removed", "user", c.User.ID))
	o.goOnAlone(c, tx, false)
	return nil, people.Tell(ctx, o.Table, o.Outbox, tx, c.User, mail.SecondFactorRemoved, o.Clock())
}
