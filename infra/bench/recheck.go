package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domain/domaintest"
	"github.com/tenantry/tenantry/shared/table"
)

// This file measures DOM-8: many domains are looked at again, once with the worker killed all the time, and once in peace.

// Bounds of the measurement. Domains fall due in the future, so that the stack's own schedule leaves them alone. A day's looks
// are spread over an hour or so; whoever was killed leaves domains to look at more than an hour later.
const (
	domainsEach = 1000 // of an organization
	writers     = 8    // transactions at the same time while loading
	ahead       = 2 * time.Hour
	hour        = 62 * time.Minute // longer than a domain is its worker's
	hours       = 24               // by which all must have been looked at
	killEvery   = 250 * time.Millisecond
	killWithin  = 40 // calls of an invocation; the worker is killed at one of them, before it is made or after
)

// rechecked is what looking at domains again took.
type rechecked struct {
	domains          int
	disturbed, peace recheck
	hours            int // until all had been looked at, with the worker killed
	again            int // domains that were looked up a second time because the worker died before it was written down
}

// recheck is what one day's looks took.
type recheck struct {
	total
	took time.Duration
}

// total is what the worker did since the stack began, of /_local/totals.
type total struct {
	Ran struct {
		Invocations, CutOff int
		MemoryMB            int
	}
	Made struct {
		Calls                 map[string]int
		ReadUnits, WriteUnits float64
	}
}

// since is what was done after before.
func (t total) since(before total) total {
	t.Ran.Invocations -= before.Ran.Invocations
	t.Ran.CutOff -= before.Ran.CutOff
	t.Made.Calls = map[string]int{"dynamodb": t.Made.Calls["dynamodb"] - before.Made.Calls["dynamodb"], "sqs": t.Made.Calls["sqs"] - before.Made.Calls["sqs"]}
	t.Made.ReadUnits -= before.Made.ReadUnits
	t.Made.WriteUnits -= before.Made.WriteUnits
	return t
}

// estate is the domains that are looked at.
type estate struct {
	*stack
	table   *table.Table
	domains []*domain.Domain
}

// recheckDomains measures with n domains. It errs where one was looked at twice within an hour or is left over: that is no
// matter of time.
func recheckDomains(ctx context.Context, s *stack, n int) (*rechecked, error) {
	e := &estate{stack: s, table: table.Open(s.owner.config(), s.owner.Table, nil, clock.System)}
	due := time.Now().Add(ahead).Truncate(time.Second)
	if err := e.load(ctx, n, due); err != nil {
		return nil, fmt.Errorf("load domains: %w", err)
	}
	r := &rechecked{domains: n}
	var err error
	if r.disturbed, err = e.measured(ctx, func() error { return e.disturbed(ctx, r, due) }); err != nil {
		return nil, fmt.Errorf("with the worker killed: %w", err)
	}
	tomorrow := due.Add(time.Duration(r.hours)*hour + 26*time.Hour)
	r.peace, err = e.measured(ctx, func() error { return e.inPeace(ctx, tomorrow) })
	return r, err
}

// load gives organizations verified domains that all fall due at that time, with their records in DNS.
func (e *estate) load(ctx context.Context, n int, due time.Time) error {
	for len(e.domains) < n {
		var made struct{ ID string }
		if err := e.ask(ctx, http.MethodPost, "/v1/organizations", map[string]any{"type": "client", "name": "Estate " + unique(), "email": "hello@acme.example",
			"administrator": map[string]string{"email": "admin-" + unique() + "@acme.example", "name": "Ada Admin", "language": "en"}}, &made); err != nil {
			return err
		}
		if err := e.settle(ctx, made.ID, min(domainsEach, n-len(e.domains)), due); err != nil {
			return err
		}
	}
	return e.ask(ctx, http.MethodPost, "/_local/queues/idle", nil, nil)
}

// settle gives one organization its domains.
func (e *estate) settle(ctx context.Context, org string, n int, due time.Time) error {
	type records struct {
		Name   string   `json:"name"`
		Type   string   `json:"type"`
		Values []string `json:"values"`
	}
	var dns []records
	var changes []*table.Tx
	some := table.MaxWrites/domaintest.Writes - 1
	for first := 0; first < n; first += some {
		tx := table.NewTx()
		for range min(some, n-first) {
			d := domaintest.Verified(tx, org, org, fmt.Sprintf("d%d-%s.example", len(e.domains), unique()), time.Now(), due)
			tx.Count(org, table.DomainsCount(org), +1, nil)
			e.domains = append(e.domains, d)
			dns = append(dns, records{d.Record().Host, "TXT", []string{d.Record().Value}})
		}
		changes = append(changes, tx)
	}
	if err := e.ask(ctx, http.MethodPut, "/_local/dns", map[string]any{"records": dns}, nil); err != nil {
		return err
	}
	var next atomic.Int64
	_, err := each(ctx, writers, len(changes), func(int) error { return e.table.Commit(ctx, changes[next.Add(1)-1]) })
	return err
}

