package gateway_test

import (
	"encoding/base64"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/gateway"
)

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
				want = base64.StdEncoding.EncodeToString([]byte(c.body))
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
