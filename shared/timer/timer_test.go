package timer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/timer"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// shelf is a table with timers, and what the worker was woken for.
type shelf struct {
	*table.Table
	woken []queue.Message
	fail  error
}

func (s *shelf) Send(_ context.Context, messages ...queue.Message) error {
	s.woken = append(s.woken, messages...)
	return s.fail
}

func newShelf(t *testing.T) *shelf { return &shelf{Table: tabletest.NewAt(t, clock.At(noon))} }

// change commits one change.
func (s *shelf) change(t *testing.T, fill func(tx *table.Tx)) error {
	t.Helper()
	tx := table.NewTx()
	fill(tx)
	return s.Commit(t.Context(), tx)
}

func (s *shelf) set(t *testing.T, owner string, due time.Time) {
	t.Helper()
	if err := s.change(t, func(tx *table.Tx) { timer.Set(tx, timer.Job, owner, due) }); err != nil {
		t.Fatal(err)
	}
}

// work has the handler work on all shards and gives whose timers it got, in order of their names.
func (s *shelf) work(t *testing.T, now time.Time, do func(timer.Claimed, *table.Tx)) []string {
	t.Helper()
	var owners []string
	h := timer.Handler{Lease: time.Hour, Page: 3, Do: func(ctx context.Context, _ time.Time, page []timer.Claimed) error {
		for _, claimed := range page {
			owners = append(owners, claimed.Owner)
			if do == nil {
				continue
			}
			if err := s.change(t, func(tx *table.Tx) { do(claimed, tx) }); err != nil {
				return err
			}
		}
		return nil
	}}
	for shard := range table.TimerShards {
		if more, err := h.Work(t.Context(), s.Table, timer.Job, shard, now); err != nil || more {
			t.Fatalf("shard %d: more %t, %v", shard, more, err)
		}
	}
	slices.Sort(owners)
	return owners
}

func TestATimerIsWorkedOnWhenItFallsDue(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for i := range 40 {
		s.set(t, fmt.Sprintf("o-%02d", i), noon.Add(time.Duration(i)*time.Minute))
	}
	if n, err := timer.Wake(t.Context(), s.Table, s, noon.Add(-time.Second)); n != 0 || err != nil {
		t.Fatalf("before anything is due: %d woken, %v", n, err)
	}
	if n, err := timer.Wake(t.Context(), s.Table, s, noon); n != 1 || err != nil || len(s.woken) != 1 || !s.woken[0].At.Equal(noon) {
		t.Fatalf("one is due: %d woken, %v, %+v", n, err, s.woken)
	}
	end := func(c timer.Claimed, tx *table.Tx) { c.Done(tx) }
	if got := s.work(t, noon.Add(9*time.Minute), end); len(got) != 10 || got[0] != "o-00" || got[9] != "o-09" {
		t.Errorf("ten are due, worked on %v", got)
	}
	if got := s.work(t, noon.Add(40*time.Minute), end); len(got) != 30 {
		t.Errorf("thirty are left, worked on %d", len(got))
	}
	if got := s.work(t, noon.Add(time.Hour), end); got != nil {
		t.Errorf("none is left, worked on %v", got)
	}
}

func TestAClaimedTimerIsItsHoldersUntilTheLeaseEnds(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.set(t, "one", noon)
	if got := s.work(t, noon, nil); len(got) != 1 {
		t.Fatal(got)
	}
	if got := s.work(t, noon.Add(59*time.Minute), nil); got != nil {
		t.Errorf("within the lease: %v", got)
	}
	if got := s.work(t, noon.Add(time.Hour), nil); len(got) != 1 {
		t.Errorf("after the lease: %v", got)
	}
}

func TestWhoLostATimerChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for name, lose := range map[string]func(tx *table.Tx){
		"set anew":  func(tx *table.Tx) { timer.Set(tx, timer.Job, "one", noon.Add(time.Hour)) },
		"cancelled": func(tx *table.Tx) { timer.Cancel(tx, timer.Job, "one") },
	} {
		s.set(t, "one", noon)
		var held timer.Claimed
		s.work(t, noon, func(c timer.Claimed, _ *table.Tx) { held = c })
		if err := s.change(t, lose); err != nil {
			t.Fatal(err)
		}
		for act, do := range map[string]func(tx *table.Tx){"done": held.Done, "moved": func(tx *table.Tx) { held.Move(tx, noon) }} {
			if err := s.change(t, do); !errors.Is(err, table.ErrChanged) {
				t.Errorf("%s, then %s: %v", name, act, err)
			}
		}
	}
}

