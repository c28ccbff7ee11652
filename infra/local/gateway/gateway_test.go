package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/tenantry/tenantry/infra/local/gateway"
	"github.com/tenantry/tenantry/infra/local/lambda"
	"github.com/tenantry/tenantry/infra/local/template"
	"github.com/tenantry/tenantry/infra/local/trace"
)

// function is an Invoker that keeps what it was given and answers by itself.
type function struct {
	id      string
	event   events.APIGatewayV2HTTPRequest
	payload []byte
	options lambda.Options
	answer  func(ctx context.Context) (lambda.Result, error)
}

func (f *function) Invoke(ctx context.Context, id string, payload []byte, options lambda.Options) (lambda.Result, error) {
	if len(payload) > lambda.MaxRequest {
		return lambda.Result{}, fmt.Errorf("invoke: %w", lambda.ErrRequestTooLarge)
	}
	f.id, f.payload, f.options = id, payload, options
	if err := json.Unmarshal(payload, &f.event); err != nil {
		return lambda.Result{}, err
	}
	return f.answer(ctx)
}

func says(payload string) func(context.Context) (lambda.Result, error) {
	return func(context.Context) (lambda.Result, error) { return lambda.Result{Payload: []byte(payload)}, nil }
}

// book is a Book that keeps what was opened, and knows two calls of every invocation.
type book struct {
	opened, closed []string
	faults         []trace.Fault
}

func (b *book) Open(requestID, function string, faults []trace.Fault) {
	b.opened = append(b.opened, requestID+" "+function)
	b.faults = faults
}
func (b *book) Calls(string) []trace.Call { return make([]trace.Call, 2) }
func (b *book) Close(requestID string)    { b.closed = append(b.closed, requestID) }

type stand struct {
	*function
	book *book
	url  string
}

// serve stands a gateway with some routes on a port.
func serve(t *testing.T, answer func(context.Context) (lambda.Result, error)) stand {
	t.Helper()
	s := stand{function: &function{answer: answer}, book: &book{}}
	gw := gateway.New(gateway.Config{Functions: functions, Invoker: s.function, Book: s.book, Log: slog.New(slog.DiscardHandler), Timeout: 50 * time.Millisecond})
	server := httptest.NewServer(gw)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

var functions = []template.Function{
	{ID: "Organization", Routes: []template.Route{
		{Method: "GET", Path: "/v1/organizations"},
		{Method: "GET", Path: "/v1/organizations/{org}"},
		{Method: "GET", Path: "/v1/organizations/{org}/users/{user}"},
		{Method: "ANY", Path: "/v1/organizations/mine"},
	}},
	{ID: "Scim", Routes: []template.Route{
		{Method: "ANY", Path: "/scim/v2/{connection}/{proxy+}"},
		{Method: "ANY", Path: "/scim/{proxy+}"},
		{Method: "GET", Path: "/scim/v2/{connection}/Users"},
		{Method: "POST", Path: "/scim/v2/{connection}/{proxy+}"},
	}},
}

func do(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func request(t *testing.T, method, url string, body []byte, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func TestFailuresOfTheFunction(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(context.Context) (lambda.Result, error)
		status  int
		message string
	}{
		"crash": {func(context.Context) (lambda.Result, error) {
			return lambda.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorType":"Runtime.ExitError"}`)}, nil
		}, 502, "Bad Gateway"},
		"no instance": {func(context.Context) (lambda.Result, error) {
			return lambda.Result{}, fmt.Errorf("invoke: %w", lambda.ErrThrottled)
		}, 503, "Service Unavailable"},
		"longer than the limit": {func(ctx context.Context) (lambda.Result, error) {
			<-ctx.Done()
			return lambda.Result{}, fmt.Errorf("invoke: %w", context.Cause(ctx))
		}, 503, "Service Unavailable"},
		"no binary": {func(context.Context) (lambda.Result, error) {
			return lambda.Result{}, fmt.Errorf("no such file")
		}, 500, "Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.answer)
			resp, body := do(t, request(t, "GET", s.url+"/v1/organizations", nil))
			if resp.StatusCode != c.status || body != `{"message":"`+c.message+`"}` {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	s := serve(t, says(`{"statusCode":200}`))
	for name, c := range map[string]struct {
		request *http.Request
		status  int
	}{
		"5 MB of text":                   {request(t, "POST", s.url+"/scim/x", bytes.Repeat([]byte("x"), 5<<20), "Content-Type", "text/plain"), 200},
		"4 MB of bytes":                  {request(t, "POST", s.url+"/scim/x", bytes.Repeat([]byte("x"), 4<<20)), 200},
		"5 MB of bytes, base64 above 6":  {request(t, "POST", s.url+"/scim/x", bytes.Repeat([]byte("x"), 5<<20)), 413},
		"text whose quoting is above 6":  {request(t, "POST", s.url+"/scim/x", bytes.Repeat([]byte(`"`), 4<<20), "Content-Type", "text/plain"), 413},
		"11 MB":                          {request(t, "POST", s.url+"/scim/x", make([]byte, 11<<20)), 413},
		"9,000 bytes of headers":         {request(t, "GET", s.url+"/scim/x", nil, "X-Long", strings.Repeat("x", 9000)), 200},
		"11,000 bytes of headers":        {request(t, "GET", s.url+"/scim/x", nil, "X-Long", strings.Repeat("x", 11000)), 431},
		"11,000 bytes of path and query": {request(t, "GET", s.url+"/scim/x?"+strings.Repeat("x", 11000), nil), 431},
	} {
		t.Run(name, func(t *testing.T) {
			if resp, body := do(t, c.request); resp.StatusCode != c.status {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
		})
	}
}
