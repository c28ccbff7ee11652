package clock_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
)

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	if got := clock.At(at)(); got.Location() != time.UTC || !got.Equal(at) {
		t.Errorf("%v", got)
	}
	if got := clock.System(); got.Location() != time.UTC || time.Since(got) > time.Minute {
		t.Errorf("%v", got)
	}
}

func TestTheOrderOfTheTextIsTheOrderInTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", -3600))
	for _, step := range []time.Duration{time.Millisecond, time.Second, time.Hour, 366 * 24 * time.Hour} {
		before, after := clock.Format(at), clock.Format(at.Add(step))
		if before >= after || len(before) != len(after) {
			t.Errorf("%s, %s", before, after)
		}
		if parsed, err := time.Parse(time.RFC3339, after); err != nil || !parsed.Equal(at.Add(step)) {
			t.Errorf("%s: %v", after, err)
		}
	}
}

func ExampleFormat() {
	fmt.Println(clock.Format(time.Unix(1772366400, 5e6)))
	// Output: 2026-03-01T12:00:00.005Z
}

func ExampleFormatUnix() {
	fmt.Printf("%s %q\n", clock.FormatUnix(1772366400), clock.FormatUnix(0))
	// Output: 2026-03-01T12:00:00.000Z ""
}
