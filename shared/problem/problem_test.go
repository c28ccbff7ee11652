package problem_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/problem"
)

func TestAProblemIsFoundThroughWraps(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("edit organization: %w", problem.Stale())
	if e := problem.As(err); e == nil || e.Slug != "stale" || e.Code != problem.Precondition {
		t.Errorf("found %+v", e)
	}
	if !errors.Is(err, problem.Stale()) || errors.Is(err, problem.Missing()) {
		t.Error("problems are not compared by slug")
	}
	if problem.As(errors.New("other")) != nil || problem.As(nil) != nil {
		t.Error("found a problem where there is none")
	}
}

func TestPER4_WhatIsMissingIsAlwaysToldInTheSameWords(t *testing.T) {
	t.Parallel()
	if one, other := problem.Missing(), problem.Missing(); one.Error() != other.Error() || one.Code != problem.NotFound {
		t.Errorf("%v, %v", one, other)
	}
}

func TestAFieldIsToldInTheLogWithoutItsValue(t *testing.T) {
	t.Parallel()
	err := problem.Invalid("body.password", "is too short", "hunter2")
	if got := err.Error(); got != "invalid: The request has a field that cannot be accepted. (body.password is too short)" {
		t.Errorf("%s", got)
	}
}

func TestAConfirmationNamesHowManyEvenNone(t *testing.T) {
	t.Parallel()
	e := problem.Confirm(0, "Nobody can sign in.")
	if e.Affected == nil || *e.Affected != 0 || e.Detail != "This has consequences. Repeat the request with ?confirm=0 to go ahead." || len(e.Consequences) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestAWaitIsAtLeastASecond(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]time.Duration{-time.Second: time.Second, 0: time.Second, time.Minute: time.Minute} {
		if got := problem.TooMany(wait, "Wait.").RetryAfter; got != want {
			t.Errorf("%v: %v", wait, got)
		}
	}
}

func ExampleAs() {
	err := fmt.Errorf("change the country: %w", problem.Invalid("body.country", "is not an ISO 3166-1 alpha-2 code, such as ES", "XX"))
	e := problem.As(err)
	fmt.Println(e.Code, e.Fields[0].Location, e.Fields[0].Value)
	// Output: invalid body.country XX
}
