// Package schedule is EventBridge Scheduler for the local stack: it reads rate(...) and cron(...) expressions, runs
// functions at their times, or on demand as if it were another time, and gives them the input that the Scheduler gives.
//
//	next, err := schedule.Next("cron(0 8 ? * MON-FRI *)", time.Now())
//
// It refuses one-time schedules, at(...), and knows no time zone but UTC.
package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Next is the first time after a given one at which a schedule runs, in UTC. A rate counts from after, a cron expression
// hits whole minutes. The error says what is wrong with the expression, or that it never comes up again.
func Next(expression string, after time.Time) (time.Time, error) {
	t, err := parse(expression)
	if err != nil {
		return time.Time{}, fmt.Errorf("schedule %s: %w", expression, err)
	}
	next, ok := t.next(after.UTC())
	if !ok {
		return time.Time{}, fmt.Errorf("schedule %s: there is no such time after %s", expression, after.UTC().Format(time.RFC3339))
	}
	return next, nil
}

// timetable is a parsed expression; ok is false where no time is left.
type timetable interface {
	next(after time.Time) (t time.Time, ok bool)
}

var form = regexp.MustCompile(`^(rate|cron)\((.*)\)$`)

func parse(expression string) (timetable, error) {
	parts := form.FindStringSubmatch(expression)
	if parts == nil {
		return nil, fmt.Errorf("it is neither rate(...) nor cron(...)")
	}
	if parts[1] == "rate" {
		return parseRate(parts[2])
	}
	return parseCron(parts[2])
}

// rate runs again and again after the same time.
type rate time.Duration

func (r rate) next(after time.Time) (time.Time, bool) { return after.Add(time.Duration(r)), true }

var rateForm = regexp.MustCompile(`^([1-9][0-9]{0,5}) (minute|hour|day)(s?)$`)

// parseRate reads such as "5 minutes"; the unit is singular for 1 and plural above.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
func parseRate(text string) (timetable, error) {
	parts := rateForm.FindStringSubmatch(text)
	if parts == nil || (parts[1] == "1") != (parts[3] == "") {
		return nil, fmt.Errorf("a rate is 1 minute, 1 hour, 1 day, or a higher number of minutes, hours, days")
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return nil, err
	}
	return rate(time.Duration(n) * units[parts[2]]), nil
}
