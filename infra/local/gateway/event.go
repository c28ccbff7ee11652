package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/tenantry/tenantry/infra/local/template"
)

const (
	apiID       = "local"
	stage       = "$default"
	traceHeader = "x-amzn-trace-id"
)

// Path is the path that routes and functions see: percent-decoded, with %2F as a slash like any other, and cut at a decoded
// question mark. An HTTP API does so, unlike a REST API or a function URL (captures of live APIs:
// https://github.com/middleapi/standard-server/pull/93); so ids must never need an escaped slash.
func Path(r *http.Request) string {
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path
}

// Event makes the event of payload format 2.0 that an HTTP API sends for the request. It reads the body; what that fails
// with is its error, as is a path that is not UTF-8. The peer's address is the source address: X-Forwarded-For begins with
// whatever the client claimed.
func Event(r *http.Request, match Match, requestID string, now time.Time) (events.APIGatewayV2HTTPRequest, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return events.APIGatewayV2HTTPRequest{}, fmt.Errorf("read the body: %w", err)
	}
	path := Path(r)
	if !utf8.ValidString(path) {
		return events.APIGatewayV2HTTPRequest{}, errors.New("the path is not UTF-8")
	}
	text, encoded := bodyText(body, r.Header.Get("Content-Type"))
	return events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              match.RouteKey,
		RawPath:               path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r.Header),
		Headers:               headers(r, len(body), now),
		QueryStringParameters: query(r.URL.RawQuery),
		PathParameters:        match.Parameters,
		RequestContext:        requestContext(r, match, requestID, now),
		Body:                  text,
		IsBase64Encoded:       encoded,
	}, nil
}

func requestContext(r *http.Request, match Match, requestID string, now time.Time) events.APIGatewayV2HTTPRequestContext {
	domain := (&url.URL{Host: r.Host}).Hostname()
	prefix, _, _ := strings.Cut(domain, ".")
	return events.APIGatewayV2HTTPRequestContext{
		RouteKey:     match.RouteKey,
		AccountID:    template.Account,
		Stage:        stage,
		RequestID:    requestID,
		APIID:        apiID,
		DomainName:   domain,
		DomainPrefix: prefix,
		Time:         now.UTC().Format("02/Jan/2006:15:04:05 -0700"),
		TimeEpoch:    now.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method:    r.Method,
			Path:      Path(r),
			Protocol:  r.Proto,
			SourceIP:  peer(r),
			UserAgent: r.UserAgent(),
		},
	}
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// textual are the media types besides text/* whose bodies arrive as text. All others are base64, forms, vendors' +json such
// as application/scim+json and a missing type included (observed at AWS: https://github.com/ministackorg/ministack/pull/766).
var textual = []string{"application/json", "application/xml", "application/javascript"}

// bodyText is the body as the event has it. What is not UTF-8 cannot be text in JSON, whatever its type says.
func bodyText(body []byte, contentType string) (text string, encoded bool) {
	if len(body) == 0 {
		return "", false
	}
	media, _, _ := mime.ParseMediaType(contentType) // its media type is kept when only a parameter is wrong
	if utf8.Valid(body) && (strings.HasPrefix(media, "text/") || slices.Contains(textual, media)) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

// cookies are those of all Cookie headers, one by one; they stand in no other place of the event.
func cookies(h http.Header) []string {
	var list []string
	for _, line := range h.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				list = append(list, cookie)
			}
		}
	}
	return list
}

// hopByHop are headers between a client and the gateway only (RFC 9110 section 7.6.1), with Cookie, which has a place of
// its own, and what the gateway sets itself.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Expect", "Cookie", "Content-Length"}

// headers are the request's, names in lower case, repeated ones joined by commas, with those that the gateway adds.
func headers(r *http.Request, bodySize int, now time.Time) map[string]string {
	h := map[string]string{}
	for name, values := range r.Header {
		if !slices.Contains(hopByHop, name) {
			h[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	h["host"] = r.Host
	if bodySize > 0 || r.ContentLength == 0 && r.Header.Get("Content-Length") != "" {
		h["content-length"] = strconv.Itoa(bodySize)
	}
	if h[traceHeader] == "" {
		h[traceHeader] = traceID(now)
	}
	h["x-forwarded-for"] = strings.Join(append(r.Header.Values("X-Forwarded-For"), peer(r)), ", ")
	h["x-forwarded-proto"] = "http"
	if r.TLS != nil {
		h["x-forwarded-proto"] = "https"
	}
	h["x-forwarded-port"] = port(r)
	return h
}

// port is the one that the request came in by, the server's own.
func port(r *http.Request) string {
	if address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, port, err := net.SplitHostPort(address.String()); err == nil {
			return port
		}
	}
	return "80"
}

// traceID is an X-Ray trace's root (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids).
func traceID(now time.Time) string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return fmt.Sprintf("Root=1-%08x-%x", now.Unix(), b)
}

// query holds each decoded key once, repeated ones joined by commas in their order; parts that cannot be decoded stand in
// rawQueryString alone.
func query(raw string) map[string]string {
	if raw == "" {
		return nil
	}
	values, _ := url.ParseQuery(raw) // has what could be decoded
	joined := make(map[string]string, len(values))
	for key, list := range values {
		joined[key] = strings.Join(list, ",")
	}
	return joined
}
