package queue

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// defaultConcurrency is how many batches of one source are worked on at once where the template does not say. AWS starts
// with 5 and goes on to 1,250; two show what overlaps without taking a laptop.
const defaultConcurrency = 2

// Invoker runs a function, given by its logical id, with an event. The error tells that the function failed: it returned
// an error, crashed, or ran out of time.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (response []byte, err error)
}

// Poller is Lambda's event source mapping: it hands the messages of queues to functions.
type Poller struct {
	// Redelivery is when messages of a failed batch can be received again, where that is sooner than their visibility
	// time-out. Zero is as on AWS: the time-out runs out.
	Redelivery time.Duration

	service *Service
	invoker Invoker
	log     *slog.Logger
	sources []source
}

// source is one SQS event of a function.
type source struct {
	template.QueueSource
	function string
	queue    *queue
}

// NewPoller prepares the enabled SQS events of the functions. It fails where a queue of theirs is not the service's.
func NewPoller(service *Service, functions []template.Function, invoker Invoker, log *slog.Logger) (*Poller, error) {
	p := &Poller{service: service, invoker: invoker, log: log}
	for _, f := range functions {
		for _, q := range f.Queues {
			found := service.find(func(candidate *queue) bool { return candidate.ARN == q.QueueARN })
			if found == nil {
				return nil, fmt.Errorf("function %s: event %s: queue %s: %w", f.ID, q.Event, q.QueueARN, ErrNotFound)
			}
			if q.Enabled {
				p.sources = append(p.sources, source{q, f.ID, found})
			}
		}
	}
	return p, nil
}

// Run hands out messages until the context ends, and returns when the last invocation has returned.
func (p *Poller) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for _, s := range p.sources {
		count := s.MaximumConcurrency
		if count == 0 {
			count = defaultConcurrency
		}
		for range count {
			workers.Go(func() { p.work(ctx, s) })
		}
	}
	workers.Wait()
}

// work does one batch after the other.
func (p *Poller) work(ctx context.Context, s source) {
	for ctx.Err() == nil {
		batch, err := p.gather(ctx, s)
		if len(batch) > 0 {
			p.handle(ctx, s, batch)
		}
		if err != nil { // the disk: perhaps it is full, and a moment later it is not
			p.log.Error("cannot receive messages", "queue", s.queue.Name, "error", err)
			waitFor(ctx, nil, p.service.now().Add(time.Second), p.service.now)
		}
	}
}

// gather waits for a first message, then until the batch is full or its window is over.
func (p *Poller) gather(ctx context.Context, s source) ([]message, error) {
	ask := request{max: s.BatchSize, visibility: s.queue.VisibilityTimeout, wait: -1}
	batch, err := p.service.receive(ctx, s.queue, ask)
	end := p.service.now().Add(s.MaximumBatchingWindow)
	for err == nil && len(batch) > 0 && len(batch) < s.BatchSize {
		if ask.wait = end.Sub(p.service.now()); ask.wait <= 0 {
			break
		}
		ask.max, ask.used = s.BatchSize-len(batch), batchSize(batch)
		var more []message
		more, err = p.service.receive(ctx, s.queue, ask)
		batch = append(batch, more...)
	}
	return batch, err
}

func batchSize(batch []message) (size int) {
	for _, m := range batch {
		size += m.eventSize()
	}
	return size
}

// handle has the function work on a batch and deletes what it is done with.
func (p *Poller) handle(ctx context.Context, s source, batch []message) {
	payload, err := event(s.queue, batch)
	if err != nil {
		p.log.Error("cannot write the event", "queue", s.queue.Name, "error", err)
		return
	}
	response, err := p.invoker.Invoke(ctx, s.function, payload)
	failed := map[string]bool{}
	if err == nil && s.ReportBatchItemFailures {
		failed, err = failures(response, batch)
	}
	if err != nil {
		p.log.Warn("batch failed", "queue", s.queue.Name, "function", s.function, "messages", len(batch), "error", err)
	}
	for _, m := range batch {
		if err != nil || failed[m.ID] {
			p.giveBack(s, m)
		} else if err := p.service.delete(s.queue, m.handle()); err != nil {
			p.log.Error("cannot delete a message", "queue", s.queue.Name, "message", m.ID, "error", err)
		}
	}
}

// giveBack shortens what is left of a failed message's visibility time-out to Redelivery. It fails only for messages that
// are no longer in flight, which is well.
func (p *Poller) giveBack(s source, m message) {
	if left := m.visible.Sub(p.service.now()); p.Redelivery > 0 && left > p.Redelivery {
		_ = p.service.changeVisibility(s.queue, m.handle(), p.Redelivery)
	}
}
