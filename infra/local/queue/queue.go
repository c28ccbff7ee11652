package queue

import (
	"container/heap"
	"slices"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// queue is one queue; the service's mutex guards it. Its messages are a heap by the time at which they can be received,
// so that those in flight or delayed lie behind those that wait.
type queue struct {
	template.Queue
	messages []*message
}

func (q *queue) Len() int           { return len(q.messages) }
func (q *queue) Less(i, j int) bool { return q.messages[i].visible.Before(q.messages[j].visible) }
func (q *queue) Swap(i, j int) {
	q.messages[i], q.messages[j] = q.messages[j], q.messages[i]
	q.messages[i].place, q.messages[j].place = i, j
}

// Push is for container/heap.
func (q *queue) Push(m any) {
	m.(*message).place = len(q.messages)
	q.messages = append(q.messages, m.(*message))
}

// Pop is for container/heap.
func (q *queue) Pop() any {
	last := q.messages[len(q.messages)-1]
	q.messages = slices.Delete(q.messages, len(q.messages)-1, len(q.messages))
	return last
}

func (q *queue) add(m *message)    { heap.Push(q, m) }
func (q *queue) remove(m *message) { heap.Remove(q, m.place) }

// reveal changes when a message can be received.
func (q *queue) reveal(m *message, at time.Time) {
	m.visible = at
	heap.Fix(q, m.place)
}

// message finds a message by its id; nil if there is none.
func (q *queue) message(id string) *message {
	i := slices.IndexFunc(q.messages, func(m *message) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return q.messages[i]
}

// due is the message to receive next, nil if there is none now; next says when there will be one, zero if never.
func (q *queue) due(now time.Time) (m *message, next time.Time) {
	if q.Len() == 0 {
		return nil, time.Time{}
	}
	first := q.messages[0]
	if first.visible.After(now) {
		return nil, first.visible
	}
	return first, time.Time{}
}
