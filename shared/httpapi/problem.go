package httpapi

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantry/tenantry/shared/problem"
)

// Details is an error as the API answers it: an RFC 9457 problem with the product's extensions (API-2).
type Details struct {
	Type         string          `json:"type" doc:"urn:tenantry:problem:<slug>: stable, the one to test for" example:"urn:tenantry:problem:not-found"`
	Title        string          `json:"title" doc:"What kind of problem it is"`
	Status       int             `json:"status" doc:"The HTTP status"`
	Detail       string          `json:"detail" doc:"What happened, and what to do"`
	RequestID    string          `json:"requestId" doc:"The id to name to support; the logs carry it too"`
	Errors       []problem.Field `json:"errors,omitempty" doc:"The faulty fields"`
	Affected     *int            `json:"affected,omitempty" doc:"With confirmation-required: how many it concerns"`
	Consequences []string        `json:"consequences,omitempty" doc:"With confirmation-required: what will happen"`
	Ways         []string        `json:"ways,omitempty" doc:"With reauthentication-required: how to sign in again"`
	Existing     string          `json:"existing,omitempty" doc:"With conflicts: the id of what is there already"`
	retryAfter   int
}

// statuses is the one table from codes to HTTP.
var statuses = map[problem.Code]int{
	problem.InvalidInput:    http.StatusUnprocessableEntity,
	problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden:       http.StatusForbidden,
	problem.NotFound:        http.StatusNotFound,
	problem.Conflict:        http.StatusConflict,
	problem.Precondition:    http.StatusPreconditionFailed,
	problem.TooLarge:        http.StatusRequestEntityTooLarge,
	problem.Limited:         http.StatusTooManyRequests,
	problem.Unavailable:     http.StatusServiceUnavailable,
	problem.Internal:        http.StatusInternalServerError,
}

// Error gives the detail.
func (d *Details) Error() string { return d.Detail }

// GetStatus gives the status to Huma.
func (d *Details) GetStatus() int { return d.Status }

// ContentType is that of problem documents (RFC 9457, section 3).
func (d *Details) ContentType(string) string { return "application/problem+json" }

// GetHeaders gives the headers that go with the problem.
func (d *Details) GetHeaders() http.Header {
	headers := http.Header{}
	if d.retryAfter > 0 {
		headers.Set("Retry-After", strconv.Itoa(d.retryAfter))
	}
	if d.Status == http.StatusUnauthorized {
		headers.Set("WWW-Authenticate", "Bearer")
	}
	return headers
}

// Problem is what an error is for whoever sent the request of ctx, for plain handlers that answer with pages.
func Problem(ctx context.Context, err error) *Details { return describe(ctx, err) }

// describe makes the answer of an error. What is not a problem of the caller's is logged and shown as internal only.
func describe(ctx context.Context, err error) *Details {
	call := CallOf(ctx)
	e := problem.As(err)
	if e == nil {
		e = problem.New(problem.Internal, "internal", "Something went wrong on our side. Name the request id when you report it.")
	}
	if e.Code == problem.Internal || e.Code == problem.Unavailable {
		slog.ErrorContext(ctx, "request failed", "request", call.ID, "route", call.route, "error", err)
	}
	status := statuses[e.Code]
	return &Details{Type: "urn:tenantry:problem:" + e.Slug, Title: http.StatusText(status), Status: status, Detail: e.Detail,
		RequestID: call.ID, Errors: e.Fields, Affected: e.Affected, Consequences: e.Consequences, Ways: e.Ways, Existing: e.Existing,
		retryAfter: int(math.Ceil(e.RetryAfter.Seconds()))}
}

// ownProblems turns the errors that Huma makes itself (parsing and validation) into the product's.
func ownProblems(hc huma.Context, _ string, value any) (any, error) {
	made, ok := value.(*huma.ErrorModel)
	if !ok {
		return value, nil
	}
	d := describe(hc.Context(), translate(made))
	d.Status, d.Title = made.Status, http.StatusText(made.Status)
	return d, nil
}

func translate(made *huma.ErrorModel) *problem.Error {
	switch made.Status {
	case http.StatusBadRequest:
		return problem.New(problem.InvalidInput, "malformed-json", "The body is not the JSON document that this operation takes: %s.", reason(made))
	case http.StatusRequestEntityTooLarge:
		return tooLarge()
	case http.StatusUnsupportedMediaType:
		return problem.New(problem.InvalidInput, "unsupported-media-type", "The body must be application/json.")
	case http.StatusUnprocessableEntity:
		return invalid(made)
	}
	return problem.New(problem.Internal, "internal", "Something went wrong on our side. Name the request id when you report it.")
}

func reason(made *huma.ErrorModel) string {
	if len(made.Errors) > 0 {
		return made.Errors[0].Message
	}
	return made.Detail
}

func invalid(made *huma.ErrorModel) *problem.Error {
	e := problem.New(problem.InvalidInput, "invalid", "The request has fields that cannot be accepted.")
	for _, one := range made.Errors {
		if one.Message == "unexpected property" || one.Message == "unknown query parameter" {
			e = problem.New(problem.InvalidInput, "unknown-field", "The request has a field that this operation does not know.")
		}
	}
	for _, one := range made.Errors {
		e.Fields = append(e.Fields, problem.Field{Location: one.Location, Message: one.Message, Value: shown(one)})
	}
	return e
}

// shown is the part of a faulty value that may be repeated to the sender: a short scalar that is no secret.
func shown(one *huma.ErrorDetail) any {
	location := strings.ToLower(one.Location)
	if location == "body" {
		return nil
	}
	for _, word := range []string{"password", "code", "token", "secret", "challenge", "key"} {
		if strings.Contains(location, word) {
			return nil
		}
	}
	switch value := one.Value.(type) {
	case string:
		if len(value) <= 100 {
			return value
		}
	case float64, bool, int:
		return value
	}
	return nil
}

func tooLarge() *problem.Error {
	return problem.New(problem.TooLarge, "too-large", "The body is over this operation's limit of %d bytes.", maxBody)
}
