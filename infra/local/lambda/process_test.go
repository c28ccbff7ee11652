package lambda_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
)

// standIn, when set, makes the test binary a stack that starts one instance, prints its process id and waits to be killed.
const standIn = "LAMBDA_TEST_STAND_IN"

func standForTheStack(buildDir string) {
	pool, err := lambda.New(lambda.Config{Functions: []template.Function{probe()}, BuildDir: buildDir, Log: &log{}})
	if err != nil {
		panic(err)
	}
	r, err := pool.Invoke(context.Background(), "ProbeFunction", []byte(`{"do":"pid"}`), lambda.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(r.Payload))
	select {}
}

func TestTheEnvironmentIsLambdasAndTheTemplatesAlone(t *testing.T) {
	t.Setenv("SECRET_OF_THE_PARENT", "1")
	pool, _ := start(t, lambda.Config{})
	env := map[string]string{}
	for _, line := range answer[[]string](t, invoke(t, pool, `{"do":"environment"}`)) {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	want := map[string]string{"TABLE": "items", "AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": "probe",
		"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "TZ": ":UTC", "_HANDLER": "bootstrap",
		"LAMBDA_TASK_ROOT": buildDir}
	for name, value := range want {
		if env[name] != value {
			t.Errorf("%s = %q, want %q", name, env[name], value)
		}
	}
	for _, name := range []string{"SECRET_OF_THE_PARENT", "HOME", "GOMEMLIMIT"} {
		if _, ok := env[name]; ok {
			t.Errorf("%s reached the function", name)
		}
	}
	caller, ok := pool.ByAccessKey(env["AWS_ACCESS_KEY_ID"])
	if !ok || caller.Function.ID != "ProbeFunction" || caller.Invocation != "" || caller.SecretKey != env["AWS_SECRET_ACCESS_KEY"] {
		t.Errorf("caller of the key: %+v %v", caller, ok)
	}
}

func TestInstancesDieWithAKilledStack(t *testing.T) {
	stack := exec.CommandContext(t.Context(), os.Args[0])
	stack.Env = append(os.Environ(), standIn+"="+buildDir)
	out, err := stack.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || !alive(pid) {
		t.Fatalf("instance %q: %v", line, err)
	}
	if err := stack.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = stack.Wait()
	for alive(pid) {
		if t.Context().Err() != nil {
			t.Fatal("the instance outlived its stack")
		}
		time.Sleep(time.Millisecond)
	}
}

// alive reports whether a process runs; one that has ended and that nobody has waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestAStormOfCallsAndCrashesLosesNobody(t *testing.T) {
	pool, _ := start(t, lambda.Config{Instances: 4, Wait: time.Minute})
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			for i := range 60 {
				event := fmt.Sprintf(`{"text":"%d"}`, i)
				if rand.IntN(20) == 0 {
					event = `{"do":"exit"}`
				}
				r, err := pool.Invoke(t.Context(), "ProbeFunction", []byte(event), lambda.Options{})
				switch {
				case err != nil:
					t.Error(err)
				case event == `{"do":"exit"}` && r.FunctionError == "", event != `{"do":"exit"}` && string(r.Payload) != event:
					t.Errorf("%s answered by %s %s", event, r.FunctionError, r.Payload)
				}
				if list := pool.Instances(); len(list) > 4 {
					t.Errorf("%d instances", len(list))
				}
			}
		})
	}
	calls.Wait()
}
