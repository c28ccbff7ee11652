package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// Sentences of this function, beside those of package samlsp. None tells whether there is an account.
var (
	noAccess = samlsp.Sentence{Key: "no-access", English: "You are signed in at your organization, but have no access here. Please ask your administrator for it."}
	notInUse = samlsp.Sentence{Key: "not-in-use", English: "This way of signing in is not in use. Please sign in from the front page."}
	paused   = samlsp.Sentence{Key: "suspended", English: "Your organization is suspended at the moment. Please ask your administrator."}
	notYours = samlsp.Sentence{Key: "another-browser", English: "This test was started in another browser, was changed, or is over. Please start a new one in the settings of the connection."}
)

// refused is an error that ends a sign-in: what the member is told, and what the SAML log has of it.
type refused struct {
	sentence samlsp.Sentence
	event    connection.Event // Code, Demand, Saw, Wanted, Change
	user     *people.User     // who was meant, nil where nobody is known
	covered  bool             // a trusted signature covers what was refused
}

// Error gives the refusal for logs of our own.
func (r *refused) Error() string { return "saml: refused: " + r.event.Code }

// refusedAs makes a refusal of a rule that is this function's own. change is what the administrator can do about it.
func refusedAs(code string, tell samlsp.Sentence, demand, change string) *refused {
	return &refused{sentence: tell, event: connection.Event{Outcome: connection.Refused, Code: code, Demand: demand, Change: change}}
}

// refusedBy makes a refusal of one of the protocol's.
func refusedBy(refusal *samlsp.Refusal) *refused {
	account := refusal.Account()
	return &refused{sentence: refusal.Sentence(), covered: refusal.Covered, event: connection.Event{Outcome: connection.Refused,
		Code: string(account.Code), Demand: account.Demand, Saw: account.Saw, Wanted: account.Wanted, Change: account.Change}}
}

func notActive() error {
	return refusedAs("connection.inactive", notInUse, "The connection is active.", "Activate the connection.")
}

// note writes down that an answer was refused: into the connection's log and the audit where a trusted signature covers it, and
// otherwise into a count, since anybody could have sent it (LOG-8).
func (d *door) note(ctx context.Context, c *connection.Connection, r *refused) error {
	call, now := httpapi.CallOf(ctx), d.Clock()
	slog.InfoContext(ctx, "sign-in refused", "event", "sign-in.refused", "request", call.ID, "connection", c.ID, "why", r.event.Code, "covered", r.covered)
	if !r.covered {
		_, err := d.Table.Apply(ctx, connection.Junk(c.ID, now.Format("2006-01-02"), samlsp.Check(r.event.Code)).
			Set("expiresAt", table.Expiry(now.Add(connection.LogKept))))
		return err
	}
	tx := table.NewTx()
	r.event.Address, r.event.Request = call.Address, call.ID
	event := audit.Event{Action: "sign-in.refused", Root: c.Root, Organization: c.Organization, Actor: audit.System("saml"),
		Target: audit.Target{Type: "connection", ID: c.ID}, Address: call.Address, Request: call.ID}
	if r.user != nil {
		event = d.opener().Event(ctx, r.user, event.Action)
		r.event.User = r.user.ID
	}
	event.After = map[string]any{"why": r.event.Code, "connection": c.ID}
	d.Trail.Write(tx, event)
	r.event.Write(tx, c.ID, now)
	return d.Table.Commit(ctx, tx)
}

// apologize answers with what went wrong, as a page.
func (d *door) apologize(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	page, status := said{Title: "Signing in did not work", Request: httpapi.CallOf(ctx).ID, Back: "/"}, http.StatusForbidden
	if refusal, ours := errors.AsType[*refused](err); ours {
		page.Sentence, page.Code = refusal.sentence.English, refusal.sentence.Key
	} else {
		details := httpapi.Problem(ctx, err)
		for name, values := range details.GetHeaders() {
			w.Header().Set(name, values[0])
		}
		page.Sentence, status = details.Detail, details.Status
	}
	if err := show(w, status, sentencePage, page); err != nil {
		slog.WarnContext(ctx, "a page was not sent", "request", page.Request, "error", err)
	}
}
