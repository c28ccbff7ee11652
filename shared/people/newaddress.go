package people

import (
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// newAddressLasts is how long the link that confirms a new address can be used.
const newAddressLasts = 24 * time.Hour

// NewAddress is an address that waits for its confirmation (LOG-9): one of a user at a time. Whoever opens the link that is mailed
// there has it.
type NewAddress struct {
	Hash      string `dynamodbav:"hash"`
	Email     string `dynamodbav:"email"`
	Epoch     int    `dynamodbav:"epoch"`             // the user's: whatever ends all sessions voids the link
	CreatedAt int64  `dynamodbav:"created,omitempty"` // Unix seconds
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}

// NewAddressKey is where the address is stored that the user is about to confirm.
func NewAddressKey(user string) table.Key { return table.CredentialKey(user, "address") }

// AskAddress has the change mail the link by which the user gets another address, in place of an older link. organization is the name
// of the user's.
func AskAddress(tx *table.Tx, outbox *mail.Outbox, u *User, email, organization string, now time.Time) {
	ends := now.Add(newAddressLasts)
	token, hash := secret.New(secret.Address, u.Root, u.ID)
	tx.Put(NewAddressKey(u.ID), NewAddress{Hash: hash, Email: email, Epoch: u.Epoch, CreatedAt: now.Unix(), ExpiresAt: table.Expiry(ends)})
	letter := u.Letter(mail.AddressConfirmation, mail.Data{Organization: organization, ExpiresAt: ends, Token: token})
	letter.To = email
	outbox.Post(tx, letter)
}
