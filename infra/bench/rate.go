package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// rated is an operation with its requests a second: through the stack, and of the same calls at the emulator alone.
type rated struct {
	name            string
	stack, emulator float64
	busy            int64 // requests that the stack asked to repeat
}

// requests is how many of an operation are sent. All operations together stay within what a tree may ask for in a minute (PER-8).
const requests = 800

// rates has the clients send each operation, all at the same time, each with a key of its own. Signing in is left out: what
// it takes is the hash of the password, on purpose.
func rates(ctx context.Context, s *stack, root string, o *organization, clients int) ([]rated, error) {
	callers, err := s.callers(ctx, clients)
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	alone, end, err := startEmulator(ctx, s, root)
	if err != nil {
		return nil, err
	}
	defer end()
	var all []rated
	for _, op := range operations {
		if op.public || op.once {
			continue
		}
		one, err := op.rate(ctx, s, alone, callers, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.name, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// rate measures the operation, by all callers at once, and then the same calls at the emulator alone. A first request of each
// caller, before anything is measured, has an instance for everybody.
func (op operation) rate(ctx context.Context, s *stack, alone *emulator, callers []client, o *organization) (rated, error) {
	one := rated{name: op.name}
	var busy atomic.Int64
	send := func(worker int) error {
		_, err := op.send(ctx, callers[worker], o)
		var refused *refusal
		if errors.As(err, &refused) && refused.status == http.StatusServiceUnavailable {
			busy.Add(1)
			return nil
		}
		return err
	}
	_, err := each(ctx, len(callers), len(callers), send)
	busy.Store(0)
	if err == nil {
		one.stack, err = each(ctx, len(callers), requests, send)
	}
	one.busy = busy.Load()
	if err != nil {
		return one, err
	}
	cost, err := op.cost(ctx, s, o)
	if err != nil {
		return one, err
	}
	one.emulator, err = each(ctx, len(callers), requests, func(int) error { return alone.repeat(ctx, cost.calls) })
	return one, err
}

// callers are clients with keys of their own, of the platform's administrators.
func (s *stack) callers(ctx context.Context, count int) ([]client, error) {
	var platforms struct{ Items []struct{ ID string } }
	if err := s.ask(ctx, http.MethodGet, "/v1/organizations?type=platform", nil, &platforms); err != nil {
		return nil, err
	}
	if len(platforms.Items) != 1 {
		return nil, fmt.Errorf("there are %d platforms", len(platforms.Items))
	}
	own := "/v1/organizations/" + platforms.Items[0].ID
	var roles struct {
		Items []struct{ ID, BuiltIn string }
	}
	if err := s.ask(ctx, http.MethodGet, own+"/roles", nil, &roles); err != nil {
		return nil, err
	}
	role := ""
	for _, one := range roles.Items {
		if one.BuiltIn == "administrator" {
			role = one.ID
		}
	}
	var all []client
	for n := range count {
		var made struct{ Secret string }
		err := s.ask(ctx, http.MethodPost, own+"/api-keys",
			map[string]any{"name": fmt.Sprintf("bench %d", n), "roleId": role, "delicate": true}, &made)
		if err != nil {
			return nil, err
		}
		one := s.client
		one.key, one.http = made.Secret, &http.Client{Transport: &http.Transport{}}
		all = append(all, one)
	}
	return all, nil
}

// each does something count times by that many workers at once and answers how many a second. The first error ends it.
func each(ctx context.Context, workers, count int, do func(worker int) error) (perSecond float64, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var left atomic.Int64
	left.Store(int64(count))
	var working sync.WaitGroup
	begun := time.Now()
	for worker := range workers {
		working.Go(func() {
			for ctx.Err() == nil && left.Add(-1) >= 0 {
				if err := do(worker); err != nil {
					stop(err)
				}
			}
		})
	}
	working.Wait()
	return float64(count) / time.Since(begun).Seconds(), context.Cause(ctx)
}

// pick is one of count.
func pick(count int) int { return rand.N(count) }
