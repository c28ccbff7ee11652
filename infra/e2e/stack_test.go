// Package e2e tests the product from outside, over HTTP, through one local stack for the whole run: the real binaries behind
// the wire, with conflicts and lagging indexes on. Tests share the stack and its table, so each makes organizations of its
// own and counts nothing that another test could change. The package holds tests only.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// stack is the one that all tests of the run use. It is set once, by TestMain, before any of them.
var stack localStack

// localStack is a running local stack.
type localStack struct {
	URL    string // without a slash at the end
	folder string // of its data; empty where somebody else started it, as end is nil then
	end    func()
}

// readyWithin is how long the stack may take until it is ready, building the functions included.
const readyWithin = 5 * time.Minute

// TestMain runs the tests against the stack at TENANTRY_STACK, or, where that is empty, against one that it builds, starts on
// free ports with an empty table, and ends.
func TestMain(m *testing.M) {
	if address := os.Getenv("TENANTRY_STACK"); address != "" {
		stack.URL = strings.TrimSuffix(address, "/")
		os.Exit(m.Run())
	}
	code, err := runWithStack(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// runWithStack runs the tests between the start and the end of a stack. When one fails, the stack's log is kept and named.
func runWithStack(m *testing.M) (code int, err error) {
	folder, err := os.MkdirTemp("", "tenantry-e2e-")
	if err != nil {
		return 1, err
	}
	if stack, err = startStack(folder, "PORT=0"); err != nil {
		os.RemoveAll(folder)
		return 1, err
	}
	code = m.Run()
	if code == 0 && whole() {
		if err = checkGrants(); err != nil {
			code, err = 1, fmt.Errorf("the policies of template.yaml and what the tests used of them differ:\n%w", err)
		}
	}
	stack.end()
	if code == 0 {
		if err = checkLog(folder); err != nil {
			code = 1
		}
	}
	if code != 0 {
		return code, errors.Join(err, fmt.Errorf("the stack's log is %s", filepath.Join(folder, "log")))
	}
	return code, os.RemoveAll(folder)
}

// startStack builds the stack, starts it with folder as its data and with what else is said of its environment, and returns
// when it is ready.
func startStack(folder string, environment ...string) (localStack, error) {
	started := localStack{folder: folder}
	root, err := filepath.Abs("../..")
	if err != nil {
		return started, err
	}
	program := filepath.Join(root, ".build", "stack")
	build := exec.Command("go", "build", "-C", filepath.Join(root, "infra/local"), "-o", program, ".")
	if printed, err := build.CombinedOutput(); err != nil {
		return started, fmt.Errorf("build the stack: %w\n%s", err, printed)
	}
	var log bytes.Buffer
	command := exec.Command(program)
	command.Dir = root
	command.Env = append(append(os.Environ(), "DATA_DIR="+folder, "SEED=none", "PROVIDERS_URL="+played().url), environment...)
	command.Stderr = &log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // a test binary that go test kills leaves no stack
	output, err := command.StdoutPipe()
	if err != nil {
		return started, err
	}
	if err := command.Start(); err != nil {
		return started, err
	}
	started.end = func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
	}
	if started.URL, err = awaitReady(output); err != nil {
		started.end()
		return started, fmt.Errorf("start the stack: %w\n%s", err, log.String())
	}
	return started, nil
}

// awaitReady reads what the stack prints until the line that says ready, and gives the address in it.
func awaitReady(output io.Reader) (address string, err error) {
	found := make(chan string, 1)
	go func() {
		defer close(found)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			if address, ready := strings.CutPrefix(lines.Text(), "ready "); ready {
				found <- address
			}
		}
	}()
	select {
	case address, ready := <-found:
		if !ready {
			return "", errors.New("it ended before it was ready")
		}
		return address, nil
	case <-time.After(readyWithin):
		return "", fmt.Errorf("it was not ready within %v", readyWithin)
	}
}

// oneRelease skips a test where two releases answer: it compares two answers, or what they cost, to the last detail.
func oneRelease(t testing.TB) {
	t.Helper()
	if os.Getenv("TENANTRY_MIXED") != "" {
		t.Skip("two releases answer, and differ in what one of them has added")
	}
}

// Answer is what the stack answered to a request, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON decodes the body into value.
func (a Answer) JSON(t testing.TB, value any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, value); err != nil {
		t.Fatalf("the answer %d %s is not the JSON expected: %v", a.Status, a.Body, err)
	}
}

// Expect fails the test unless the status is the one given.
func (a Answer) Expect(t testing.TB, status int) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, not %d: %s", a.Status, status, a.Body)
	}
	return a
}

// Do sends one request to the stack. body is nil, a []byte or string sent as it is, or a value sent as JSON; headers are pairs
// of name and value and may replace the Content-Type. It follows no redirects and keeps no cookies.
func (s localStack) Do(t testing.TB, method, path string, body any, headers ...string) Answer {
	t.Helper()
	answer, err := s.send(t.Context(), method, path, body, headers)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer
}

// Local is Do for the stack's own controls: Local(t, "POST", "queues/idle", nil) asks /_local/queues/idle. It fails the test
// unless the answer is a success.
func (s localStack) Local(t testing.TB, method, path string, body any) Answer {
	t.Helper()
	answer := s.Do(t, method, "/_local/"+path, body)
	if answer.Status >= 300 {
		t.Fatalf("%s /_local/%s: %d %s", method, path, answer.Status, answer.Body)
	}
	return answer
}

func (s localStack) send(ctx context.Context, method, path string, body any, headers []string) (Answer, error) {
	content, err := encode(body)
	if err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(content))
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("X-Local-Source", somewhere())
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
		if headers[n] == "Host" {
			request.Host = headers[n+1] // net/http takes it from here only
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return Answer{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return Answer{Status: answer.StatusCode, Header: answer.Header, Body: text}, err
}

// somewhere is an address for a request to come from: another one each time, of over a hundred thousand, so that the rates by address
// (PER-8) bound only those tests that name one themselves.
func somewhere() string {
	n := addresses.Add(1)
	return fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255)
}

var addresses atomic.Uint32

// encode is a body as bytes.
func encode(body any) ([]byte, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return body, nil
	case string:
		return []byte(body), nil
	default:
		return json.Marshal(body)
	}
}
