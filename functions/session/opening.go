package main

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// open puts a new session of the account into the change, with the trail and the count of sign-ins (LOG-6, LOG-8), and gives
// the cookies of the session and of the device.
func (d *door) open(ctx context.Context, tx *table.Tx, a *account, secondFactor bool) []http.Cookie {
	now, call := d.Clock(), httpapi.CallOf(ctx)
	lasts := d.lifetime(a)
	token, hash := secret.New(secret.Session, a.root, a.id)
	session := people.Session{ID: id.New(id.Session), User: a.id, Method: people.ByPassword, SecondFactor: secondFactor,
		UserEpoch: a.user.Epoch, PasswordEpoch: a.access.PasswordEpoch, Closings: a.access.Closings, CreatedAt: now.Unix(), AuthenticatedAt: now.Unix(), LastSeen: now.Unix(),
		Address: call.Address, Agent: call.Agent, ExpiresAt: table.Expiry(now.Add(lasts))}
	tx.Create(table.SessionKey(a.id, hash), session, table.ErrChanged)
	tx.Update(table.Touch(table.MethodKey(a.id, string(people.ByPassword))).Add("count", 1).
		Set("lastAt", clock.Format(now)).Set("lastFrom", call.Address))
	event := d.event(ctx, a, "session.opened")
	event.After = map[string]any{"session": session.ID, "method": string(session.Method), "secondFactor": secondFactor}
	d.Trail.Write(tx, event)
	return []http.Cookie{d.server.SessionCookie(token, lasts), d.newDevice(a.id, now)}
}

func (d *door) lifetime(a *account) time.Duration {
	return d.Config.Lifetimes().Longest(a.user.Portal)
}
