package trace

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Kept is how many traces a Book holds; the oldest leave first.
const Kept = 10_000

// Book holds the traces of the latest invocations by request id. It is safe for concurrent use.
type Book struct {
	mu     sync.Mutex
	traces map[string]*Trace
	order  []string           // request ids, oldest first
	armed  map[string][]Fault // by function, for its next invocation
	totals map[string]Total   // by function
}

// Trace is one invocation of a function. Closed is zero while it runs.
type Trace struct {
	RequestID string    `json:"requestId"`
	Function  string    `json:"function"`
	Opened    time.Time `json:"opened"`
	Closed    time.Time `json:"closed,omitzero"`
	Faults    []Fault   `json:"faults,omitempty"`
	Calls     []Call    `json:"calls"`
}

// NewBook returns an empty book.
func NewBook() *Book {
	return &Book{traces: map[string]*Trace{}, armed: map[string][]Fault{}, totals: map[string]Total{}}
}

// Arm sets the faults of the function's next invocation, in place of those armed before: queues and schedules start
// invocations that no request could carry faults to. No faults disarm it.
func (b *Book) Arm(function string, faults []Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(faults) == 0 {
		delete(b.armed, function)
		return
	}
	b.armed[function] = slices.Clone(faults)
}

// Open begins the trace of an invocation of function with the given faults and those armed for it, which are spent.
func (b *Book) Open(requestID, function string, faults []Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := append(slices.Clone(faults), b.armed[function]...)
	delete(b.armed, function)
	if _, again := b.traces[requestID]; !again {
		b.order = append(b.order, requestID)
	}
	b.traces[requestID] = &Trace{RequestID: requestID, Function: function, Opened: time.Now(), Faults: all}
	for len(b.order) > Kept {
		delete(b.traces, b.order[0])
		b.order = b.order[1:]
	}
}

// Close ends the trace: it stays readable, and calls that still arrive are kept but meet no fault.
func (b *Book) Close(requestID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.traces[requestID]; t != nil {
		t.Closed = time.Now()
	}
}

// Begin counts a call that arrives for the invocation. It returns the call's number, 1 for the first, and the kind of the
// fault that the call shall meet, or "". For an invocation that the book does not know the number is 0.
func (b *Book) Begin(requestID string, call Call) (number int, fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.traces[requestID]
	if t == nil {
		return 0, ""
	}
	t.Calls = append(t.Calls, call)
	number = len(t.Calls)
	if !t.Closed.IsZero() {
		return number, ""
	}
	for _, f := range t.Faults {
		if f.At <= number && number < f.At+max(f.Times, 1) {
			return number, f.Kind
		}
	}
	return number, ""
}

// End writes what became of the call that Begin gave the number to.
func (b *Book) End(requestID string, number int, call Call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.traces[requestID]; t != nil && number >= 1 && number <= len(t.Calls) {
		t.Calls[number-1] = call
		b.totals[t.Function] = b.totals[t.Function].plus(call)
	}
}

// Totals returns what each function did at the services since the start, also where the traces have left.
func (b *Book) Totals() map[string]Total {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string]Total{}
	for function, total := range b.totals {
		total.Calls = maps.Clone(total.Calls)
		all[function] = total
	}
	return all
}

// Calls returns the calls of an invocation in the order of their arrival, nil for one that the book does not know.
func (b *Book) Calls(requestID string) []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.traces[requestID]; t != nil {
		return slices.Clone(t.Calls)
	}
	return nil
}

// Trace returns the whole trace of an invocation, and whether the book knows it.
func (b *Book) Trace(requestID string) (Trace, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.traces[requestID]
	if t == nil {
		return Trace{}, false
	}
	return t.clone(), true
}

// Latest returns up to limit traces, the youngest first.
func (b *Book) Latest(limit int) []Trace {
	b.mu.Lock()
	defer b.mu.Unlock()
	var latest []Trace
	for i := len(b.order) - 1; i >= 0 && len(latest) < limit; i-- {
		latest = append(latest, b.traces[b.order[i]].clone())
	}
	return latest
}

func (t *Trace) clone() Trace {
	c := *t
	c.Faults, c.Calls = slices.Clone(t.Faults), slices.Clone(t.Calls)
	return c
}
