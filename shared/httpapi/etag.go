package httpapi

import (
	"fmt"
	"strings"

	"github.com/tenantry/tenantry/shared/problem"
)

// Match is the part of an input that carries If-Match.
type Match struct {
	IfMatch string `header:"If-Match" doc:"The ETag that was read: the change is made only while it still holds"`
}

// Check compares If-Match with the version that the resource has now: Stale where they differ (API-3). Without If-Match the
// last writer wins.
func (m Match) Check(version int) error {
	if m.IfMatch == "" || m.IfMatch == "*" {
		return nil
	}
	for _, tag := range strings.Split(m.IfMatch, ",") {
		if strings.TrimSpace(tag) == ETag(version) {
			return nil
		}
	}
	return problem.Stale()
}

// ETag is the entity tag of a version.
func ETag(version int) string { return fmt.Sprintf("%q", fmt.Sprint(version)) }
