package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what comes about on its own. Only a test that fails waits that long, so that it is long
// enough for a machine with much else to do.
const patience = 2 * time.Minute

// holdsInTime asks again and again whether it holds, and says whether it did before patience was at its end. It asks more and more
// seldom, so that a key is never over its calls of a minute (PER-8).
func holdsInTime(holds func() bool) bool {
	began := time.Now()
	for pause := 20 * time.Millisecond; !holds(); pause = min(pause*11/10, 100*time.Millisecond) {
		if time.Since(began) > patience {
			return false
		}
		time.Sleep(pause)
	}
	return true
}

// comesTrue waits until it holds.
func comesTrue(t testing.TB, what string, holds func() bool) {
	t.Helper()
	if !holdsInTime(holds) {
		t.Fatalf("waited in vain: %s", what)
	}
}

// eventually waits until a list, which lags behind what was written, is what it should be.
func eventually(t testing.TB, want []string, list func() []string) {
	t.Helper()
	var got []string
	if !holdsInTime(func() bool { got = list(); return slices.Equal(got, want) }) {
		t.Errorf("the list is %q, not %q", got, want)
	}
}

// until waits until a fact holds, having the worker do in between what is due.
func until(t testing.TB, fact func(testing.TB) bool) {
	t.Helper()
	later(t, 0, fact)
}

// later waits until a fact holds, having the worker do in between what is due by so much later. That takes several turns where an
// index lags, or where a turn that another test began has the timer at the moment.
func later(t testing.TB, by time.Duration, fact func(testing.TB) bool) {
	t.Helper()
	comesTrue(t, "what is due was done", func() bool {
		if fact(t) {
			return true
		}
		runs(t, "Due", time.Now().Add(by))
		time.Sleep(200 * time.Millisecond)
		return false
	})
}

// due has the worker do what is due at that time, and waits until all of it is worked on.
func due(t testing.TB, at time.Time) {
	t.Helper()
	for range 2 { // as the schedule does every five minutes: what an index did not show yet is found the next time
		runs(t, "Due", at)
		stack.Local(t, "POST", "queues/idle", nil)
		indexed()
	}
}

// runs runs a schedule of maintenance, Due or Sweep, at that time.
func runs(t testing.TB, schedule string, at time.Time) {
	t.Helper()
	stack.Local(t, "POST", "schedules/MaintenanceFunction"+schedule, map[string]string{"now": at.UTC().Format(time.RFC3339)})
}

// indexed waits until the indexes show what was just written: the stack's wire hides it from them for half a second.
func indexed() { time.Sleep(600 * time.Millisecond) }

// over waits until a job, an export or a run, which is read at the path, neither waits for its turn nor runs, and decodes it into one.
func over(t testing.TB, by Person, path string, one any) {
	t.Helper()
	var answer Answer
	if !holdsInTime(func() bool {
		var got struct{ Status string }
		answer = by.DoWithKey(t, "GET", path, nil).Expect(t, 200)
		answer.JSON(t, &got)
		return got.Status != "queued" && got.Status != "running"
	}) {
		t.Fatalf("it does not end: %s", answer.Body)
	}
	answer.JSON(t, one)
}

// awaitMail waits for a mail to the address whose subject has the words.
func awaitMail(t testing.TB, email, words string) (found Mail) {
	t.Helper()
	return awaitMailThat(t, email, "about "+words, func(m Mail) bool { return strings.Contains(m.Subject, words) })
}

// mailedTo waits for a mail to the address that says this, in its subject or its text.
func mailedTo(t testing.TB, email, says string) {
	t.Helper()
	awaitMailThat(t, email, "that says "+says, func(m Mail) bool { return strings.Contains(m.Subject+" "+m.Text, says) })
}

// awaitMailThat waits for a mail to the address that is the one looked for, and gives the newest.
func awaitMailThat(t testing.TB, email, what string, is func(Mail) bool) (found Mail) {
	t.Helper()
	comesTrue(t, "a mail to "+email+" "+what, func() bool {
		mails := mailsTo(t, email)
		at := slices.IndexFunc(mails, is)
		if at >= 0 {
			found = mails[at]
		}
		return at >= 0
	})
	return found
}
