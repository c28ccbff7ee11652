package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/start/web"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func ask(t *testing.T, on *table.Table, path string) *httptest.ResponseRecorder {
	t.Helper()
	services := &start.Services{Config: start.Config{PublicURL: "http://localhost:8080"}, Table: on, Keyring: secrettest.Keyring(t), Clock: clock.System}
	server := web.NewServer(services)
	mount(server, on)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil).WithContext(t.Context()))
	return recorder
}

func TestHealthIsThatOfTheTable(t *testing.T) {
	t.Run("there", func(t *testing.T) {
		if got := ask(t, tabletest.New(t), "/healthz"); got.Code != http.StatusOK || got.Body.String() != "{\"status\":\"ok\"}\n" {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	})
	t.Run("gone", func(t *testing.T) {
		config, _ := tabletest.Raw(t)
		gone := table.Open(config, "no-such-table", tabletest.Signer{}, clock.System)
		if got := ask(t, gone, "/healthz"); got.Code != http.StatusServiceUnavailable || got.Body.String() != "{\"status\":\"unavailable\"}\n" {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	})
	t.Run("unreachable", func(t *testing.T) {
		nowhere := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
		if got := ask(t, table.Open(nowhere, "t", tabletest.Signer{}, clock.System), "/healthz"); got.Code != http.StatusServiceUnavailable {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	})
}

func TestTheDescriptionIsServed(t *testing.T) {
	got := ask(t, nil, "/openapi.json")
	var document struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal(got.Body.Bytes(), &document); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%d, %v", got.Code, err)
	}
	if document.OpenAPI != "3.1.0" || document.Paths["/v1/organizations"] == nil {
		t.Errorf("it is OpenAPI %s with %d paths", document.OpenAPI, len(document.Paths))
	}
}
