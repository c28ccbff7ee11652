package domainproof_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/domainproof"
)

var begin = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

var policy = domainproof.Policy{Lapse: 14 * day}

// told runs the outcomes, one a day, and gives what was told on which day.
func told(s domainproof.State, outcomes ...domainproof.Outcome) (domainproof.State, map[int]domainproof.Event) {
	events := map[int]domainproof.Event{}
	for i, outcome := range outcomes {
		var event domainproof.Event
		if s, event = s.After(outcome, begin.Add(time.Duration(i)*day), policy); event != domainproof.Nothing {
			events[i] = event
		}
	}
	return s, events
}

func repeated(n int, outcome domainproof.Outcome) []domainproof.Outcome {
	return slices.Repeat([]domainproof.Outcome{outcome}, n)
}

func same(t *testing.T, got, want map[int]domainproof.Event) {
	t.Helper()
	for i := range 60 {
		if got[i] != want[i] {
			t.Errorf("day %d: %q, not %q", i, got[i], want[i])
		}
	}
}

func TestDOM7_FourteenDaysOfMisses(t *testing.T) {
	t.Parallel()
	verified := domainproof.State{Verified: true}
	s, events := told(verified, repeated(14, domainproof.NotFound)...)
	if !s.Verified || s.Misses != 14 || !s.AtRiskSince.Equal(begin) || !s.Ends(policy).Equal(begin.Add(14*day)) {
		t.Errorf("after 14 misses, on day 13: %+v", s)
	}
	same(t, events, map[int]domainproof.Event{0: domainproof.AtRisk, 3: domainproof.Reminder, 7: domainproof.Reminder, 13: domainproof.Reminder})
	s, events = told(verified, repeated(20, domainproof.NotFound)...)
	if s != (domainproof.State{}) || events[14] != domainproof.Lost || len(events) != 5 {
		t.Errorf("on day 14: %+v, %v", s, events)
	}
}

func TestDOM7_ARecordThatComesBackEndsTheRisk(t *testing.T) {
	t.Parallel()
	outcomes := append(repeated(13, domainproof.NotFound), domainproof.Found)
	outcomes = append(outcomes, repeated(5, domainproof.NotFound)...)
	s, events := told(domainproof.State{Verified: true}, outcomes...)
	if s.Misses != 5 || !s.AtRiskSince.Equal(begin.Add(14*day)) {
		t.Errorf("%+v", s)
	}
	same(t, events, map[int]domainproof.Event{0: domainproof.AtRisk, 3: domainproof.Reminder, 7: domainproof.Reminder,
		13: domainproof.Recovered, 14: domainproof.AtRisk, 17: domainproof.Reminder})
}

func TestDOM7_AFailureIsNeitherAMissNorASuccess(t *testing.T) {
	t.Parallel()
	s, events := told(domainproof.State{Verified: true}, repeated(100, domainproof.Failed)...)
	if s != (domainproof.State{Verified: true}) || len(events) != 0 {
		t.Errorf("failures alone: %+v, %v", s, events)
	}
	// Nine misses in 20 days are not enough, the tenth is.
	outcomes := append(repeated(9, domainproof.NotFound), repeated(11, domainproof.Failed)...)
	s, _ = told(domainproof.State{Verified: true}, outcomes...)
	if !s.Verified || s.Misses != 9 || !s.AtRiskSince.Equal(begin) {
		t.Errorf("nine misses: %+v", s)
	}
	s, events = told(domainproof.State{Verified: true}, append(outcomes, domainproof.NotFound)...)
	if s.Verified || events[20] != domainproof.Lost {
		t.Errorf("ten misses: %+v, %v", s, events)
	}
	// Who could not be reached on days 3 and 7 is reminded once, when it is known to be missing still.
	outcomes = append([]domainproof.Outcome{domainproof.NotFound}, repeated(8, domainproof.Failed)...)
	_, events = told(domainproof.State{Verified: true}, append(outcomes, repeated(2, domainproof.NotFound)...)...)
	same(t, events, map[int]domainproof.Event{0: domainproof.AtRisk, 9: domainproof.Reminder})
}

func TestDOM7_MissesAreCountedByDay(t *testing.T) {
	t.Parallel()
	s := domainproof.State{Verified: true}
	for i := range 30 * 24 {
		at := begin.Add(time.Duration(i) * 30 * time.Minute)
		if s, _ = s.After(domainproof.NotFound, at, policy); at.Before(begin.Add(14*day)) && !s.Verified {
			t.Fatalf("lost after %v", at.Sub(begin))
		}
	}
	if s.Verified {
		t.Errorf("%+v", s)
	}
	s, _ = domainproof.State{Verified: true}.After(domainproof.NotFound, begin, policy)
	if again, event := s.After(domainproof.NotFound, begin.Add(-time.Hour), policy); again != s || event != domainproof.Nothing {
		t.Errorf("a clock set back: %+v, %s", again, event)
	}
}

