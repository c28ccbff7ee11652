package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// enter signs in whom the answer means, in one transaction that uses the request and the assertion up: whoever brings them again
// finds them used. It gives the session's cookie, none where a session goes on.
func (d *door) enter(ctx context.Context, a *answer) (cookies []http.Cookie, err error) {
	var means decision
	err = d.server.Commit(ctx, func(tx *table.Tx) error {
		w, err := d.look(ctx, a)
		if err != nil {
			return err
		}
		if err := w.opens(a); err != nil {
			return err
		}
		means = w.known.decide()
		if err := means.refusal(); err != nil {
			return err
		}
		d.use(tx, a)
		if a.request != nil && a.request.Again != nil {
			return d.goOn(ctx, tx, a, means)
		}
		user, err := d.admit(ctx, tx, a, w, means)
		if err != nil {
			return err
		}
		cookies = []http.Cookie{d.open(ctx, tx, a, w, user)}
		return nil
	})
	if e := problem.As(err); e != nil && e.Slug == "address-in-use" {
		taken := refusedAs("address.in-use", noAccess, "Nobody of another organization of the installation signs in by the address.",
			"Have whoever uses the address elsewhere change it there.")
		taken.user = means.user
		return nil, taken
	}
	return cookies, err
}

// use has the change use up what the answer stands on. An assertion is remembered for as long as it would be accepted, also one
// that answers a request: another request of another browser could be answered with it otherwise.
func (d *door) use(tx *table.Tx, a *answer) {
	used := refusedAs("assertion.used", samlsp.TryAgain, "The assertion was not used before.", "")
	tx.Create(connection.UsedKey(a.connection.ID, a.assertion.ID), struct {
		ExpiresAt int64 `dynamodbav:"expiresAt"`
	}{table.Expiry(a.assertion.UsableUntil) + 1}, used)
	if a.request != nil {
		tx.DeleteExisting(a.request.key, refusedAs("request.used", samlsp.TryAgain, "The request was not answered before.", ""))
	}
}

// admit gives the user who is meant: as there is, accepting an invitation, or newly created; and links the name id.
func (d *door) admit(ctx context.Context, tx *table.Tx, a *answer, w *world, means decision) (*people.User, error) {
	user := means.user
	switch {
	case means.creates:
		made, err := d.create(ctx, tx, a, w)
		if err != nil {
			return nil, err
		}
		user = made
	case user.Status == people.Invited:
		if err := d.accept(ctx, tx, user); err != nil {
			return nil, err
		}
	}
	if key := linkKey(a); key != (table.Key{}) && w.link.User != user.ID {
		tx.Put(key, connection.Link{User: user.ID})
	}
	return user, nil
}

// accept makes an active user of an invited one: the IdP of a domain that the tree has verified says that the address is the
// person's own (LOG-9).
func (d *door) accept(ctx context.Context, tx *table.Tx, u *people.User) error {
	held, err := people.ReadHolder(ctx, d.Table, u.Root, u.Email)
	if err != nil {
		return err
	}
	edit := people.Edit(u, audit.Actor{Type: audit.ByUser, ID: u.ID}, d.Clock())
	people.Activate(tx, edit, u, held, d.Clock())
	tx.Update(edit)
	held.Tell(tx, d.Trail, d.Outbox, u, d.Clock())
	event := d.opener().Event(ctx, u, "invitation.accepted")
	event.After = map[string]any{"status": string(u.Status)}
	d.Trail.Write(tx, event)
	return nil
}

// create makes a user of somebody whom nobody knows, with the connection's role (LOG-3).
func (d *door) create(ctx context.Context, tx *table.Tx, a *answer, w *world) (*people.User, error) {
	held, err := people.ReadHolder(ctx, d.Table, a.connection.Root, a.identity.Address)
	if err != nil {
		return nil, err
	}
	now := d.Clock()
	by := audit.System("saml")
	u := people.Join(tx, a.connection.Root, &w.role, people.Person{Name: nameOf(a.identity), Email: a.identity.Address,
		Department: bounded(a.identity.Values[samlsp.Department], 100)}, held, by, now)
	held.Tell(tx, d.Trail, d.Outbox, u, now)
	event := d.opener().Event(ctx, u, "user.created")
	event.Actor, event.After = by, map[string]any{"roleId": u.Role, "connection": a.connection.ID}
	d.Trail.Write(tx, event)
	if u.Administrator() {
		d.Outbox.Post(tx, mail.Letter{Kind: mail.NewAdministrator, Administrators: u.Root, Data: mail.Data{Person: u.Name, By: a.connection.Name, At: now}})
	}
	return u, nil
}

// nameOf is what somebody goes by: as the IdP says, otherwise the part of the address before the @.
func nameOf(i *samlsp.Identity) string {
	for _, name := range []string{i.Values[samlsp.DisplayName], strings.TrimSpace(i.Values[samlsp.FirstName] + " " + i.Values[samlsp.LastName])} {
		if checked, err := people.CheckName("name", bounded(name, 100)); err == nil {
			return checked
		}
	}
	name, _, _ := strings.Cut(i.Address, "@")
	return name
}

// phoneOf is the phone number that the IdP says, empty where it says none.
func phoneOf(i *samlsp.Identity) string {
	phone, _ := people.CheckName("phone", bounded(i.Values[samlsp.Phone], 40))
	return phone
}

// bounded cuts a text after so many characters.
func bounded(text string, most int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), most)])
}

// open opens the session.
func (d *door) open(ctx context.Context, tx *table.Tx, a *answer, w *world, u *people.User) http.Cookie {
	proved := people.Session{Method: people.BySAML, SecondFactor: several(a.assertion), AuthenticatedAt: a.assertion.SignedIn.Unix(),
		Federation: people.Federation{Connection: a.connection.ID, Domain: a.identity.Domain, DomainEpoch: w.domain.Epoch, SeenDomains: people.NotSeen, Phone: phoneOf(a.identity)}}
	if ends := a.assertion.SessionEnds; !ends.IsZero() {
		proved.ExpiresAt = ends.Unix()
	}
	_, cookie := d.opener().Open(ctx, tx, u, &w.state, proved)
	d.done(ctx, tx, a, u)
	return cookie
}

// goOn makes a session that is there a fresh one: its user has signed in anew, and nobody else (PER-6).
func (d *door) goOn(ctx context.Context, tx *table.Tx, a *answer, means decision) error {
	again := a.request.Again
	other := refusedAs("session.other", samlsp.TryAgain, "Whoever signs in again is the one whose session it is.", "")
	if means.user == nil || means.user.ID != again.User || means.user.Root != again.Root {
		return other
	}
	tx.Update(table.Touch(table.SessionKey(again.User, again.Hash)).IfThere(other).Set("authenticated", min(a.assertion.SignedIn.Unix(), d.Clock().Unix())))
	event := d.opener().Event(ctx, means.user, "session.reauthenticated")
	event.Target = audit.Target{Type: "session", ID: again.Session}
	d.Trail.Write(tx, event)
	d.done(ctx, tx, a, means.user)
	return nil
}

// done writes the sign-in into the connection's log.
func (d *door) done(ctx context.Context, tx *table.Tx, a *answer, u *people.User) {
	call := httpapi.CallOf(ctx)
	connection.Event{Outcome: connection.SignedIn, User: u.ID, Certificate: a.message.Signed.Certificate(), IDPFirst: a.request == nil,
		Address: call.Address, Request: call.ID}.Write(tx, a.connection.ID, d.Clock())
}
