package main

import (
	"context"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// readInvitation says what an invitation is for, to whoever holds it.
func (d *door) readInvitation(ctx context.Context, _ *access.Caller, in *invitationPath) (*invitationOutput, error) {
	a, err := d.invited(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	organization, err := tenant.Read(ctx, d.Table, a.user.Organization)
	if err != nil {
		return nil, err
	}
	out := &invitationOutput{}
	out.Body.Organization, out.Body.Email, out.Body.Name = organization.Name, a.user.Email, a.user.Name
	out.Body.SecondFactorRequired, out.Body.Replaces = a.needsSecondFactor(), a.user.Invitation.Recovery
	out.Body.ExpiresAt = clock.FormatUnix(a.user.Invitation.ExpiresAt)
	return out, nil
}

// invited is whose invitation the token is, where it can still be accepted.
func (d *door) invited(ctx context.Context, token string) (*account, error) {
	parts, hash, err := secret.Parse(secret.Invitation, token)
	if err != nil || len(parts) != 2 {
		return nil, linkEnded()
	}
	a, err := d.readAccount(ctx, parts[0], parts[1])
	if err != nil {
		return nil, err
	}
	open := a.user.Invitation
	if !a.known || a.user.Role == "" || open == nil || !secret.Equal(open.Hash, hash) {
		return nil, linkEnded()
	}
	if !d.Clock().Before(time.Unix(open.ExpiresAt, 0)) || a.restored.Voids(clock.Parse(open.SentAt)) {
		return nil, linkEnded()
	}
	if a.access.Suspended {
		return nil, tenant.Suspended()
	}
	return a, d.ownMailbox(ctx, a)
}

// ownMailbox refuses an invitation to an address of a domain that the tree has lost since: somebody else may read its mail
// (DOM-9). A set-up link of the installer came by no mail.
func (d *door) ownMailbox(ctx context.Context, a *account) error {
	if a.user.Invitation.Recovery {
		return nil
	}
	closed, err := tenant.Closed(ctx, d.Table, a.root, a.user.Email)
	if closed {
		err = linkEnded()
	}
	return err
}

// acceptInvitation sets the first password, by which the address is proved: from now on it is the user's in the whole
// installation (LOG-10). A set-up link of the installer does the same for a user who is there already, in place of the old
// password and second factor. The sign-in goes on as after a right password.
func (d *door) acceptInvitation(ctx context.Context, _ *access.Caller, in *acceptance, tx *table.Tx) (*step, error) {
	defer d.noteRuns(ctx)()
	a, err := d.invited(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	if err := d.readLead(ctx, a); err != nil {
		return nil, err
	}
	if a.required() && !a.user.Invitation.Recovery {
		return nil, ssoRequired()
	}
	if !a.user.PasswordFor(&a.access) {
		return nil, problem.New(problem.Forbidden, "passwords-off", "Your organization does not sign in by password. Sign in as it told you.")
	}
	a.recovers = a.user.Invitation.Recovery
	name := a.user.Name
	if strings.TrimSpace(in.Body.Name) != "" {
		if name, err = people.CheckName("body.name", in.Body.Name); err != nil {
			return nil, err
		}
	}
	if err := secret.CheckPassword(in.Body.Password, a.needsSecondFactor(), a.user.Email, name); err != nil {
		return nil, err
	}
	if err := d.activate(ctx, tx, a, name); err != nil {
		return nil, err
	}
	event := d.event(ctx, a, "invitation.accepted")
	event.After = map[string]any{"status": string(a.user.Status)}
	d.Trail.Write(tx, event)
	if err := people.SetPassword(tx, d.Passwords, &a.user, &a.access, in.Body.Password, d.Clock()); err != nil {
		return nil, err
	}
	return d.proceed(ctx, tx, a)
}

// activate makes an active user of the invited one. Who comes by a set-up link loses the second factor and all sessions.
func (d *door) activate(ctx context.Context, tx *table.Tx, a *account, name string) error {
	u, replaces := &a.user, a.user.Invitation.Recovery
	edit := people.Edit(u, audit.Actor{Type: audit.ByUser, ID: a.id}, d.Clock())
	if name != u.Name {
		people.Rename(edit, u, name)
	}
	if u.Status == people.Active {
		u.Invitation = nil
		edit.Remove("invitation")
	} else if err := d.prove(ctx, tx, edit, u); err != nil {
		return err
	}
	if replaces {
		people.EndSessions(edit, u)
		people.RemoveSecondFactor(tx, a.id)
		a.Credentials = people.Credentials{}
	}
	tx.Update(edit)
	return nil
}

// prove makes the user, who has proved the address, the one who signs in by it, in place of one of a closed tree, or of any other where the
// tree has verified the domain.
func (d *door) prove(ctx context.Context, tx *table.Tx, edit *table.Change, u *people.User) error {
	held, err := people.ReadHolder(ctx, d.Table, u.Root, u.Email)
	if err != nil {
		return err
	}
	people.Activate(tx, edit, u, held, d.Clock())
	held.Tell(tx, d.Trail, d.Outbox, u, d.Clock())
	return nil
}
