package samlsp

import (
	"time"

	"github.com/beevik/etree"
)

// moment is a point in time as a message says it: it may be missing or unreadable.
type moment struct {
	said string
	at   time.Time // zero where it is missing or unreadable
}

// momentOf reads an attribute that holds a time.
func momentOf(e *etree.Element, key string) moment {
	said := attribute(e, key)
	return moment{said, parseTime(said)}
}

// parseTime reads an xs:dateTime, the zero time for what is none. SAML wants UTC (core 1.3.3); another zone is no lie, and a time
// without one is in UTC.
func parseTime(said string) time.Time {
	if at, err := time.Parse(time.RFC3339, said); err == nil {
		return at.UTC()
	}
	at, err := time.Parse("2006-01-02T15:04:05", said)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (m moment) missing() bool  { return m.said == "" }
func (m moment) readable() bool { return !m.at.IsZero() }

// begun tells whether the moment has come, a minute early at most.
func (m moment) begun(now time.Time) bool { return m.readable() && !m.at.After(now.Add(Skew)) }

// ahead tells whether the moment is still to come, or came less than a minute ago. What ends then is valid before that moment and
// not at it (core 2.5.1.2).
func (m moment) ahead(now time.Time) bool { return m.readable() && m.at.After(now.Add(-Skew)) }

// shown describes the moment beside now.
func (m moment) shown(now time.Time) string {
	if m.missing() {
		return "no time"
	}
	return quoted(m.said) + ", when it was " + now.UTC().Format(time.RFC3339)
}
