package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/infra/local/service"
	"github.com/tenantry/tenantry/infra/local/template"
)

func TestTheEnvironmentSettlesTheRun(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "infra", "local")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "template.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(environment map[string]string) (config, error) {
		return readConfig(below, func(name string) string { return environment[name] })
	}

	c, err := read(nil)
	if err != nil || c.root != root || c.port != 8080 || c.idpPort != 8081 || c.data != filepath.Join(root, ".local") || !c.seed || !c.build || c.tableFile() == "" {
		t.Errorf("nothing set: %+v, %v", c, err)
	}
	c, err = read(map[string]string{"PORT": "0", "DATA_DIR": "elsewhere", "SEED": "none", "BUILD": "no", "PUBLIC_URL": "https://x.example/", "MIX": "before", "LOOPBACK_HOSTS": "127.0.0.1:9000", "DYNAMODB_ENDPOINT": "http://127.0.0.1:8000"})
	if err != nil || c.port != 0 || c.idpPort != 0 || c.data != filepath.Join(root, "elsewhere") || c.seed || c.build || c.mix != filepath.Join(root, "before") || c.publicURL != "https://x.example" || len(c.loopback) != 1 || c.dynamoDB.Host != "127.0.0.1:8000" {
		t.Errorf("all set: %+v, %v", c, err)
	}
	c, err = read(map[string]string{"DATA_DIR": "memory"})
	if err != nil || c.tableFile() != "" {
		t.Errorf("in memory: %+v, %v", c, err)
	}
	defer os.RemoveAll(c.data)

	for name, value := range map[string]string{"PORT": "http", "WIRE_PORT": "70000", "IDP_PORT": "-1", "DYNAMODB_ENDPOINT": "127.0.0.1:8000"} {
		if _, err := read(map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name+" is \""+value+"\"") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	if _, err := readConfig(t.TempDir(), os.Getenv); err == nil || !strings.Contains(err.Error(), "no template.yaml in") {
		t.Errorf("no template: %v", err)
	}
}

func TestJSONLinesBecomeReadable(t *testing.T) {
	for text, want := range map[string]string{
		`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"signed in","user":"usr_1","took":0.25,"detail":"two words"}`: `INFO  signed in user=usr_1 took=0.25 detail="two words"`,
		`{"level":"WARN","msg":"limited","caller":{"type":"key"}}`:                                                         `WARN  limited caller={"type":"key"}`,
		`{"not":"a log line"}`: `{"not":"a log line"}`,
		`{broken`:              `{broken`,
		`START RequestId: 1`:   `START RequestId: 1`,
	} {
		if got := readable(text); got != want {
			t.Errorf("%s\n became %s\n    not %s", text, got, want)
		}
	}
}

func TestAFunctionWithoutCodeIsNamedBeforeAnythingIsBuilt(t *testing.T) {
	err := build(t.Context(), t.TempDir(), t.TempDir(), []template.Function{{ID: "LostFunction", Folder: "functions/lost"}})
	if err == nil || !strings.Contains(err.Error(), "function LostFunction: there is no code at its CodeUri functions/lost") {
		t.Errorf("error: %v", err)
	}
}

func TestATableIsMadeOnceAndOneOfAnotherShapeIsRefused(t *testing.T) {
	emulator, err := service.Dynoxide("../..", "", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	running, err := service.Start(t.Context(), emulator)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Stop)
	client := owner{Endpoint: running.URL().String(), AccessKeyID: "key", SecretAccessKey: "secret"}.dynamoDB()
	table := template.Table{
		Name: "Things", Attributes: map[string]string{"pk": "S", "g": "S"}, Key: []template.KeyPart{{Name: "pk", Type: "HASH"}},
		Indexes:      []template.Index{{Name: "gsi", Key: []template.KeyPart{{Name: "g", Type: "HASH"}}, Projection: "KEYS_ONLY"}},
		TTLAttribute: "expiresAt",
	}
	for _, want := range []bool{true, false} {
		if made, err := createTable(t.Context(), client, table); err != nil || made != want {
			t.Errorf("made %v, not %v: %v", made, want, err)
		}
	}
	table.Indexes[0].Projection = "ALL"
	if _, err := createTable(t.Context(), client, table); err == nil || !strings.Contains(err.Error(), `other keys or indexes than the template's (index "gsi"`) {
		t.Errorf("another shape: %v", err)
	}
}

func TestOnlyNamesOfThisMachineReachTheControls(t *testing.T) {
	controls := ownHostOnly("settings.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, "in") }))
	for host, want := range map[string]int{
		"localhost:8080": 200, "127.0.0.1:1": 200, "[::1]:8080": 200, "settings.example.com": 200,
		"attacker.example:8080": 403, "10.0.0.1": 403, "localhost.attacker.example": 403, "": 403,
	} {
		request, err := http.NewRequest(http.MethodGet, "/_local", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		recorder := httptest.NewRecorder()
		controls.ServeHTTP(recorder, request)
		if recorder.Code != want {
			t.Errorf("%q: %d, not %d", host, recorder.Code, want)
		}
	}
}
