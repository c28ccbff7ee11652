// Package audit writes down every change in the transaction that makes it: who, what, before and after, when, from where
// (ADT-1). An event and its change exist together or not at all.
//
//	trail.Write(tx, audit.Event{Action: "organization.edited", Root: root, Organization: org, Actor: caller.Actor, ...})
//
// The package refuses names and addresses of people and secrets: events carry ids, and values are what the caller of
// Write puts in Before and After, never credentials.
package audit

import (
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
)

// Target is what an event is about.
type Target struct {
	Type string `dynamodbav:"type"` // user, organization, key, role, ...
	ID   string `dynamodbav:"id"`
}

// Event is one line of the trail.
type Event struct {
	ID           string         `dynamodbav:"id"`
	At           string         `dynamodbav:"at"`
	Action       string         `dynamodbav:"action"` // noun and past tense: user.invited, sign-in.refused
	Root         string         `dynamodbav:"root"`   // the tree it happened in
	Organization string         `dynamodbav:"organization"`
	Actor        Actor          `dynamodbav:"actor"`
	Across       string         `dynamodbav:"across,omitempty"` // partner or platform, where the actor is of another tree (ADT-2)
	Target       Target         `dynamodbav:"target"`
	Before       map[string]any `dynamodbav:"before,omitempty"`
	After        map[string]any `dynamodbav:"after,omitempty"`
	Count        int            `dynamodbav:"count,omitempty"` // of a bulk act
	Address      string         `dynamodbav:"address,omitempty"`
	Request      string         `dynamodbav:"request,omitempty"`
	ExpiresAt    int64          `dynamodbav:"expiresAt"`
}

// Trail is where events go.
type Trail struct {
	Keep  time.Duration // how long events are kept
	Clock clock.Clock
}

// Write puts the event into the change, with its id and time, as which it is returned.
func (t Trail) Write(tx *table.Tx, e Event) Event {
	now := t.Clock()
	e.ID, e.At, e.ExpiresAt = id.New(id.Event), clock.Format(now), table.Expiry(now.Add(t.Keep))
	tx.Put(table.AuditKey(e.Root, now, e.ID), e,
		table.AuditOf(e.Organization, e.ID), table.AuditBy(e.Actor.ID, e.ID))
	return e
}

// Key is where the event is stored.
func (e Event) Key() table.Key {
	at, _ := time.Parse(time.RFC3339, e.At) // as Write wrote it
	return table.AuditKey(e.Root, at, e.ID)
}
