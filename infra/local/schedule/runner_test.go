package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/template"
)

// function writes down what it is run with, and fails the first few times.
type function struct {
	failures int

	mu       sync.Mutex
	payloads []string
	times    []time.Time
}

func (f *function) Invoke(_ context.Context, id string, payload []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.payloads, f.times = append(f.payloads, id+" "+string(payload)), append(f.times, time.Now())
	if len(f.payloads) <= f.failures {
		return nil, errors.New("crash")
	}
	return []byte(`"done"`), nil
}

func (f *function) runs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.payloads)
}

func runner(t *testing.T, f *function, schedules ...template.Schedule) *Runner {
	t.Helper()
	r, err := NewRunner([]template.Function{{ID: "Sweeper", Schedules: schedules}}, f, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serve runs the schedules for a while. It is for use in a bubble.
func serve(t *testing.T, r *Runner, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	r.Serve(ctx)
}

const timed = `{"task":"sweep","time":"<aws.scheduler.scheduled-time>"}`

func TestSchedulesRunOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at 2000-01-01T00:00:00Z
		f := &function{}
		r := runner(t, f,
			template.Schedule{ID: "A", Expression: "rate(5 minutes)", Input: timed, Enabled: true},
			template.Schedule{ID: "B", Expression: "cron(12 * * * ? *)", Input: `{"b":1}`, Enabled: true},
			template.Schedule{ID: "C", Expression: "rate(1 minute)"},
		)
		serve(t, r, 13*time.Minute)
		want := []string{
			`Sweeper {"task":"sweep","time":"2000-01-01T00:05:00Z"}`,
			`Sweeper {"task":"sweep","time":"2000-01-01T00:10:00Z"}`,
			`Sweeper {"b":1}`,
		}
		if diff := cmp.Diff(want, f.runs()); diff != "" {
			t.Error(diff)
		}
		states := r.Snapshot()
		if got := states[0].Next.Format(time.TimeOnly) + " " + states[0].Last.Format(time.TimeOnly); got != "00:15:00 00:10:00" {
			t.Errorf("next and last: %s", got)
		}
		if !states[2].Next.IsZero() {
			t.Error("a disabled schedule has a next time")
		}
	})
}

func TestAFailedRunIsTriedTwiceMoreWithTheSameEvent(t *testing.T) {
	for failures, want := range map[int]int{0: 1, 1: 2, 2: 3, 5: 3} {
		synctest.Test(t, func(t *testing.T) {
			f := &function{failures: failures}
			r := runner(t, f, template.Schedule{ID: "A", Expression: "rate(5 minutes)", Input: `["<aws.scheduler.execution-id>"]`, Enabled: true})
			serve(t, r, 6*time.Minute)
			if runs := f.runs(); len(runs) != want || len(slices.Compact(runs)) != 1 {
				t.Errorf("%d failures: %v", failures, runs)
			}
			if state := r.Snapshot()[0]; (state.Error != "") != (failures == 5) {
				t.Errorf("%d failures: %+v", failures, state)
			}
		})
	}
}

func TestARunOnDemandIsGivenAnotherTime(t *testing.T) {
	f := &function{}
	r := runner(t, f, template.Schedule{ID: "SweeperDaily", Expression: "rate(1 day)", Input: timed})
	at := time.Date(2031, 5, 6, 9, 8, 7, 6, time.FixedZone("", 7200))
	response, err := r.Run(t.Context(), "SweeperDaily", at)
	if err != nil || string(response) != `"done"` {
		t.Fatalf("%s %v", response, err)
	}
	if got := f.runs()[0]; got != `Sweeper {"task":"sweep","time":"2031-05-06T07:08:07Z"}` {
		t.Error(got)
	}
	if _, err := r.Run(t.Context(), "Nope", at); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestAFailureOnDemandIsTheCallers(t *testing.T) {
	f := &function{failures: 1}
	r := runner(t, f, template.Schedule{ID: "A", Expression: "rate(1 day)"})
	if _, err := r.Run(t.Context(), "A", time.Now()); err == nil || !strings.Contains(err.Error(), "crash") || len(f.runs()) != 1 {
		t.Error(err, f.runs())
	}
}

func TestTheContextAttributesAreFilledIn(t *testing.T) {
	f := &function{}
	r := runner(t, f, template.Schedule{ID: "A", Expression: "rate(1 day)",
		Input: `{"arn":"<aws.scheduler.schedule-arn>","attempt":<aws.scheduler.attempt-number>}`})
	if _, err := r.Run(t.Context(), "A", time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := f.runs()[0]; got != `Sweeper {"arn":"arn:aws:scheduler:us-east-1:000000000000:schedule/default/A","attempt":1}` {
		t.Error(got)
	}
}

func TestWithoutInputTheSchedulersOwnEventIsSent(t *testing.T) {
	f := &function{}
	r := runner(t, f, template.Schedule{ID: "A", Expression: "rate(1 day)"})
	if _, err := r.Run(t.Context(), "A", time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(f.runs()[0], "Sweeper ")), &event); err != nil {
		t.Fatal(err)
	}
	if event["time"] != "1970-01-01T00:00:00Z" || event["source"] != "aws.scheduler" || event["detail"] != "{}" {
		t.Error(event)
	}
}

func TestWhatTheSchedulerRefusesStopsTheStart(t *testing.T) {
	for want, s := range map[string]template.Schedule{
		"schedule A: at(x): it is neither":          {ID: "A", Expression: "at(x)"},
		"schedule A: its Input is not JSON":         {ID: "A", Expression: "rate(1 day)", Input: "{"},
		"no context attribute <aws.scheduler.time>": {ID: "A", Expression: "rate(1 day)", Input: `"<aws.scheduler.time>"`},
	} {
		_, err := NewRunner([]template.Function{{Schedules: []template.Schedule{s}}}, &function{}, time.Now, slog.Default())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestTimesThatPassedInSleepAreNotMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		f := &function{}
		now := func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		functions := []template.Function{{ID: "Sweeper", Schedules: []template.Schedule{{ID: "A", Expression: "cron(0/5 * * * ? *)", Input: `"<aws.scheduler.scheduled-time>"`, Enabled: true}}}}
		r, err := NewRunner(functions, f, now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() { slept.Store(int64(time.Hour)) })
		serve(t, r, 11*time.Minute)
		want := []string{`Sweeper "2000-01-01T00:05:00Z"`, `Sweeper "2000-01-01T01:10:00Z"`}
		if diff := cmp.Diff(want, f.runs()); diff != "" {
			t.Error(diff)
		}
	})
}
