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
	m := &measurement{members: 10_000}
	measured := func(roundTrips, inLarge int) []costed {
		return []costed{{operation: operation{name: "read the organization"},
			small: cost{roundTrips: roundTrips, all: roundTrips, readUnits: 2.5}, large: cost{roundTrips: inLarge, all: inLarge, readUnits: 2.5}}}
	}
	page := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(page, []byte(costsText(measured(2, 2), m.members)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		now    []costed
		differ bool
	}{
		{"the same counts pass", measured(2, 2), false},
		{"another count is told", measured(3, 3), true},
		{"a cost that grows with the members is told", measured(2, 3), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := m.compare(c.now, page); (err != nil) != c.differ {
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

func TestAChapterIsMeasuredAloneAndNamesCommitAndMachine(t *testing.T) {
	page := filepath.Join(t.TempDir(), "performance.md")
	m := &measurement{root: "."}
	write := func(name, text string) string {
		t.Helper()
		chosen, err := chosenChapters(name)
		if err != nil {
			t.Fatal(err)
		}
		chosen[0].measure = func(*measurement, context.Context) (string, error) { return text, nil }
		if err := m.write(t.Context(), chosen, page); err != nil {
			t.Fatal(err)
		}
		written, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		return string(written)
	}
	write("saml", "earlier judgement")
	write("costs", "counts")
	text := write("saml", "new judgement")
	if strings.Contains(text, "earlier") || strings.Count(text, "Commit ") != 2 || strings.Count(text, machine()) != 2 ||
		!strings.HasPrefix(text, head) || strings.Index(text, "counts") > strings.Index(text, "new judgement") {
		t.Error(text)
	}
	if _, err := chosenChapters("costs,smal"); err == nil {
		t.Error("a chapter that is none was taken")
	}
}
