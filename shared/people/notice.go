package people

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Tell posts, with the change, a letter of the kind to the owner of an account, who may not have done what it tells.
func Tell(ctx context.Context, t *table.Table, outbox *mail.Outbox, tx *table.Tx, u *User, kind mail.Kind, now time.Time) error {
	organization, err := tenant.Read(ctx, t, u.Organization)
	if err != nil {
		return err
	}
	outbox.Post(tx, mail.Letter{Kind: kind, To: u.Email, Language: u.Language, Data: mail.Data{Organization: organization.Name, At: now}})
	return nil
}
