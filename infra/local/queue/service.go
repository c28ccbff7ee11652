// Package queue is SQS for the local stack: standard queues with visibility time-outs, receive counts, delays, redelivery
// and dead letters, kept on disk, reached by the AWS JSON protocol of the SDKs; and the event source that hands batches of
// their messages to functions as Lambda does.
//
//	service, err := queue.New(".local/queues", template.Queues, time.Now)
//	poller := queue.NewPoller(service, template.Functions, pool, log)
//	go poller.Run(ctx)
//	http.ListenAndServe(address, service)
//
// It refuses operations and parameters it does not model (FIFO queues, policies, tags, creating queues: the template's
// queues are the only ones) and, as a standard queue, promises no order. It checks no signature and no permission: the
// stack's proxy in front of it does.
package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// ErrNotFound is returned for a queue or message that does not exist.
var ErrNotFound = errors.New("not found")

// Service holds the queues. Its methods may be called concurrently.
type Service struct {
	now     func() time.Time
	store   store
	mu      sync.Mutex
	queues  []*queue
	changed chan struct{} // closed, and replaced, when there may be something new to receive
	twice   bool
}

// New opens the queues with the messages that an earlier stack left in folder, which is made where it does not exist; an
// empty folder keeps the messages in memory only. What was being worked on when the earlier stack ended waits again,
// since the functions that worked on it ended too. now tells the time; it has to run at the pace of package time.
func New(folder string, queues []template.Queue, now func() time.Time) (*Service, error) {
	s := &Service{now: now, store: store{folder}, changed: make(chan struct{})}
	for _, q := range queues {
		s.queues = append(s.queues, &queue{Queue: q})
	}
	messages, err := s.store.load()
	if err != nil {
		return nil, fmt.Errorf("open the queues in %s: %w", folder, err)
	}
	for _, m := range messages {
		q := s.queue(m.Queue)
		if q == nil {
			return nil, fmt.Errorf("message %s in %s belongs to queue %s, which the template does not have: delete the file or restore the queue", m.ID, folder, m.Queue)
		}
		m.visible = m.Due
		q.add(m)
	}
	return s, nil
}

// queue finds a queue by its name; nil if there is none.
func (s *Service) queue(name string) *queue {
	return s.find(func(q *queue) bool { return q.Name == name })
}

func (s *Service) find(matches func(*queue) bool) *queue {
	if i := slices.IndexFunc(s.queues, matches); i >= 0 {
		return s.queues[i]
	}
	return nil
}

// wake lets everyone who waits look again; the caller holds mu.
func (s *Service) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Idle waits until every queue is empty, with nothing waiting, delayed or in flight. Queues that take others' dead letters do not count.
// It returns the context's error when that ends first.
func (s *Service) Idle(ctx context.Context) error {
	for {
		s.mu.Lock()
		busy, changed := 0, s.changed
		for _, q := range s.queues {
			if !s.takesDeadLetters(q) {
				busy += q.Len()
			}
		}
		s.mu.Unlock()
		if busy == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d messages are still in the queues: %w", busy, ctx.Err())
		}
	}
}

func (s *Service) takesDeadLetters(q *queue) bool {
	return s.find(func(source *queue) bool { return source.DeadLetterARN == q.ARN }) != nil
}

// Redrive gives dead letters back to the queue they came from, to be received afresh. name is that queue's, or the name
// of the queue that holds the dead letters. It returns how many there were; ErrNotFound if there is no such queue.
func (s *Service) Redrive(name string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue(name) == nil {
		return 0, fmt.Errorf("redrive queue %s: %w", name, ErrNotFound)
	}
	defer s.wake()
	count := 0
	for _, holder := range s.queues {
		for _, m := range slices.Clone(holder.messages) {
			source := s.queue(m.Source)
			if source == nil || name != m.Source && name != holder.Name {
				continue
			}
			m.Source, m.Receives = "", 0
			if err := s.move(m, holder, source); err != nil {
				return count, fmt.Errorf("redrive queue %s: %w", name, err)
			}
			count++
		}
	}
	return count, nil
}

// move takes a message from one queue to another, where it can be received at once; the caller holds mu.
func (s *Service) move(m *message, from, to *queue) error {
	from.remove(m)
	m.Queue, m.visible, m.inFlight = to.Name, s.now(), false
	to.add(m)
	return s.store.write(m)
}

// Duplicate has a message delivered once more than it would be, as SQS may do at any time: at once where it is being
// worked on, else after the delivery that succeeds. ErrNotFound if the message is gone already.
func (s *Service) Duplicate(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		if m := q.message(id); m != nil {
			m.extra++
			if m.inFlight {
				q.reveal(m, s.now())
			}
			s.wake()
			return nil
		}
	}
	return fmt.Errorf("duplicate message %s: %w", id, ErrNotFound)
}

// DeliverTwice has every message that is sent from now on delivered twice, or no longer.
func (s *Service) DeliverTwice(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twice = on
}
