package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// signIn checks email and password. Every account, and none, takes the same calls in the same order: the address, the
// counters, one batch, one run of argon2id, and one write of what came of it.
func (d *door) signIn(ctx context.Context, _ *access.Caller, in *passwordInput, tx *table.Tx) (*step, error) {
	defer d.noteRuns(ctx)()
	a, err := d.find(ctx, in.Body.Email)
	if err != nil {
		return nil, err
	}
	if err := d.throttle(ctx, a); err != nil {
		return nil, err
	}
	if err := d.read(ctx, a, a.wantLead(in.Body.Email)); err != nil {
		return nil, err
	}
	right, err := a.VerifyPassword(d.Passwords, in.Body.Password)
	if err != nil {
		return nil, err
	}
	if !right || !a.maySignIn() {
		return nil, d.refuse(ctx, a, "password", a.wrong())
	}
	if a.required() {
		return nil, d.refuse(ctx, a, "sso-required", a.wrong())
	}
	if a.access.Suspended {
		return nil, d.refuse(ctx, a, "suspended", tenant.Suspended())
	}
	return d.proceed(ctx, tx, a)
}

// proceed goes on from a right password: to the second factor, to setting one up, or to the session.
func (d *door) proceed(ctx context.Context, tx *table.Tx, a *account) (*step, error) {
	switch {
	case a.Enrolled():
		return d.challenge(tx, a, "second-factor"), nil
	case a.needsSecondFactor():
		return d.challenge(tx, a, "enrol-second-factor"), nil
	}
	cookies, err := d.open(ctx, tx, a, false)
	return &step{Status: 204, Cookies: cookies}, err
}

// refusedShards bounds how many items the refusals of unknown addresses leave.
const refusedShards = 4096

// refuse writes down that somebody was refused, and gives the answer back. For an unknown address the write is one that nobody
// reads, so that the two cost the same.
func (d *door) refuse(ctx context.Context, a *account, why string, answer error) error {
	tx := table.NewTx()
	if a.known {
		event := d.event(ctx, a, "sign-in.refused")
		event.After = map[string]any{"why": why}
		d.Trail.Write(tx, event)
	} else {
		tx.Put(table.RateKey("refused", rand.Int64N(refusedShards)), map[string]int64{"expiresAt": table.Expiry(d.Clock().Add(time.Minute))})
	}
	if err := d.Table.Commit(ctx, tx); err != nil {
		return err
	}
	slog.InfoContext(ctx, "sign-in refused", "event", "sign-in.refused", "request", httpapi.CallOf(ctx).ID, "why", why)
	return answer
}

// event begins an audit event of what the account's user did.
func (d *door) event(ctx context.Context, a *account, action string) audit.Event {
	return d.opener().Event(ctx, &a.user, action)
}

// noteRuns puts how often argon2id ran for the request into its line of the log.
func (d *door) noteRuns(ctx context.Context) func() {
	before := d.Passwords.Runs()
	return func() { httpapi.CallOf(ctx).Note("argon2Runs", d.Passwords.Runs()-before) }
}
