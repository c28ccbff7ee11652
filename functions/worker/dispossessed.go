package main

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
)

// dispossessed tells where the address of an administrator, which another tree took over (LOG-10), was the last way to sign in of an
// organization (PER-5). Whoever takes an address reads nothing of the tree that loses it, so the letter to the administrator is what it
// is asked by.
type dispossessed struct {
	*start.Services
	notice *lockout.Notice
}

// tell tells once, however often the letter is tried.
func (d dispossessed) tell(ctx context.Context, letter *mail.Claimed) error {
	root, user, known := strings.Cut(letter.Owner, "/")
	if !known || letter.SentTo(root) {
		return nil
	}
	now, err := d.notice.Tree(ctx, root)
	if err != nil {
		return err
	}
	who := now.User(user)
	if who == nil || len(now.CanSignIn()) > 0 {
		return nil
	}
	before, err := now.Readdressed(ctx, d.Table, user, letter.To)
	if err != nil || len(before.CanSignIn()) == 0 {
		return err
	}
	tx := table.NewTx()
	letter.Note(tx, root)
	by := audit.Event{Actor: audit.System("domains")}
	if err := d.notice.Tell(ctx, tx, root, by, lockout.AddressTaken, mail.Data{Person: who.Display(), At: letter.Data.At}); err != nil {
		return err
	}
	return d.Table.Commit(ctx, tx)
}
