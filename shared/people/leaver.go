package people

import (
	"context"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
)

// TellOfKeys tells, with the change by which the user leaves, the administrators of each organization where the user made API keys that
// these end some days later (LOG-7). It is one item of the change however many they are, since nobody may be kept from leaving by what
// that one made: functions/worker writes the letters. That the keys end is the departure marker's doing.
func (u *User) TellOfKeys(ctx context.Context, t *table.Table, outbox *mail.Outbox, tx *table.Tx) error {
	first := MadeBy(u.ID)
	first.Limit = 1
	made, _, err := t.Rows(ctx, first, table.Key{})
	if err == nil && len(made) > 0 {
		outbox.Post(tx, mail.Letter{Kind: mail.Leaver, Administrators: u.Root, User: u.ID, Data: mail.Data{Person: u.Display()}})
	}
	return err
}
