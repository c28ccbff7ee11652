package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/queue"
)

func records(bodies map[string]string) (event events.SQSEvent) {
	for _, message := range []string{"a", "b", "c", "d", "e"} {
		if body, found := bodies[message]; found {
			event.Records = append(event.Records, events.SQSMessage{MessageId: message, Body: body})
		}
	}
	return event
}

func run(t *testing.T, ctx context.Context, bodies map[string]string) (failed []string, done []string) {
	t.Helper()
	b := &batch{log: slog.New(slog.DiscardHandler), handlers: map[queue.Kind]func(context.Context, queue.Message) error{
		queue.Mail: func(_ context.Context, message queue.Message) error {
			if message.ID == "bad" {
				return errors.New("failed")
			}
			done = append(done, message.ID)
			return nil
		}}}
	response, err := b.handle(ctx, records(bodies))
	if err != nil || response.BatchItemFailures == nil {
		t.Fatalf("%+v, %v; want a list, even when empty", response, err)
	}
	for _, failure := range response.BatchItemFailures {
		failed = append(failed, failure.ItemIdentifier)
	}
	return failed, done
}

func TestOnlyWhatFailedIsDeliveredAgain(t *testing.T) {
	failed, done := run(t, t.Context(), map[string]string{
		"a": `{"version": 1, "kind": "mail", "id": "one"}`,
		"b": `{"version": 1, "kind": "mail", "id": "bad"}`,
		"c": `{"version": 2, "kind": "mail", "id": "two"}`,
		"d": `{"version": 1, "kind": "sync", "id": "three"}`,
		"e": `{"version": 1, "kind": "mail", "id": "four", "added": "by a later release"}`,
	})
	if diff := cmp.Diff([]string{"b", "c", "d"}, failed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"one", "four"}, done); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsBegunInTheLastMoments(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), workTime)
	defer cancel()
	failed, done := run(t, ctx, map[string]string{"a": `{"version": 1, "kind": "mail", "id": "one"}`})
	if len(done) != 0 || len(failed) != 1 {
		t.Errorf("failed %v, done %v", failed, done)
	}
}

func TestAMessageEndsBeforeTheInvocation(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	end, _ := ctx.Deadline()
	b := &batch{log: slog.New(slog.DiscardHandler), handlers: map[queue.Kind]func(context.Context, queue.Message) error{
		queue.Mail: func(ctx context.Context, _ queue.Message) error {
			if deadline, ok := ctx.Deadline(); !ok || !deadline.Before(end) {
				t.Errorf("works until %v, the invocation until %v", deadline, end)
			}
			return nil
		}}}
	_, _ = b.handle(ctx, records(map[string]string{"a": `{"version": 1, "kind": "mail"}`}))
}
