package lambda

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// function is a build of a template's function with those of its instances that can be had and those who wait for one. All but
// the first two fields are guarded by Pool.mu.
type function struct {
	template.Function
	binary string

	build    build
	idle     []*instance       // the one used last at the end
	waiting  []chan<- delivery // in order of arrival, each with room for its delivery
	count    int               // instances that live or are being started
	starting int               // of these, the ones that have not asked for work yet

	invocations int   // that are over
	cutOff      int   // of these, those that ended without an answer: killed, crashed, out of time
	memory      int64 // the most that an instance used, in bytes
}

// builds are those of the function: the one of BuildDir, and that of another release where MixDir has one.
func (c Config) builds(f template.Function) []*function {
	name := filepath.Base(f.Folder)
	builds := []*function{{Function: f, binary: filepath.Join(c.BuildDir, name)}}
	if c.MixDir == "" {
		return builds
	}
	if other := filepath.Join(c.MixDir, name); exists(other) {
		builds = append(builds, &function{Function: f, binary: other})
	}
	return builds
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// pick chooses, by chance and anew for each invocation, which build of a function takes it; nil where there is no such
// function. So whatever one release writes is read by the other one soon.
func (p *Pool) pick(functionID string) *function {
	builds := p.functions[functionID]
	if len(builds) == 0 {
		return nil
	}
	return builds[rand.IntN(len(builds))]
}

// delivery is what a wait ends with.
type delivery struct {
	instance *instance
	err      error
}

// build tells one build of a binary from another.
type build struct {
	modified time.Time
	size     int64
}

// take returns an instance that nobody else uses: the idle one used last, or the next that becomes free or ready. It starts
// one when more wait than are starting and the function may have more. The wait is bounded by ctx and by Config.Wait.
func (p *Pool) take(ctx context.Context, f *function) (*instance, error) {
	info, err := os.Stat(f.binary)
	if err != nil {
		return nil, fmt.Errorf("the binary of %s is missing, build it: %w", f.Folder, err)
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	p.renew(f, build{info.ModTime(), info.Size()})
	if n := len(f.idle); n > 0 {
		inst := f.idle[n-1]
		f.idle = f.idle[:n-1]
		inst.idleSince = time.Time{}
		p.mu.Unlock()
		return inst, nil
	}
	turn := make(chan delivery, 1)
	f.waiting = append(f.waiting, turn)
	p.mu.Unlock()
	p.grow(f)
	return p.await(ctx, f, turn)
}

// renew stops the idle instances of another build, so that a rebuilt function is used without a restart of the stack.
func (p *Pool) renew(f *function, b build) {
	if f.build == b {
		return
	}
	f.build = b
	for _, inst := range slices.Clone(f.idle) {
		inst.kill(nil)
	}
}

// await waits for the turn's delivery. Who gives up leaves the queue, and hands on what came at the same moment.
func (p *Pool) await(ctx context.Context, f *function, turn chan delivery) (*instance, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.config.Wait, ErrThrottled)
	defer cancel()
	select {
	case d := <-turn:
		return d.instance, d.err
	case <-ctx.Done():
	}
	p.mu.Lock()
	f.waiting = slices.DeleteFunc(f.waiting, func(other chan<- delivery) bool { return other == turn })
	p.mu.Unlock()
	select {
	case d := <-turn:
		if d.instance != nil {
			p.give(d.instance)
		}
	default:
	}
	return nil, context.Cause(ctx)
}

// give makes the instance available: to who waits longest, or as an idle one. One that is dead or dying, or of an older
// build, is not given.
func (p *Pool) give(inst *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := inst.function
	if inst.doomed {
		return
	}
	if inst.build != f.build {
		inst.kill(nil)
		return
	}
	if len(f.waiting) > 0 {
		f.deliver(delivery{instance: inst})
		return
	}
	inst.idleSince = time.Now()
	f.idle = append(f.idle, inst)
}

// deliver ends the longest wait, if anybody waits.
func (f *function) deliver(d delivery) {
	if len(f.waiting) == 0 {
		return
	}
	f.waiting[0] <- d
	f.waiting = f.waiting[1:]
}

// grow starts instances until as many start as wait, within the function's bound.
func (p *Pool) grow(f *function) {
	for {
		p.mu.Lock()
		if p.closed || f.starting >= len(f.waiting) || f.count >= p.config.Instances {
			p.mu.Unlock()
			return
		}
		inst, err := newInstance(f, p.config.SecretKey)
		if err != nil {
			f.deliver(delivery{err: err})
			p.mu.Unlock()
			return
		}
		f.count++
		f.starting++
		p.instances[inst.key] = inst
		p.issued[inst.key] = f
		p.work.Add(1) // done when the instance is gone
		p.mu.Unlock()
		p.launch(inst)
	}
}
