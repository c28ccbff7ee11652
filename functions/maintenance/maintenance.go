// Command maintenance does what time brings: today it wakes the worker for mails whose message was lost. It is woken by
// schedules only, has no route, and does nothing that a worker can do in pages.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/start"
)

// input is what a schedule sends. Time is when the run was due, and the run's clock: a run that is repeated, or late, decides
// as it would have on time.
type input struct {
	Task string    `json:"task"`
	Time time.Time `json:"time"`
}

const sweep = "sweep"

type maintenance struct{ *start.Services }

// outcome is what a run answers, to whoever starts it by hand.
type outcome struct {
	Woken int `json:"woken"` // how many mails the worker was woken for
}

// run does the task. It errs, so that the schedule tries again, for an unknown task, for an input without a time and where
// the task fails.
func (m maintenance) run(ctx context.Context, in input) (outcome, error) {
	if in.Time.IsZero() {
		return outcome{}, errors.New("the input has no time")
	}
	switch in.Task {
	case sweep:
		return m.sweep(ctx, clock.At(in.Time))
	}
	return outcome{}, fmt.Errorf("unknown task %q", in.Task)
}

// sweep wakes the worker for the mails that nobody sends.
func (m maintenance) sweep(ctx context.Context, now clock.Clock) (outcome, error) {
	n, err := mail.NewOutbox(m.Table, m.Keyring, m.Queue, now, m.Log).Sweep(ctx)
	m.Log.InfoContext(ctx, "outbox swept", "woken", n)
	return outcome{Woken: n}, err
}
