package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
)

func TestACrashFailsItsInvocationAndIsReplaced(t *testing.T) {
	for name, c := range map[string]struct{ event, message string }{
		"exit":  {`{"do":"exit"}`, "Runtime exited with error: exit status 1"},
		"panic": {`{"do":"panic","text":"oh dear"}`, "oh dear"},
	} {
		t.Run(name, func(t *testing.T) {
			pool, log := start(t, lambda.Config{})
			before := answer[int](t, invoke(t, pool, `{"do":"pid"}`))
			r := invoke(t, pool, c.event)
			if r.FunctionError != "Unhandled" || !strings.Contains(string(r.Payload), c.message) {
				t.Errorf("result: %+v %s", r, r.Payload)
			}
			if after := answer[int](t, invoke(t, pool, `{"do":"pid"}`)); after == before {
				t.Error("the crashed instance answered")
			}
			log.wait(t, "REPORT RequestId: "+r.RequestID)
		})
	}
}

func TestAKilledInstanceFailsItsInvocationAndNoOther(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	release := filepath.Join(t.TempDir(), "go")
	event := fmt.Sprintf(`{"do":"wait","text":%q}`, release)
	one, two := background(t, pool, event), background(t, pool, event)
	victim := busy(t, pool, 2)[0]
	if err := syscall.Kill(victim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	busy(t, pool, 1)
	if err := os.WriteFile(release, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, r := range []lambda.Result{<-one, <-two} {
		if r.FunctionError != "" {
			failed++
			if r.RequestID != victim.Invocation || !strings.Contains(string(r.Payload), "signal: killed") {
				t.Errorf("failed: %+v %s", r, r.Payload)
			}
		}
	}
	if failed != 1 {
		t.Errorf("%d invocations failed", failed)
	}
}

func TestKillByAccessKeyEndsThatInstance(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	key := ""
	for _, line := range answer[[]string](t, invoke(t, pool, `{"do":"environment"}`)) {
		if value, ok := strings.CutPrefix(line, "AWS_ACCESS_KEY_ID="); ok {
			key = value
		}
	}
	caller, _ := pool.ByAccessKey(key)
	if !pool.Kill(key) {
		t.Fatal("the key is unknown")
	}
	if pid := answer[int](t, invoke(t, pool, `{"do":"pid"}`)); pid == caller.PID {
		t.Error("the killed instance answered")
	}
	if pool.Kill("ASIANOBODY") {
		t.Error("a key that nobody has was killed")
	}
}

func TestADeadIdleInstanceIsReplaced(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	pid := answer[int](t, invoke(t, pool, `{"do":"pid"}`))
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	none(t, pool)
	if got := answer[int](t, invoke(t, pool, `{"do":"pid"}`)); got == pid {
		t.Error("a dead process answered")
	}
}

// none waits until the pool has no instance.
func none(t *testing.T, pool *lambda.Pool) {
	t.Helper()
	for len(pool.Instances()) > 0 {
		if t.Context().Err() != nil {
			t.Fatal("the instance is still there")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestATimeoutKillsAndSaysSo(t *testing.T) {
	f := probe()
	f.Timeout = time.Second
	pool, log := start(t, lambda.Config{Functions: []template.Function{f}})
	r := invoke(t, pool, `{"do":"hang"}`)
	if r.FunctionError != "Unhandled" || !strings.Contains(string(r.Payload), "Task timed out after 1.00 seconds") {
		t.Errorf("result: %+v %s", r, r.Payload)
	}
	log.wait(t, "Task timed out after 1.00 seconds")
	answer[int](t, invoke(t, pool, `{"do":"pid"}`))
}

func TestMemoryAboveTheSettingKills(t *testing.T) {
	f := probe()
	f.MemoryMB = 64
	pool, log := start(t, lambda.Config{Functions: []template.Function{f}})
	if r := invoke(t, pool, `{"do":"allocate","size":10000000}`); r.FunctionError != "" || r.MemoryMB < 10 {
		t.Errorf("within the setting: %+v %s", r, r.Payload)
	}
	if r := invoke(t, pool, `{"do":"allocate","size":200000000}`); r.FunctionError == "" {
		t.Errorf("above the setting: %+v", r)
	}
	log.wait(t, "Runtime exited: memory")
	answer[int](t, invoke(t, pool, `{"do":"pid"}`))
}

func TestSizesOfPayloads(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	if r := invoke(t, pool, fmt.Sprintf(`{"do":"large","size":%d}`, lambda.MaxRequest)); r.FunctionError != "" {
		t.Errorf("6 MB: %s", r.Payload)
	}
	r := invoke(t, pool, fmt.Sprintf(`{"do":"large","size":%d}`, lambda.MaxResponse+1))
	if !strings.Contains(string(r.Payload), "Function.ResponseSizeTooLarge") {
		t.Errorf("above 6 MB: %.200s", r.Payload)
	}
	_, err := pool.Invoke(t.Context(), "ProbeFunction", make([]byte, lambda.MaxRequest+1), lambda.Options{})
	if !errors.Is(err, lambda.ErrRequestTooLarge) {
		t.Errorf("a request above 6 MB: %v", err)
	}
}

func TestAFunctionThatCannotStartFailsItsInvocations(t *testing.T) {
	f := probe()
	f.Environment = map[string]string{"FAIL_INIT": "1"}
	pool, log := start(t, lambda.Config{Functions: []template.Function{f}})
	r := invoke(t, pool, `{}`)
	if r.FunctionError != "Unhandled" || !strings.Contains(string(r.Payload), "exit status 3") {
		t.Errorf("result: %+v %s", r, r.Payload)
	}
	log.wait(t, "cannot start")
}

func TestAMissingBinaryIsNamed(t *testing.T) {
	pool, _ := start(t, lambda.Config{BuildDir: t.TempDir()})
	_, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(`{}`), lambda.Options{})
	if err == nil || !strings.Contains(err.Error(), "functions/probe") {
		t.Errorf("error: %v", err)
	}
}

func TestShutdownLeavesNothing(t *testing.T) {
	pool, _ := start(t, lambda.Config{})
	idle := answer[int](t, invoke(t, pool, `{"do":"pid"}`))
	hanging := background(t, pool, `{"do":"hang"}`)
	busy(t, pool, 1)
	pool.Shutdown(context.Background())
	if r := <-hanging; r.FunctionError == "" {
		t.Errorf("the invocation in flight: %+v", r)
	}
	if err := syscall.Kill(idle, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v", idle, err)
	}
	if _, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(`{}`), lambda.Options{}); !errors.Is(err, lambda.ErrClosed) {
		t.Errorf("after the shutdown: %v", err)
	}
}
