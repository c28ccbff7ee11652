package oidc

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode"
)

const (
	longestSubject = 255 // OpenID Connect Core 1.0, section 2
	longestAddress = 254 // RFC 5321, section 4.5.3.1.3
	longestName    = 200
)

// Identity is who signed in, as the provider says.
type Identity struct {
	Provider string
	Issuer   string // in its one spelling, the tenant's where each has its own
	Subject  string // the account, for ever: Google's sub, Microsoft's oid
	Tenant   string // Microsoft's tid, Google's hd; empty for a personal Google account
	Name     string // for display; empty where it is not told
	// Address is proved: the provider answers for it at this moment. It serves a first match and is no identity, since it
	// may be somebody else's tomorrow. Empty where Doubt says why.
	Address string
	Doubt   Doubt
	// Claimed is the address as the provider tells it, proved or not. It is for showing only: whoever administers a tenant
	// can write any address there.
	Claimed string
	// SignedIn is when the credentials were given; zero where it is not told.
	SignedIn time.Time
}

// Key is the identity in one short text to look an account up by. It depends on provider, issuer and subject only.
func (i Identity) Key() string {
	sum := sha256.Sum256([]byte(i.Provider + "\x00" + i.Issuer + "\x00" + i.Subject))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Doubt is why an address is not proved.
type Doubt string

// The doubts.
const (
	Untold     Doubt = "untold"     // the provider tells no address
	Unverified Doubt = "unverified" // the provider does not answer for it
	Outdated   Doubt = "outdated"   // it was proved once, and may be somebody else's since
)

// Sentence is the doubt for people: what it means, and what to do.
func (d Doubt) Sentence(title string) string {
	switch d {
	case Untold:
		return title + " did not tell your email address. Allow it there, or open the link of your invitation first."
	case Unverified:
		return title + " does not confirm that the email address of this account is yours. Open the link of your invitation first, or sign in another way."
	case Outdated:
		return title + " confirmed the email address of this account once, but does not host it. Open the link of your invitation first, or sign in another way."
	}
	return ""
}

// reading is what a provider's claims mean.
type reading struct {
	subject string
	tenant  string
	doubt   Doubt // of an address that is told
}

// readGoogle: sub is the account. Google answers for its own addresses and for those of a Workspace; any other was proved
// when the account was made, and may have changed hands.
// https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
func readGoogle(said claims) reading {
	r := reading{subject: said.Subject, tenant: said.Hosted}
	switch {
	case !bool(said.EmailVerified):
		r.doubt = Unverified
	case said.Hosted == "" && !strings.HasSuffix(strings.ToLower(said.Email), "@gmail.com"):
		r.doubt = Outdated
	}
	return r
}

// readMicrosoft: oid within tid is the account. email can be written by every tenant's administrators, so it counts only
// where Microsoft says that the owner of its domain was verified; preferred_username and upn never do.
// https://learn.microsoft.com/entra/identity-platform/migrate-off-email-claim-authorization
func readMicrosoft(said claims) reading {
	r := reading{subject: said.Object, tenant: said.Tenant}
	if !bool(said.DomainOwned) {
		r.doubt = Unverified
	}
	return r
}

// identity reads the claims of a token that was judged.
func (p *RelyingParty) identity(said claims) (Identity, error) {
	r := p.provider.reads(said)
	if r.subject == "" || len(r.subject) > longestSubject {
		return Identity{}, p.refuse(NoSubject, nil)
	}
	who := Identity{
		Provider: p.provider.Name,
		Issuer:   p.provider.issuerOf(said.Tenant),
		Subject:  r.subject,
		Tenant:   r.tenant,
		Name:     shown(said.Name),
		Claimed:  address(said.Email),
		Doubt:    r.doubt,
	}
	if said.AuthTime > 0 {
		who.SignedIn = seconds(said.AuthTime)
	}
	switch {
	case who.Claimed == "":
		who.Doubt = Untold
	case who.Doubt == "":
		who.Address = who.Claimed
	}
	return who, nil
}

// address gives what can be one: something on both sides of one @, and nothing that does not show.
func address(told string) string {
	local, domain, _ := strings.Cut(told, "@")
	if local == "" || domain == "" || strings.Contains(domain, "@") || len(told) > longestAddress || strings.ContainsFunc(told, hidden) {
		return ""
	}
	return told
}

// shown gives a name to show, empty where it is none.
func shown(told string) string {
	if len(told) > longestName || strings.ContainsFunc(told, func(r rune) bool { return r != ' ' && hidden(r) }) {
		return ""
	}
	return strings.TrimSpace(told)
}

func hidden(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }
