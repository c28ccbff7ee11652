package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// resetLasts is how long a link to set a password can be used (LOG-5).
const resetLasts = time.Hour

// resets answers requests for a new password. Here, where nobody waits for an answer, it comes out whether there is an account.
type resets struct{ *start.Services }

// prepare writes the one link of the account that the address signs in to, with its mail. It does nothing where nobody may
// sign in by a password with the address, and where the address is of a domain that the tree has lost (DOM-9). Whom a password would
// not let in because the domain signs in by its IdP is told so by mail, where nobody else reads it. Done twice, the second link voids
// the first.
func (r resets) prepare(ctx context.Context, request *mail.Claimed) error {
	var claim people.Claim
	if known, err := r.Table.Get(ctx, table.EmailKey(request.To), &claim); err != nil || !known {
		return err
	}
	var user people.User
	var access tenant.Access
	var domain tenant.Standing
	var lead connection.Lead
	wants := []*table.Wanted{table.Want(table.UserKey(claim.Root, claim.User), &user), table.Want(table.AccessKey(claim.Root), &access),
		tenant.WantStanding(claim.Root, request.To, &domain), connection.WantLead(domainname.Of(request.To), &lead)}
	if err := r.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	if user.Status != people.Active || user.Role == "" || user.Email == "" || access.Suspended || !user.PasswordFor(&access) || access.Closed() || domain.Closed() {
		return nil
	}
	organization, err := tenant.Read(ctx, r.Table, user.Organization)
	if err != nil {
		return err
	}
	tx := table.NewTx()
	if lead.Requires(user.Root, user.Organization) && !user.BreaksGlass(&access) {
		r.Outbox.Post(tx, user.Letter(mail.NoPassword, mail.Data{Organization: organization.Name, Domain: domainname.Shown(domainname.Of(user.Email))}))
		return r.Table.Commit(ctx, tx)
	}
	now := r.Clock()
	ends := now.Add(resetLasts)
	token, hash := secret.New(secret.Reset, user.Root, user.ID)
	held := expression.Name("user").Equal(expression.Value(user.ID))
	tx.Require(table.EmailKey(request.To), held, table.ErrChanged) // otherwise the link to an account would go to whoever has taken its address over
	tx.Put(people.ResetLinkKey(user.ID), people.ResetLink{Hash: hash, Epoch: user.Epoch, Generation: access.PasswordEpoch, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(ends)})
	r.Outbox.Post(tx, user.Letter(mail.PasswordReset, mail.Data{Organization: organization.Name, ExpiresAt: ends, Token: token}))
	return r.Table.Commit(ctx, tx)
}
