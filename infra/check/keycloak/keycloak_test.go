// Package keycloak tests signing in against an identity provider that nobody here wrote: Keycloak, set up through its own API, with
// the product in the local stack as its client. `make keycloak` fetches Keycloak and says where it is; without that the package does
// nothing. It holds tests only.
package keycloak

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
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

// server is the Keycloak of the run. It is set once, by TestMain, before any test.
var server *keycloak

// startsWithin is how long Keycloak may take until it answers.
const startsWithin = 5 * time.Minute

func TestMain(m *testing.M) {
	home := os.Getenv("KEYCLOAK")
	if home == "" {
		fmt.Println("KEYCLOAK does not say where Keycloak is: make keycloak fetches it and runs these tests")
		return
	}
	code, err := runBeside(home, m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// runBeside runs the tests beside a Keycloak and the product.
func runBeside(home string, m *testing.M) (code int, err error) {
	folder, err := os.MkdirTemp("", "tenantry-keycloak-")
	if err != nil {
		return 1, err
	}
	if server, err = startKeycloak(home, filepath.Join(folder, "keycloak.log")); err != nil {
		return 1, err
	}
	defer server.end()
	if product, err = startProduct(filepath.Join(folder, "data"), server.url); err != nil {
		return 1, err
	}
	defer product.end()
	if code = m.Run(); code != 0 {
		return code, fmt.Errorf("the logs are in %s", folder)
	}
	return 0, os.RemoveAll(folder)
}

// keycloak is a running Keycloak with an empty database in memory.
type keycloak struct {
	url      string
	password string // of its administrator
	end      func()
}

// startKeycloak starts a Keycloak on a free port and returns when it answers.
func startKeycloak(home, log string) (*keycloak, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	output, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	k := &keycloak{url: fmt.Sprintf("http://127.0.0.1:%d", port), password: "wide-river-of-keys"}
	command := exec.Command(filepath.Join(home, "bin", "kc.sh"), "start", "--optimized", "--cache=local", "--http-enabled=true", "--http-host=127.0.0.1",
		fmt.Sprintf("--http-port=%d", port), "--hostname="+k.url)
	command.Env = append(os.Environ(), "KC_BOOTSTRAP_ADMIN_USERNAME=admin", "KC_BOOTSTRAP_ADMIN_PASSWORD="+k.password, "JAVA_OPTS_KC_HEAP=-Xms128m -Xmx768m")
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := command.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	k.end = func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL); <-ended } // it has nothing to keep
	for deadline := time.Now().Add(startsWithin); time.Now().Before(deadline); {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("keycloak ended: %w; its log is %s", err, log)
		case <-time.After(time.Second):
		}
		if answer, err := http.Get(k.url + "/realms/master"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return k, nil
			}
		}
	}
	k.end()
	return nil, fmt.Errorf("keycloak did not answer within %v; its log is %s", startsWithin, log)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// administrator gives a token for the admin API; they last a minute.
func (k *keycloak) administrator(t testing.TB) string {
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {"admin"}, "password": {k.password}}
	answer, err := http.PostForm(k.url+"/realms/master/protocol/openid-connect/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&given); err != nil || given.Token == "" {
		t.Fatalf("no token of the administrator: %d %v", answer.StatusCode, err)
	}
	return given.Token
}

// do asks Keycloak's admin API. body is sent as JSON, or as it is where it is bytes; out is nil or takes the answer.
func (k *keycloak) do(t testing.TB, method, path string, body, out any) {
	t.Helper()
	content, kind := []byte{}, "application/json"
	switch given := body.(type) {
	case nil:
	case []byte:
		content, kind = given, "application/xml"
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = encoded
	}
	request, err := http.NewRequestWithContext(context.Background(), method, k.url+"/admin/realms"+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Authorization", "Bearer "+k.administrator(t))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	if out == nil {
		return
	}
	if err := json.NewDecoder(strings.NewReader(string(text))).Decode(out); err != nil {
		t.Fatalf("%s %s: %s: %v", method, path, text, err)
	}
}
