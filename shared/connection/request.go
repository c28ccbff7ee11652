package connection

import (
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
)

// Request is a line of a connection's SCIM log: a call of its IdP and what came of it (SCI-9). It holds no body and no filter: what a
// call is about is named by its id.
type Request struct {
	ID           string   `dynamodbav:"id"`
	At           string   `dynamodbav:"at"`
	Method       string   `dynamodbav:"method"`
	Path         string   `dynamodbav:"path"`             // below the base URL
	Target       string   `dynamodbav:"target,omitempty"` // the id of the user or group that it was about, or that it made
	Status       int      `dynamodbav:"status"`
	Kind         string   `dynamodbav:"kind,omitempty"`   // of a refusal: the scimType
	Detail       string   `dynamodbav:"detail,omitempty"` // and what the IdP was told
	Notes        []string `dynamodbav:"notes,omitempty"`  // what was taken that is not as the RFCs have it, or passed over
	Milliseconds int64    `dynamodbav:"milliseconds"`
	Token        string   `dynamodbav:"token"`             // the id of the token that was shown
	Address      string   `dynamodbav:"address,omitempty"` // the network address it came from
	Request      string   `dynamodbav:"request,omitempty"`
	ExpiresAt    int64    `dynamodbav:"expiresAt"`
}

// Write puts the line into the change, into the log of the connection.
func (r Request) Write(tx *table.Tx, connection string, now time.Time) Request {
	r.ID, r.At, r.ExpiresAt = id.NewAt(id.Event, now), clock.Format(now), table.Expiry(now.Add(LogKept))
	tx.Put(table.DirectoryLogKey(connection, r.ID), r)
	return r
}
