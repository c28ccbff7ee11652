// Package httpapi is the one adapter between a Lambda event and an operation: identity, rights, decoding, ETags,
// idempotency, problem documents, request ids and logs stand here once, so that an operation reads: what is asked, what
// changes, what is answered.
//
//	server := httpapi.New(config)
//	httpapi.Read(server, httpapi.Operation{ID: "get-organization", Method: "GET", Path: "/v1/organizations/{org}",
//		Needs: access.ReadGeneral, Summary: "Read an organization"}, get)
//	server.Start()
//
// The package refuses to run an operation that names no right, unless it says access.Public, and to show an error that is
// not a problem.Error.
package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// maxBody is the largest body that an operation takes, in bytes.
const maxBody = 1 << 20

// Config is what a function's server needs. All of it must be there but the CDN's secrets and Ready.
type Config struct {
	PublicURL string // where the product lives (INS-2), without a slash at the end
	CDNSecret string // what the CDN sends to be believed about the viewer's address; empty: there is none
	// OtherCDNSecret is believed as well, while CDNSecret is being changed.
	OtherCDNSecret string
	Table          *table.Table
	Gate           *access.Gate
	Rates          *access.Rates
	Trail          audit.Trail // where refused changes are written down
	Clock          clock.Clock
	// Ready does what the first request waits for, once; nil: nothing. While it errs, requests fail with its error.
	Ready func(context.Context) error
}

// Server is the HTTP side of one function.
type Server struct {
	config  Config
	api     huma.API
	mux     *http.ServeMux
	origins *http.CrossOriginProtection
	handler http.Handler
	largest int // body of plain handlers, where it is more than an operation's
	merges  bool
}

// New makes a server without operations.
func New(config Config) *Server {
	mux := http.NewServeMux()
	described := huma.DefaultConfig("Tenantry", "1")
	described.OpenAPIPath, described.DocsPath, described.SchemasPath = "", "", ""
	described.RejectUnknownQueryParameters = true // a misspelt filter would silently be none
	described.CreateHooks = nil                   // no $schema links: they would carry the request's Host
	described.Transformers = []huma.Transformer{ownProblems}
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	described.Formats = map[string]huma.Format{"application/json": strict, "json": strict} // the second is for what ends in +json
	described.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie(config.PublicURL)},
		"key":     {Type: "http", Scheme: "bearer"},
	}
	s := &Server{config: config, mux: mux, api: humago.New(mux, described)}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, problem.Missing()) })
	s.handler = s.prepare(s.sameOrigin(mux))
	return s
}

// Handle mounts a plain handler, for what is no operation of the API, such as a page for a browser.
func (s *Server) Handle(pattern string, handler http.Handler) { s.mux.Handle(pattern, handler) }

// HandleFromOtherSites mounts a plain handler for what another site's page sends through a browser on purpose, such as SAML's
// ACS. The handler trusts nothing because a browser sent it: no session comes with such a request, and none must count.
func (s *Server) HandleFromOtherSites(pattern string, handler http.Handler) {
	s.origins.AddInsecureBypassPattern(pattern)
	s.mux.Handle(pattern, handler)
}

// TakeUpTo has plain handlers get bodies of up to so many bytes, more than operations do. They bound them further themselves.
func (s *Server) TakeUpTo(bytes int) { s.largest = bytes }

// MergeSlashes has paths with doubled slashes be found, which otherwise are redirected: so calls a client that was given a base URL with a
// slash at its end.
func (s *Server) MergeSlashes() { s.merges = true }

// Fail answers a plain handler's request with the problem that err is.
func (s *Server) Fail(w http.ResponseWriter, r *http.Request, err error) { s.fail(w, r, err) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.merges && strings.Contains(r.URL.Path, "//") {
		merged, at := *r, *r.URL
		at.Path, at.RawPath = doubled.ReplaceAllString(at.Path, "/"), doubled.ReplaceAllString(at.RawPath, "/")
		merged.URL = &at
		r = &merged
	}
	s.handler.ServeHTTP(w, r)
}

var doubled = regexp.MustCompile("/{2,}")

// sameOrigin refuses changes that another site's page sends through a browser: the session's cookie would come with some of
// them (https://pkg.go.dev/net/http#CrossOriginProtection).
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	s.origins = http.NewCrossOriginProtection()
	if err := s.origins.AddTrustedOrigin(s.config.PublicURL); err != nil {
		panic(fmt.Sprintf("PublicURL %q is no origin: %v", s.config.PublicURL, err))
	}
	s.origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, problem.New(problem.Forbidden, "cross-origin", "This change was sent by a page of another site."))
	}))
	return s.origins.Handler(next)
}

// prepare makes the Call of a request, bounds its body before anything parses it, and writes the one line that the log has
// of every request.
func (s *Server) prepare(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.config.Clock()
		call := &Call{ID: requestID(r), Address: callerAddress(r, s.config.CDNSecret, s.config.OtherCDNSecret), Agent: cut(r.UserAgent(), 200)}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, call))
		call.request = r
		recorder := &statusRecorder{ResponseWriter: w}
		ownHeaders(recorder.Header(), call.ID)
		defer s.log(r, call, recorder, began)
		defer s.survive(recorder, r)
		largest := max(maxBody, s.largest)
		body, err := io.ReadAll(io.LimitReader(r.Body, int64(largest)+1))
		if err != nil || len(body) > largest {
			s.fail(recorder, r, tooLarge())
			return
		}
		call.body = body
		r.Body = io.NopCloser(bytes.NewReader(body))
		if s.config.Ready != nil {
			if err := s.config.Ready(r.Context()); err != nil {
				s.fail(recorder, r, err)
				return
			}
		}
		next.ServeHTTP(recorder, r)
	})
}

// ownHeaders sets what every answer carries.
func ownHeaders(h http.Header, request string) {
	h.Set("X-Request-Id", request)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// survive turns a panic, which is a programmer's mistake, into an internal error of this one request.
func (s *Server) survive(w *statusRecorder, r *http.Request) {
	if cause := recover(); cause != nil {
		slog.ErrorContext(r.Context(), "panic", "request", CallOf(r.Context()).ID, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		if w.status == 0 {
			s.fail(w, r, fmt.Errorf("panic: %v", cause))
		}
	}
}

func (s *Server) log(r *http.Request, call *Call, w *statusRecorder, began time.Time) {
	caller := ""
	if call.Caller != nil {
		caller = call.Caller.ID()
	}
	line := append([]any{"event", "request", "request", call.ID, "method", r.Method, "route", cmp.Or(call.route, r.Pattern), "status", w.status,
		"caller", caller, "milliseconds", s.config.Clock().Sub(began).Milliseconds()}, call.notes...)
	slog.InfoContext(r.Context(), "request", line...)
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (w *statusRecorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *statusRecorder) Write(body []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(body)
}

func cut(value string, length int) string {
	if len(value) <= length {
		return value
	}
	return strings.ToValidUTF8(value[:length], "")
}
