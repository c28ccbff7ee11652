package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// A stolen session is no place to guess the password from.
const (
	tries       = 10
	triesWithin = 15 * time.Minute
)

// changePassword sets a new password by the current one. All other sessions end, and links to set a password; this session
// goes on.
func (o *own) changePassword(ctx context.Context, c *access.Caller, in *passwordChange, tx *table.Tx) (*nothing, error) {
	before := o.Passwords.Runs()
	defer func() { httpapi.CallOf(ctx).Note("argon2Runs", o.Passwords.Runs()-before) }()
	if err := o.rates.Count(ctx, "own-password/"+c.User.ID, 1, tries, triesWithin); err != nil {
		return nil, err
	}
	if err := o.again(ctx, c); err != nil {
		return nil, err
	}
	held, err := people.ReadCredentials(ctx, o.Table, c.User.ID, &c.Access, c.Restored)
	if err != nil {
		return nil, err
	}
	right, err := held.VerifyPassword(o.Passwords, in.Body.Current)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, people.WrongPassword()
	}
	if err := secret.CheckPassword(in.Body.Password, required(c), c.User.Email, c.User.Name); err != nil {
		return nil, err
	}
	if err := people.SetPassword(tx, o.Passwords, c.User, &c.Access, in.Body.Password, o.Clock()); err != nil {
		return nil, err
	}
	o.Trail.Write(tx, c.Event("password.changed", "user", c.User.ID))
	o.goOnAlone(c, tx, c.Session.SecondFactor)
	return nil, people.Tell(ctx, o.Table, o.Outbox, tx, c.User, mail.PasswordChanged, o.Clock())
}

// goOnAlone ends all sessions of the person but the one that asks.
func (o *own) goOnAlone(c *access.Caller, tx *table.Tx, secondFactor bool) {
	edit := people.Edit(c.User, c.Actor, o.Clock())
	people.EndSessions(edit, c.User)
	tx.Update(edit)
	tx.Update(table.Touch(table.SessionKey(c.User.ID, c.SessionHash)).IfThere(table.ErrChanged).
		Set("userEpoch", c.User.Epoch).Set("secondFactor", secondFactor))
}

// again reads anew what the session stands on: where the change is made another time, that may have changed since the request
// came.
func (o *own) again(ctx context.Context, c *access.Caller) error {
	var user people.User
	var state tenant.Access
	if err := o.Table.GetMany(ctx, table.Want(c.User.Key(), &user), table.Want(table.AccessKey(c.Root), &state)); err != nil {
		return err
	}
	holds, err := access.Holds(ctx, o.Table, c.Session, &user, &state, c.Restored)
	if err != nil {
		return err
	}
	if !holds {
		return problem.New(problem.Unauthenticated, "unauthenticated", "Sign in first: this session has ended in the meantime.")
	}
	c.User, c.Access = &user, state
	return nil
}

// mayProve refuses to set up a second factor for whoever does not sign in by password.
func mayProve(c *access.Caller) error {
	if c.User.PasswordFor(&c.Access) {
		return nil
	}
	return problem.New(problem.Forbidden, "passwords-off", "You do not sign in by email and password, so there is nothing that a second factor would protect.")
}
