// Command worker does what waits in the queues: mails, timers that have fallen due, jobs. It is woken by SQS only and has no
// route. It refuses messages of a version or kind that it does not know: they are delivered again, to a newer release
// if one is being deployed, and end in the dead letters.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/tenantry/tenantry/shared/queue"
)

const (
	// answerTime is kept for the answer: without one, the whole batch would be delivered again.
	answerTime = time.Second

	// workTime is what a message needs at least: one begun later would be cut off.
	workTime = 4 * time.Second
)

// batch works on the messages of an invocation, each by the handler of its kind.
type batch struct {
	handlers map[queue.Kind]func(context.Context, queue.Message) error
	log      *slog.Logger
}

// handle works on the messages in turn and answers those that failed or were not begun in time, which alone are delivered
// again (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
func (b *batch) handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	if deadline, ok := ctx.Deadline(); ok {
		bounded, cancel := context.WithDeadline(ctx, deadline.Add(-answerTime))
		defer cancel()
		ctx = bounded
	}
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, record := range event.Records {
		if err := b.work(ctx, record.Body); err != nil {
			b.log.ErrorContext(ctx, "message failed", "event", "message.failed", "message", record.MessageId, "error", err)
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		}
	}
	return response, nil
}

func (b *batch) work(ctx context.Context, body string) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < workTime {
		return errors.New("no time left in this invocation")
	}
	message, err := queue.Parse(body)
	if err != nil {
		return err
	}
	handler, found := b.handlers[message.Kind]
	if !found {
		return fmt.Errorf("a message of the unknown kind %.40q", message.Kind)
	}
	return handler(ctx, message)
}
