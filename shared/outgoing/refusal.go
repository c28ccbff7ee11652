package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Reason says why nothing was fetched or sent. Reasons are few and never change their meaning.
type Reason string

// The reasons.
const (
	Malformed   Reason = "malformed"   // no address that may be asked: form, scheme, port, credentials
	NotFound    Reason = "not-found"   // the DNS knows no such name
	NotPublic   Reason = "not-public"  // the address is not on the public Internet
	Unreachable Reason = "unreachable" // nobody takes the connection
	NotSecure   Reason = "not-secure"  // no TLS 1.2 with a certificate that holds
	Redirected  Reason = "redirected"  // too many redirects, or one that is not followed
	TooSlow     Reason = "too-slow"    // not done within the time
	TooLarge    Reason = "too-large"   // more than an answer may have
	Unreadable  Reason = "unreadable"  // an answer of another status, or none that HTTP knows
)

// Refusal is why nothing was fetched or sent. Sentence is for administrators: what was refused, why, what to do. It never
// tells what an address inside answered, since none is asked. The cause is for the log only.
type Refusal struct {
	Reason   Reason
	Sentence string
	cause    error
}

// Error gives reason, sentence and cause, for logs.
func (r *Refusal) Error() string {
	if r.cause == nil {
		return fmt.Sprintf("%s: %s", r.Reason, r.Sentence)
	}
	return fmt.Sprintf("%s: %s (%v)", r.Reason, r.Sentence, r.cause)
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.cause }

// As finds the *Refusal in err's chain, nil where there is none: then it is not the other side's doing.
func As(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// refuse makes a refusal with its cause, which may be nil.
func refuse(reason Reason, cause error, format string, args ...any) *Refusal {
	return &Refusal{Reason: reason, Sentence: fmt.Sprintf(format, args...), cause: cause}
}

// explain makes a refusal of what went wrong between us and the host. What the caller broke off itself stays as it is.
func explain(host string, err error) error {
	var timeout net.Error
	var uncertified *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var failed *net.OpError
	switch {
	case As(err) != nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return refuse(TooSlow, err, "%s took longer than %d seconds.", host, int(limit.Seconds()))
	case errors.As(err, &uncertified):
		return refuse(NotSecure, err, "The certificate of %s %s.", host, fault(uncertified.Err))
	case errors.As(err, &plain) || errors.As(err, &failed) && strings.HasSuffix(failed.Op, " error"): // an alert of TLS, theirs or ours
		return refuse(NotSecure, err, "%s does not speak TLS 1.2 or later.", host)
	}
	return refuse(Unreadable, err, "%s did not give an answer that can be read.", host)
}

// fault says what is wrong with a certificate, as the end of a sentence.
func fault(err error) string {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "has expired or is not valid yet"
	}
	return "does not come from an authority that browsers trust, or its chain is incomplete"
}
