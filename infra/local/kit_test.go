package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// app is a folder that holds what a product's root holds, with the function of testdata/app built. TestMain makes it.
var app string

// TestMain is the stack itself when asked to be: the tests start it as the process that people start.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY_STACK") != "" {
		main()
		return
	}
	code := 1
	folder, err := os.MkdirTemp("", "tenantry-stack-")
	if err == nil {
		app = folder
		if err = buildApp(); err == nil {
			code = m.Run()
		}
		os.RemoveAll(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func buildApp() error {
	modules, err := filepath.Abs("../../node_modules")
	if err != nil {
		return err
	}
	if err := os.Symlink(modules, filepath.Join(app, "node_modules")); err != nil {
		return err
	}
	if err := os.CopyFS(app, os.DirFS("testdata/app")); err != nil {
		return err
	}
	return compile(context.Background(), ".", filepath.Join(app, ".build", "echo"), "./testdata/app/functions/echo")
}

// process is a stack that runs in a process of its own.
type process struct {
	command *exec.Cmd
	url     string
	log     *bytes.Buffer // complete after ended
	ended   bool
}

// startStack starts a stack on testdata/app with data in the folder, and waits until it is ready.
func startStack(t *testing.T, data string, environment ...string) *process {
	t.Helper()
	p := launch(t, data, environment...)
	if p.url == "" {
		p.end(t, syscall.SIGKILL)
		t.Fatalf("the stack was never ready:\n%s", p.log)
	}
	return p
}

// launch starts a stack and waits until it is ready or has ended; the url is empty then.
func launch(t *testing.T, data string, environment ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(os.Args[0]), log: new(bytes.Buffer)}
	p.command.Dir = app
	p.command.Env = append(os.Environ(), "PLAY_STACK=yes", "PORT=0", "BUILD=no", "SEED=none", "DATA_DIR="+data, "TMPDIR="+t.TempDir())
	p.command.Env = append(p.command.Env, environment...)
	p.command.Stderr = p.log
	output, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(t, syscall.SIGKILL) })
	line, _ := bufio.NewReader(output).ReadString('\n')
	p.url = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	return p
}

// end sends the signal and waits until the process is gone; it gives what its exit code was.
func (p *process) end(t *testing.T, signal syscall.Signal) int {
	t.Helper()
	if !p.ended {
		_ = p.command.Process.Signal(signal)
		_ = p.command.Wait()
		p.ended = true
	}
	return p.command.ProcessState.ExitCode()
}

// children are the pids of the processes that the stack's threads started and that live.
func (p *process) children(t *testing.T) []int {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid), "task", "*", "children"))
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended since
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		state, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil || bytes.Contains(state, []byte(") Z ")) {
			return
		}
	}
	t.Errorf("process %d lives on", pid)
}

// ask sends a request to the stack and gives status and body.
func (p *process) ask(t *testing.T, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "text/plain")
	for n := 0; n+1 < len(headers); n += 2 {
		if headers[n] == "Host" {
			request.Host = headers[n+1]
		}
		request.Header.Set(headers[n], headers[n+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// expect is ask for an answer with the status given; it gives the body.
func (p *process) expect(t *testing.T, status int, method, path, body string, headers ...string) string {
	t.Helper()
	got, text := p.ask(t, method, path, body, headers...)
	if got != status {
		t.Fatalf("%s %s: status %d, not %d: %s", method, path, got, status, text)
	}
	return text
}

// decode reads JSON into a new value.
func decode[T any](t *testing.T, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
