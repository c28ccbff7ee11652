package directory

import (
	"context"

	"github.com/tenantry/tenantry/shared/table"
)

// This file keeps requests that are under way while SCIM is switched off from leaving somebody behind. What they create is counted, and
// a count that is closed takes nothing any more: no request has to look at an item that all of them share.

// Seal has the change keep users and groups of the connection from being created and deleted, by requests that were let in before as
// well. Whoever is there from then on is all.
func Seal(tx *table.Tx, root, connection string) {
	for _, kind := range []Kind{OfUser, OfGroup} {
		tx.SealCount(root, table.DirectoryCount(connection, string(kind)))
	}
}

// Clear has the change count nobody any more, once whoever was there is gone.
func Clear(ctx context.Context, t *table.Table, tx *table.Tx, root, connection string) error {
	for _, kind := range []Kind{OfUser, OfGroup} {
		if err := t.ZeroCount(ctx, tx, root, table.DirectoryCount(connection, string(kind))); err != nil {
			return err
		}
	}
	return nil
}

// Unseal has the change let users and groups come again.
func Unseal(tx *table.Tx, root, connection string) {
	for _, kind := range []Kind{OfUser, OfGroup} {
		tx.OpenCount(root, table.DirectoryCount(connection, string(kind)))
	}
}
