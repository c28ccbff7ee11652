package main

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file gives a person another address to sign in with (LOG-9). Whoever opens the link that is mailed there has it; until
// then nothing changes, and the answer is the same whether somebody else has the address.

const (
	addressTries  = 5 // mails that somebody can have sent to strangers
	addressWithin = time.Hour
)

func (o *own) mountAddress(s *httpapi.Server) {
	asked := credential("change-own-address", "POST", "/v1/me/address", "Ask for another address to sign in with")
	asked.Status, asked.Description = 202, "A link to confirm it is mailed there, valid for a day; the old address is told. The answer does not tell whether somebody has the address."
	httpapi.Change(s, asked, o.changeAddress)
	httpapi.Change(s, httpapi.Operation{ID: "confirm-address", Method: "POST", Path: "/v1/me/address/{token}", Needs: access.Public, Status: 204,
		Summary: "Confirm a new address by the mailed link", Description: "From then on the person signs in with it, and the old one is free. Sessions go on; links to set a password are void. Refused where no administrator could sign in any more."}, o.confirmAddress)
}

type addressInput struct {
	Body struct {
		Email string `json:"email" minLength:"3" maxLength:"254" doc:"The new address" example:"ana.ruiz@acme.example"`
	}
}

type addressToken struct {
	Token string `path:"token" maxLength:"512" doc:"Of the mailed link"`
}

// changeAddress answers POST /v1/me/address.
func (o *own) changeAddress(ctx context.Context, c *access.Caller, in *addressInput, tx *table.Tx) (*nothing, error) {
	email, err := people.CheckAddress("body.email", in.Body.Email)
	if err != nil {
		return nil, err
	}
	if table.Fold(email) == table.Fold(c.User.Email) {
		return nil, problem.Invalid("body.email", "is your address already", email)
	}
	if err := o.rates.Count(ctx, "own-address/"+c.User.ID, 1, addressTries, addressWithin); err != nil {
		return nil, err
	}
	if c.User.Connection != "" {
		return nil, people.ManagedBySCIM()
	}
	closed, err := tenant.Closed(ctx, o.Table, c.Root, email)
	if err != nil {
		return nil, err
	}
	if closed {
		return nil, problem.Invalid("body.email", "is of a domain that your organization has lost", email)
	}
	organization, err := tenant.Read(ctx, o.Table, c.User.Organization)
	if err != nil {
		return nil, err
	}
	now := o.Clock()
	people.AskAddress(tx, o.Outbox, c.User, email, organization.Name, now)
	o.Trail.Write(tx, c.Event("address.change-begun", "user", c.User.ID))
	return nil, people.Tell(ctx, o.Table, o.Outbox, tx, c.User, mail.AddressAsked, now)
}

func addressEnded() error {
	return problem.New(problem.NotFound, "link-ended", "This link was used, was replaced by a newer one, or is too old. Ask for a new one.")
}

// confirmAddress answers POST /v1/me/address/{token}. An address that somebody else has by then is refused: here the mailbox is
// proved, so it may be said.
func (o *own) confirmAddress(ctx context.Context, _ *access.Caller, in *addressToken, tx *table.Tx) (*nothing, error) {
	asked, err := o.askedFor(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	u, email := &asked.user, asked.waiting.Email
	if err := o.somebodyStays(ctx, tx, u, email, asked.restored); err != nil {
		return nil, err
	}
	now, old := o.Clock(), *u
	edit := people.Edit(u, audit.Actor{Type: audit.ByUser, ID: u.ID}, now)
	people.Readdress(tx, edit, u, email, asked.held, now)
	tx.Update(edit)
	tx.DeleteExisting(people.NewAddressKey(u.ID), addressEnded())
	tx.Delete(people.ResetLinkKey(u.ID), 0)
	tx.Delete(people.RecoveryLinkKey(u.ID), 0)
	asked.held.Tell(tx, o.Trail, o.Outbox, u, now)
	call := httpapi.CallOf(ctx)
	o.Trail.Write(tx, audit.Event{Action: "address.changed", Root: u.Root, Organization: u.Organization, Actor: audit.Actor{Type: audit.ByUser, ID: u.ID},
		Target: audit.Target{Type: "user", ID: u.ID}, Address: call.Address, Request: call.ID})
	return nil, people.Tell(ctx, o.Table, o.Outbox, tx, &old, mail.AddressChanged, now)
}

// readdressing is a new address that somebody asked for, who proves it now.
type readdressing struct {
	user     people.User
	waiting  people.NewAddress
	restored restore.Mark
	held     *people.Holder // who holds it elsewhere, nil for nobody
}

// askedFor reads what the token of a mailed link is for, which must still count.
func (o *own) askedFor(ctx context.Context, token string) (*readdressing, error) {
	parts, hash, err := secret.Parse(secret.Address, token)
	if err != nil || len(parts) != 2 {
		return nil, addressEnded()
	}
	root, user := parts[0], parts[1]
	asked, state := &readdressing{}, tenant.Access{}
	u, waiting := &asked.user, &asked.waiting
	if err := o.Table.GetMany(ctx, table.Want(table.UserKey(root, user), u), table.Want(table.AccessKey(root), &state),
		table.Want(restore.Key(root), &asked.restored), table.Want(people.NewAddressKey(user), waiting)); err != nil {
		return nil, err
	}
	void := waiting.Epoch != u.Epoch || asked.restored.Voids(time.Unix(waiting.CreatedAt, 0)) || state.Closed()
	void = void || u.Connection != "" // its IdP says the address since
	if u.Status != people.Active || waiting.Hash == "" || !secret.Equal(waiting.Hash, hash) || void {
		return nil, addressEnded()
	}
	closed, errClosed := tenant.Closed(ctx, o.Table, root, waiting.Email)
	held, errHeld := people.ReadHolder(ctx, o.Table, root, waiting.Email)
	if err := errors.Join(errClosed, errHeld); err != nil {
		return nil, err
	}
	if closed {
		return nil, addressEnded()
	}
	asked.held = held
	return asked, nil
}

// somebodyStays refuses an address with which no administrator of the main organization could sign in any more, such as one whose
// domain leads to no IdP where email and password is off (PER-5).
func (o *own) somebodyStays(ctx context.Context, tx *table.Tx, u *people.User, email string, restored restore.Mark) error {
	if !u.AdministersMain() {
		return nil
	}
	now, err := lockout.Read(ctx, o.Table, u.Root, restored, o.Config.Social(), o.Clock())
	if err != nil {
		return err
	}
	then, err := now.Readdressed(ctx, o.Table, u.ID, email)
	if err != nil {
		return err
	}
	return then.KeepFrom(tx, now)
}
