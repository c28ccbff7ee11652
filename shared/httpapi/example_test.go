package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
)

type health struct {
	Body struct {
		OK bool `json:"ok" doc:"Always true"`
	}
}

// A function says what its operations are, and starts. Here it is asked once instead.
func Example() {
	server := httpapi.New(httpapi.Config{PublicURL: "https://settings.example.com", Clock: clock.System})
	httpapi.Read(server, httpapi.Operation{ID: "get-session-options", Method: "GET", Path: "/v1/options", Needs: access.SignedIn, Summary: "Read one's options"},
		func(context.Context, *access.Caller, *struct{}) (*health, error) { return &health{}, nil })
	server.Handle("GET /alive", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "alive") }))

	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/alive", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output: 200 alive
}
