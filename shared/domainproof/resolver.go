package domainproof

import (
	"context"
	"errors"
	"fmt"
)

// Resolver asks DNS for the TXT records of a name. Its answer is what DNS holds; whatever keeps it from saying so is a Failure.
type Resolver interface {
	TXT(ctx context.Context, host string) (Answer, error)
}

// Answer is what DNS holds at a name.
type Answer struct {
	Exists bool     // there is such a name, with records of some type or with names below it; otherwise it is an NXDOMAIN
	Values []string // of the TXT records, the strings of each joined (RFC 7208, section 3.3)
	Alias  string   // where the CNAME of the name leads in the end; empty where it has none
}

// FailureKind is how a look-up failed.
type FailureKind string

// The failures.
const (
	TimedOut      FailureKind = "timeout"    // no server answered in time
	ServerFailed  FailureKind = "servfail"   // the server could not or would not say: SERVFAIL, REFUSED and the like
	AliasLoops    FailureKind = "alias-loop" // the CNAMEs lead in a circle or too far
	AnswerUnclear FailureKind = "unclear"    // what came back is no answer to the question
)

// Failure is a look-up that says nothing about what DNS holds.
type Failure struct {
	Kind FailureKind
	Host string
	Err  error
}

// Error tells it to logs.
func (f *Failure) Error() string {
	return fmt.Sprintf("look up TXT of %s: %s: %v", f.Host, f.Kind, f.Err)
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// failureOf is err as a Failure; a resolver that breaks its promise and errs otherwise has failed all the same.
func failureOf(err error, host string) *Failure {
	var failure *Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure):
		return failure
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &Failure{Kind: TimedOut, Host: host, Err: err}
	}
	return &Failure{Kind: ServerFailed, Host: host, Err: err}
}
