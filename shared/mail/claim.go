package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
)

// lease is how long a worker has a mail for itself: longer than the worker can run, and shorter than the queue waits before it
// delivers a message again (360 s in template.yaml), so that the second delivery finds it free.
const lease = 90 * time.Second

// Claimed is a mail that its holder alone sends, for as long as the lease runs.
type Claimed struct {
	Letter
	ID     string
	key    table.Key
	sentTo []string
	outbox *Outbox
}

// Claim takes the mail of a message. It answers nil where there is nothing to do: the mail was sent, has expired, is from
// before a restore, or another worker has it.
func (o *Outbox) Claim(ctx context.Context, shard int, mail string) (*Claimed, error) {
	if shard < 0 || shard >= table.OutboxShards || !id.Valid(id.Mail, mail) {
		return nil, fmt.Errorf("claim mail %.40q of shard %d: no such mail can exist", mail, shard)
	}
	now, key := o.now(), table.OutboxKey(shard, mail)
	notFree := problem.New(problem.Conflict, "mail-not-free", "The mail was sent, or is being sent.")
	free := expression.AttributeNotExists(expression.Name("sendingUntil")).
		Or(expression.Name("sendingUntil").LessThanEqual(expression.Value(now.Unix())))
	alive := expression.Name("expiresAt").GreaterThan(expression.Value(now.Unix()))
	row, err := o.table.Apply(ctx, table.Touch(key).If(alive.And(free), notFree).Set("sendingUntil", now.Add(lease).Unix()))
	if errors.Is(err, notFree) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claim mail %s: %w", mail, err)
	}
	var w waiting
	if err := table.Read(row, &w); err != nil {
		return nil, fmt.Errorf("read mail %s: %w", mail, err)
	}
	restored, err := restore.Read(ctx, o.table, mail)
	if err != nil {
		return nil, fmt.Errorf("claim mail %s: %w", mail, err)
	}
	if restored.Voids(time.Unix(w.CreatedAt, 0)) {
		return nil, o.drop(ctx, key, mail)
	}
	return o.open(ctx, key, mail, &w)
}

// drop takes a mail out of the outbox that was written before the installation was restored (INS-6): it was sent then, and its
// link is dead.
func (o *Outbox) drop(ctx context.Context, key table.Key, mail string) error {
	o.log.InfoContext(ctx, "mail from before the restore dropped", "mail", mail)
	if err := o.table.Remove(ctx, key); err != nil {
		return fmt.Errorf("remove mail %s: %w", mail, err)
	}
	return nil
}

func (o *Outbox) open(ctx context.Context, key table.Key, mail string, w *waiting) (*Claimed, error) {
	plain, err := o.keyring.Open(ctx, purpose, w.Sealed, []byte(mail))
	if err != nil {
		return nil, fmt.Errorf("read mail %s: %w", mail, err)
	}
	c := &Claimed{ID: mail, key: key, sentTo: w.SentTo, outbox: o}
	if err := json.Unmarshal(plain, &c.Letter); err != nil {
		return nil, fmt.Errorf("read mail %s: %w", mail, err)
	}
	c.Owner = w.Owner
	return c, nil
}

// SentTo tells whether the recipient, a user's id, got the mail in an earlier try.
func (c *Claimed) SentTo(recipient string) bool { return slices.Contains(c.sentTo, recipient) }

// errNoted tells that another try has noted it already.
var errNoted = errors.New("somebody else works on the same mail")

// Note has the change note what Remember does of some: they are left out by later tries exactly where the change was made. It fails where
// one of them is noted already.
func (c *Claimed) Note(tx *table.Tx, recipients ...string) {
	there := expression.AttributeExists(expression.Name("pk"))
	for _, one := range recipients {
		there = there.And(expression.Not(expression.Name("sentTo").Contains(one)))
	}
	tx.Update(table.Touch(c.key).If(there, errNoted).Include("sentTo", recipients...))
}

// Remember notes that the recipient got the mail, so that a later try leaves them out.
func (c *Claimed) Remember(ctx context.Context, recipient string) error {
	_, err := c.outbox.table.Apply(ctx, table.Touch(c.key).IfThere(problem.Missing()).Include("sentTo", recipient))
	if err != nil {
		return fmt.Errorf("remember who got mail %s: %w", c.ID, err)
	}
	return nil
}

// Done takes the mail out of the outbox.
func (c *Claimed) Done(ctx context.Context) error {
	if err := c.outbox.table.Remove(ctx, c.key); err != nil {
		return fmt.Errorf("remove mail %s: %w", c.ID, err)
	}
	return nil
}
