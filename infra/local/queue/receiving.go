package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

type receiveMessageInput struct {
	QueueUrl                    string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             int
	AttributeNames              []string // the older name of MessageSystemAttributeNames
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receivedMessage struct {
	MessageId              string
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	MD5OfMessageAttributes string               `json:",omitempty"`
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
}

type receiveMessageAnswer struct {
	Messages []receivedMessage `json:",omitempty"`
}

func (s *Service) receiveMessage(ctx context.Context, in receiveMessageInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	ask := request{max: 1, visibility: q.VisibilityTimeout, wait: time.Duration(in.WaitTimeSeconds) * time.Second}
	if in.MaxNumberOfMessages != nil {
		ask.max = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		ask.visibility = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	if ask.max < 1 || ask.max > 10 || ask.wait < 0 || ask.wait > 20*time.Second || !possibleVisibility(ask.visibility) {
		return nil, failure{"InvalidParameterValue", "MaxNumberOfMessages is 1 to 10, WaitTimeSeconds 0 to 20, VisibilityTimeout 0 to 43200."}
	}
	batch, err := s.receive(ctx, q, ask)
	if err != nil {
		return nil, err
	}
	answer := receiveMessageAnswer{}
	for _, m := range batch {
		answer.Messages = append(answer.Messages, m.received(in))
	}
	return answer, nil
}

// received is the message with the attributes that the receiver asks for.
func (m *message) received(in receiveMessageInput) receivedMessage {
	shown := message{Attributes: only(m.Attributes, in.MessageAttributeNames)}
	return receivedMessage{
		MessageId:              m.ID,
		ReceiptHandle:          m.handle(),
		Body:                   m.Body,
		MD5OfBody:              md5Hex([]byte(m.Body)),
		MD5OfMessageAttributes: shown.md5OfAttributes(),
		Attributes:             only(m.systemAttributes(), append(in.AttributeNames, in.MessageSystemAttributeNames...)),
		MessageAttributes:      shown.Attributes,
	}
}

// only keeps the attributes of the names given: All, .* and a prefix such as foo.* stand for several.
func only[V any](all map[string]V, names []string) map[string]V {
	kept := map[string]V{}
	for name, v := range all {
		if slices.ContainsFunc(names, func(pattern string) bool {
			prefix, several := strings.CutSuffix(pattern, ".*")
			return pattern == "All" || pattern == name || several && strings.HasPrefix(name, prefix)
		}) {
			kept[name] = v
		}
	}
	return kept
}

func possibleVisibility(d time.Duration) bool { return d >= 0 && d <= 12*time.Hour }

type deleteMessageInput struct{ QueueUrl, ReceiptHandle string }

func (s *Service) deleteMessage(_ context.Context, in deleteMessageInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return nothing{}, s.delete(q, in.ReceiptHandle)
}

type deleteMessageBatchInput struct {
	QueueUrl string
	Entries  []deletingEntry
}

type deletingEntry struct{ Id, ReceiptHandle string }

type deletedEntry struct{ Id string }

func (s *Service) deleteMessageBatch(_ context.Context, in deleteMessageBatchInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries, func(e deletingEntry) string { return e.Id }); err != nil {
		return nil, err
	}
	var out batchAnswer[deletedEntry]
	for _, e := range in.Entries {
		if err := s.delete(q, e.ReceiptHandle); err != nil {
			out.fail(e.Id, err)
		} else {
			out.Successful = append(out.Successful, deletedEntry{e.Id})
		}
	}
	return out, nil
}

type changeMessageVisibilityInput struct {
	QueueUrl, ReceiptHandle string
	VisibilityTimeout       int
}

func (s *Service) changeMessageVisibility(_ context.Context, in changeMessageVisibilityInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	after := time.Duration(in.VisibilityTimeout) * time.Second
	if !possibleVisibility(after) {
		return nil, failure{"InvalidParameterValue", fmt.Sprintf("Value %d for parameter VisibilityTimeout is invalid.", in.VisibilityTimeout)}
	}
	return nothing{}, s.changeVisibility(q, in.ReceiptHandle, after)
}

type getQueueURLInput struct{ QueueName, QueueOwnerAWSAccountId string }

func (s *Service) getQueueURL(_ context.Context, in getQueueURLInput) (any, error) {
	q, err := s.named(in.QueueName)
	if err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": q.URL}, nil
}

type purgeQueueInput struct{ QueueUrl string }

func (s *Service) purgeQueue(_ context.Context, in purgeQueueInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.wake()
	for _, m := range slices.Clone(q.messages) {
		q.remove(m)
		if err := s.store.remove(m); err != nil {
			return nil, err
		}
	}
	return nothing{}, nil
}
