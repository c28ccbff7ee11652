package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
)

const (
	// overdue is the age at which the message of a mail that nobody has tried is taken for lost.
	overdue = time.Minute

	// queueTries is how long after a try the queue's own redeliveries go on: five, six minutes apart. Only then it is the sweep's
	// turn, otherwise each sweep would add to the messages of a mail that cannot be sent at the moment.
	queueTries = 30 * time.Minute
)

// waitingRow is what a sweep needs to know of a mail.
type waitingRow struct {
	ID           string `dynamodbav:"sk"`
	CreatedAt    int64  `dynamodbav:"created"`
	SendingUntil int64  `dynamodbav:"sendingUntil"`
}

// Sweep wakes the worker for every mail that waits although its message must be lost, page by page, and answers how many.
// It is for the schedule. The time is the outbox's clock.
func (o *Outbox) Sweep(ctx context.Context) (int, error) {
	total := 0
	for shard := range table.OutboxShards {
		n, err := o.sweepShard(ctx, shard)
		total += n
		if err != nil {
			return total, fmt.Errorf("sweep shard %d of the outbox: %w", shard, err)
		}
	}
	return total, nil
}

func (o *Outbox) sweepShard(ctx context.Context, shard int) (int, error) {
	total := 0
	question := table.Question{PK: table.OutboxPartition(shard), Limit: table.MaxLimit}
	for {
		page, err := table.List[waitingRow](ctx, o.table, question)
		if err != nil {
			return total, err
		}
		var messages []queue.Message
		for _, row := range page.Items {
			if row.forgotten(o.now()) {
				messages = append(messages, queue.Message{Kind: queue.Mail, Shard: shard, ID: row.ID})
			}
		}
		if err := o.queue.Send(ctx, messages...); err != nil {
			return total, err
		}
		total += len(messages)
		if question.Cursor = page.Next; question.Cursor == "" {
			return total, nil
		}
	}
}

func (w waitingRow) forgotten(now time.Time) bool {
	if w.SendingUntil == 0 {
		return !now.Before(time.Unix(w.CreatedAt, 0).Add(overdue))
	}
	return !now.Before(time.Unix(w.SendingUntil, 0).Add(queueTries))
}