// measured tells what the worker did while do was at work.
func (s *stack) measured(ctx context.Context, do func() error) (recheck, error) {
	before, err := s.worker(ctx)
	if err != nil {
		return recheck{}, err
	}
	began := time.Now()
	if err := do(); err != nil {
		return recheck{}, err
	}
	took := time.Since(began)
	after, err := s.worker(ctx)
	return recheck{after.since(before), took}, err
}

func (s *stack) worker(ctx context.Context) (total, error) {
	var totals map[string]total
	err := s.ask(ctx, http.MethodGet, "/_local/totals", nil, &totals)
	return totals["WorkerFunction"], err
}

// disturbed has the domains looked at while the worker is killed again and again, hour by hour until none is left.
func (e *estate) disturbed(ctx context.Context, r *rechecked, due time.Time) error {
	end := e.kill(ctx)
	defer end()
	left := e.domains
	for ; len(left) > 0; r.hours++ {
		if r.hours == hours {
			return fmt.Errorf("%d of %d domains were not looked at in %d hours", len(left), len(e.domains), hours)
		}
		asked, err := e.looked(ctx, due.Add(time.Duration(r.hours)*hour))
		if err != nil {
			return err
		}
		before := len(left)
		if left, err = e.unwritten(ctx, left); err != nil {
			return err
		}
		r.again += asked - (before - len(left))
	}
	return end()
}

// inPeace has the domains looked at by a worker that nobody kills: all of them, in one go.
func (e *estate) inPeace(ctx context.Context, now time.Time) error {
	asked, err := e.looked(ctx, now)
	if err == nil && asked != len(e.domains) {
		err = fmt.Errorf("%d of %d domains were looked up", asked, len(e.domains))
	}
	return err
}

// looked runs the schedule at one time until nothing more is looked up, and tells how many were: none of them twice. What is due
// at one time is due within one hour.
func (e *estate) looked(ctx context.Context, now time.Time) (int, error) {
	if err := e.ask(ctx, http.MethodDelete, "/_local/dns/queries", nil, nil); err != nil {
		return 0, err
	}
	for before, quiet := 0, 0; ; {
		if err := e.ask(ctx, http.MethodPost, "/_local/schedules/MaintenanceFunctionDue", map[string]string{"now": now.UTC().Format(time.RFC3339)}, nil); err != nil {
			return 0, err
		}
		_ = e.ask(ctx, http.MethodPost, "/_local/queues/idle", nil, nil) // it gives up after a while: then the next round waits on
		time.Sleep(600 * time.Millisecond)                               // longer than an index lags
		asked, err := e.asked(ctx)
		if err != nil {
			return 0, err
		}
		if quiet++; asked != before {
			before, quiet = asked, 0
		}
		if quiet == 2 {
			return asked, nil
		}
	}
}

// asked is how many of the domains were looked up since the last call of DELETE /_local/dns/queries.
func (e *estate) asked(ctx context.Context) (int, error) {
	var all struct{ Queries map[string]int }
	if err := e.ask(ctx, http.MethodGet, "/_local/dns", nil, &all); err != nil {
		return 0, err
	}
	n := 0
	for _, d := range e.domains {
		switch times := all.Queries[d.Record().Host]; {
		case times > 1:
			return 0, fmt.Errorf("%s was looked up %d times within an hour", d.Name, times)
		case times == 1:
			n++
		}
	}
	return n, nil
}

// unwritten are those of the domains of which nothing was written down yet.
func (e *estate) unwritten(ctx context.Context, of []*domain.Domain) (left []*domain.Domain, err error) {
	for len(of) > 0 {
		page := of[:min(100, len(of))]
		of = of[len(page):]
		read := make([]domain.Domain, len(page))
		wants := make([]*table.Wanted, len(page))
		for i, d := range page {
			wants[i] = table.Want(d.Key(), &read[i])
		}
		if err := e.table.GetMany(ctx, wants...); err != nil {
			return nil, err
		}
		for i, d := range page {
			if read[i].LastCheck == nil {
				left = append(left, d)
			}
		}
	}
	return left, nil
}

// kill has the worker killed at any of its calls, again and again, until end, which may be called twice.
func (e *estate) kill(ctx context.Context) (end func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var killing sync.WaitGroup
	arm := func(ctx context.Context, faults ...any) error {
		return e.ask(ctx, http.MethodPost, "/_local/faults", map[string]any{"function": "WorkerFunction", "faults": append([]any{}, faults...)}, nil)
	}
	killing.Go(func() {
		for ctx.Err() == nil {
			_ = arm(ctx, map[string]any{"kind": []string{"kill", "kill-after"}[rand.N(2)], "at": 1 + rand.N(killWithin)}) // the next one comes soon
			time.Sleep(killEvery)
		}
	})
	return func() error {
		cancel()
		killing.Wait()
		return arm(context.WithoutCancel(ctx))
	}
}
