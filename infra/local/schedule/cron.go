package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// cron is a parsed cron(...): a run at each minute that all fields allow.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
type cron struct {
	minutes, hours, months, years map[int]bool
	days                          []day // one of them has to match
}

// day tells whether a date is meant.
type day func(date time.Time) bool

const lastYear = 2199

// next walks day by day, and month by month where the month is not meant.
func (c cron) next(after time.Time) (time.Time, bool) {
	first := after.Truncate(time.Minute).Add(time.Minute)
	date := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	for date.Year() <= lastYear {
		if !c.years[date.Year()] {
			date = time.Date(date.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if !c.months[int(date.Month())] {
			date = time.Date(date.Year(), date.Month()+1, 1, 0, 0, 0, 0, time.UTC)
			continue
		}
		if t, ok := c.within(date, first); ok {
			return t, true
		}
		date = date.AddDate(0, 0, 1)
	}
	return time.Time{}, false
}

// within is the first time on a date that is not before first.
func (c cron) within(date, first time.Time) (time.Time, bool) {
	meant := false
	for _, d := range c.days {
		meant = meant || d(date)
	}
	for minute := 0; meant && minute < 24*60; minute++ {
		t := date.Add(time.Duration(minute) * time.Minute)
		if c.hours[minute/60] && c.minutes[minute%60] && !t.Before(first) {
			return t, true
		}
	}
	return time.Time{}, false
}

func parseCron(text string) (timetable, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return nil, fmt.Errorf("cron has six fields (minutes, hours, day of month, month, day of week, year), not %d", len(fields))
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return nil, errors.New("one of day of month and day of week is ?, the other one is not")
	}
	var errs [5]error
	c := cron{}
	c.minutes, errs[0] = parseField("minutes", fields[0], 0, 59, nil)
	c.hours, errs[1] = parseField("hours", fields[1], 0, 23, nil)
	c.months, errs[2] = parseField("month", fields[3], 1, 12, strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"))
	c.years, errs[3] = parseField("year", fields[5], 1970, lastYear, nil)
	if fields[2] != "?" {
		c.days, errs[4] = parseDays(fields[2], dayOfMonth)
	} else {
		c.days, errs[4] = parseDays(fields[4], dayOfWeek)
	}
	return c, errors.Join(errs[:]...)
}

// parseField reads a list of values, ranges and steps; names stand for the numbers from low on.
func parseField(name, text string, low, high int, names []string) (map[int]bool, error) {
	all := map[int]bool{}
	for item := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(item, "/")
		from, to, ranged := strings.Cut(span, "-")
		start, end := low, high
		ok := true
		if span != "*" {
			start, ok = number(from, low, names)
			if end = start; ranged {
				var endOK bool
				end, endOK = number(to, low, names)
				ok = ok && endOK
			} else if stepped {
				end = high
			}
		}
		step, err := 1, error(nil)
		if stepped {
			step, err = strconv.Atoi(stepText)
		}
		if !ok || err != nil || step < 1 || start < low || end > high || start > end {
			return nil, fmt.Errorf("%s: %q is no value, range or step from %d to %d", name, item, low, high)
		}
		for v := start; v <= end; v += step {
			all[v] = true
		}
	}
	return all, nil
}

func number(text string, low int, names []string) (int, bool) {
	for i, name := range names {
		if strings.EqualFold(text, name) {
			return low + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && !strings.HasPrefix(text, "+")
}

// parseDays reads a list with one of the readers below.
func parseDays(text string, read func(item string) (day, error)) ([]day, error) {
	var all []day
	for item := range strings.SplitSeq(text, ",") {
		d, err := read(item)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	if len(all) > 1 && strings.Contains(text, "#") {
		return nil, errors.New("day of week: # stands alone")
	}
	return all, nil
}

var weekdayForm = regexp.MustCompile(`^([0-9]{1,2}|L)W$`)

// dayOfMonth reads values, ranges and steps, L for the last day, 15W for the weekday nearest to the 15th within the
// month, and LW for the last weekday.
func dayOfMonth(item string) (day, error) {
	if item == "L" {
		return func(date time.Time) bool { return date.Day() == lastDay(date) }, nil
	}
	if parts := weekdayForm.FindStringSubmatch(item); parts != nil {
		n, err := strconv.Atoi(parts[1])
		if parts[1] != "L" && (err != nil || n < 1 || n > 31) {
			return nil, fmt.Errorf("day of month: %q is no weekday from 1W to 31W", item)
		}
		return func(date time.Time) bool {
			if parts[1] == "L" {
				n = lastDay(date)
			}
			return n <= lastDay(date) && date.Day() == nearestWeekday(date, n)
		}, nil
	}
	days, err := parseField("day of month", item, 1, 31, nil)
	return func(date time.Time) bool { return days[date.Day()] }, err
}

func lastDay(date time.Time) int {
	return time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearestWeekday is the day from Monday to Friday nearest to day n, in the same month.
func nearestWeekday(date time.Time, n int) int {
	switch time.Date(date.Year(), date.Month(), n, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if n == 1 {
			return 3
		}
		return n - 1
	case time.Sunday:
		if n == lastDay(date) {
			return n - 2
		}
		return n + 1
	}
	return n
}

var (
	lastForm = regexp.MustCompile(`^([1-7]|[A-Za-z]{3})L$`)
	nthForm  = regexp.MustCompile(`^([1-7]|[A-Za-z]{3})#([1-5])$`)
)

// dayOfWeek reads values (1 is SUN, 7 is SAT), ranges and steps, L for the last day of the week, 6L for the last Friday
// of the month, and 3#2 for its second Tuesday.
func dayOfWeek(item string) (day, error) {
	names := strings.Fields("SUN MON TUE WED THU FRI SAT")
	single := func(text string) (time.Weekday, error) {
		n, ok := number(text, 1, names)
		if !ok {
			return 0, fmt.Errorf("day of week: %q is no day", text)
		}
		return time.Weekday(n - 1), nil
	}
	if parts := lastForm.FindStringSubmatch(item); parts != nil {
		weekday, err := single(parts[1])
		return func(date time.Time) bool { return date.Weekday() == weekday && date.Day() > lastDay(date)-7 }, err
	}
	if parts := nthForm.FindStringSubmatch(item); parts != nil {
		weekday, err := single(parts[1])
		nth, _ := strconv.Atoi(parts[2]) // the form allows digits only
		return func(date time.Time) bool { return date.Weekday() == weekday && (date.Day()+6)/7 == nth }, err
	}
	if item == "L" {
		item = "SAT"
	}
	days, err := parseField("day of week", item, 1, 7, names)
	return func(date time.Time) bool { return days[int(date.Weekday())+1] }, err
}
