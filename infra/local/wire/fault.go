package wire

import (
	"time"

	"github.com/tenantry/tenantry/infra/local/trace"
)

// heldFor is how long a call is held that is done late: less than its caller waits for it.
const heldFor = 3 * time.Second

// failBefore injects the faults after which a call is not done. refused is false where the call goes on.
func (w *Wire) failBefore(s service, c *call, fault string) (a answer, refused bool) {
	switch fault {
	case trace.Throttle:
		a, refused = s.throttled(c), true
	case trace.Conflict:
		a, refused = s.conflicting(c)
	case trace.TimeoutBefore:
		a, refused = answer{cut: true}, true
	case trace.Hold:
		time.Sleep(heldFor)
		c.record.Fault = fault
	case trace.Kill:
		w.callers.Kill(c.accessKey)
		a, refused = answer{cut: true}, true
	}
	if refused {
		c.record.Fault = fault
	}
	return a, refused
}

// failAfter injects the faults that meet a call which was done, and whose caller is not told.
func (w *Wire) failAfter(c *call, fault string, a answer) answer {
	switch fault {
	case trace.KillAfter:
		w.callers.Kill(c.accessKey)
	case trace.TimeoutAfter:
	default:
		return a
	}
	c.record.Fault = fault
	return answer{cut: true}
}
