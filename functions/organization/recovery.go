package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// This file is recovery (LOG-11): the platform gives an administrator, whom nothing else lets in any more, a link to a session that
// sets the ways to sign in right. It goes by mail to the one it is for: whoever gives it never sees it, and all administrators
// learn of it at the same time.

func mountRecovery(s *httpapi.Server, o *organizations) {
	httpapi.Change(s, httpapi.Operation{ID: "give-recovery", Method: http.MethodPost, Path: one + "/recovery", Status: http.StatusAccepted,
		Needs: access.Oversee, Delicate: true, PersonOnly: true,
		Summary: "Give an administrator of a partner or a client a link to a session for recovery",
		Description: "For the platform's administrators, signed in with a second factor. The link goes to the administrator's mailbox, works once within 15 minutes, and opens a session of an hour " +
			"that reaches Authentication, Domains, SSO and Users. All administrators of the organization are told."}, o.giveRecovery)
}

// RecoveryInput is the input of POST /v1/organizations/{org}/recovery.
type RecoveryInput struct {
	httpapi.About
	Body struct {
		UserID string `json:"userId" maxLength:"64" doc:"An active administrator of the organization"`
		Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Why; all administrators of the organization read it, and it stands in the audit"`
	}
}

// RecoveryGiven is the answer: the link itself is in the mail only.
type RecoveryGiven struct {
	Body GivenLink
}

// GivenLink is to whom a link was mailed.
type GivenLink struct {
	UserID    string `json:"userId" doc:"To whom it was mailed"`
	ExpiresAt string `json:"expiresAt" format:"date-time" doc:"Until when it can be used"`
}

// giveRecovery answers POST /v1/organizations/{org}/recovery.
func (o *organizations) giveRecovery(ctx context.Context, c *access.Caller, in *RecoveryInput, tx *table.Tx) (*RecoveryGiven, error) {
	of := c.Organization
	if of.Type != tenant.Partner && of.Type != tenant.Client {
		return nil, problem.New(problem.Conflict, "wrong-type", "Recovery is for administrators of partners and clients, and this is a %s.", of.Type)
	}
	u, err := o.recoverable(ctx, of.Root, in.Body.UserID)
	if err != nil {
		return nil, err
	}
	now, reason := o.Clock(), strings.TrimSpace(in.Body.Reason)
	if reason == "" {
		return nil, problem.Invalid("body.reason", "says nothing", nil)
	}
	token := people.GiveRecovery(tx, u, now)
	ends := now.Add(people.RecoveryLinkLasts)
	o.Outbox.Post(tx, u.Letter(mail.Recovery, mail.Data{Organization: of.Name, By: c.Display(), Reason: reason, ExpiresAt: ends, Token: token}))
	o.tell(tx, c, of, mail.RecoveryGiven, mail.Data{Person: u.Display(), Reason: reason, ExpiresAt: ends})
	event := c.Event("recovery.given", "user", u.ID)
	event.After = map[string]any{"reason": reason, "expiresAt": clock.Format(ends)}
	o.Trail.Write(tx, event)
	return &RecoveryGiven{Body: GivenLink{UserID: u.ID, ExpiresAt: clock.Format(ends)}}, nil
}

// recoverable reads who shall get the link: an active administrator of the main organization, to whose mailbox links are mailed
// (DOM-9).
func (o *organizations) recoverable(ctx context.Context, root, user string) (*people.User, error) {
	u, err := people.ReadUser(ctx, o.Table, root, user)
	if problem.Gone(err) || err == nil && (u.Status != people.Active || !u.AdministersMain()) {
		return nil, problem.Invalid("body.userId", "is not an active administrator of this organization", user)
	}
	if err != nil {
		return nil, err
	}
	if u.Email == "" {
		return nil, people.NoAddress()
	}
	var domain tenant.Standing
	if err := o.Table.GetMany(ctx, tenant.WantStanding(root, u.Email, &domain)); err != nil {
		return nil, err
	}
	return u, domain.Refuse(u.Email)
}
