// Command maintenance does what time brings: it wakes the worker for mails whose message was lost, and for timers that have
// fallen due. It is woken by schedules only, has no route, and does nothing that a worker can do in pages.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/timer"
)

// input is what a schedule sends. Time is when the run was due, and the run's clock: a run that is repeated, or late, decides
// as it would have on time.
type input struct {
	Task string    `json:"task"`
	Time time.Time `json:"time"`
}

// The tasks.
const (
	sweep = "sweep" // mails that nobody sends
	due   = "due"   // timers that have fallen due
)

type maintenance struct{ *start.Services }

// outcome is what a run answers, to whoever starts it by hand.
type outcome struct {
	Woken int `json:"woken"` // how many mails, or lists of timers, the worker was woken for
}

// run does the task. It errs, so that the schedule tries again, for an unknown task, for an input without a time and where
// the task fails.
func (m maintenance) run(ctx context.Context, in input) (outcome, error) {
	if in.Time.IsZero() {
		return outcome{}, errors.New("the input has no time")
	}
	out, err := m.do(ctx, in)
	if err == nil {
		m.Log.InfoContext(ctx, "maintenance done", "event", "maintenance.done", "task", in.Task, "woken", out.Woken)
	}
	return out, err
}

func (m maintenance) do(ctx context.Context, in input) (outcome, error) {
	switch in.Task {
	case sweep:
		return m.sweep(ctx, clock.At(in.Time))
	case due:
		return m.due(ctx, in.Time)
	}
	return outcome{}, fmt.Errorf("unknown task %q", in.Task)
}

// sweep wakes the worker for the mails that nobody sends.
func (m maintenance) sweep(ctx context.Context, now clock.Clock) (outcome, error) {
	n, err := mail.NewOutbox(m.Table, m.Keyring, m.Queue, now, m.Log).Sweep(ctx)
	return outcome{Woken: n}, err
}

// due wakes the worker for the timers that have fallen due at that time.
func (m maintenance) due(ctx context.Context, now time.Time) (outcome, error) {
	n, err := timer.Wake(ctx, m.Table, m.Work, now)
	return outcome{Woken: n}, err
}
