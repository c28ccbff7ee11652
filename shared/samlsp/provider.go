package samlsp

import (
	"time"
)

// Skew is how far the clocks of an IdP and ours may be apart (LOG-2).
const Skew = 60 * time.Second

// Lifetime is how long an assertion may be valid at most: what was used is remembered for that long.
const Lifetime = 24 * time.Hour

// ServiceProvider is our side of one connection. It is made anew for each message from the connection's item; the zero value
// accepts nothing.
type ServiceProvider struct {
	switches
	EntityID string // ours: the audience of assertions and the issuer of requests, one for each connection
	ACS      string // the URL that answers come to, one for each connection
	IdP      IdP
	Keys     Keys // ours; nil means none: requests go unsigned and encrypted assertions are refused
	// Contexts are the authentication context classes of which the IdP must have used one. Empty accepts any, and asks for none.
	Contexts []string
	// NameIDFormat is what requests ask for. Empty asks for none, which lets the IdP's own setting decide.
	NameIDFormat string
}

// IdP is the other side of a connection.
type IdP struct {
	EntityID string
	SignOn   map[string]string // URL by binding: BindingRedirect, BindingPost
	// Certificates are those of which one must have signed: the connection's active ones, in any order, three at most (SSO-5).
	Certificates []Certificate
	// AcceptExpired goes on when the certificate that signed is past its end: the connection's choice (SSO-5). A certificate is
	// here a container of a key that was exchanged by hand, so its end protects nobody by itself.
	AcceptExpired bool
	SignRequests  bool // whether the IdP wants requests signed
}

// Request is an AuthnRequest that is open: what its answer is held against.
type Request struct {
	ID         string
	Issued     time.Time
	ForceAuthn bool // the IdP was asked to sign the person in anew
}

// Expected is what an answer is held against beside the connection.
type Expected struct {
	Now time.Time
	// Request is the open request of this browser that Message.InResponseTo names; nil where there is none. The caller sees to it
	// that it is this connection's, this browser's, not consumed and not expired.
	Request *Request
	// Unsolicited accepts an assertion that answers no request: the connection allows sign-ins that begin at the IdP.
	Unsolicited bool
}
