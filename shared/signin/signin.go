// Package signin opens sessions, for every way to sign in alike: who was found to be somebody gets a session in the transaction
// that uses the proof up, along with the count of that way (AUT-5), the event, and the cookie.
//
//	session, cookie := opener.Open(ctx, tx, user, &state, people.Session{Method: people.ByPassword, SecondFactor: true})
//
// It refuses to judge a proof: that somebody is who they say, and may come in, is decided before.
package signin

import (
	"context"
	"net/http"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Opener opens sessions.
type Opener struct {
	Server    *httpapi.Server // whose cookies they are
	Trail     audit.Trail
	Lifetimes people.Lifetimes
	Clock     clock.Clock
}

// Open puts a new session of the user into the change, with the trail and the count of sign-ins (LOG-6, LOG-8), and gives its
// cookie. What proved is what the way to sign in knows of the session: the method, whether there was a second factor, and
// the epochs that only this method has. Two things may be less than usual: AuthenticatedAt, where the proof is older than the
// session (PER-6), and ExpiresAt, where it shall end sooner. All else is filled in.
func (o *Opener) Open(ctx context.Context, tx *table.Tx, u *people.User, state *tenant.Access, proved people.Session) (people.Session, http.Cookie) {
	now, call := o.Clock(), httpapi.CallOf(ctx)
	token, hash := secret.New(secret.Session, u.Root, u.ID)
	s := proved
	s.ID, s.User, s.UserEpoch, s.PasswordEpoch, s.Closings = id.New(id.Session), u.ID, u.Epoch, state.PasswordEpoch, state.Closings
	s.CreatedAt, s.LastSeen, s.Address, s.Agent = now.Unix(), now.Unix(), call.Address, call.Agent
	if s.AuthenticatedAt == 0 || s.AuthenticatedAt > now.Unix() {
		s.AuthenticatedAt = now.Unix()
	}
	lasts := o.lasts(u, proved.ExpiresAt, now)
	s.ExpiresAt = table.Expiry(now.Add(lasts))
	tx.Create(table.SessionKey(u.ID, hash), s, table.ErrChanged)
	people.CountSignIn(tx, u, &s, call.Address, now)
	event := o.Event(ctx, u, "session.opened")
	event.After = map[string]any{"session": s.ID, "method": string(s.Method), "secondFactor": s.SecondFactor}
	o.Trail.Write(tx, event)
	return s, o.Server.SessionCookie(token, lasts)
}

// lasts is how long a session lasts that ends no later than at the Unix time ends, 0 for no end of its own.
func (o *Opener) lasts(u *people.User, ends int64, now time.Time) time.Duration {
	longest := o.Lifetimes.Longest(u.Portal)
	if ends == 0 {
		return longest
	}
	return max(time.Second, min(longest, time.Unix(ends, 0).Sub(now).Truncate(time.Second)))
}

// Event begins an audit event of what the user does who signs in.
func (o *Opener) Event(ctx context.Context, u *people.User, action string) audit.Event {
	call := httpapi.CallOf(ctx)
	return audit.Event{Action: action, Root: u.Root, Organization: u.Organization, Actor: audit.Actor{Type: audit.ByUser, ID: u.ID},
		Target: audit.Target{Type: "user", ID: u.ID}, Address: call.Address, Request: call.ID}
}
