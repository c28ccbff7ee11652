package access_test

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/problem"
)

func TestPER8_WhoIsOverTheLimitIsRefusedForTheRestOfTheWindow(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	const limit = 200 // an instance collects 10 before it writes
	one, two := &access.Rates{Table: w.Table, Clock: w.Clock}, &access.Rates{Table: w.Table, Clock: w.Clock}
	ask := func(r *access.Rates, times int) (through int) {
		t.Helper()
		for range times {
			err := r.Within(t.Context(), "connection/con_1", limit)
			if e := problem.As(err); err != nil && (e == nil || e.Code != problem.Limited || e.RetryAfter > time.Minute) {
				t.Fatal(err)
			}
			if err == nil {
				through++
			}
		}
		return through
	}
	if through := ask(one, 10*limit); through != limit+9 {
		t.Errorf("%d calls of %d went through", through, 10*limit)
	}
	if through := ask(two, limit); through != 9 {
		t.Errorf("another instance let %d through", through)
	}
	if err := one.Within(t.Context(), "connection/con_2", limit); err != nil {
		t.Errorf("another connection: %v", err)
	}
	w.Move(time.Minute)
	if through := ask(one, limit); through != limit {
		t.Errorf("%d calls went through in the next window", through)
	}
}
