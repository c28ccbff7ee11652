// Package clock is where the product gets the time from. time.Now stands in this file only, so that a test can put any
// clock in its place.
package clock

import "time"

// Clock tells the time in UTC.
type Clock func() time.Time

// System is the machine's clock.
func System() time.Time { return time.Now().UTC() }

// At is a clock that stands still, for tests and for runs of a schedule whose time is given.
func At(t time.Time) Clock { return func() time.Time { return t.UTC() } }

// Format writes a time as the API shows it and the table stores it: RFC 3339 in UTC with milliseconds, so that the order of
// the text is the order in time.
func Format(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// FormatUnix writes Unix seconds as Format writes a time; 0, of what does not say when, is the empty text.
func FormatUnix(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return Format(time.Unix(seconds, 0))
}

// Parse reads what Format wrote. What is no time, as the empty text of something that does not say when, gives the zero time.
func Parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
