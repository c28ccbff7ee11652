package keycloak

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// product is the local stack of the run, with the seed's people. It is set once, by TestMain, before any test.
var product *stack

// stack is a running local stack.
type stack struct {
	url    string
	org    string // the client
	apiKey string // of its administrator
	end    func()
}

// startProduct starts a stack on free ports that may read metadata at the IdP's address.
func startProduct(data, idp string) (*stack, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(idp)
	if err != nil {
		return nil, err
	}
	command := exec.Command(filepath.Join(root, ".build", "stack"))
	command.Dir = root
	command.Env = append(os.Environ(), "PORT=0", "BUILD=no", "DATA_DIR="+data, "LOOPBACK_HOSTS="+at.Host)
	command.Stderr = io.Discard // it keeps its log in the folder of its data
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &stack{end: func() { _ = command.Process.Signal(syscall.SIGTERM); _ = command.Wait() }}
	line, err := bufio.NewReader(output).ReadString('\n')
	s.url = strings.TrimSpace(strings.TrimPrefix(line, "ready "))
	if err == nil {
		err = s.readSeed(filepath.Join(data, "seed.json"))
	}
	if err != nil {
		s.end()
		return nil, fmt.Errorf("start the stack: %w; its log is in %s", err, data)
	}
	return s, nil
}

func (s *stack) readSeed(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var seed struct {
		Client struct {
			OrganizationID string
			Admin          struct{ APIKey string }
		}
	}
	err = json.Unmarshal(text, &seed)
	s.org, s.apiKey = "/v1/organizations/"+seed.Client.OrganizationID, seed.Client.Admin.APIKey
	return err
}

// do asks the product as the client's administrator and reads the answer into out, where that is not nil.
func (s *stack) do(t testing.TB, method, path string, body, out any) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.apiKey)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	if out != nil && len(text) > 0 {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
}

// verifiedDomain registers a domain and proves it by its record.
func (s *stack) verifiedDomain(t testing.TB, name string) {
	t.Helper()
	var made struct {
		ID     string
		Record struct{ Host, Value string }
	}
	s.do(t, "POST", s.org+"/domains", map[string]string{"name": name}, &made)
	s.do(t, "PUT", "/_local/dns/"+made.Record.Host+"/TXT", []string{made.Record.Value}, nil)
	var checked struct{ Status string }
	if s.do(t, "POST", s.org+"/domains/"+made.ID+"/verify", nil, &checked); checked.Status != "verified" {
		t.Fatalf("the domain %s is %s", name, checked.Status)
	}
}

// invite invites somebody of the address into the client's user role.
func (s *stack) invite(t testing.TB, email string) {
	t.Helper()
	var page struct {
		Items []struct{ ID, BuiltIn string }
	}
	s.do(t, "GET", s.org+"/roles", nil, &page)
	for _, role := range page.Items {
		if role.BuiltIn == "user" {
			s.do(t, "POST", s.org+"/users", map[string]string{"email": email, "name": "Carla Osorio", "roleId": role.ID}, nil)
		}
	}
}

// tomorrow runs what falls due within a day.
func (s *stack) tomorrow(t testing.TB) {
	t.Helper()
	for range 2 { // as the schedule does every five minutes: what an index did not show yet is found the next time
		s.do(t, "POST", "/_local/schedules/MaintenanceFunctionDue", map[string]string{"now": time.Now().Add(25 * time.Hour).UTC().Format(time.RFC3339)}, nil)
		s.do(t, "POST", "/_local/queues/idle", nil, nil)
		time.Sleep(600 * time.Millisecond) // longer than an index lags
	}
}
