package scim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tenantry/tenantry/shared/problem"
)

// Kind is the scimType of an error (RFC 7644 section 3.12, RFC 9865 section 2.1): what a client can test for.
type Kind string

// The kinds.
const (
	InvalidFilter Kind = "invalidFilter"
	TooMany       Kind = "tooMany"
	Uniqueness    Kind = "uniqueness"
	Mutability    Kind = "mutability"
	InvalidSyntax Kind = "invalidSyntax"
	InvalidPath   Kind = "invalidPath"
	NoTarget      Kind = "noTarget"
	InvalidValue  Kind = "invalidValue"
	InvalidVers   Kind = "invalidVers"
	Sensitive     Kind = "sensitive"
	InvalidCursor Kind = "invalidCursor"
	ExpiredCursor Kind = "expiredCursor"
	InvalidCount  Kind = "invalidCount"
)

const errorURN = "urn:ietf:params:scim:api:messages:2.0:Error"

// Error is a refusal in SCIM's form. Detail is for the administrator of the IdP, who sees it in its log and has nothing else: it says
// what was wrong with what, and what to do.
type Error struct {
	Status     int
	Kind       Kind // empty where no scimType fits
	Detail     string
	RetryAfter time.Duration // with 429 and 503, for the header
}

// Bad is a refusal of what was sent: 409 for uniqueness, else 400.
func Bad(kind Kind, format string, args ...any) *Error {
	status := http.StatusBadRequest
	if kind == Uniqueness {
		status = http.StatusConflict
	}
	return &Error{Status: status, Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// Refused is a refusal without a scimType.
func Refused(status int, format string, args ...any) *Error {
	return &Error{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// Error gives the sentence, for logs.
func (e *Error) Error() string {
	if e.Kind == "" {
		return fmt.Sprintf("%d: %s", e.Status, e.Detail)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Kind, e.Detail)
}

// MarshalJSON writes the body of the answer, whose status is a string.
func (e *Error) MarshalJSON() ([]byte, error) {
	body := Object{"schemas": []any{errorURN}, "status": strconv.Itoa(e.Status), "detail": e.Detail}
	if e.Kind != "" {
		body["scimType"] = string(e.Kind)
	}
	return json.Marshal(body)
}

// statuses are what the product's own errors are in SCIM.
var statuses = map[problem.Code]int{
	problem.InvalidInput:    http.StatusBadRequest,
	problem.Unauthenticated: http.StatusUnauthorized,
	problem.Forbidden:       http.StatusForbidden,
	problem.NotFound:        http.StatusNotFound,
	problem.Conflict:        http.StatusConflict,
	problem.Precondition:    http.StatusPreconditionFailed,
	problem.TooLarge:        http.StatusRequestEntityTooLarge,
	problem.Limited:         http.StatusTooManyRequests,
	problem.Unavailable:     http.StatusServiceUnavailable,
}

// From gives the answer to an error: its own where it is one of SCIM, the like of it where it is a problem of the product, and for all
// others a 500 that tells nothing: those are for the log.
func From(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	p := problem.As(err)
	if p == nil || statuses[p.Code] == 0 {
		return Refused(http.StatusInternalServerError, "Something went wrong on our side. The request can be repeated.")
	}
	answer := &Error{Status: statuses[p.Code], Detail: p.Detail, RetryAfter: p.RetryAfter}
	if p.Code == problem.InvalidInput {
		answer.Kind = InvalidValue
	}
	for _, field := range p.Fields {
		answer.Detail += " " + field.Location + " " + field.Message + "."
	}
	return answer
}

// quoted shows a piece of what was sent, shortened and without anything that could break a line of a log.
func quoted(text string) string {
	const most = 80
	if len(text) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "..."
	}
	return strconv.Quote(strings.ToValidUTF8(text, "?"))
}
