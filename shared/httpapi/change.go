package httpapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// A change is made anew, this often and after a random wait below a doubling bound, because what it had read was changed by
// someone else in between.
const (
	reruns      = 10
	firstWait   = 10 * time.Millisecond
	longestWait = 320 * time.Millisecond
)

// Change adds an operation that changes things: do puts what changes into tx and returns what is answered; the change is
// then made, whole or not at all. do runs again where what it read has changed in between, so it does nothing but
// reading and writing into tx. With an Idempotency-Key the answer is kept in the same transaction and given again for the
// same request (API-5).
func Change[I, O any](s *Server, o Operation, do func(ctx context.Context, c *access.Caller, in *I, tx *table.Tx) (*O, error)) {
	huma.Register(s.api, s.describe(o), func(ctx context.Context, in *I) (*O, error) {
		out, err := changeOnce(ctx, s, do, in)
		if err != nil {
			return nil, describe(ctx, s.recorded(ctx, o, err))
		}
		return out, nil
	})
}

func changeOnce[I, O any](ctx context.Context, s *Server, do func(context.Context, *access.Caller, *I, *table.Tx) (*O, error), in *I) (*O, error) {
	repeat, err := s.repeatOf(ctx)
	if err != nil {
		return nil, err
	}
	var out *O
	err = again(ctx, func() (bool, error) {
		if out, err = replay[O](ctx, s, repeat); out != nil || err != nil {
			return true, err
		}
		if done := CallOf(ctx).done; done != nil {
			return true, done
		}
		if out, err = attempt(ctx, s, do, in, repeat); err == nil {
			return true, nil
		}
		if !errors.Is(err, table.ErrChanged) && !errors.Is(err, errRepeated) {
			out, err = afterAll[O](ctx, s, repeat, err)
			return true, err
		}
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// again does something until it is done, and answers busy where it never is.
func again(ctx context.Context, do func() (done bool, err error)) error {
	for i := range reruns {
		if i > 0 && !pause(ctx, rand.N(min(firstWait<<i, longestWait))) {
			break
		}
		if done, err := do(); done {
			return err
		}
	}
	busy := problem.New(problem.Unavailable, "busy", "Others are changing the same thing all the time. Repeat the request.")
	busy.RetryAfter = time.Second
	return busy
}

// Commit makes a change for a plain handler as Change does for an operation: do puts what changes into tx, and runs again where
// what it read has changed in between.
func (s *Server) Commit(ctx context.Context, do func(tx *table.Tx) error) error {
	return again(ctx, func() (bool, error) {
		tx := table.NewTx()
		err := do(tx)
		if err == nil {
			err = s.config.Table.Commit(ctx, tx)
		}
		return !errors.Is(err, table.ErrChanged), err
	})
}

// pause waits, and tells whether there was time to.
func pause(ctx context.Context, wait time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// afterAll is the answer to a request that failed: where the same request was made meanwhile, what it failed on may be its own
// doing, and the answer of that one is the answer.
func afterAll[O any](ctx context.Context, s *Server, repeat *repeat, failed error) (*O, error) {
	if out, err := replay[O](ctx, s, repeat); out != nil && err == nil {
		return out, nil
	}
	return nil, failed
}

func attempt[I, O any](ctx context.Context, s *Server, do func(context.Context, *access.Caller, *I, *table.Tx) (*O, error), in *I, repeat *repeat) (*O, error) {
	tx := table.NewTx()
	out, err := do(ctx, CallOf(ctx).Caller, in, tx)
	if err != nil {
		return nil, err
	}
	if repeat != nil {
		if err := repeat.remember(tx, out); err != nil {
			return nil, err
		}
	}
	return out, s.config.Table.Commit(ctx, tx)
}
