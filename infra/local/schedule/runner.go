package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// ErrNotFound is returned for a schedule that does not exist.
var ErrNotFound = errors.New("not found")

// retries is how often a run is tried again when its function fails: as Lambda does with events it is not waited for.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const retries = 2

// Invoker runs a function, given by its logical id, with an event. The error tells that the function failed: it returned
// an error, crashed, or ran out of time.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (response []byte, err error)
}

// Runner runs the functions of a template on their schedules.
type Runner struct {
	// RetryPause is the time before a failed run is tried again. AWS waits minutes.
	RetryPause time.Duration

	invoker   Invoker
	now       func() time.Time
	log       *slog.Logger
	schedules []*scheduled
}

// scheduled is a schedule with what happened to it.
type scheduled struct {
	template.Schedule
	function  string
	timetable timetable

	mu    sync.Mutex
	state State
}

// State is a schedule at a moment. Next is zero where it is not enabled or its time is over, Last where it did not run yet.
type State struct {
	ID         string    `json:"id"`
	Function   string    `json:"function"`
	Expression string    `json:"expression"`
	Enabled    bool      `json:"enabled"`
	Next       time.Time `json:"next,omitzero"`
	Last       time.Time `json:"last,omitzero"`   // the time that the last run was given
	Error      string    `json:"error,omitempty"` // why the last run failed, empty if it did not
}

// NewRunner prepares the schedules of the functions. It fails, naming the schedule, on expressions and inputs that the
// Scheduler would refuse.
func NewRunner(functions []template.Function, invoker Invoker, now func() time.Time, log *slog.Logger) (*Runner, error) {
	r := &Runner{RetryPause: time.Second, invoker: invoker, now: now, log: log}
	for _, f := range functions {
		for _, s := range f.Schedules {
			t, err := parse(s.Expression)
			if err != nil {
				return nil, fmt.Errorf("schedule %s: %s: %w", s.ID, s.Expression, err)
			}
			if err := checkInput(s); err != nil {
				return nil, fmt.Errorf("schedule %s: %w", s.ID, err)
			}
			r.schedules = append(r.schedules, &scheduled{Schedule: s, function: f.ID, timetable: t,
				state: State{ID: s.ID, Function: f.ID, Expression: s.Expression, Enabled: s.Enabled}})
		}
	}
	return r, nil
}

// Serve runs the enabled schedules on time until the context ends, and returns when the last run has returned. Times that
// passed while the machine slept are not made up for.
func (r *Runner) Serve(ctx context.Context) {
	var runs sync.WaitGroup
	for _, s := range r.schedules {
		if s.Enabled {
			runs.Go(func() { r.serve(ctx, s, &runs) })
		}
	}
	runs.Wait()
}

func (r *Runner) serve(ctx context.Context, s *scheduled, runs *sync.WaitGroup) {
	last := r.now()
	for {
		next, ok := s.timetable.next(last)
		if now := r.now(); ok && next.Before(now) {
			next, ok = s.timetable.next(now)
		}
		if !ok {
			s.update(func(state *State) { state.Next = time.Time{} })
			return
		}
		s.update(func(state *State) { state.Next = next })
		if !pause(ctx, next.Sub(r.now())) {
			return
		}
		last = next
		runs.Go(func() { r.runWithRetries(ctx, s, next) })
	}
}

// pause waits; false if the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// runWithRetries repeats a failed run with the very same event, as Lambda does.
func (r *Runner) runWithRetries(ctx context.Context, s *scheduled, at time.Time) {
	payload := s.payload(at)
	for try := 0; ; try++ {
		_, err := r.invoke(ctx, s, at, payload)
		if err == nil || ctx.Err() != nil {
			return
		}
		r.log.Warn("scheduled run failed", "schedule", s.ID, "function", s.function, "try", try+1, "error", err)
		if try == retries || !pause(ctx, r.RetryPause) {
			return
		}
	}
}

// Run runs a schedule once, now, also where it is not enabled, and gives it at as its scheduled time. It returns what the
// function answers; a failure is the caller's and is not repeated. ErrNotFound if there is no schedule of that id.
func (r *Runner) Run(ctx context.Context, id string, at time.Time) (response []byte, err error) {
	for _, s := range r.schedules {
		if s.ID == id {
			return r.invoke(ctx, s, at, s.payload(at))
		}
	}
	return nil, fmt.Errorf("schedule %s: %w", id, ErrNotFound)
}

func (r *Runner) invoke(ctx context.Context, s *scheduled, at time.Time, payload []byte) ([]byte, error) {
	response, err := r.invoker.Invoke(ctx, s.function, payload)
	s.update(func(state *State) {
		state.Last, state.Error = at.UTC(), ""
		if err != nil {
			state.Error = err.Error()
		}
	})
	if err != nil {
		return nil, fmt.Errorf("run schedule %s: %w", s.ID, err)
	}
	return response, nil
}

func (s *scheduled) update(change func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.state)
}

// Snapshot tells of every schedule, in the template's order.
func (r *Runner) Snapshot() []State {
	states := make([]State, len(r.schedules))
	for i, s := range r.schedules {
		s.update(func(state *State) { states[i] = *state })
	}
	return states
}
