package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/problem"
)

// Operation is what the API says of one route. The organization that it is about is the path's {org}.
type Operation struct {
	ID, Method, Path     string
	Summary, Description string
	Status               int          // of success; 0 means 200
	Needs                access.Right // what the caller must have the right to
	Delicate             bool         // takes a sign-in within the last 10 minutes (PER-6)
	PersonOnly           bool         // is about the signed-in person: a key is refused
	AnyQuery             bool         // takes parameters in the query that it does not name, which somebody else adds; see Call.Query
	WhileClosed          bool         // changes something of a tree that is closed too (GEN-6)
}

// Read adds an operation that changes nothing.
func Read[I, O any](s *Server, o Operation, do func(ctx context.Context, c *access.Caller, in *I) (*O, error)) {
	huma.Register(s.api, s.describe(o), func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, CallOf(ctx).Caller, in)
		if err != nil {
			return nil, describe(ctx, err)
		}
		return out, nil
	})
}

// describe is the operation as Huma takes it.
func (s *Server) describe(o Operation) huma.Operation {
	if o.Needs == "" {
		panic(o.ID + " names no right: say access.Public where nobody needs one")
	}
	described := huma.Operation{OperationID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Description: o.Description,
		DefaultStatus: o.Status, Tags: []string{tag(o.Path)}, MaxBodyBytes: maxBody + 2, SkipValidateParams: o.AnyQuery, Middlewares: huma.Middlewares{s.admit(o)}}
	if described.DefaultStatus == 0 {
		described.DefaultStatus = http.StatusOK
	}
	if o.Needs != access.Public {
		described.Security = []map[string][]string{{"session": {}}, {"key": {}}}
		if o.Method != http.MethodGet {
			described.Parameters = append(described.Parameters, idempotencyParameter())
		}
	}
	described.Extensions = map[string]any{"x-tenantry-right": string(o.Needs), "x-tenantry-delicate": o.Delicate}
	described.Responses = map[string]*huma.Response{"default": s.problemResponse()}
	return described
}

func (s *Server) problemResponse() *huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Details](), true, "")
	return &huma.Response{Description: "A problem (RFC 9457)", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

// tag groups operations by the noun of their path.
func tag(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if i <= 3 && parts[i] != "" && !strings.HasPrefix(parts[i], "{") {
			return parts[i]
		}
	}
	return "portal"
}

// admit lets an operation be reached only by who may: identity, rights, rates and freshness, before the input is parsed.
func (s *Server) admit(o Operation) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		call := CallOf(hc.Context())
		call.route = o.Method + " " + o.Path
		r, w := humago.Unwrap(hc)
		r.Header.Del("Accept") // all answers are JSON; Huma would take "json" from here as the name of the type
		if err := s.check(hc.Context(), call, o, hc.Param("org")); err != nil {
			s.fail(w, r, s.recorded(hc.Context(), o, err))
			return
		}
		next(hc)
	}
}

func (s *Server) check(ctx context.Context, call *Call, o Operation, org string) error {
	if o.Needs == access.Public {
		return s.config.Rates.Public(ctx, call.Address)
	}
	caller, err := s.config.Gate.Identify(ctx, access.Request{Token: s.token(call), Organization: org, Operation: o.Method + " " + o.Path, Address: call.Address, ID: call.ID})
	if err != nil {
		if caller != nil && caller.Recovering() {
			call.Caller = caller // who is known, and refused
		}
		return s.slowDown(ctx, call, err)
	}
	call.Caller = caller
	if strings.Contains(o.Path, "{org}") && caller.Organization == nil {
		return problem.Missing()
	}
	if o.PersonOnly && caller.User == nil {
		return problem.Refused("This is about a person: sign in instead of using a key.")
	}
	if err := s.config.Rates.Caller(ctx, caller); err != nil {
		return err
	}
	if o.Method != http.MethodGet {
		if err := s.config.Gate.Writable(ctx, caller, o.WhileClosed); err != nil {
			return err
		}
	}
	if err := caller.May(o.Needs); err != nil {
		return s.unlessDone(ctx, call, err)
	}
	if o.Delicate {
		return caller.Fresh()
	}
	return nil
}

// unlessDone lets a request through whose organization is gone because the same request deleted it: it is answered again, and
// nothing else is done for it. Everybody else is answered with refused.
func (s *Server) unlessDone(ctx context.Context, call *Call, refused error) error {
	repeat, err := s.repeatOf(ctx)
	if err != nil || repeat == nil || call.Caller.Organization == nil || call.Caller.Organization.ID != "" {
		return refused
	}
	if kept, err := s.kept(ctx, repeat); kept == nil || err != nil {
		return refused
	}
	call.done = refused
	return nil
}

// slowDown counts a request that nobody sent, so that an address cannot try tokens without end.
func (s *Server) slowDown(ctx context.Context, call *Call, refused error) error {
	if e := problem.As(refused); e == nil || e.Code != problem.Unauthenticated {
		return refused
	}
	if err := s.config.Rates.Public(ctx, call.Address); err != nil {
		return err
	}
	return refused
}

// fail answers with a problem where there is no operation to return it.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	write(w, describe(r.Context(), err))
}

func write(w http.ResponseWriter, d *Details) {
	for name, values := range d.GetHeaders() {
		w.Header().Set(name, values[0])
	}
	w.Header().Set("Content-Type", d.ContentType(""))
	w.WriteHeader(d.Status)
	json.NewEncoder(w).Encode(d)
}
