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
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

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

func TestAnEventIsThatOfPayloadFormat2(t *testing.T) {
	s := serve(t, says(`{"statusCode":204}`))
	resp, _ := do(t, request(t, "GET", s.url+"/v1/organizations/org_1?tag=a&tag=b%2Cc&q=x+y%20z&empty", nil,
		"Cookie", "one=1; two=2", "Cookie", "three=3", "If-None-Match", `W/"1,2"`, "X-Twice", "a", "X-Twice", "b",
		"X-Forwarded-For", "198.51.100.1", "User-Agent", "test/1", "X-Amzn-Trace-Id", "Root=1-2-3"))
	if resp.StatusCode != 204 {
		t.Fatalf("status %d", resp.StatusCode)
	}
	u, _ := url.Parse(s.url)
	got := s.event
	if got.RequestContext.TimeEpoch == 0 || got.RequestContext.Time == "" || got.RequestContext.RequestID != s.options.RequestID {
		t.Errorf("context: %+v", got.RequestContext)
	}
	got.RequestContext.TimeEpoch, got.RequestContext.Time, got.RequestContext.RequestID = 0, "", ""
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "GET /v1/organizations/{org}", RawPath: "/v1/organizations/org_1",
		RawQueryString:        "tag=a&tag=b%2Cc&q=x+y%20z&empty",
		Cookies:               []string{"one=1", "two=2", "three=3"},
		QueryStringParameters: map[string]string{"tag": "a,b,c", "q": "x y z", "empty": ""},
		PathParameters:        map[string]string{"org": "org_1"},
		Headers: map[string]string{"if-none-match": `W/"1,2"`, "x-twice": "a,b", "user-agent": "test/1", "host": u.Host,
			"accept-encoding": "gzip", "x-forwarded-for": "198.51.100.1, 127.0.0.1", "x-forwarded-proto": "http",
			"x-forwarded-port": u.Port(), "x-amzn-trace-id": "Root=1-2-3"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "GET /v1/organizations/{org}", AccountID: "000000000000", Stage: "$default", APIID: "local",
			DomainName: "127.0.0.1", DomainPrefix: "127",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "GET", Path: "/v1/organizations/org_1",
				Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "test/1"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if s.options.TraceID != "Root=1-2-3" {
		t.Errorf("trace id %q", s.options.TraceID)
	}
}

func TestBodiesAreTextOrBase64ByTheirType(t *testing.T) {
	for _, c := range []struct {
		contentType, body string
		encoded           bool
	}{
		{"application/json", `{"a":"<&>"}`, false},
		{"Application/JSON; charset=utf-8", `{}`, false},
		{"text/csv", "a,b", false},
		{"application/xml", "<a/>", false},
		{"application/javascript", "1", false},
		{"application/scim+json", `{}`, true},
		{"application/x-www-form-urlencoded", "a=b", true},
		{"image/png", "\x89PNG", true},
		{"", "bare", true},
		{"application/json", "\xff\xfe", true},
		{"image/png", "", false},
	} {
		t.Run(c.contentType, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/x", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.contentType)
			event, err := gateway.Event(r, gateway.Match{}, "id", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			want := c.body
			if c.encoded {
				want = encode64(c.body)
			}
			if event.Body != want || event.IsBase64Encoded != c.encoded {
				t.Errorf("body %q, base64 %v", event.Body, event.IsBase64Encoded)
			}
		})
	}
}

func TestPathsArriveDecoded(t *testing.T) {
	for target, want := range map[string]string{
		"/v1/organizations/a%20b":      "/v1/organizations/a b",
		"/v1/organizations/a%252Fb":    "/v1/organizations/a%2Fb",
		"/v1/organizations/%C3%A9":     "/v1/organizations/é",
		"/v1/organizations/me%3Fx=1?y": "/v1/organizations/me",
	} {
		s := serve(t, says(`{"statusCode":200}`))
		do(t, request(t, "GET", s.url+target, nil))
		if s.event.RawPath != want || s.event.PathParameters["org"] != strings.TrimPrefix(want, "/v1/organizations/") {
			t.Errorf("%s: path %q, parameters %v", target, s.event.RawPath, s.event.PathParameters)
		}
	}
	s := serve(t, says(`{"statusCode":200}`))
	if resp, body := do(t, request(t, "GET", s.url+"/v1/organizations/%FF", nil)); resp.StatusCode != 400 {
		t.Errorf("a path that is not UTF-8: %d %s", resp.StatusCode, body)
	}
}

func TestAnswersBecomeResponses(t *testing.T) {
	for name, c := range map[string]struct {
		answer, contentType, body string
		status                    int
	}{
		"status, headers, body": {`{"statusCode":201,"headers":{"content-type":"application/json"},"body":"{}"}`, "application/json", "{}", 201},
		"base64":                {`{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVBO","isBase64Encoded":true}`, "image/png", "\x89PN", 200},
		"no content type":       {`{"statusCode":404,"body":"x"}`, "text/plain;charset=UTF-8", "x", 404},
		"no content":            {`{"statusCode":204,"body":""}`, "", "", 204},
		"inferred object":       {`{"message":"hi"}`, "application/json", `{"message":"hi"}`, 200},
		"inferred string":       {`"hi"`, "application/json", "hi", 200},
		"inferred list":         {`[1]`, "application/json", "[1]", 200},
		"no status":             {`{"statusCode":0,"body":"x"}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"another type":          {`{"statusCode":"200 OK"}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"body of another type":  {`{"statusCode":200,"body":{"a":1}}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"false base64":          {`{"statusCode":200,"body":"?","isBase64Encoded":true}`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"no JSON":               {`hello`, "application/json", `{"message":"Internal Server Error"}`, 500},
		"nothing":               {``, "application/json", `{"message":"Internal Server Error"}`, 500},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, says(c.answer))
			resp, body := do(t, request(t, "GET", s.url+"/v1/organizations", nil))
			if resp.StatusCode != c.status || body != c.body || resp.Header.Get("Content-Type") != c.contentType {
				t.Errorf("%d %q %q", resp.StatusCode, resp.Header.Get("Content-Type"), body)
			}
		})
	}
}

func TestCookiesAreSetOneByOne(t *testing.T) {
	s := serve(t, says(`{"statusCode":200,"cookies":["a=1; Path=/","b=2"],"headers":{"date":"never","content-length":"999","ETag":"W/\"1\""},"multiValueHeaders":{"X-No":["1"]}}`))
	resp, _ := do(t, request(t, "GET", s.url+"/v1/organizations", nil))
	if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, resp.Header.Values("Set-Cookie")); diff != "" {
		t.Error(diff)
	}
	if resp.Header.Get("Date") == "never" || resp.Header.Get("X-No") != "" || resp.Header.Get("ETag") != `W/"1"` || resp.ContentLength != 0 {
		t.Errorf("headers: %v", resp.Header)
	}
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

func TestTheStacksHeadersNeverReachAFunction(t *testing.T) {
	s := serve(t, says(`{"statusCode":200}`))
	resp, _ := do(t, request(t, "GET", s.url+"/v1/organizations", nil,
		"X-Local-Fault", "throttle@1,conflict@2x3", "X-Local-Source", "203.0.113.7", "X-Forwarded-For", "192.0.2.1"))
	if bytes.Contains(bytes.ToLower(s.payload), []byte("x-local")) {
		t.Errorf("event: %s", s.payload)
	}
	if s.event.RequestContext.HTTP.SourceIP != "203.0.113.7" || s.event.Headers["x-forwarded-for"] != "192.0.2.1, 203.0.113.7" {
		t.Errorf("source %s, forwarded for %s", s.event.RequestContext.HTTP.SourceIP, s.event.Headers["x-forwarded-for"])
	}
	want := []trace.Fault{{Kind: trace.Throttle, At: 1, Times: 1}, {Kind: trace.Conflict, At: 2, Times: 3}}
	if diff := cmp.Diff(want, s.book.faults); diff != "" {
		t.Error(diff)
	}
	id := resp.Header.Get("X-Local-Request")
	if id == "" || id != s.options.RequestID || resp.Header.Get("X-Local-Calls") != "2" {
		t.Errorf("answer's headers: %v", resp.Header)
	}
	if diff := cmp.Diff([]string{id + " Organization"}, s.book.opened); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{id}, s.book.closed); diff != "" {
		t.Error(diff)
	}
}

func TestAHookThatCannotBeReadIsRefused(t *testing.T) {
	s := serve(t, says(`{"statusCode":200}`))
	for _, header := range [][]string{
		{"X-Local-Fault", "explode@1"}, {"X-Local-Fault", "kill"}, {"X-Local-Fault", "kill@0"}, {"X-Local-Fault", "kill@1x0"},
		{"X-Local-Fault", "kill@1,"}, {"X-Local-Source", "localhost"},
	} {
		resp, body := do(t, request(t, "GET", s.url+"/v1/organizations", nil, header...))
		if resp.StatusCode != 400 || !strings.Contains(body, header[0]) {
			t.Errorf("%v: %d %s", header, resp.StatusCode, body)
		}
	}
}
