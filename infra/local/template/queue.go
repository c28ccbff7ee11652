package template

import "slices"

// readQueue reads a standard queue; FIFO queues are refused as unknown properties. The limits are SQS's:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func (r *reader) readQueue(res *resource, s *section) Queue {
	s.get("QueueName")
	q := Queue{
		ID:                res.id,
		Name:              r.name(res),
		ARN:               r.attribute(res.id, "Arn", res.line),
		URL:               r.refValue(res),
		VisibilityTimeout: s.seconds("VisibilityTimeout", 30, 0, 43200),
		Retention:         s.seconds("MessageRetentionPeriod", 345600, 60, 1209600),
		Delay:             s.seconds("DelaySeconds", 0, 0, 900),
	}
	if s.get("RedrivePolicy").kind != absent {
		redrive := s.open("RedrivePolicy")
		q.DeadLetterARN = redrive.required("deadLetterTargetArn")
		q.MaxReceiveCount = redrive.number("maxReceiveCount", 10, 1, 1000)
		redrive.end(nil)
	}
	s.end(noEffect.queue)
	return q
}

// checkQueues refuses what CloudFormation could not create: dead letters and sources that are no queue of the template,
// and a queue that would show a message again while its function still works on it.
func (r *reader) checkQueues(t *Template) {
	find := func(arn string) int {
		return slices.IndexFunc(t.Queues, func(q Queue) bool { return q.ARN == arn })
	}
	for _, q := range t.Queues {
		if q.DeadLetterARN != "" && find(q.DeadLetterARN) < 0 {
			r.refuse(r.existing(q.ID, 0).line, "queue %s: RedrivePolicy: %s is no queue of the template", q.ID, q.DeadLetterARN)
		}
	}
	for _, f := range t.Functions {
		line := r.existing(f.ID, 0).line
		for _, source := range f.Queues {
			i := find(source.QueueARN)
			if i < 0 {
				r.refuse(line, "function %s: event %s: %s is no queue of the template", f.ID, source.Event, source.QueueARN)
			} else if q := t.Queues[i]; q.VisibilityTimeout < f.Timeout {
				r.refuse(line, "function %s: event %s: VisibilityTimeout of queue %s is less than the function's Timeout", f.ID, source.Event, q.ID)
			}
		}
	}
}
