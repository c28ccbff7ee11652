// Package queue hands work to functions/worker over SQS. A message names an item of the table and carries nothing of its
// content: what waits in a queue is seen by more people than what is in the table, and may arrive twice or late.
//
//	err := q.Send(ctx, queue.Message{Kind: queue.Mail, Shard: 3, ID: "mai_..."})
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Version is the form of the messages of this release. A release that changes it reads the one before it as well (INS-5).
const Version = 1

// Kind is what is to be done.
type Kind string

// The kinds. Due and Job take long and go to the queue for that, so that no mail waits behind them.
const (
	Mail Kind = "mail" // ID is a mail in the outbox that is to be sent, in the partition Shard
	Due  Kind = "due"  // ID is a kind of timers, of which some in Shard have fallen due
	Job  Kind = "job"  // ID is a job of Tree that is to go on
)

// Message asks for a piece of work.
type Message struct {
	Kind  Kind      `json:"kind"`
	Shard int       `json:"shard"`          // the partition of the item
	ID    string    `json:"id"`             // the item
	Tree  string    `json:"tree,omitempty"` // the tree that the item is of
	At    time.Time `json:"at,omitzero"`    // of Due: the time that the schedule's run believes
}

// Sender takes messages for the worker; a Queue is one.
type Sender interface {
	// Send hands messages on. It errs where any was not taken; others may have been.
	Send(ctx context.Context, messages ...Message) error
}

type envelope struct {
	Version int `json:"version"`
	Message
}

// Queue is the queue of the installation. It may be used by several goroutines.
type Queue struct {
	client *sqs.Client
	url    string
}

// New gives the queue at url.
func New(config aws.Config, url string) *Queue {
	return &Queue{client: sqs.NewFromConfig(config), url: url}
}

const batchSize = 10 // of SendMessageBatch

// Send puts messages into the queue, ten a call. It errs where any was not taken; others may have been.
func (q *Queue) Send(ctx context.Context, messages ...Message) error {
	for len(messages) > 0 {
		n := min(batchSize, len(messages))
		if err := q.sendBatch(ctx, messages[:n]); err != nil {
			return fmt.Errorf("send %d messages to the queue: %w", n, err)
		}
		messages = messages[n:]
	}
	return nil
}

func (q *Queue) sendBatch(ctx context.Context, messages []Message) error {
	in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
	for i, message := range messages {
		body, err := json.Marshal(envelope{Version, message})
		if err != nil {
			return err
		}
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body))})
	}
	out, err := q.client.SendMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	if len(out.Failed) > 0 {
		return fmt.Errorf("%d were not taken, the first for %s", len(out.Failed), aws.ToString(out.Failed[0].Code))
	}
	return nil
}

// Parse reads the body of a message. It refuses a version that this release does not know.
func Parse(body string) (Message, error) {
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return Message{}, fmt.Errorf("read a message: %w", err)
	}
	if e.Version != Version {
		return Message{}, fmt.Errorf("a message of version %d; this release knows %d", e.Version, Version)
	}
	return e.Message, nil
}
