package main

import (
	"context"
	"encoding/base32"
	"strings"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// account is who signs in by an address, with all that decides about it. It is read in the same way where there is none:
// under ids that cannot exist.
type account struct {
	people.Credentials
	id       string
	root     string
	known    bool // there is a user with this address, in a tree that is not closed
	user     people.User
	access   tenant.Access
	domain   tenant.Standing // of the address, where a mailed link is used
	recovers bool            // comes by a set-up link of the installer, which lets in whatever the tree's own settings say (INS-1)
	lead     connection.Lead // where the domain of the address signs in, where it is read
	restored restore.Mark
}

// find says whose an address is.
func (d *door) find(ctx context.Context, email string) (*account, error) {
	var claim people.Claim
	known, err := d.Table.Get(ctx, table.EmailKey(email), &claim)
	if err != nil {
		return nil, err
	}
	if !known {
		shadow := d.shadow(email)
		return &account{id: "usr_" + shadow, root: "org_" + shadow}, nil
	}
	return &account{id: claim.User, root: claim.Root, known: true}, nil
}

// read reads the account in one batch, along with what else is asked for, and leaves out what was void by a restore.
func (d *door) read(ctx context.Context, a *account, more ...*table.Wanted) error {
	person, tree := table.Want(table.UserKey(a.root, a.id), &a.user), table.Want(table.AccessKey(a.root), &a.access)
	err := d.Table.GetMany(ctx, append(append(a.Wants(a.id), person, tree, table.Want(restore.Key(a.root), &a.restored)), more...)...)
	a.known = person.Found && tree.Found && !a.access.Closed() // closed: as if it had never been there (GEN-6)
	a.Standing(&a.access, a.restored)
	return err
}

// readAccount reads the account of a user by ids, for whoever was identified already.
func (d *door) readAccount(ctx context.Context, root, user string) (*account, error) {
	a := &account{id: user, root: root}
	return a, d.read(ctx, a)
}

// maySignIn tells whether a right password lets the account in, but for a suspension.
func (a *account) maySignIn() bool {
	return a.known && a.user.Status == people.Active && a.user.Role != "" && a.user.PasswordFor(&a.access)
}

// breaksGlass tells whether the account signs in by password where others of its tree or domain do not.
func (a *account) breaksGlass() bool {
	return (a.access.PasswordsOff || a.lead.Requires(a.root, a.user.Organization)) && a.user.BreaksGlass(&a.access)
}

// needsSecondFactor tells whether the account has to have a second factor.
func (a *account) needsSecondFactor() bool { return a.user.NeedsSecondFactor(&a.access) }

// shadow is a name for an address that tells nothing of it, the same each time: it stands where the id of a user would.
func (d *door) shadow(email string) string {
	mac := d.Keyring.MAC("address", []byte(table.Fold(email)))
	return strings.ToUpper(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac[len(mac)-16:]))
}
