package secret

import (
	"time"

	"github.com/tenantry/tenantry/shared/problem"
)

// longestYears is how far ahead the end of a key or a token may be.
const longestYears = 2

// CheckEnd refuses an end that is over, or too far ahead, for what stands at location: nil for one that a key or a token may have.
func CheckEnd(location string, end, now time.Time) error {
	if !end.After(now) || end.After(now.AddDate(longestYears, 0, 0)) {
		return problem.Invalid(location, "must be in the future, at most 2 years ahead", end)
	}
	return nil
}