func TestAMovedTimerFallsDueAgain(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.set(t, "one", noon)
	daily := func(c timer.Claimed, tx *table.Tx) { c.Move(tx, c.Due.Add(24*time.Hour)) }
	for day := range 3 {
		at := noon.Add(time.Duration(day) * 24 * time.Hour)
		if got := s.work(t, at, daily); len(got) != 1 {
			t.Fatalf("day %d: %v", day, got)
		}
		if got := s.work(t, at.Add(23*time.Hour), daily); got != nil {
			t.Fatalf("day %d, twice: %v", day, got)
		}
	}
}

func TestManyWorkersGetEachTimerOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for i := range 60 {
		s.set(t, fmt.Sprint(i), noon)
	}
	var mutex sync.Mutex
	seen := map[string]int{}
	h := timer.Handler{Lease: time.Hour, Page: 4, Do: func(_ context.Context, _ time.Time, page []timer.Claimed) error {
		mutex.Lock()
		defer mutex.Unlock()
		for _, c := range page {
			seen[c.Owner]++
		}
		return nil
	}}
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for shard := range table.TimerShards {
				if _, err := h.Work(t.Context(), s.Table, timer.Job, shard, noon); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	s.work(t, noon, func(c timer.Claimed, _ *table.Tx) { seen[c.Owner]++ }) // what all four left to each other
	for owner, n := range seen {
		if n != 1 {
			t.Errorf("%s was worked on %d times", owner, n)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 were worked on", len(seen))
	}
}

func TestWithoutTimeForAPageNothingIsClaimed(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.set(t, "one", noon)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h := timer.Handler{Lease: time.Hour, Page: 1, Needs: 2 * time.Minute, Do: func(context.Context, time.Time, []timer.Claimed) error { return errors.New("called") }}
	for shard := range table.TimerShards {
		if more, err := h.Work(ctx, s.Table, timer.Job, shard, noon); !more || err != nil {
			t.Fatalf("more %t, %v", more, err)
		}
	}
	if got := s.work(t, noon, nil); len(got) != 1 {
		t.Errorf("left: %v", got)
	}
}

func TestAPageThatFailsKeepsNoLaterOneWaiting(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for i := range 200 {
		s.set(t, fmt.Sprint(i), noon.Add(-time.Duration(i)*time.Minute))
	}
	stuck, pages, worked := errors.New("it is stuck"), 0, 0
	h := timer.Handler{Lease: time.Minute, Page: 3, Do: func(_ context.Context, _ time.Time, page []timer.Claimed) error {
		if worked += len(page); slices.ContainsFunc(page, func(c timer.Claimed) bool { return c.Due.Before(noon.Add(-3 * time.Hour)) }) {
			pages++
			return stuck
		}
		return nil
	}}
	failed := 0
	for shard := range table.TimerShards {
		more, err := h.Work(t.Context(), s.Table, timer.Job, shard, noon)
		if more != (err != nil) || err != nil && !errors.Is(err, stuck) {
			t.Errorf("shard %d: more %t, %v", shard, more, err)
		}
		if err != nil {
			failed++
		}
	}
	if worked != 200 || failed == 0 || pages < failed {
		t.Errorf("%d of 200 were worked on; %d shards and %d pages failed", worked, failed, pages)
	}
}

func TestARunThatCannotWakeTheWorkerErrs(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.set(t, "one", noon)
	s.fail = errors.New("the queue does not answer")
	if _, err := timer.Wake(t.Context(), s.Table, s, noon); !errors.Is(err, s.fail) {
		t.Fatal(err)
	}
}

func TestAListThatCannotBeReadKeepsNoOtherFromBeingWokenFor(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for i := range 40 {
		s.set(t, fmt.Sprint(i), noon)
	}
	broken := table.TimersDue(string(timer.Job), 0, clock.Format(noon.Add(-time.Hour)), "broken")
	if err := s.change(t, func(tx *table.Tx) {
		tx.Put(table.TimerKey(string(timer.Job), "broken"), map[string]any{"due": []int{1}}, broken)
		timer.Set(tx, timer.Domain, "org/dom", noon)
	}); err != nil {
		t.Fatal(err)
	}
	n, err := timer.Wake(t.Context(), s.Table, s, noon)
	if err == nil || n < 3 || !slices.ContainsFunc(s.woken, func(m queue.Message) bool { return m.ID == string(timer.Domain) }) {
		t.Errorf("%d woken, %v", n, err)
	}
}

func ExampleSet() {
	tx := table.NewTx()
	timer.Set(tx, timer.Job, "org_1/job_1", noon)
	fmt.Println(tx.Empty())
	// Output: false
}
