package queue

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// sizeLimit bounds a message, and all messages of a batch together.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const sizeLimit = 1 << 20

// sending is a message as it is sent, alone or in a batch.
type sending struct {
	MessageBody             string
	DelaySeconds            *int
	MessageAttributes       map[string]attribute
	MessageSystemAttributes map[string]attribute
	MessageGroupId          string // fair queues: kept and shown, nothing more
}

// sent is the answer for a message.
type sent struct {
	MessageId              string
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

type sendMessageInput struct {
	QueueUrl string
	sending
}

func (s *Service) sendMessage(_ context.Context, in sendMessageInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	return s.send(q, in.sending)
}

type sendMessageBatchInput struct {
	QueueUrl string
	Entries  []sendingEntry
}

type sendingEntry struct {
	Id string
	sending
}

type sentEntry struct {
	Id string
	sent
}

func (s *Service) sendMessageBatch(_ context.Context, in sendMessageBatchInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries, func(e sendingEntry) string { return e.Id }); err != nil {
		return nil, err
	}
	size := 0
	for _, e := range in.Entries {
		size += (&message{Body: e.MessageBody, Attributes: e.MessageAttributes}).size()
	}
	if size > sizeLimit {
		return nil, failure{"BatchRequestTooLong", fmt.Sprintf("Batch requests cannot be longer than %d bytes. You have sent %d bytes.", sizeLimit, size)}
	}
	var out batchAnswer[sentEntry]
	for _, e := range in.Entries {
		one, err := s.send(q, e.sending)
		if err != nil {
			out.fail(e.Id, err)
			continue
		}
		out.Successful = append(out.Successful, sentEntry{e.Id, one})
	}
	return out, nil
}

// send checks a message and puts it into the queue; it is on disk when send returns.
func (s *Service) send(q *queue, in sending) (sent, error) {
	delay := q.Delay
	if in.DelaySeconds != nil {
		delay = time.Duration(*in.DelaySeconds) * time.Second
	}
	now := s.now()
	m := &message{
		ID: newID(), Queue: q.Name, Body: in.MessageBody, Attributes: in.MessageAttributes, System: map[string]string{},
		Sent: now, Due: now.Add(delay), visible: now.Add(delay),
	}
	if in.MessageGroupId != "" {
		m.System["MessageGroupId"] = in.MessageGroupId
	}
	for name, a := range in.MessageSystemAttributes {
		m.System[name] = string(a.value())
	}
	if err := m.check(delay); err != nil {
		return sent{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.twice {
		m.extra = 1
	}
	if err := s.store.write(m); err != nil {
		return sent{}, err
	}
	q.add(m)
	s.wake()
	return sent{m.ID, md5Hex([]byte(m.Body)), m.md5OfAttributes()}, nil
}

// check refuses what SQS refuses of a message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func (m *message) check(delay time.Duration) error {
	switch {
	case delay < 0 || delay > 15*time.Minute:
		return failure{"InvalidParameterValue", fmt.Sprintf("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", int(delay.Seconds()))}
	case m.Body == "":
		return failure{"MissingParameter", "The request must contain the parameter MessageBody."}
	case m.size() > sizeLimit:
		return failure{"InvalidParameterValue", fmt.Sprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", sizeLimit)}
	case !utf8.ValidString(m.Body) || strings.ContainsFunc(m.Body, outsideXML):
		return failure{"InvalidMessageContents", "Invalid characters found."}
	case len(m.Attributes) > 10:
		return failure{"InvalidParameterValue", "Number of message attributes exceeds the limit of 10."}
	}
	for name, a := range m.Attributes {
		kind, _, _ := strings.Cut(a.DataType, ".")
		text := a.StringValue != nil && len(*a.StringValue) > 0
		binary := len(a.BinaryValue) > 0
		if name == "" || text == binary || binary != (kind == "Binary") || kind != "String" && kind != "Number" && kind != "Binary" {
			return failure{"InvalidParameterValue", fmt.Sprintf("The message attribute '%s' must have a type of String, Number or Binary and a value of that type.", name)}
		}
	}
	for name := range m.System {
		if name != "AWSTraceHeader" && name != "MessageGroupId" {
			return failure{"InvalidParameterValue", fmt.Sprintf("The message system attribute '%s' is not supported.", name)}
		}
	}
	return nil
}

// outsideXML tells the characters that SQS does not take.
func outsideXML(c rune) bool {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF
}
