package oidc

import (
	"errors"
	"fmt"

	"golang.org/x/oauth2"
)

// Code says why nobody was signed in. Codes never change their meaning.
type Code string

// The codes.
const (
	NotBegunHere  Code = "not-begun-here" // this browser began no such sign-in: state
	TookTooLong   Code = "took-too-long"  // the attempt is older than ten minutes
	Cancelled     Code = "cancelled"      // the person went no further at the provider
	Declined      Code = "declined"       // the provider would not sign in
	Unreachable   Code = "unreachable"    // the provider does not answer
	Misconfigured Code = "misconfigured"  // the provider does not take our client
	CodeRefused   Code = "code-refused"   // the code was used, is old, or is of another attempt (PKCE)
	Unreadable    Code = "unreadable"     // no code, or no token, of the form that there is
	Unsigned      Code = "unsigned"       // no signature by a key of the provider for this tenant
	WrongIssuer   Code = "wrong-issuer"   // of somebody else, or of another tenant than the token says
	WrongAudience Code = "wrong-audience" // for another application
	Expired       Code = "expired"        // the token's time is over, or has not begun
	WrongNonce    Code = "wrong-nonce"    // of another attempt
	NoSubject     Code = "no-subject"     // it does not say who
	NotFresh      Code = "not-fresh"      // the credentials were not given again
)

var (
	errNoCode  = errors.New("no code, or one that is too long")
	errNoToken = errors.New("no ID token")
)

// longestCause is how much of a cause is logged: it may repeat what the provider sent.
const longestCause = 400

// Refusal is why nobody was signed in. Sentence is for the person, and gives nothing away; the cause is for the log.
type Refusal struct {
	Code     Code
	Sentence string
	cause    error
}

// Error gives code and cause, for logs. No token, code or secret is in it.
func (r *Refusal) Error() string {
	if r.cause == nil {
		return "sign in by OpenID Connect: " + string(r.Code)
	}
	return fmt.Sprintf("sign in by OpenID Connect: %s: %.*s", r.Code, longestCause, r.cause)
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.cause }

// As finds the *Refusal in err's chain, nil where there is none.
func As(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// refuse makes a refusal with its cause, which may be nil.
func (p *RelyingParty) refuse(code Code, cause error) *Refusal {
	return &Refusal{Code: code, Sentence: sentence(code, p.provider.Title), cause: cause}
}

// sentence is what the person is told. What is wrong with a token is told in the same words whatever it is.
func sentence(code Code, title string) string {
	switch code {
	case NotBegunHere, TookTooLong, CodeRefused:
		return "This sign-in was not begun in this browser, was finished already, or took longer than 10 minutes. Begin again."
	case Cancelled:
		return "You did not go on at " + title + ". Begin again, or sign in another way."
	case Declined:
		return title + " did not sign you in. Ask whoever administers your account there, or sign in another way."
	case Unreachable:
		return title + " does not answer at the moment. Try again in a few minutes, or sign in another way."
	case Misconfigured:
		return "Signing in with " + title + " is not set up correctly here. Sign in another way and tell your administrator."
	case NotFresh:
		return title + " did not ask for your credentials again. Begin again and give them there."
	}
	return "The answer of " + title + " could not be verified, so you were not signed in. Begin again; if it stays so, tell your administrator."
}

// answered makes the refusal of an error that the provider put into the address (RFC 6749, section 4.1.2.1; OpenID Connect
// Core 1.0, section 3.1.2.6).
func (p *RelyingParty) answered(code string) *Refusal {
	cause := quoted("the provider answers", code)
	switch code {
	case "access_denied", "interaction_required", "login_required", "account_selection_required", "consent_required":
		return p.refuse(Cancelled, cause)
	case "server_error", "temporarily_unavailable":
		return p.refuse(Unreachable, cause)
	case "unauthorized_client", "invalid_request", "invalid_scope", "unsupported_response_type":
		return p.refuse(Misconfigured, cause)
	}
	return p.refuse(Declined, cause)
}

// exchangeFailed makes the refusal of what the token endpoint answers (RFC 6749, section 5.2).
func (p *RelyingParty) exchangeFailed(err error) *Refusal {
	var failure *oauth2.RetrieveError
	if !errors.As(err, &failure) {
		return p.refuse(Unreachable, fmt.Errorf("exchange the code: %w", err))
	}
	cause := fmt.Errorf("exchange the code: status %d, error %.60q: %.200q", failure.Response.StatusCode, failure.ErrorCode, failure.ErrorDescription)
	switch failure.ErrorCode {
	case "invalid_grant":
		return p.refuse(CodeRefused, cause)
	case "invalid_client", "unauthorized_client", "invalid_request", "invalid_scope", "redirect_uri_mismatch", "unsupported_grant_type":
		return p.refuse(Misconfigured, cause)
	}
	return p.refuse(Unreachable, cause)
}

// quoted is a cause that repeats what was sent, safe for a log.
func quoted(what, sent string) error { return fmt.Errorf("%s %.200q", what, sent) }
