package connection

import (
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
)

// LogKept is how long the SAML log is kept (LOG-8).
const LogKept = 30 * 24 * time.Hour

// What is in the SAML log.
const (
	SignedIn = "signed-in"
	Refused  = "refused"
	TestDone = "tested"
)

// Event is a line of a connection's SAML log: a sign-in, a refusal with what to do, a test. What no trusted signature covers
// is not written, only counted. It names people by their ids; what an IdP sent stands in Saw, short and quoted.
type Event struct {
	ID          string `dynamodbav:"id"`
	At          string `dynamodbav:"at"`
	Outcome     string `dynamodbav:"outcome"`        // signed-in, refused or tested
	Code        string `dynamodbav:"code,omitempty"` // of a refusal: the check that failed, or a code of its own
	Demand      string `dynamodbav:"demand,omitempty"`
	Saw         string `dynamodbav:"saw,omitempty"`
	Wanted      string `dynamodbav:"wanted,omitempty"`
	Change      string `dynamodbav:"change,omitempty"` // what to change at the IdP, or here
	User        string `dynamodbav:"user,omitempty"`
	Test        string `dynamodbav:"test,omitempty"`
	Certificate string `dynamodbav:"certificate,omitempty"`
	IDPFirst    bool   `dynamodbav:"idpFirst,omitempty"` // it began at the IdP
	Address     string `dynamodbav:"address,omitempty"`  // the network address it came from
	Request     string `dynamodbav:"request,omitempty"`
	ExpiresAt   int64  `dynamodbav:"expiresAt"`
}

// Write puts the event into the change, into the log of the connection.
func (e Event) Write(tx *table.Tx, connection string, now time.Time) Event {
	e.ID, e.At, e.ExpiresAt = id.New(id.Event), clock.Format(now), table.Expiry(now.Add(LogKept))
	tx.Put(table.ConnectionLogKey(connection, e.ID), e)
	return e
}
