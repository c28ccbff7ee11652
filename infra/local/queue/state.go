package queue

import (
	"slices"
	"strings"
	"time"
)

// State is what a queue holds at a moment.
type State struct {
	Name     string         `json:"name"`
	Waiting  int            `json:"waiting"`
	Delayed  int            `json:"delayed"`
	InFlight int            `json:"inFlight"`
	Dead     int            `json:"dead"` // its own dead letters, which lie in another queue
	Messages []MessageState `json:"messages"`
}

// MessageState is a message at a moment. State is waiting, delayed or in flight.
type MessageState struct {
	ID       string  `json:"id"`
	Body     string  `json:"body"`
	State    string  `json:"state"`
	Receives int     `json:"receives"`
	Age      float64 `json:"age"` // seconds since it was sent
}

// Snapshot tells what every queue holds, in the template's order, the oldest message first.
func (s *Service) Snapshot() []State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	states := make([]State, len(s.queues))
	for i, q := range s.queues {
		states[i] = q.state(now)
		for _, holder := range s.queues {
			for _, m := range holder.messages {
				if m.Source == q.Name {
					states[i].Dead++
				}
			}
		}
	}
	return states
}

func (q *queue) state(now time.Time) State {
	state := State{Name: q.Name, Messages: []MessageState{}}
	for _, m := range q.messages {
		name := "waiting"
		switch {
		case !m.visible.After(now):
			state.Waiting++
		case m.inFlight:
			name = "in flight"
			state.InFlight++
		default:
			name = "delayed"
			state.Delayed++
		}
		state.Messages = append(state.Messages, MessageState{m.ID, m.Body, name, m.Receives, now.Sub(m.Sent).Seconds()})
	}
	slices.SortFunc(state.Messages, func(a, b MessageState) int {
		if a.Age != b.Age {
			return int(b.Age*1000) - int(a.Age*1000)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return state
}
