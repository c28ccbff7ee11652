package domainproof

import "time"

// State is where a proof stands. The zero State is of a domain that was never verified.
type State struct {
	Verified    bool
	AtRiskSince time.Time // of the first miss in a row, zero where the record was there at the last answer
	Misses      int       // days of misses in a row
	LastMiss    time.Time // the last one that was counted
	Reminded    int       // the day of the last reminder that was told, 0 before the first
}

// Policy is how long a proof outlives its record.
type Policy struct {
	Lapse time.Duration // from the first miss on; at least LeastLapse
}

// LeastMisses is how many days of misses it takes at least, however few answers a resolver gave meanwhile; so a policy of fewer
// days means nothing.
const (
	LeastMisses = 10
	LeastLapse  = LeastMisses * day
)

const day = 24 * time.Hour

// Event is what is to be told of a change of state.
type Event string

// The events.
const (
	Nothing   Event = ""
	Proved    Event = "proved"    // it is verified now
	AtRisk    Event = "at-risk"   // the first miss
	Reminder  Event = "reminder"  // still missing, on days 3, 7, 13
	Recovered Event = "recovered" // the record is back
	Lost      Event = "lost"      // it is verified no more
)

// reminderDays are those on which a missing record is told of again (DOM-7).
var reminderDays = [...]int{3, 7, 13}

// After is the state after an outcome, and what is to be told. A failure changes nothing. Of several misses on one day the
// first one counts. That the domain is free for a proof to be taken, and has not gone to somebody else, is the caller's to
// see to.
func (s State) After(outcome Outcome, now time.Time, p Policy) (State, Event) {
	switch {
	case outcome == Found && !s.Verified:
		return State{Verified: true}, Proved
	case outcome == Found && !s.AtRiskSince.IsZero():
		return State{Verified: true}, Recovered
	case outcome != NotFound || !s.Verified:
		return s, Nothing
	case s.AtRiskSince.IsZero():
		return State{Verified: true, AtRiskSince: now, Misses: 1, LastMiss: now}, AtRisk
	}
	return s.missed(now, p)
}

// missed is the state after one more miss in a row.
func (s State) missed(now time.Time, p Policy) (State, Event) {
	if now.Before(s.LastMiss) { // a clock that was set back counts nothing twice
		return s, Nothing
	}
	if !sameDay(now, s.LastMiss) {
		s.Misses++
		s.LastMiss = now
	}
	since := now.Sub(s.AtRiskSince)
	if since >= max(p.Lapse, LeastLapse) && s.Misses >= LeastMisses {
		return State{}, Lost
	}
	told := s.Reminded
	for _, at := range reminderDays {
		if since >= time.Duration(at)*day && at > s.Reminded {
			s.Reminded = at
		}
	}
	if s.Reminded > told {
		return s, Reminder
	}
	return s, Nothing
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Truncate(day).Equal(b.UTC().Truncate(day))
}

// Ends is when the domain is lost at the earliest if its record stays away; zero where it is not at risk.
func (s State) Ends(p Policy) time.Time {
	if s.AtRiskSince.IsZero() {
		return time.Time{}
	}
	return s.AtRiskSince.Add(max(p.Lapse, LeastLapse))
}

// How long it is until a verified domain is looked up again: a day, and soon where the resolver failed, but never within the
// hour in which a look-up is done once (DOM-8).
const (
	daily = day
	soon  = 70 * time.Minute
)

// Next is when to look again after an outcome.
func Next(outcome Outcome, now time.Time) time.Time {
	if outcome == Failed {
		return now.Add(soon)
	}
	return now.Add(daily)
}
