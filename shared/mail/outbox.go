package mail

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	purpose = "mail" // what letters are sealed for

	// keepFor is how long a mail is tried: what could not be sent by then tells nothing any more.
	keepFor = 3 * 24 * time.Hour

	// wakeTimeout bounds what a request waits for its message to the queue; the sweep makes up for one that was not sent.
	wakeTimeout = 2 * time.Second
)

// Outbox is where mails wait. It may be used by several goroutines.
type Outbox struct {
	table   *table.Table
	keyring *secret.Keyring
	queue   queue.Sender
	now     clock.Clock
	log     *slog.Logger
}

// NewOutbox gives the outbox in the table. Letters are sealed with the keyring, the worker is woken over the queue.
func NewOutbox(t *table.Table, keyring *secret.Keyring, queue queue.Sender, now clock.Clock, log *slog.Logger) *Outbox {
	return &Outbox{table: t, keyring: keyring, queue: queue, now: now, log: log}
}

// waiting is a mail as the table holds it.
type waiting struct {
	Kind         Kind     `dynamodbav:"kind"`
	Sealed       string   `dynamodbav:"sealed"`                     // the letter
	Owner        string   `dynamodbav:"owner,omitempty"`            // whose it is: ids, to find it when they are erased
	CreatedAt    int64    `dynamodbav:"created"`                    // Unix seconds, as the next
	SendingUntil int64    `dynamodbav:"sendingUntil,omitempty"`     // until then a worker has it
	SentTo       []string `dynamodbav:"sentTo,stringset,omitempty"` // who got it already, of several
	ExpiresAt    int64    `dynamodbav:"expiresAt"`
}

// Post writes the letter with the change tx, as one more item of it, and wakes the worker when the change is committed.
// A letter to nobody, or to one and to many, is a programmer's mistake and panics.
func (o *Outbox) Post(tx *table.Tx, letter Letter) {
	if letter.Kind == "" || (letter.To == "") == (letter.Administrators == "") {
		panic("mail: a letter needs a kind and either an address or administrators")
	}
	plain, err := json.Marshal(letter)
	if err != nil {
		panic(err) // only for times beyond the year 9999
	}
	if letter.Administrators != "" {
		letter.Owner = letter.Administrators
	}
	shard, mail, now := rand.IntN(table.OutboxShards), id.New(id.Mail), o.now()
	tx.Put(table.OutboxKey(shard, mail), waiting{Kind: letter.Kind, Sealed: o.keyring.Seal(purpose, plain, []byte(mail)), Owner: letter.Owner,
		CreatedAt: now.Unix(), ExpiresAt: table.Expiry(now.Add(keepFor))})
	tx.After(func(ctx context.Context) { o.wake(ctx, queue.Message{Kind: queue.Mail, Shard: shard, ID: mail}) })
}

func (o *Outbox) wake(ctx context.Context, message queue.Message) {
	ctx, cancel := context.WithTimeout(ctx, wakeTimeout)
	defer cancel()
	if err := o.queue.Send(ctx, message); err != nil {
		o.log.WarnContext(ctx, "a mail waits for the sweep", "mail", message.ID, "error", err)
	}
}
