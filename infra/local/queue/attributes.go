package queue

import (
	"context"
	"encoding/json"
	"strconv"
	"time"
)

type getQueueAttributesInput struct {
	QueueUrl       string
	AttributeNames []string
}

type getQueueAttributesAnswer struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *Service) getQueueAttributes(_ context.Context, in getQueueAttributesInput) (any, error) {
	q, err := s.named(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return getQueueAttributesAnswer{only(q.attributes(s.now()), in.AttributeNames)}, nil
}

// attributes are those that SQS tells about a standard queue, as far as the stack models what they speak of.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (q *queue) attributes(now time.Time) map[string]string {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
	state := q.state(now)
	all := map[string]string{
		"QueueArn":                              q.ARN,
		"VisibilityTimeout":                     seconds(q.VisibilityTimeout),
		"MessageRetentionPeriod":                seconds(q.Retention),
		"DelaySeconds":                          seconds(q.Delay),
		"MaximumMessageSize":                    strconv.Itoa(sizeLimit),
		"ReceiveMessageWaitTimeSeconds":         "0",
		"ApproximateNumberOfMessages":           strconv.Itoa(state.Waiting),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(state.InFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(state.Delayed),
	}
	if q.DeadLetterARN != "" {
		policy, _ := json.Marshal(map[string]any{"deadLetterTargetArn": q.DeadLetterARN, "maxReceiveCount": q.MaxReceiveCount}) // strings and numbers always encode
		all["RedrivePolicy"] = string(policy)
	}
	return all
}
