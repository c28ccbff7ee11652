package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
)

var buildDir string

func TestMain(m *testing.M) {
	if dir := os.Getenv(standIn); dir != "" {
		standForTheStack(dir)
	}
	dir, err := os.MkdirTemp("", "lambda")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, "probe"), "./testdata/bootstrap")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("build the test's bootstrap: %v\n%s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// log keeps what the pool logs.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) Log(function, requestID, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, requestID+" "+line)
}

// wait returns once a line contains text; the test's own time-out is the limit.
func (l *log) wait(t *testing.T, text string) []string {
	t.Helper()
	for {
		l.mu.Lock()
		lines := slices.Clone(l.lines)
		l.mu.Unlock()
		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, text) }) {
			return lines
		}
		if t.Context().Err() != nil {
			t.Fatalf("no line with %q in %q", text, lines)
		}
		time.Sleep(time.Millisecond)
	}
}

func probe() template.Function {
	return template.Function{ID: "ProbeFunction", Name: "probe", Folder: "functions/probe", Handler: "bootstrap",
		Timeout: 20 * time.Second, MemoryMB: 256, Environment: map[string]string{"TABLE": "items"}}
}

func start(t *testing.T, config lambda.Config) (*lambda.Pool, *log) {
	t.Helper()
	l := &log{}
	config.Log = l
	if config.BuildDir == "" {
		config.BuildDir = buildDir
	}
	if config.Functions == nil {
		config.Functions = []template.Function{probe()}
	}
	pool, err := lambda.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Shutdown(context.Background()) })
	return pool, l
}

func invoke(t *testing.T, pool *lambda.Pool, event string) lambda.Result {
	t.Helper()
	r, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(event), lambda.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func answer[T any](t *testing.T, r lambda.Result) T {
	t.Helper()
	var v T
	if r.FunctionError != "" {
		t.Fatalf("function error: %s", r.Payload)
	}
	if err := json.Unmarshal(r.Payload, &v); err != nil {
		t.Fatalf("decode %s: %v", r.Payload, err)
	}
	return v
}

func TestAFunctionGetsItsEventAndContext(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	if got := string(invoke(t, pool, `{"text":"hello"}`).Payload); got != `{"text":"hello"}` {
		t.Errorf("echo: %s", got)
	}
	r, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(`{"do":"context"}`), lambda.Options{RequestID: "my-own"})
	if err != nil {
		t.Fatal(err)
	}
	seen := answer[map[string]string](t, r)
	if seen["requestId"] != "my-own" || r.RequestID != "my-own" || seen["arn"] != "arn:aws:lambda:us-east-1:000000000000:function:probe" {
		t.Errorf("context: %v, result %s", seen, r.RequestID)
	}
	left, err := time.ParseDuration(seen["left"])
	if err != nil || left <= 0 || left > 20*time.Second {
		t.Errorf("time left: %v %v", left, err)
	}
}

func TestCallsOneAfterAnotherShareAnInstance(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	first := invoke(t, pool, `{"do":"pid"}`)
	if first.InitDuration <= 0 {
		t.Error("the first invocation tells no init duration")
	}
	for range 20 {
		again := invoke(t, pool, `{"do":"pid"}`)
		if answer[int](t, again) != answer[int](t, first) {
			t.Fatal("another instance answered")
		}
		if again.InitDuration != 0 {
			t.Error("a warm invocation tells an init duration")
		}
	}
}

// background invokes and delivers the result when it is there.
func background(t *testing.T, pool *lambda.Pool, event string) <-chan lambda.Result {
	done := make(chan lambda.Result, 1)
	go func() {
		r, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(event), lambda.Options{})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	return done
}