func TestDOM7_APolicyOfFewDaysMeansTen(t *testing.T) {
	t.Parallel()
	s := domainproof.State{Verified: true}
	for i := range 10 {
		s, _ = s.After(domainproof.NotFound, begin.Add(time.Duration(i)*day), domainproof.Policy{Lapse: day})
	}
	if !s.Verified || !s.Ends(domainproof.Policy{Lapse: day}).Equal(begin.Add(10*day)) {
		t.Errorf("on day 9: %+v", s)
	}
	if s, event := s.After(domainproof.NotFound, begin.Add(10*day), domainproof.Policy{}); s.Verified || event != domainproof.Lost {
		t.Errorf("on day 10: %+v, %s", s, event)
	}
}

func TestDOM4_OnlyWhatIsFoundIsVerified(t *testing.T) {
	t.Parallel()
	for _, outcome := range []domainproof.Outcome{domainproof.NotFound, domainproof.Failed} {
		if s, event := (domainproof.State{}).After(outcome, begin, policy); s.Verified || event != domainproof.Nothing {
			t.Errorf("%s: %+v, %s", outcome, s, event)
		}
	}
	if s, event := (domainproof.State{}).After(domainproof.Found, begin, policy); !s.Verified || event != domainproof.Proved {
		t.Errorf("%+v, %s", s, event)
	}
}

// TestDOM7_AnyCourseOfAnswers holds the rules against a second, plain account of any course of answers.
func TestDOM7_AnyCourseOfAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, now := domainproof.State{Verified: true}, begin
		lapse := time.Duration(rapid.IntRange(0, 30).Draw(t, "lapse")) * day
		var first time.Time
		days, reminders := map[string]bool{}, 0
		for range rapid.IntRange(1, 120).Draw(t, "answers") {
			now = now.Add(time.Duration(rapid.IntRange(1, 48*60).Draw(t, "minutes")) * time.Minute)
			outcome := rapid.SampledFrom([]domainproof.Outcome{domainproof.Found, domainproof.NotFound, domainproof.NotFound, domainproof.NotFound, domainproof.NotFound, domainproof.Failed}).Draw(t, "outcome")
			before := s
			var event domainproof.Event
			s, event = s.After(outcome, now, domainproof.Policy{Lapse: lapse})
			switch outcome {
			case domainproof.Failed:
				if s != before || event != domainproof.Nothing {
					t.Fatalf("a failure made %+v of %+v, %s", s, before, event)
				}
			case domainproof.Found:
				if s != (domainproof.State{Verified: true}) || (event == domainproof.Recovered) != (len(days) > 0) {
					t.Fatalf("found: %+v, %s after misses on %d days", s, event, len(days))
				}
				first, days, reminders = time.Time{}, map[string]bool{}, 0
			case domainproof.NotFound:
				if first.IsZero() {
					first = now
				}
				days[now.Format(time.DateOnly)] = true
				due := now.Sub(first) >= max(lapse, 10*day) && len(days) >= 10
				if due != (event == domainproof.Lost) || due == s.Verified {
					t.Fatalf("%v after the first of misses on %d days: %+v, %s", now.Sub(first), len(days), s, event)
				}
				if due {
					return
				}
				if s.Misses != len(days) || !s.AtRiskSince.Equal(first) || (event == domainproof.AtRisk) != now.Equal(first) {
					t.Fatalf("misses on %d days since %v: %+v, %s", len(days), first, s, event)
				}
				if event == domainproof.Reminder {
					reminders++
				}
				if reminders > 3 || s.Reminded >= 3 && now.Sub(first) < time.Duration(s.Reminded)*day {
					t.Fatalf("%d reminders, %+v", reminders, s)
				}
			}
		}
	})
}

func TestDOM8_AFailureIsLookedAtAgainSoonAndNeverWithinTheHour(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[domainproof.Outcome]time.Duration{domainproof.Found: day, domainproof.NotFound: day, domainproof.Failed: 70 * time.Minute} {
		if next := domainproof.Next(outcome, begin); next.Sub(begin) != want {
			t.Errorf("after %s: %v", outcome, next.Sub(begin))
		}
	}
}
