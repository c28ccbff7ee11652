package people

import (
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
)

// Method is a way to sign in.
type Method string

// The methods.
const (
	ByPassword  Method = "password"  // email and password, with a second factor where there is one
	ByMicrosoft Method = "microsoft" // an account of Entra ID, or a personal one
	ByGoogle    Method = "google"
	BySAML      Method = "saml"     // a connection's IdP
	ByRecovery  Method = "recovery" // a link of the platform's (LOG-11): a session with its own bounds
)

// SignIns is how a user has signed in by a method (AUT-5).
type SignIns struct {
	Count    int    `dynamodbav:"count"`
	LastAt   string `dynamodbav:"lastAt"`   // as clock.Format writes it
	LastFrom string `dynamodbav:"lastFrom"` // the address
}

// Session is one signed-in browser. It holds while its epochs are the user's and, by its method, the tree's.
type Session struct {
	ID              string `dynamodbav:"id"`
	User            string `dynamodbav:"user"`
	Method          Method `dynamodbav:"method"`
	SecondFactor    bool   `dynamodbav:"secondFactor"` // a second factor was given when signing in
	UserEpoch       int    `dynamodbav:"userEpoch"`
	PasswordEpoch   int    `dynamodbav:"passwordEpoch"`
	Closings        int    `dynamodbav:"closings,omitempty"` // the tree's, when it was opened
	CreatedAt       int64  `dynamodbav:"created"`            // Unix seconds, as the next two
	AuthenticatedAt int64  `dynamodbav:"authenticated"`      // the last proof of who it is (PER-6)
	LastSeen        int64  `dynamodbav:"lastSeen"`           // written every 5 minutes at most
	Address         string `dynamodbav:"address,omitempty"`
	Agent           string `dynamodbav:"agent,omitempty"`
	ExpiresAt       int64  `dynamodbav:"expiresAt"`
	Federation
}

// Federation is what a session by an IdP stands on: the domain of the address that the IdP asserted, which leads to the connection.
// Whatever ends it, the domain's loss (DOM-6) or the connection's end, grows the domain's epoch.
type Federation struct {
	Connection  string `dynamodbav:"connection,omitempty"`
	Domain      string `dynamodbav:"domain,omitempty"`      // in lower case and ASCII
	DomainEpoch int    `dynamodbav:"domainEpoch,omitempty"` // the domain's own (tenant.Standing), when the session was opened

	// SeenDomains is the tree's epoch of domains (tenant.Access) as it was when the session asked for its own domain last. A
	// session is opened with NotSeen, so that its first request asks: what ended while it was being opened is not missed.
	SeenDomains int `dynamodbav:"seenDomains,omitempty"`

	Phone string `dynamodbav:"-"` // of the person, as the IdP said; it is kept with the count of sign-ins, and not in the session
}

// NotSeen is an epoch that no tree has.
const NotSeen = -1

// Lifetimes bound sessions (LOG-6).
type Lifetimes struct {
	Idle          time.Duration
	Administrator time.Duration
	Member        time.Duration
}

// Longest is how long a session may last for a person with that portal access.
func (l Lifetimes) Longest(portal PortalAccess) time.Duration {
	if portal == AdministratorAccess {
		return l.Administrator
	}
	return l.Member
}

// Ended tells whether the session is over at that time for a user with that portal access.
func (s *Session) Ended(now time.Time, l Lifetimes, portal PortalAccess) bool {
	if s.Method == ByRecovery && !now.Before(time.Unix(s.CreatedAt, 0).Add(RecoveryLasts)) {
		return true
	}
	return now.After(time.Unix(s.LastSeen, 0).Add(l.Idle)) || now.After(time.Unix(s.CreatedAt, 0).Add(l.Longest(portal)))
}

// APIKey is a key of an organization for scripts (LOG-7).
type APIKey struct {
	ID           string       `dynamodbav:"id"`
	Root         string       `dynamodbav:"root"`
	Organization string       `dynamodbav:"organization"`
	Name         string       `dynamodbav:"name"`
	Role         string       `dynamodbav:"role"`
	Portal       PortalAccess `dynamodbav:"portal"`
	Delicate     bool         `dynamodbav:"delicate"`     // may do what is delicate (PER-6)
	SecondFactor bool         `dynamodbav:"secondFactor"` // was made in a session with a second factor, so it may act across trees
	Hash         string       `dynamodbav:"hash"`
	Hint         string       `dynamodbav:"hint"` // the last characters of the secret, to recognise it by
	Maker        string       `dynamodbav:"maker,omitempty"`
	Partner      string       `dynamodbav:"partner,omitempty"` // whose people made it: it holds while that one manages the client
	LastUsedAt   string       `dynamodbav:"lastUsedAt,omitempty"`
	LastUsedFrom string       `dynamodbav:"lastUsedFrom,omitempty"`
	EndsAt       int64        `dynamodbav:"endsAt,omitempty"`      // Unix seconds; it does not vanish then: it is counted until it is deleted
	ConfirmedAt  string       `dynamodbav:"confirmedAt,omitempty"` // when an administrator let it go on after a restore (INS-6)
	audit.Stamp
}

// Ended tells whether the key is past its end at that time. That its maker left may end it earlier.
func (k *APIKey) Ended(now time.Time) bool { return k.EndsAt != 0 && now.Unix() >= k.EndsAt }

// Held tells whether the key waits for an administrator: it was made, and last confirmed, before the installation was restored.
func (k *APIKey) Held(restored restore.Mark) bool {
	return restored.Voids(clock.Parse(k.CreatedAt)) && restored.Voids(clock.Parse(k.ConfirmedAt))
}

// Key is where the API key is stored.
func (k *APIKey) Key() table.Key { return table.KeyKey(k.Root, k.ID) }
