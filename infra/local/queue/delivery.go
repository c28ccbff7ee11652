package queue

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// eventLimit is Lambda's limit on an invocation's payload, 6 MB; a batch stays below it.
const eventLimit = 6 << 20

// request is what a receiver asks for.
type request struct {
	max        int
	visibility time.Duration
	wait       time.Duration // how long to wait for the first message; negative: until the context ends
	used       int           // bytes of the event that are taken already
}

// receive takes up to max messages, waiting for the first. It returns copies: the queue goes on with its own.
func (s *Service) receive(ctx context.Context, q *queue, ask request) ([]message, error) {
	if ask.wait >= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, ask.wait)
		defer cancel()
	}
	for {
		s.mu.Lock()
		batch, next, err := s.take(q, ask)
		changed := s.changed
		s.mu.Unlock()
		if len(batch) > 0 || err != nil || ask.wait == 0 {
			return batch, err
		}
		if !waitFor(ctx, changed, next, s.now) {
			return nil, nil
		}
	}
}

// waitFor waits for a change or for a time, where one is given; false if the context ended first.
func waitFor(ctx context.Context, changed <-chan struct{}, at time.Time, now func() time.Time) bool {
	var due <-chan time.Time
	if !at.IsZero() {
		timer := time.NewTimer(at.Sub(now()))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-changed:
	case <-due:
	case <-ctx.Done():
		return false
	}
	return true
}

// take receives what can be received now: too old messages are dropped, those received too often become dead letters.
// next says when there will be another message, zero if that is unknown. The caller holds mu.
func (s *Service) take(q *queue, ask request) (batch []message, next time.Time, err error) {
	now, bytes := s.now(), ask.used
	var taken []*message
	for len(taken) < ask.max && err == nil {
		var m *message
		if m, next = q.due(now); m == nil {
			break
		}
		if bytes += m.eventSize(); bytes > eventLimit && bytes > m.eventSize() {
			break
		}
		q.remove(m)
		var kept bool
		if kept, err = s.retire(m, q, now); kept {
			taken = append(taken, m)
		}
	}
	for _, m := range taken {
		m.deliver(now, ask.visibility)
		q.add(m)
		batch = append(batch, *m)
		err = errors.Join(err, s.store.write(m))
	}
	return batch, next, err
}

// retire decides about a message just taken out of its queue: too old, it is gone; received too often, it is a dead
// letter; else it is kept for delivery.
func (s *Service) retire(m *message, q *queue, now time.Time) (kept bool, err error) {
	dead := s.find(func(other *queue) bool { return other.ARN == q.DeadLetterARN })
	switch {
	case now.Sub(m.Sent) > q.Retention:
		s.wake() // the queue may be idle now
		return false, s.store.remove(m)
	case dead == nil || m.Receives < q.MaxReceiveCount:
		return true, nil
	}
	m.Queue, m.Source, m.inFlight, m.visible = dead.Name, q.Name, false, now
	dead.add(m)
	s.wake()
	return false, s.store.write(m)
}

// deliver counts a delivery.
func (m *message) deliver(now time.Time, visibility time.Duration) {
	if m.Receives > 0 && m.extra > 0 {
		m.extra--
	}
	if m.Receives++; m.Receives == 1 {
		m.FirstReceived = now
	}
	m.inFlight, m.visible = true, now.Add(visibility)
}

// delivered finds the message of a receipt handle and tells whether the handle is that of its latest delivery.
func (q *queue) delivered(handle string) (m *message, latest bool, err error) {
	id, receives, ok := parseHandle(handle)
	if !ok {
		return nil, false, failure{"ReceiptHandleIsInvalid", "The input receipt handle is invalid."}
	}
	m = q.message(id)
	return m, m != nil && m.Receives == receives, nil
}

// delete ends a message. A handle of an earlier delivery does nothing, successfully: SQS promises no more.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
func (s *Service) delete(q *queue, handle string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, latest, err := q.delivered(handle)
	if err != nil || !latest {
		return err
	}
	defer s.wake()
	if m.extra > 0 {
		q.reveal(m, s.now())
		return nil
	}
	q.remove(m)
	return s.store.remove(m)
}

// changeVisibility has a message that is in flight come back after another time.
func (s *Service) changeVisibility(q *queue, handle string, after time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, latest, err := q.delivered(handle)
	if err != nil {
		return err
	}
	if !latest || !m.visible.After(s.now()) {
		return failure{"MessageNotInflight", fmt.Sprintf("The message of handle %s is not in flight.", handle)}
	}
	q.reveal(m, s.now().Add(after))
	s.wake()
	return nil
}
