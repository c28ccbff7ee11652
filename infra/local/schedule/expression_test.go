package schedule

import (
	"strings"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	for _, c := range []struct{ expression, after, want string }{
		{"rate(5 minutes)", "2026-03-01T10:00:30Z", "2026-03-01T10:05:30Z"},
		{"rate(1 hour)", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"},
		{"rate(7 days)", "2026-03-01T10:00:00Z", "2026-03-08T10:00:00Z"},

		// The examples of AWS's documentation.
		{"cron(0 10 * * ? *)", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"},
		{"cron(15 12 * * ? *)", "2026-03-01T12:14:59Z", "2026-03-01T12:15:00Z"},
		{"cron(0 18 ? * MON-FRI *)", "2026-03-06T18:00:00Z", "2026-03-09T18:00:00Z"}, // Friday, then Monday
		{"cron(0 8 1 * ? *)", "2026-03-01T08:00:00Z", "2026-04-01T08:00:00Z"},
		{"cron(0/15 * * * ? *)", "2026-03-01T10:46:00Z", "2026-03-01T11:00:00Z"},
		{"cron(0/5 8-17 ? * MON-FRI *)", "2026-03-06T17:55:00Z", "2026-03-09T08:00:00Z"},
		{"cron(15 10 ? * 6L 2019-2022)", "2019-01-01T00:00:00Z", "2019-01-25T10:15:00Z"},
		{"cron(1/10 * * * ? *)", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z"},

		{"cron(* * * * ? *)", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z"},
		{"cron(* * ? * * *)", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"},
		{"cron(30 6 L * ? *)", "2026-02-01T00:00:00Z", "2026-02-28T06:30:00Z"},
		{"cron(30 6 L 2 ? *)", "2027-03-01T00:00:00Z", "2028-02-29T06:30:00Z"},
		{"cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"},
		{"cron(0 0 31 * ? *)", "2026-04-01T00:00:00Z", "2026-05-31T00:00:00Z"},
		{"cron(0 9 1W * ? *)", "2026-08-01T00:00:00Z", "2026-08-03T09:00:00Z"},  // the 1st is a Saturday
		{"cron(0 9 15W * ? *)", "2026-08-01T00:00:00Z", "2026-08-14T09:00:00Z"}, // the 15th is a Saturday
		{"cron(0 9 31W 5 ? *)", "2026-05-01T00:00:00Z", "2026-05-29T09:00:00Z"}, // the last day is a Sunday
		{"cron(0 9 LW * ? *)", "2026-05-01T00:00:00Z", "2026-05-29T09:00:00Z"},
		{"cron(0 9 1,L * ? *)", "2026-05-01T09:00:00Z", "2026-05-31T09:00:00Z"},
		{"cron(0 9 ? * L *)", "2026-08-02T00:00:00Z", "2026-08-08T09:00:00Z"},   // Saturday
		{"cron(0 9 ? * 3#2 *)", "2026-08-01T00:00:00Z", "2026-08-11T09:00:00Z"}, // second Tuesday
		{"cron(0 9 ? * MON#5 *)", "2026-09-01T00:00:00Z", "2026-11-30T09:00:00Z"},
		{"cron(0 9 ? * 1,7 *)", "2026-08-03T00:00:00Z", "2026-08-08T09:00:00Z"},
		{"cron(0 9 ? * sun *)", "2026-08-03T00:00:00Z", "2026-08-09T09:00:00Z"},
		{"cron(0 0 1 JAN,JUL ? *)", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"},
		{"cron(0 0 1 */6 ? *)", "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"},
		{"cron(0 0 10-20/5 * ? *)", "2026-01-15T00:00:00Z", "2026-01-20T00:00:00Z"},
		{"cron(0 0 1 1 ? 2030)", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"},
		{"cron(0 10 * * ? *)", "2026-03-01T11:59:59+02:00", "2026-03-01T10:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Next(c.expression, after)
		if err != nil || got.Format(time.RFC3339) != c.want {
			t.Errorf("%s after %s is %s, want %s; error %v", c.expression, c.after, got.Format(time.RFC3339), c.want, err)
		}
	}
}

func TestExpressionsThatTheSchedulerRefuses(t *testing.T) {
	for expression, want := range map[string]string{
		"":                         "neither rate(...) nor cron(...)",
		"at(2026-01-01T00:00:00)":  "neither rate(...) nor cron(...)",
		"rate(0 minutes)":          "a rate is",
		"rate(1 minutes)":          "a rate is",
		"rate(5 minute)":           "a rate is",
		"rate(30 seconds)":         "a rate is",
		"cron(0 10 * * ?)":         "six fields",
		"cron(0 10 * * * *)":       "one of day of month and day of week is ?",
		"cron(0 10 ? * ? *)":       "one of day of month and day of week is ?",
		"cron(60 10 * * ? *)":      "minutes: \"60\"",
		"cron(0 24 * * ? *)":       "hours: \"24\"",
		"cron(0 5-3 * * ? *)":      "hours: \"5-3\"",
		"cron(0 */0 * * ? *)":      "hours: \"*/0\"",
		"cron(0 10 0 * ? *)":       "day of month: \"0\"",
		"cron(0 10 32W * ? *)":     "day of month: \"32W\"",
		"cron(0 10 * 13 ? *)":      "month: \"13\"",
		"cron(0 10 * FOO ? *)":     "month: \"FOO\"",
		"cron(0 10 ? * 8 *)":       "day of week: \"8\"",
		"cron(0 10 ? * XXXL *)":    "day of week: \"XXX\"",
		"cron(0 10 ? * 3#1,6#3 *)": "# stands alone",
		"cron(0 10 ? * 3#6 *)":     "day of week: \"3#6\"",
		"cron(0 10 * * ? 2200)":    "year: \"2200\"",
		"cron(0 10 * * ? 2020)":    "there is no such time after",
		"cron(0 0 30 2 ? *)":       "there is no such time after",
	} {
		if _, err := Next(expression, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", expression, want, err)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add("cron(0/5 8-17 LW JAN ? 2019-2022)")
	f.Add("cron(0 0 ? * 3#2 *)")
	f.Add("rate(5 minutes)")
	after := time.Date(2026, 1, 1, 0, 0, 30, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		if next, err := Next(expression, after); err == nil && !next.After(after) {
			t.Errorf("%s is not after", next)
		}
	})
}
