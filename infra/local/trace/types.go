// Package trace holds what one invocation of a function did at the services behind it, and what shall go wrong for it: the
// gateway and the queues open a trace, the wire reads its faults and writes its calls, tests and /_local read it.
package trace

import "time"

// Kinds of Fault.
const (
	Throttle      = "throttle"       // ProvisionedThroughputExceededException (or the service's own), the call is not done
	Conflict      = "conflict"       // TransactionConflict (TransactionCanceledException; TransactionConflictException on single writes); not done. Calls that cannot conflict (reads, SQS, SES) are left alone
	TimeoutBefore = "timeout-before" // the connection is cut without an answer, the call is not done
	TimeoutAfter  = "timeout-after"  // the call is done, then the connection is cut without an answer
	Hold          = "hold"           // the call is done after three seconds
	Kill          = "kill"           // the calling process gets SIGKILL before the call is done
	KillAfter     = "kill-after"     // the call is done, then the calling process gets SIGKILL
)

// Fault is something that shall go wrong at the At-th call (1 is the first) of an invocation. Times is how many calls
// from At on it holds for; 0 means 1.
type Fault struct {
	Kind  string `json:"kind"`
	At    int    `json:"at"`
	Times int    `json:"times,omitempty"`
}

// Total is what a function did at the services, added up.
type Total struct {
	Calls      map[string]int `json:"calls"` // by service
	ReadUnits  float64        `json:"readUnits"`
	WriteUnits float64        `json:"writeUnits"`
}

// plus adds a call; the map is changed.
func (t Total) plus(call Call) Total {
	if t.Calls == nil {
		t.Calls = map[string]int{}
	}
	t.Calls[call.Service]++
	t.ReadUnits += call.ReadUnits
	t.WriteUnits += call.WriteUnits
	return t
}

// Call is one call that a function made to a service.
type Call struct {
	Service       string        `json:"service"`     // dynamodb, sqs, ses, secretsmanager
	Action        string        `json:"action"`      // such as TransactWriteItems
	Actions       []string      `json:"actions"`     // what the policy was asked for, such as dynamodb:PutItem
	Resource      string        `json:"resource"`    // ARN of the table, index, queue, secret or identity
	LeadingKeys   []string      `json:"leadingKeys"` // partition keys the call names
	Items         int           `json:"items"`       // items written, asked for or returned
	ItemsRead     int           `json:"itemsRead"`   // items examined (ScannedCount, or items asked for)
	ItemsReturned int           `json:"itemsReturned"`
	ReadUnits     float64       `json:"readUnits"`
	WriteUnits    float64       `json:"writeUnits"`
	Status        int           `json:"status"`            // HTTP status answered, 0 where the connection was cut
	Error         string        `json:"error,omitempty"`   // the service's error code, such as TransactionCanceledException
	Reasons       []string      `json:"reasons,omitempty"` // cancellation reasons' codes that are not None
	Fault         string        `json:"fault,omitempty"`   // the kind injected, if one was
	Duration      time.Duration `json:"duration"`
}
