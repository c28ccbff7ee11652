package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tenantry/tenantry/shared/problem"
)

func TestOnlyWhatIsNotThereIsGone(t *testing.T) {
	for err, gone := range map[error]bool{
		nil: false, errors.New("x"): false, problem.Missing(): true, fmt.Errorf("read: %w", problem.Missing()): true,
		problem.New(problem.Unavailable, "busy", "The table did not answer."): false, problem.New(problem.Conflict, "x", "Taken."): false,
	} {
		if problem.Gone(err) != gone {
			t.Errorf("%v: %v", err, !gone)
		}
	}
}
