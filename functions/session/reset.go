package main

import (
	"context"
	"errors"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// requestReset takes the request and nothing more: functions/worker looks the account up, so that asking costs the same for
// every address. More than a few requests for one address are taken and lead to no further mail.
func (d *door) requestReset(ctx context.Context, _ *access.Caller, in *addressed, tx *table.Tx) (*nothing, error) {
	if err := d.countNetwork(ctx); err != nil {
		return nil, err
	}
	err := d.rates.Count(ctx, "reset/"+d.shadow(in.Body.Email), 1, resetsOfAddress, resetWindow)
	if e := problem.As(err); e != nil && e.Code == problem.Limited {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d.Outbox.Post(tx, mail.Letter{Kind: mail.ResetRequest, To: in.Body.Email})
	return nil, nil
}

// linkEnded is the answer to every link that leads nowhere: it cannot be told whether it ever did.
func linkEnded() error {
	return problem.New(problem.NotFound, "link-ended", "This link was used, was replaced by a newer one, or is too old. Ask for a new one.")
}

// reset sets a new password by a mailed link, ends all sessions and tells the owner. It opens no session, and the second
// factor stays: a mailbox alone is not enough to come in.
func (d *door) reset(ctx context.Context, _ *access.Caller, in *newPassword, tx *table.Tx) (*nothing, error) {
	defer d.noteRuns(ctx)()
	parts, hash, err := secret.Parse(secret.Reset, in.Token)
	if err != nil || len(parts) != 2 {
		return nil, linkEnded()
	}
	a := &account{id: parts[1], root: parts[0]}
	var link people.ResetLink
	if err := errors.Join(d.read(ctx, a), d.readLink(ctx, a, &link)); err != nil {
		return nil, err
	}
	void := link.Epoch != a.user.Epoch || link.Generation != a.access.PasswordEpoch || a.restored.Voids(time.Unix(link.CreatedAt, 0))
	if !a.maySignIn() || a.required() || a.domain.Closed() || link.Hash == "" || !secret.Equal(link.Hash, hash) || void {
		return nil, linkEnded()
	}
	if err := secret.CheckPassword(in.Body.Password, a.needsSecondFactor(), a.user.Email, a.user.Name); err != nil {
		return nil, err
	}
	now := d.Clock()
	edit := people.Edit(&a.user, audit.Actor{Type: audit.ByUser, ID: a.id}, now)
	people.EndSessions(edit, &a.user)
	tx.Update(edit)
	tx.DeleteExisting(people.ResetLinkKey(a.id), linkEnded())
	d.Trail.Write(tx, d.event(ctx, a, "password.reset"))
	if err := people.SetPassword(tx, d.Passwords, &a.user, &a.access, in.Body.Password, now); err != nil {
		return nil, err
	}
	return nil, people.Tell(ctx, d.Table, d.Outbox, tx, &a.user, mail.PasswordChanged, now)
}

// readLink reads the account's link, and whether its mailbox is still its own (DOM-9).
func (d *door) readLink(ctx context.Context, a *account, link *people.ResetLink) error {
	return d.Table.GetMany(ctx, table.Want(people.ResetLinkKey(a.id), link), tenant.WantStanding(a.root, a.user.Email, &a.domain), a.wantLead(a.user.Email))
}
