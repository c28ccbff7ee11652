package lambda

import (
	"crypto/rand"
	"fmt"
	"time"
)

// Options are what a caller may say of an invocation.
type Options struct {
	RequestID string // empty: a new one
	TraceID   string // the X-Ray header handed on to the function, empty: none
}

// Result is how an invocation ended.
type Result struct {
	Payload       []byte // the answer, or {"errorType", "errorMessage", ...} with FunctionError
	FunctionError string // empty, or Unhandled as Lambda's X-Amz-Function-Error
	RequestID     string
	Duration      time.Duration // from handing over to the instance's being ready again
	InitDuration  time.Duration // of the instance's start, 0 unless this was its first invocation
	MemoryMB      int           // the most that the instance used so far
}

// MaxRequest and MaxResponse are the sizes of a payload that Lambda takes and gives in bytes: 6 MB, and as measured by the
// Runtime API 100 bytes more (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
const (
	MaxRequest  = 6 * 1024 * 1024
	MaxResponse = MaxRequest + 100
)

// NewRequestID returns a random UUID, as Lambda's request ids are.
func NewRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// invocation is one event on its way through an instance. Result and lost are read after done is closed; the rest that
// changes is guarded by Pool.mu.
type invocation struct {
	id      string
	traceID string
	payload []byte

	begin    time.Time
	deadline time.Time
	timer    *time.Timer
	fetched  bool // the instance has asked for it
	answered bool // the instance has answered, result is set

	done     chan struct{}
	result   Result
	platform *failure // set where the platform, not the function, made the result
	lost     bool     // the instance died before it saw the event: another may have it
}

func newInvocation(payload []byte, options Options) *invocation {
	return &invocation{
		id:      orDefault(options.RequestID, NewRequestID()),
		traceID: options.TraceID,
		payload: payload,
		done:    make(chan struct{}),
	}
}

// answer sets the result unless there is one.
func (inv *invocation) answer(r Result) {
	if !inv.answered {
		inv.answered = true
		inv.result = r
	}
}

// failed is the result of an invocation that ended with f.
func (inv *invocation) failed(f *failure) Result {
	return Result{Payload: f.payload(inv.id), FunctionError: "Unhandled", RequestID: inv.id}
}

// hand gives the invocation to an instance that was taken. One that has died meanwhile loses it.
func (p *Pool) hand(inst *instance, inv *invocation) {
	p.mu.Lock()
	if inst.doomed {
		inv.lost = true
		inv.answer(inv.failed(exited("Runtime exited before the invocation")))
		p.mu.Unlock()
		close(inv.done)
		return
	}
	timeout := inst.function.Timeout
	inst.current = inv
	inv.begin = time.Now()
	inv.deadline = inv.begin.Add(timeout)
	inv.timer = time.AfterFunc(timeout, func() { p.expire(inst, inv) })
	p.mu.Unlock()
	inst.say(inv.id, fmt.Sprintf("START RequestId: %s Version: $LATEST", inv.id))
	inst.work <- inv
}

// expire kills an instance that is still at an invocation whose time is over.
func (p *Pool) expire(inst *instance, inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inst.current == inv {
		inst.kill(timedOut(inst.function.Timeout))
	}
}

// settle ends what an instance was doing when it asks for work: its start, or its invocation. The invocation's caller is
// answered after the instance can be had again, so that callers who wait for each other share one instance.
func (p *Pool) settle(inst *instance) {
	p.mu.Lock()
	if !inst.ready {
		inst.ready = true
		inst.function.starting--
		inst.initTime = time.Since(inst.started)
		stopTimer(inst.initTimer)
	}
	inst.memory = max(inst.memory, inst.peak())
	if inst.exceeds() {
		inst.kill(outOfMemory(inst.function.MemoryMB))
		p.mu.Unlock()
		return
	}
	inv := inst.current
	inst.current = nil
	if inv != nil {
		stopTimer(inv.timer)
		inv.answer(inv.failed(exited("the runtime asked for work without having answered")))
		inst.measure(inv)
	}
	p.mu.Unlock()
	if inv != nil {
		p.report(inst, inv)
	}
	p.give(inst)
	if inv != nil {
		close(inv.done)
	}
}
