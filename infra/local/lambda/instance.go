package lambda

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// initLimit is how long an instance may take from its start to its first request for work
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
const initLimit = 10 * time.Second

// instance is one process of a function. Its access key is its identity: towards the services, which it signs for with it,
// and towards the Runtime API, whose address carries it.
type instance struct {
	key      string
	secret   string
	function *function
	build    build
	started  time.Time
	work     chan *invocation // has room for one, which is all an instance ever has
	gone     chan struct{}    // closed when the process is no more
	journal  *os.File         // what it prints goes in here, and what the platform says of it, so that the order is kept
	prints   *os.File         // the other end of journal

	// The rest is guarded by Pool.mu.
	process   *os.Process
	ready     bool // it has asked for work
	initTimer *time.Timer
	initTime  time.Duration // of its start, until told with the first invocation
	current   *invocation
	memory    int64    // the most it was seen to use, in bytes
	doomed    bool     // dead or about to be: it gets nothing more
	cause     *failure // why the platform killed it, nil where it did not
	idleSince time.Time
}

func newInstance(f *function, secretKey func(accessKey string) string) (*instance, error) {
	prints, journal, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for what %s prints: %w", f.ID, err)
	}
	key := "ASIA" + rand.Text()[:16]
	return &instance{
		key:      key,
		secret:   secretKey(key),
		function: f,
		build:    f.build,
		started:  time.Now(),
		work:     make(chan *invocation, 1),
		gone:     make(chan struct{}),
		journal:  journal,
		prints:   prints,
	}, nil
}

// pid is 0 until the process is started. Pool.mu is held.
func (inst *instance) pid() int {
	if inst.process == nil {
		return 0
	}
	return inst.process.Pid
}

// kill ends the process, for a cause that is told to who waits for it, if any. Pool.mu is held.
func (inst *instance) kill(cause *failure) {
	inst.leave()
	if inst.cause == nil {
		inst.cause = cause
	}
	inst.signal(syscall.SIGKILL)
}

// terminate asks the process to end. Pool.mu is held.
func (inst *instance) terminate() {
	inst.leave()
	inst.signal(syscall.SIGTERM)
}

// leave takes the instance out of those that get work. Pool.mu is held.
func (inst *instance) leave() {
	inst.doomed = true
	f := inst.function
	f.idle = slices.DeleteFunc(f.idle, func(other *instance) bool { return other == inst })
}

func (inst *instance) signal(s os.Signal) {
	if inst.process != nil {
		_ = inst.process.Signal(s) // fails only where the process has ended already
	}
}

// launch starts the instance's process and the two goroutines that stay until it has ended: one passes on what it prints,
// one waits for its end.
func (p *Pool) launch(inst *instance) {
	relayed := make(chan struct{})
	go func() {
		defer close(relayed)
		p.relay(inst.function.ID, inst.prints)
	}()
	cmd, err := p.spawn(inst)
	if err != nil {
		p.bury(inst, fmt.Errorf("start %s: %w", inst.function.binary, err))
		p.close(inst, relayed)
		return
	}
	p.mu.Lock()
	inst.process = cmd.Process
	if inst.doomed { // killed before it was born
		inst.signal(syscall.SIGKILL)
	}
	if !inst.ready {
		inst.initTimer = time.AfterFunc(initLimit, func() { p.expireInit(inst) })
	}
	p.mu.Unlock()
	go func() {
		_ = cmd.Wait() // the state says it better than the error
		p.bury(inst, exited(exitReason(cmd.ProcessState)))
		p.close(inst, relayed)
	}()
}

// spawn starts the process. While the binary is still being written by a build, it tries again for some seconds.
func (p *Pool) spawn(inst *instance) (*exec.Cmd, error) {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		cmd := p.command(inst)
		var err error
		p.starter.run(func() { err = cmd.Start() })
		if err == nil {
			return cmd, nil
		}
		if !errors.Is(err, syscall.ETXTBSY) || time.Now().After(end) {
			return nil, err
		}
	}
}

// close ends the journal of an instance that is gone.
func (p *Pool) close(inst *instance, relayed <-chan struct{}) {
	defer p.work.Done()
	_ = inst.journal.Close()
	// A process that the function left behind holds the pipe open: its prints are not waited for.
	_ = inst.prints.SetReadDeadline(time.Now().Add(time.Second))
	<-relayed
	_ = inst.prints.Close()
}

// exitReason words an end as Lambda does.
func exitReason(state *os.ProcessState) string {
	if state.Success() {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + state.String()
}

// bury ends everything that hangs on an instance whose process has ended, or was never started, for the reason given: its
// invocation fails, or is handed to another instance when this one never saw it; a start that somebody waits for fails; and
// a new instance is started when it is needed in this one's place.
func (p *Pool) bury(inst *instance, reason error) {
	p.mu.Lock()
	f := inst.function
	inst.leave()
	delete(p.instances, inst.key)
	f.count--
	if inst.cause != nil {
		reason = inst.cause
	}
	if !inst.ready {
		f.starting--
		stopTimer(inst.initTimer)
		f.deliver(delivery{err: reason})
	}
	inv := inst.current
	inst.current = nil
	if inv != nil {
		p.fail(inst, inv, reason)
	}
	p.mu.Unlock()
	if inv != nil {
		p.report(inst, inv)
		close(inv.done)
	} else if !inst.ready {
		inst.say("", reason.Error())
	}
	close(inst.gone)
	p.grow(f)
}

// fail gives the invocation of a dead instance its result. Pool.mu is held.
func (p *Pool) fail(inst *instance, inv *invocation, reason error) {
	stopTimer(inv.timer)
	failed, ok := reason.(*failure)
	if !ok {
		failed = exited(reason.Error())
	}
	inv.lost = !inv.fetched && inst.cause == nil
	if inst.cause != nil {
		inv.answered = false // what the platform ends for cause has failed, whatever it said
	}
	if !inv.answered {
		inv.platform = failed
	}
	inv.answer(inv.failed(failed))
	inst.measure(inv)
}

// expireInit kills an instance that has not asked for work in time.
func (p *Pool) expireInit(inst *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !inst.ready {
		inst.kill(&failure{"Sandbox.Timedout", fmt.Sprintf("Init timed out after %.2f seconds", initLimit.Seconds())})
	}
}

func stopTimer(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
