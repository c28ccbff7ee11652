// Package timer is the one mechanism for whatever falls due: looking at a domain again, going on with a job that nobody goes
// on with, erasing what was closed long enough ago. A timer is an item, set in the transaction of the change that wants
// it, and listed by when it falls due. The schedule wakes the worker for what has fallen due (Wake), the worker claims it
// page by page (Work).
//
//	timer.Set(tx, timer.Job, root+"/"+job, now.Add(10*time.Minute))
//
// A timer that fell due is worked on at least once: who works on it moves or ends it in the change that holds the outcome,
// and when that one dies before, the timer falls due again after its lease. The package refuses to know what a timer is for.
package timer

import (
	"hash/fnv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// Kind is what a timer is for; functions/worker has a handler for each.
type Kind string

// The kinds, with what their Owner is.
const (
	Job     Kind = "job"     // a running job, <root>/<job>: is somebody still going on with it?
	Erasure Kind = "erasure" // a closed tree, <root>: it is to be erased
	Person  Kind = "person"  // somebody who was deleted, <root>/<user>: what is left is to be erased
	Domain  Kind = "domain"  // a verified domain, <organization>/<domain>: does its record still stand?
	Files   Kind = "files"   // a file that may be of no use by then, <organization>/<upload, image or export>

	Metadata    Kind = "metadata"    // of an active SSO connection, <connection>: what does its IdP's metadata say now?
	Certificate Kind = "certificate" // of an active SSO connection, <connection>: one of its IdP's certificates ends soon
	Members     Kind = "members"     // of a group whose members are being changed, <connection>/<group>: is somebody still going on with it?
	Token       Kind = "token"       // of a connection with SCIM, <connection>: one of its tokens ends soon
	Sync        Kind = "sync"        // of a connection with SCIM, <connection>: the roles of its tree are to be synced
)

// Kinds are all of them, for the schedule to ask for.
func Kinds() []Kind {
	return []Kind{Job, Erasure, Person, Domain, Files, Metadata, Certificate, Token, Sync, Members}
}

// item is a timer as the table holds it.
type item struct {
	Kind         Kind   `dynamodbav:"kind"`
	Owner        string `dynamodbav:"owner"`
	Due          string `dynamodbav:"due"`                    // as clock.Format writes it
	Claim        string `dynamodbav:"claim,omitempty"`        // who works on it
	ClaimedUntil int64  `dynamodbav:"claimedUntil,omitempty"` // until then that one alone; Unix seconds
}

// Set has the change set the timer of the owner, whether there is one or not. Somebody who is working on it since before can
// neither move nor end it any more.
func Set(tx *table.Tx, kind Kind, owner string, due time.Time) {
	at := clock.Format(due)
	tx.Put(table.TimerKey(string(kind), owner), item{Kind: kind, Owner: owner, Due: at}, place(kind, owner, at))
}

// Cancel has the change take the timer of the owner away; that there is none is no error.
func Cancel(tx *table.Tx, kind Kind, owner string) {
	tx.Delete(table.TimerKey(string(kind), owner), 0)
}

// Claimed is a timer that fell due and is its holder's alone until the lease ends.
type Claimed struct {
	Kind  Kind
	Owner string
	Due   time.Time
	claim string
}

// Move has the change set when the timer falls due next. The commit fails with table.ErrChanged where the timer is not the
// holder's any more: it was set or cancelled meanwhile, or the lease has ended and somebody else works on it.
func (c Claimed) Move(tx *table.Tx, due time.Time) {
	at := clock.Format(due)
	tx.Update(table.Touch(c.key()).If(c.held(), table.ErrChanged).Set("due", at).Remove("claim", "claimedUntil").
		Move(place(c.Kind, c.Owner, at)))
}

// Done has the change end the timer. It fails as Move does.
func (c Claimed) Done(tx *table.Tx) { tx.DeleteIf(c.key(), c.held(), table.ErrChanged) }

func (c Claimed) key() table.Key { return table.TimerKey(string(c.Kind), c.Owner) }

func (c Claimed) held() expression.ConditionBuilder {
	return expression.Name("claim").Equal(expression.Value(c.claim))
}

func place(kind Kind, owner, due string) table.Place {
	return table.TimersDue(string(kind), shard(owner), due, owner)
}

// shard is which of the lists a timer stands in.
func shard(owner string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(owner)) // never fails
	return int(sum.Sum32() % table.TimerShards)
}
