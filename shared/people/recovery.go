package people

import (
	"time"

	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is the way back of an administrator who has no other (LOG-11): a link that the platform gives, which goes to the
// mailbox of the one it is for and to nobody else, and the session that it opens. What that session may do is package access's to
// say.

const (
	// RecoveryLinkLasts is how long the link can be used.
	RecoveryLinkLasts = 15 * time.Minute
	// RecoveryLasts is how long the session lasts that it opens, used or not.
	RecoveryLasts = time.Hour
)

// RecoveryLink is the one link by which a user may come in for recovery: a newer one voids it, and so does whatever ends the user's
// sessions.
type RecoveryLink struct {
	Hash      string `dynamodbav:"hash"`
	Email     string `dynamodbav:"email"`             // where it was mailed: it is void once the user has another address, or none
	Epoch     int    `dynamodbav:"epoch"`             // the user's, when it was made
	CreatedAt int64  `dynamodbav:"created,omitempty"` // Unix seconds
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// RecoveryLinkKey is where the user's link is stored.
func RecoveryLinkKey(user string) table.Key { return table.CredentialKey(user, "recovery-link") }

// GiveRecovery has the change make the link, in place of an older one, and gives its token.
func GiveRecovery(tx *table.Tx, u *User, now time.Time) (token string) {
	token, hash := secret.New(secret.Recovery, u.Root, u.ID)
	tx.Put(RecoveryLinkKey(u.ID), RecoveryLink{Hash: hash, Email: u.Email, Epoch: u.Epoch, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(now.Add(RecoveryLinkLasts))})
	return token
}

// Opens tells whether the token of that hash is the link's, and it is good for the user: who still is an administrator with the
// address that it was mailed to, and whose sessions nothing has ended since.
func (l *RecoveryLink) Opens(hash string, u *User, restored restore.Mark) bool {
	stands := u.Status == Active && u.AdministersMain() && u.Email != "" && l.Email == u.Email && l.Epoch == u.Epoch
	return stands && l.Hash != "" && secret.Equal(l.Hash, hash) && !restored.Voids(time.Unix(l.CreatedAt, 0))
}
