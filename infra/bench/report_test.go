package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func TestCountsAreComparedWithThePage(t *testing.T) {
	measured := func(roundTrips, inLarge int) *report {
		return &report{members: 10_000, costs: []costed{{operation: operation{name: "read the organization"},
			small: cost{roundTrips: roundTrips, all: roundTrips, readUnits: 2.5}, large: cost{roundTrips: inLarge, all: inLarge, readUnits: 2.5}}}}
	}
	page := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(page, []byte(measured(2, 2).text()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		now    *report
		differ bool
	}{
		{"the same counts pass", measured(2, 2), false},
		{"another count is told", measured(3, 3), true},
		{"a cost that grows with the members is told", measured(2, 3), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.now.compare(page); (err != nil) != c.differ {
				t.Errorf("compare answered %v", err)
			}
		})
	}
}

func TestOnlyTheTablesCallsCountAsRoundTrips(t *testing.T) {
	got := sum([]call{{Service: "dynamodb", ItemsRead: 4, ItemsReturned: 3, ReadUnits: 2}, {Service: "sqs"}, {Service: "dynamodb", WriteUnits: 6}})
	if want := "2 | 1 | 4 | 3 | 2 | 6"; got.compared() != want {
		t.Errorf("%s, not %s", got.compared(), want)
	}
}

func TestEachStopsAtTheFirstError(t *testing.T) {
	var done atomic.Int64
	broken := errors.New("broken")
	_, err := each(t.Context(), 4, 1_000, func(int) error {
		if done.Add(1) == 10 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || done.Load() > 20 {
		t.Errorf("%v after %d", err, done.Load())
	}
}

func TestEachDoesAllOfIt(t *testing.T) {
	var done atomic.Int64
	if _, err := each(context.Background(), 3, 100, func(int) error { done.Add(1); return nil }); err != nil || done.Load() != 100 {
		t.Errorf("%d done, %v", done.Load(), err)
	}
}

func TestThePageNamesCommitAndMachine(t *testing.T) {
	text := (&report{root: "."}).text()
	if !strings.Contains(text, "Commit ") || !strings.Contains(text, machine()) {
		t.Error(text)
	}
}
