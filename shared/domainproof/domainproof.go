// Package domainproof is how an organization proves that a domain is its own: the TXT record that it puts into its DNS, looking
// for that record, saying what was found instead, and what becomes of a proof as time goes by.
//
//	record := domainproof.RecordOf("acme.com", token)           // what the organization puts into its DNS
//	look := domainproof.LookUp(ctx, resolver, "acme.com", token) // is it there?
//	finding := domainproof.Explain(ctx, resolver, look)          // and if not, why?
//	state, event := state.After(finding.Outcome, now, policy)    // what follows
//
// It knows no table and no HTTP. It refuses to take a resolver's failure for an answer: a time-out and a SERVFAIL prove nothing,
// neither that a record is there nor that it is gone.
package domainproof

import (
	"crypto/rand"
	"encoding/base32"
	"strings"

	"github.com/tenantry/tenantry/shared/domainname"
)

const (
	challenge = "_tenantry-challenge." // stands before the domain, so that the record is in no other record's way
	prefix    = "tenantry-verification="
	ttl       = 300 // seconds: short, so that a mistake is soon put right
)

// Record is what an organization puts into the DNS of its domain (DOM-3).
type Record struct {
	Type  string // TXT
	Host  string // the whole name, without a trailing dot
	Value string
	TTL   int // seconds, a hint: any other does as well
}

// RecordOf is the record of a domain and the token that its organization was given for it.
func RecordOf(name, token string) Record {
	return Record{Type: "TXT", Host: ChallengeHost(name), Value: value(token), TTL: ttl}
}

// ChallengeHost is where the record of a domain is made. A name so long that nothing fits before it takes the record itself.
func ChallengeHost(name string) string {
	if len(challenge)+len(name) > domainname.Longest {
		return name
	}
	return challenge + name
}

// NewToken makes the random part of a record's value, 160 bits in lower case, since some DNS consoles write everything so. A
// token is of one domain of one organization; it is public and grants nothing without the domain's DNS.
func NewToken() string {
	random := make([]byte, 20)
	rand.Read(random)
	return strings.ToLower(base32.StdEncoding.EncodeToString(random))
}

func value(token string) string { return prefix + token }
