package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Operation is what the API says of one route. The organization that it is about is the path's {org}.
type Operation struct {
	ID, Method, Path     string
	Summary, Description string
	Status               int          // of success; 0 means 200
	Needs                access.Right // what the caller must have the right to
	Delicate             bool         // takes a sign-in within the last 10 minutes (PER-6)
	PersonOnly           bool         // is about the signed-in person: a key is refused
}

// reruns is how often a change is made anew because what it had read was changed by someone else in between.
const reruns = 5

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

// Change adds an operation that changes things: do puts what changes into tx and returns what is answered; the change is
// then made, whole or not at all. do runs again where what it read has changed in between, so it does nothing but
// reading and writing into tx. With an Idempotency-Key the answer is kept in the same transaction and given again for the
// same request (API-5).
func Change[I, O any](s *Server, o Operation, do func(ctx context.Context, c *access.Caller, in *I, tx *table.Tx) (*O, error)) {
	huma.Register(s.api, s.describe(o), func(ctx context.Context, in *I) (*O, error) {
		out, err := changeOnce(ctx, s, do, in)
		if err != nil {
			return nil, describe(ctx, err)
		}
		return out, nil
	})
}

func changeOnce[I, O any](ctx context.Context, s *Server, do func(context.Context, *access.Caller, *I, *table.Tx) (*O, error), in *I) (*O, error) {
	repeat, err := s.repeatOf(ctx)
	if err != nil {
		return nil, err
	}
	for range reruns {
		if out, err := replay[O](ctx, s, repeat); out != nil || err != nil {
			return out, err
		}
		out, err := attempt(ctx, s, do, in, repeat)
		if err == nil {
			return out, nil
		}
		if !errors.Is(err, table.ErrChanged) && !errors.Is(err, errRepeated) {
			return afterAll[O](ctx, s, repeat, err)
		}
	}
	busy := problem.New(problem.Unavailable, "busy", "Others are changing the same thing all the time. Repeat the request.")
	busy.RetryAfter = time.Second
	return nil, busy
}

// afterAll is the answer to a request that failed: where the same request was made meanwhile, what it failed on may be its own
// doing, and the answer of that one is the answer.
func afterAll[O any](ctx context.Context, s *Server, repeat *repeat, failed error) (*O, error) {
	if out, err := replay[O](ctx, s, repeat); out != nil && err == nil {
		return out, nil
	}
	return nil, failed
}

func attempt[I, O any](ctx context.Context, s *Server, do func(context.Context, *access.Caller, *I, *table.Tx) (*O, error), in *I, repeat *repeat) (*O, error) {
	tx := table.NewTx()
	out, err := do(ctx, CallOf(ctx).Caller, in, tx)
	if err != nil {
		return nil, err
	}
	if repeat != nil {
		if err := repeat.remember(tx, out); err != nil {
			return nil, err
		}
	}
	return out, s.config.Table.Commit(ctx, tx)
}

// describe is the operation as Huma takes it.
func (s *Server) describe(o Operation) huma.Operation {
	if o.Needs == "" {
		panic(o.ID + " names no right: say access.Public where nobody needs one")
	}
	described := huma.Operation{OperationID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Description: o.Description,
		DefaultStatus: o.Status, Tags: []string{tag(o.Path)}, MaxBodyBytes: maxBody + 2, Middlewares: huma.Middlewares{s.admit(o)}}
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
	schema := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, typeOf[Details]())
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
			s.fail(w, r, err)
			return
		}
		next(hc)
	}
}

func (s *Server) check(ctx context.Context, call *Call, o Operation, org string) error {
	if o.Needs == access.Public {
		return s.config.Rates.Public(ctx, call.Address)
	}
	caller, err := s.config.Gate.Identify(ctx, access.Request{Token: s.token(call), Organization: org, Address: call.Address, ID: call.ID})
	if err != nil {
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
	if err := caller.May(o.Needs); err != nil {
		return err
	}
	if o.Delicate {
		return caller.Fresh()
	}
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
