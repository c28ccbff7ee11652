package lambda

import (
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Caller is who holds an access key.
type Caller struct {
	Function   *template.Function
	Invocation string // the request id in flight, empty while the instance starts or idles
	PID        int
	SecretKey  string
}

// ByAccessKey tells which instance signs with the key; false when no living one does.
func (p *Pool) ByAccessKey(key string) (Caller, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	inst := p.instances[key]
	if inst == nil {
		return Caller{}, false
	}
	caller := Caller{Function: &inst.function.Function, PID: inst.pid(), SecretKey: inst.secret}
	if inst.current != nil {
		caller.Invocation = inst.current.id
	}
	return caller, true
}

// Issued tells which function the key was given to, also where the instance is gone: what it signed holds on.
func (p *Pool) Issued(key string) (*template.Function, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.issued[key]
	if f == nil {
		return nil, false
	}
	return &f.Function, true
}

// Kill ends exactly the instance that holds the key, by SIGKILL, and reports whether there was one. What it was doing fails
// as a crash does; no later invocation reaches it.
func (p *Pool) Kill(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	inst := p.instances[key]
	if inst == nil {
		return false
	}
	inst.kill(nil)
	return true
}

// Total is what all instances of a function did since the start, those that are gone included.
type Total struct {
	Invocations int `json:"invocations"` // that are over, in whatever way
	CutOff      int `json:"cutOff"`      // of these, those that ended without an answer: killed, crashed, out of time
	MemoryMB    int `json:"memoryMb"`    // the most that any of them used
}

// Totals are those of all functions, by logical id.
func (p *Pool) Totals() map[string]Total {
	p.mu.Lock()
	defer p.mu.Unlock()
	totals := map[string]Total{}
	for id, builds := range p.functions {
		var total Total
		for _, f := range builds {
			total.Invocations += f.invocations
			total.CutOff += f.cutOff
			total.MemoryMB = max(total.MemoryMB, megabytes(f.memory))
		}
		totals[id] = total
	}
	return totals
}

// Instance is what can be seen of an instance from outside.
type Instance struct {
	Function   string    `json:"function"`
	PID        int       `json:"pid"`
	Invocation string    `json:"invocation,omitempty"` // the request id in flight
	Started    time.Time `json:"started"`
	MemoryMB   int       `json:"memoryMb"` // the most it used so far
}

// Instances lists the living instances, in no order.
func (p *Pool) Instances() []Instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]Instance, 0, len(p.instances))
	for _, inst := range p.instances {
		seen := Instance{Function: inst.function.ID, PID: inst.pid(), Started: inst.started, MemoryMB: megabytes(inst.peak())}
		if inst.current != nil {
			seen.Invocation = inst.current.id
		}
		list = append(list, seen)
	}
	return list
}
