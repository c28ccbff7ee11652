package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func (d *door) mountRecovery() {
	httpapi.Change(d.server, httpapi.Operation{ID: "open-recovery", Method: http.MethodPost, Path: "/v1/session/recovery/{token}", Needs: access.Public, Status: http.StatusNoContent,
		Summary:     "Come in by a link for recovery",
		Description: "The platform has it mailed to an administrator. The session lasts an hour and reaches Authentication, Domains, SSO and Users (recovery-only otherwise). All administrators are told."}, d.openRecovery)
}

type recoveryPath struct {
	Token string `path:"token" maxLength:"512" doc:"Of the mailed link"`
}

// entered is a session's cookie.
type entered struct {
	Cookies []http.Cookie `header:"Set-Cookie"`
}

// openRecovery answers POST /v1/session/recovery/{token} (LOG-11). Nothing of the tree's own settings keeps the administrator out:
// neither its policy nor that its domain signs in by an IdP. The link is used up by it, once.
func (d *door) openRecovery(ctx context.Context, _ *access.Caller, in *recoveryPath, tx *table.Tx) (*entered, error) {
	parts, hash, err := secret.Parse(secret.Recovery, in.Token)
	if err != nil || len(parts) != 2 {
		return nil, linkEnded()
	}
	a := &account{id: parts[1], root: parts[0]}
	var link people.RecoveryLink
	var of tenant.Organization
	if err := d.read(ctx, a, table.Want(people.RecoveryLinkKey(a.id), &link)); err != nil {
		return nil, err
	}
	_, err = d.Table.Get(ctx, tenant.KeyOf(a.root), &of)
	if err := errors.Join(err, d.Table.GetMany(ctx, tenant.WantStanding(a.root, a.user.Email, &a.domain))); err != nil {
		return nil, err
	}
	switch {
	case !a.known || a.domain.Closed() || !link.Opens(hash, &a.user, a.restored):
		return nil, linkEnded()
	case a.access.Suspended:
		return nil, tenant.Suspended()
	}
	now := d.Clock()
	ends := now.Add(people.RecoveryLasts)
	tx.DeleteIf(people.RecoveryLinkKey(a.id), expression.Name("hash").Equal(expression.Value(hash)), linkEnded())
	d.Trail.Write(tx, d.event(ctx, a, "recovery.used"))
	d.Outbox.Post(tx, mail.Letter{Kind: mail.RecoveryUsed, Administrators: a.root, Data: mail.Data{Organization: of.Name, Person: a.user.Display(), At: now, ExpiresAt: ends}})
	_, session := d.opener().Open(ctx, tx, &a.user, &a.access, people.Session{Method: people.ByRecovery, ExpiresAt: ends.Unix()})
	return &entered{Cookies: []http.Cookie{session}}, nil
}
