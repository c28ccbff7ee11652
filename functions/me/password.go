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
	held, err := people.ReadCredentials(ctx, o.Table, c.User.ID, c.Restored)
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
	if err := people.SetPassword(tx, o.Passwords, c.User.ID, in.Body.Password, o.Clock()); err != nil {
		return nil, err
	}
	o.Trail.Write(tx, c.Event("password.changed", "user", c.User.ID))
	if err := o.goOnAlone(ctx, c, tx, c.Session.SecondFactor); err != nil {
		return nil, err
	}
	return nil, people.Tell(ctx, o.Table, o.Outbox, tx, c.User, mail.PasswordChanged, o.Clock())
}

// goOnAlone ends all sessions of the person but the one that asks.
func (o *own) goOnAlone(ctx context.Context, c *access.Caller, tx *table.Tx, secondFactor bool) error {
	u, err := people.ReadUser(ctx, o.Table, c.Root, c.User.ID)
	if err != nil {
		return err
	}
	if u.Epoch != c.Session.UserEpoch {
		return problem.New(problem.Unauthenticated, "unauthenticated", "Sign in first: this session has ended in the meantime.")
	}
	edit := people.Edit(u, c.Actor, o.Clock())
	people.EndSessions(edit, u)
	tx.Update(edit)
	tx.Update(table.Touch(table.SessionKey(u.ID, c.SessionHash)).IfThere(table.ErrChanged).
		Set("userEpoch", u.Epoch).Set("secondFactor", secondFactor))
	return nil
}
