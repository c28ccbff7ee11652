// Package lambda runs the product's functions as AWS Lambda does: the same binaries, each against a Lambda Runtime API
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) that the pool serves on loopback. An instance handles
// one invocation at a time; more are started when invocations overlap; idle ones are used again, the one used last first,
// and stopped after some idle minutes. The function's timeout and memory size hold, and an instance that dies is replaced.
//
//	pool, err := lambda.New(lambda.Config{Functions: tpl.Functions, BuildDir: ".build", Log: stream})
//	result, err := pool.Invoke(ctx, "OrganizationFunction", payload, lambda.Options{})
//
// It knows nothing of HTTP APIs, queues or schedules, isolates no file system or network, does not throttle the CPU by
// memory size, and runs no extensions, layers or response streams.
package lambda

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

// ErrThrottled says that all instances that a function may have were busy until the wait was over, as Lambda's
// TooManyRequestsException does.
var ErrThrottled = errors.New("all instances of the function are busy")

// ErrRequestTooLarge says that a payload is above MaxRequest, as Lambda's RequestTooLargeException does.
var ErrRequestTooLarge = errors.New("the payload is larger than a function takes")

// ErrClosed says that the pool is shutting down.
var ErrClosed = errors.New("the pool of functions is shut down")

// Log takes what the instances print, line by line, and the platform's START, END and REPORT lines, in the order in which
// they happened in an instance. Function is the logical id; requestID is empty for what an instance prints while it
// starts. It is called by several goroutines at once.
type Log interface {
	Log(function, requestID, line string)
}

// Config says what a Pool runs.
type Config struct {
	Functions []template.Function
	SecretKey func(accessKey string) string // of an instance, from its access key; nil: any
	BuildDir  string                        // where the binaries are, each named by the last part of its function's Folder
	MixDir    string                        // where those of another release are, which take half of the invocations; empty: there is none
	Log       Log                           // required
	Instances int                           // most instances of a function at once; 0 means 20
	Wait      time.Duration                 // longest wait for an instance, its start included; 0 means 15 seconds
	Idle      time.Duration                 // after which an unused instance is stopped; 0 means 5 minutes
}

// Pool is all instances of all functions. It is safe for concurrent use.
type Pool struct {
	config    Config
	functions map[string][]*function // by logical id, a build each
	address   string                 // of the Runtime API
	server    *http.Server
	starter   starter
	stop      chan struct{}
	work      sync.WaitGroup // the server, the watch, and a goroutine for each instance

	mu        sync.Mutex
	instances map[string]*instance // by access key
	issued    map[string]*function // by access key, of instances that are gone as well
	closed    bool
}

// New returns a pool that serves its Runtime API and has no instance yet. It fails when two functions share an id or when
// no port is to be had. Shutdown ends it.
func New(config Config) (*Pool, error) {
	config.Instances = orDefault(config.Instances, 20)
	config.Wait = orDefault(config.Wait, 15*time.Second)
	config.Idle = orDefault(config.Idle, 5*time.Minute)
	if config.SecretKey == nil {
		config.SecretKey = func(string) string { return rand.Text() }
	}
	for _, dir := range []*string{&config.BuildDir, &config.MixDir} {
		if *dir == "" {
			continue
		}
		absolute, err := filepath.Abs(*dir)
		if err != nil {
			return nil, fmt.Errorf("find the build directory %s: %w", *dir, err)
		}
		*dir = absolute
	}
	p := &Pool{config: config, functions: map[string][]*function{}, instances: map[string]*instance{}, issued: map[string]*function{}, stop: make(chan struct{})}
	for _, f := range config.Functions {
		if p.functions[f.ID] != nil {
			return nil, fmt.Errorf("function %s is there twice", f.ID)
		}
		f.MemoryMB = orDefault(f.MemoryMB, 128) // Lambda's own defaults
		f.Timeout = orDefault(f.Timeout, 3*time.Second)
		p.functions[f.ID] = config.builds(f)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the Lambda Runtime API: %w", err)
	}
	p.address = listener.Addr().String()
	p.server = &http.Server{Handler: p.runtimeAPI()}
	p.starter = newStarter()
	p.work.Go(func() { _ = p.server.Serve(listener) })
	p.work.Go(p.watch)
	return p, nil
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// attempts is how many instances may die one after another before they see an event.
const attempts = 3

// Invoke hands payload to an instance of the function and returns its answer once the instance is ready for another. A
// function that fails, crashes or times out is no error but a Result with FunctionError. When ctx ends first, its cause is
// returned and the invocation goes on until the function's own timeout, as on AWS. Errors: ErrThrottled,
// ErrRequestTooLarge, ErrClosed, an unknown function, a binary that is missing or cannot be started.
func (p *Pool) Invoke(ctx context.Context, functionID string, payload []byte, options Options) (Result, error) {
	f := p.pick(functionID)
	if f == nil {
		return Result{}, fmt.Errorf("invoke %s: the template has no such function", functionID)
	}
	if len(payload) > MaxRequest {
		return Result{}, fmt.Errorf("invoke %s with %d bytes: %w", functionID, len(payload), ErrRequestTooLarge)
	}
	for attempt := 1; ; attempt++ {
		inv := newInvocation(payload, options)
		inst, err := p.take(ctx, f)
		var failed *failure
		if errors.As(err, &failed) {
			return inv.failed(failed), nil
		}
		if err != nil {
			return Result{}, fmt.Errorf("invoke %s: %w", functionID, err)
		}
		p.hand(inst, inv)
		select {
		case <-inv.done:
		case <-ctx.Done():
			return Result{}, fmt.Errorf("invoke %s: %w", functionID, context.Cause(ctx))
		}
		if !inv.lost || attempt == attempts {
			return inv.result, nil
		}
	}
}

// Start makes sure that the function has an idle instance, so that the next invocation need not wait for one.
func (p *Pool) Start(ctx context.Context, functionID string) error {
	f := p.pick(functionID)
	if f == nil {
		return fmt.Errorf("start %s: the template has no such function", functionID)
	}
	inst, err := p.take(ctx, f)
	if err != nil {
		return fmt.Errorf("start %s: %w", functionID, err)
	}
	p.give(inst)
	return nil
}

// grace is how long Shutdown lets instances react to SIGTERM.
const grace = 500 * time.Millisecond

// Shutdown ends all instances and the Runtime API, and returns when nothing is left. Instances get SIGTERM, as Lambda sends
// it where extensions are used, and SIGKILL half a second later or when ctx ends. Invocations in flight fail.
func (p *Pool) Shutdown(ctx context.Context) {
	p.mu.Lock()
	already := p.closed
	p.closed = true
	if !already {
		close(p.stop)
	}
	left := p.ask()
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	for _, inst := range left {
		select {
		case <-inst.gone:
		case <-ctx.Done():
			p.Kill(inst.key)
		}
	}
	_ = p.server.Close()
	p.work.Wait()
	if !already {
		p.starter.end()
	}
}

// ask sends SIGTERM to every instance, ends all waits and returns the instances.
func (p *Pool) ask() []*instance {
	left := make([]*instance, 0, len(p.instances))
	for _, inst := range p.instances {
		inst.terminate()
		left = append(left, inst)
	}
	for _, builds := range p.functions {
		for _, f := range builds {
			for _, turn := range f.waiting {
				turn <- delivery{err: ErrClosed}
			}
			f.waiting = nil
		}
	}
	return left
}
