// Package problem is the product's one error type: a code, a sentence for people and the faulty fields. Whatever is not a
// *Error is internal: it is logged with the request id and shown as "internal error", never as itself.
//
//	return problem.Invalid("body.country", "is not an ISO 3166-1 alpha-2 code, such as ES", in.Country)
//
// The package refuses to know HTTP or SCIM: one table in shared/httpapi maps codes to statuses, another in shared/scim.
package problem

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure it is; every surface maps it to its own status.
type Code string

// The codes. Each but Internal is somebody's to act on.
const (
	InvalidInput    Code = "invalid"         // a field is wrong: correct it and repeat
	Unauthenticated Code = "unauthenticated" // nobody, or nobody any more, is signed in
	Forbidden       Code = "forbidden"       // known, but without the right
	NotFound        Code = "not-found"       // not there, or nothing that the caller may know of (PER-4)
	Conflict        Code = "conflict"        // the state of things refuses it
	Precondition    Code = "precondition"    // somebody else changed it in between (API-3)
	TooLarge        Code = "too-large"       // the body is over the operation's limit
	Limited         Code = "limited"         // too many requests: wait RetryAfter
	Unavailable     Code = "unavailable"     // a service behind us does not answer: repeat later
	Internal        Code = "internal"        // our fault
)

// Field is one faulty part of a request.
type Field struct {
	Location string `json:"location" doc:"Where, such as body.palette.primary or query.limit"`
	Message  string `json:"message" doc:"What is wrong and what would be right"`
	Value    any    `json:"value,omitempty" doc:"What was sent; never for secrets"`
}

// Error is a failure told to the caller. Slug is the stable name that clients test for: it becomes the problem's type
// (urn:tenantry:problem:<slug>) and never changes its meaning.
type Error struct {
	Code         Code
	Slug         string
	Detail       string
	Fields       []Field
	RetryAfter   time.Duration // with Limited and Unavailable
	Affected     *int          // with confirmation-required: how many it concerns, 0 too
	Consequences []string      // with confirmation-required: what will happen, a sentence each
	Ways         []string      // with reauthentication-required: how the caller can sign in again
	Existing     string        // with conflicts: the id of what is there already, where the caller may know it
}

// Error gives the sentence, with the fields, for logs.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Slug + ": " + e.Detail
	}
	return fmt.Sprintf("%s: %s (%s %s)", e.Slug, e.Detail, e.Fields[0].Location, e.Fields[0].Message)
}

// Is makes errors.Is compare by slug, so that a test can ask for the kind of problem.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Slug == e.Slug
}

// New makes an error of a code with its slug and a sentence.
func New(code Code, slug, format string, args ...any) *Error {
	return &Error{Code: code, Slug: slug, Detail: fmt.Sprintf(format, args...)}
}

// Invalid makes the error of one faulty field; message continues "<field> ...". value may be nil, and is for secrets.
func Invalid(location, message string, value any) *Error {
	return &Error{Code: InvalidInput, Slug: "invalid", Detail: "The request has a field that cannot be accepted.",
		Fields: []Field{{Location: location, Message: message, Value: value}}}
}

// Missing is the answer for what does not exist and for what the caller may not know of: always the same words, so that
// the two cannot be told apart (PER-4).
func Missing() *Error {
	return New(NotFound, "not-found", "There is nothing here that you have access to.")
}

// Refused is the answer for what the caller may see but not do.
func Refused(format string, args ...any) *Error {
	return New(Forbidden, "forbidden", format, args...)
}

// Stale is the answer where the caller's If-Match is no longer the resource's version (API-3).
func Stale() *Error {
	return New(Precondition, "stale", "Somebody changed this in between. Read it again and repeat your change on what is there now.")
}

// Confirm asks for the confirmation of an act that concerns affected others; it goes on when repeated with
// ?confirm=<affected>.
func Confirm(affected int, consequences ...string) *Error {
	e := New(Conflict, "confirmation-required", "This has consequences. Repeat the request with ?confirm=%d to go ahead.", affected)
	e.Affected, e.Consequences = &affected, consequences
	return e
}

// TooMany asks the caller to wait.
func TooMany(wait time.Duration, format string, args ...any) *Error {
	e := New(Limited, "too-many-requests", format, args...)
	e.RetryAfter = max(wait, time.Second)
	return e
}

// Gone tells whether the error says that something is not there. Nothing else that goes wrong, such as a table that does not answer in
// time, is a reason to take it for gone.
func Gone(err error) bool {
	e := As(err)
	return e != nil && e.Code == NotFound
}

// As finds the *Error in err's chain, nil where there is none.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
