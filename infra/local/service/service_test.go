package service_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tenantry/tenantry/infra/local/service"
)

const root = "../../.."

// TestMain plays the stack in a child process when asked to: it starts an emulator, prints its pid and URL, and waits to be killed.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY_STACK") == "" {
		os.Exit(m.Run())
	}
	spec, err := service.Dynoxide(root, "", func(string) {})
	if err == nil {
		var running *service.Service
		if running, err = service.Start(context.Background(), spec); err == nil {
			fmt.Println(running.URL())
			select {}
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

func TestDynoxideKeepsItsDataOverARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ddb.sqlite")
	first := start(t, dynoxide(t, file))
	call(t, first, "CreateTable", `{"TableName":"Things","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}`)
	first.Stop()
	second := start(t, dynoxide(t, file))
	if tables := call(t, second, "ListTables", `{}`); !strings.Contains(tables, `"Things"`) {
		t.Errorf("tables after the restart: %s", tables)
	}
}

func TestEveryLineOfAServiceReachesTheLog(t *testing.T) {
	var mutex sync.Mutex
	var lines []string
	spec := dynoxide(t, "")
	spec.Log = func(line string) { mutex.Lock(); defer mutex.Unlock(); lines = append(lines, line) }
	start(t, spec)
	mutex.Lock()
	defer mutex.Unlock()
	if !strings.Contains(strings.Join(lines, "\n"), "listening") {
		t.Errorf("lines: %q", lines)
	}
}

func TestAProgramThatEndsAtOnceIsNamed(t *testing.T) {
	_, err := service.Start(t.Context(), service.Spec{
		Name: "shortlived", Command: func(int) []string { return []string{"false"} }, Ready: "/", Log: func(string) {},
	})
	if err == nil || !strings.Contains(err.Error(), "start shortlived: it ended at once: exit status 1") {
		t.Errorf("error: %v", err)
	}
}

func TestACrashIsHeard(t *testing.T) {
	running := start(t, dynoxide(t, ""))
	pid := running.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-running.Ended()
	if err := running.Err(); err == nil || err.Error() != "dynoxide ended: signal: killed" {
		t.Errorf("error: %v", err)
	}
}

func TestAServiceDiesWithAStackThatIsKilled(t *testing.T) {
	stack := exec.Command(os.Args[0])
	stack.Env = append(os.Environ(), "PLAY_STACK=yes")
	output, err := stack.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://") {
		t.Fatalf("the stack printed %q: %v", line, err)
	}
	_ = stack.Process.Kill()
	_ = stack.Wait()
	deadline := time.Now().Add(time.Minute)
	for {
		if _, err := http.Get(strings.TrimSpace(line)); err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the emulator still answers a minute after the stack was killed")
		}
	}
}

func TestMailsAreListedNewestFirstUntilCleared(t *testing.T) {
	spec, err := service.Mail(root, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	spec.Log = func(string) {}
	emulator, file := start(t, spec).URL(), filepath.Join(t.TempDir(), "mails.jsonl")
	inbox := openInbox(t, emulator, file)
	for _, subject := range []string{"first", "second"} {
		send(t, emulator, subject)
	}
	letters := mailsOf(t, inbox, "a@b.example")
	if len(letters) != 2 || letters[0].Subject != "second" || letters[1].Text != "hello" || letters[1].To[0] != "a@b.example" {
		t.Errorf("letters: %+v", letters)
	}
	if others := mailsOf(t, inbox, "nobody@b.example"); len(others) != 0 {
		t.Errorf("letters of another address: %+v", others)
	}
	send(t, emulator, "third")
	if again := mailsOf(t, openInbox(t, emulator, file), ""); len(again) != 3 || again[0].Subject != "third" || again[2].Subject != "first" {
		t.Errorf("letters after a restart: %+v", again)
	}
	if err := inbox.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if letters := mailsOf(t, inbox, ""); len(letters) != 0 {
		t.Errorf("letters after clearing: %+v", letters)
	}
}

func openInbox(t *testing.T, emulator *url.URL, file string) *service.Inbox {
	t.Helper()
	inbox, err := service.OpenInbox(emulator, file)
	if err != nil {
		t.Fatal(err)
	}
	return inbox
}

func mailsOf(t *testing.T, inbox *service.Inbox, to string) []service.Letter {
	t.Helper()
	letters, err := inbox.List(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// dynoxide is the spec of the emulator, its lines dropped.
func dynoxide(t *testing.T, file string) service.Spec {
	t.Helper()
	spec, err := service.Dynoxide(root, file, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// start starts a service that the test's end stops.
func start(t *testing.T, spec service.Spec) *service.Service {
	t.Helper()
	running, err := service.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	return running
}

// call does one DynamoDB operation and gives the answer's text.
func call(t *testing.T, at *service.Service, operation, body string) string {
	t.Helper()
	return post(t, at.URL().String(), "DynamoDB_20120810."+operation, body)
}

func send(t *testing.T, emulator *url.URL, subject string) {
	t.Helper()
	mail := map[string]any{
		"FromEmailAddress": "from@tenantry.example",
		"Destination":      map[string]any{"ToAddresses": []string{"a@b.example"}},
		"Content": map[string]any{"Simple": map[string]any{
			"Subject": map[string]string{"Data": subject}, "Body": map[string]any{"Text": map[string]string{"Data": "hello"}}}},
	}
	body, err := json.Marshal(mail)
	if err != nil {
		t.Fatal(err)
	}
	post(t, emulator.String()+"/v2/email/outbound-emails", "", string(body))
}

func post(t *testing.T, address, target, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if target != "" {
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		request.Header.Set("X-Amz-Target", target)
	}
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", target, address, answer.Status, text, err)
	}
	return string(text)
}
