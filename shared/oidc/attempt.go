package oidc

import (
	"crypto/rand"
	"crypto/subtle"
	"net/url"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	patience = 10 * time.Minute // between the way to the provider and the way back
	skew     = time.Minute      // between clocks
)

// Attempt is one sign-in on its way through a provider. It is kept sealed by the browser that began it, and used once: who
// has no such value cannot end what somebody else began (RFC 6819, section 4.4.1.8), and a code that was stolen is worth
// nothing without Verifier (RFC 7636).
type Attempt struct {
	Provider string    `json:"p"`
	State    string    `json:"s"` // comes back in the address
	Nonce    string    `json:"n"` // comes back in the token
	Verifier string    `json:"v"` // its hash went ahead
	Begun    time.Time `json:"b"`
	Fresh    bool      `json:"f,omitempty"` // the person must have given the credentials again since
}

// Wish is what a sign-in may be begun with; empty is an ordinary one.
type Wish struct {
	Address string // the address that was typed: the provider offers that account
	Fresh   bool   // PER-6: the provider asks for the credentials again. Only where it Forces
}

// Begin makes an attempt, and the address at the provider that the browser is sent to. A wish that the provider cannot fulfil
// is a programmer's mistake and panics.
func (p *RelyingParty) Begin(wish Wish) (Attempt, string) {
	if wish.Fresh && !p.provider.Forces {
		panic("oidc: " + p.provider.Name + " cannot be made to ask again")
	}
	attempt := Attempt{
		Provider: p.provider.Name,
		State:    rand.Text(),
		Nonce:    rand.Text(),
		Verifier: oauth2.GenerateVerifier(),
		Begun:    p.clock().Truncate(time.Second),
		Fresh:    wish.Fresh,
	}
	options := []oauth2.AuthCodeOption{gooidc.Nonce(attempt.Nonce), oauth2.S256ChallengeOption(attempt.Verifier)}
	if wish.Address != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", wish.Address))
	}
	switch {
	case wish.Fresh: // OpenID Connect Core 1.0, section 3.1.2.1
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	case wish.Address == "":
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	return attempt, p.oauth.AuthCodeURL(attempt.State, options...)
}

// code gives the authorization code of what came back in the address of the callback, or the refusal.
func (p *RelyingParty) code(attempt Attempt, query url.Values) (string, error) {
	age := p.clock().Sub(attempt.Begun)
	state := single(query, "state")
	switch {
	case attempt.Provider != p.provider.Name || attempt.State == "" ||
		subtle.ConstantTimeCompare([]byte(state), []byte(attempt.State)) != 1:
		return "", p.refuse(NotBegunHere, nil)
	case age > patience || age < -skew:
		return "", p.refuse(TookTooLong, nil)
	case query.Has("iss") && !p.mayAnswer(single(query, "iss")):
		return "", p.refuse(WrongIssuer, quoted("the address of the callback names", single(query, "iss")))
	case query.Has("error"):
		return "", p.answered(single(query, "error"))
	}
	code := single(query, "code")
	if code == "" || len(code) > longestCode {
		return "", p.refuse(Unreadable, errNoCode)
	}
	return code, nil
}

// single gives the value of a parameter that stands there once, as it must (RFC 6749, section 3.1).
func single(query url.Values, name string) string {
	if values := query[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// mayAnswer tells whether the issuer that the answer names is the provider (RFC 9207): a mix-up ends before the code is sent
// anywhere.
func (p *RelyingParty) mayAnswer(issuer string) bool {
	if !p.provider.perTenant() {
		return p.provider.issues(issuer, "")
	}
	tenant, found := p.provider.tenantIn(issuer)
	return found && p.provider.issues(issuer, tenant)
}