// busy waits until n instances have an invocation, and returns them.
func busy(t *testing.T, pool *lambda.Pool, n int) []lambda.Instance {
	t.Helper()
	for t.Context().Err() == nil {
		list := slices.DeleteFunc(pool.Instances(), func(i lambda.Instance) bool { return i.Invocation == "" })
		if len(list) == n {
			return list
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never %d busy instances: %+v", n, pool.Instances())
	return nil
}

func TestOverlappingCallsGetInstancesOfTheirOwn(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	release := filepath.Join(t.TempDir(), "go")
	event := fmt.Sprintf(`{"do":"wait","text":%q}`, release)
	one, two, three := background(t, pool, event), background(t, pool, event), background(t, pool, event)
	busy(t, pool, 3)
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pids := []int{answer[int](t, <-one), answer[int](t, <-two), answer[int](t, <-three)}
	slices.Sort(pids)
	if len(slices.Compact(pids)) != 3 {
		t.Errorf("instances: %v", pids)
	}
}

func TestAboveTheBoundCallsWaitAndAreThrottled(t *testing.T) {
	pool, _ := start(t, lambda.Config{Instances: 1, Wait: 300 * time.Millisecond})
	if err := pool.Start(t.Context(), "ProbeFunction"); err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(t.TempDir(), "go")
	first := background(t, pool, fmt.Sprintf(`{"do":"wait","text":%q}`, release))
	busy(t, pool, 1)
	if _, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(`{}`), lambda.Options{}); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("error: %v", err)
	}
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pid := answer[int](t, <-first)
	if got := answer[int](t, invoke(t, pool, `{"do":"pid"}`)); got != pid {
		t.Errorf("pid %d, want the only instance's %d", got, pid)
	}
}

func TestPrintsBelongToTheirInvocation(t *testing.T) {
	pool, log := start(t, lambda.Config{})
	first := invoke(t, pool, `{"do":"print","text":"one\ntwo"}`).RequestID
	second := invoke(t, pool, `{"do":"print","text":"three"}`).RequestID
	lines := log.wait(t, "REPORT RequestId: "+second)
	for i, line := range lines {
		lines[i], _, _ = strings.Cut(line, "\t")
	}
	want := []string{
		first + " START RequestId: " + first + " Version: $LATEST", first + " one", first + " two",
		first + " END RequestId: " + first, first + " REPORT RequestId: " + first,
		second + " START RequestId: " + second + " Version: $LATEST", second + " three",
		second + " END RequestId: " + second, second + " REPORT RequestId: " + second,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("log:\n%s", strings.Join(lines, "\n"))
	}
}

func TestARebuiltBinaryIsUsedWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	binary, err := os.ReadFile(filepath.Join(buildDir, "probe"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "probe"), binary, 0o700); err != nil {
		t.Fatal(err)
	}
	pool, _ := start(t, lambda.Config{BuildDir: dir})
	before := answer[int](t, invoke(t, pool, `{"do":"pid"}`))
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(dir, "probe"), later, later); err != nil {
		t.Fatal(err)
	}
	if after := answer[int](t, invoke(t, pool, `{"do":"pid"}`)); after == before {
		t.Error("the old build answered")
	}
}

func TestIdleInstancesAreStopped(t *testing.T) {
	pool, _ := start(t, lambda.Config{Idle: time.Millisecond})
	invoke(t, pool, `{}`)
	none(t, pool)
	invoke(t, pool, `{}`)
}

func TestACallerWhoGivesUpLeavesTheInvocationRunning(t *testing.T) {
	pool, log := start(t, lambda.Config{})
	release := filepath.Join(t.TempDir(), "go")
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := make(chan error)
	go func() {
		_, err := pool.Invoke(ctx, "ProbeFunction", fmt.Appendf(nil, `{"do":"wait","text":%q}`, release), lambda.Options{RequestID: "left"})
		gone <- err
	}()
	busy(t, pool, 1)
	cause := errors.New("no patience")
	cancel(cause)
	if err := <-gone; !errors.Is(err, cause) {
		t.Errorf("error: %v", err)
	}
	busy(t, pool, 1)
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log.wait(t, "REPORT RequestId: left")
}
