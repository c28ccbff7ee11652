// Package mail is the outbox: mails are written in the transaction of the change that they tell of, sealed, since some carry
// a token, and functions/worker sends them afterwards. So no mail tells of what did not happen, and none is forgotten.
//
//	outbox.Post(tx, mail.Letter{Kind: mail.KeyMade, Administrators: root, Data: mail.Data{Organization: ..., Key: ..., By: ..., At: ...}})
//
// A mail is sent at least once: a worker that dies between handing a mail to SES and noting that it did leaves one that
// is sent again. The package refuses to send, and knows no words: the letters stand in functions/worker, which keeps
// templates and SES out of all other functions.
package mail

import "time"

// Kind is what a mail is about; functions/worker has a letter for each, or does what it asks for.
type Kind string

// The kinds, with what they need in Data beside Organization.
const (
	Invitation            Kind = "invitation"             // By, ExpiresAt, Token
	SetUp                 Kind = "set-up"                 // ExpiresAt, Token: a link to set password and second factor (INS-1)
	PasswordReset         Kind = "password-reset"         // ExpiresAt, Token
	NoPassword            Kind = "no-password"            // Domain: a reset was asked for where its addresses sign in by single sign-on only (SSO-9)
	NewAdministrator      Kind = "new-administrator"      // Person, By, At
	KeyMade               Kind = "key-made"               // Key, By, At
	KeyConfirmed          Kind = "key-confirmed"          // Key, By, At
	KeyEnds               Kind = "key-ends"               // Key (the names of those that end), Count (of more), Person (who made them and left), At, ExpiresAt
	PartnerChanged        Kind = "partner-changed"        // Partner (empty: none any more), By, At
	PartnerAccessChanged  Kind = "partner-access-changed" // Partner, Access, By, At
	OrganizationSuspended Kind = "organization-suspended" // By, At
	OrganizationResumed   Kind = "organization-resumed"   // By, At
	OrganizationClosed    Kind = "organization-closed"    // By, At, ExpiresAt: until when it can be reopened
	OrganizationReopened  Kind = "organization-reopened"  // By, At
	SecondFactorReset     Kind = "second-factor-reset"    // Person, By, At
	WithoutAdministrator  Kind = "without-administrator"  // At, Why (one of lockout.Reason, with Person, Domain or Connection)
	AddressConfirmation   Kind = "address-confirmation"   // ExpiresAt, Token; to the new address
	PolicyChanged         Kind = "policy-changed"         // Why (passwords-off, passwords-on, break-glass or second-factor), By, At
	BreakGlassUsed        Kind = "break-glass-used"       // Person, At
	Recovery              Kind = "recovery"               // By, Reason, ExpiresAt, Token: a link to a session for recovery (LOG-11)
	RecoveryGiven         Kind = "recovery-given"         // Person (to whom), By, Reason, At, ExpiresAt
	RecoveryUsed          Kind = "recovery-used"          // Person, At, ExpiresAt: when the session ends
	Restored              Kind = "restored"               // At: the whole installation, from a backup
	DomainVerified        Kind = "domain-verified"        // Domain, By (empty: the product itself), At
	DomainRemoved         Kind = "domain-removed"         // Domain, Why (removed where it was verified until then), By, At
	DomainAtRisk          Kind = "domain-at-risk"         // Domain, Record (which is missing), At, ExpiresAt (when it is lost)
	DomainLost            Kind = "domain-lost"            // Domain, Why (missing, taken or released), By, At

	ConnectionActivated   Kind = "connection-activated"   // Connection, Domain (those that lead to it), By, At
	ConnectionDeactivated Kind = "connection-deactivated" // Connection, Why (off, domain, handed-over or removed), By (empty: the product itself), At
	ConnectionChanged     Kind = "connection-changed"     // Connection, By, At
	CertificateAdded      Kind = "certificate-added"      // Connection, Record (its fingerprint), By (empty: from the IdP's metadata), At
	CertificateExpires    Kind = "certificate-expires"    // Connection, Record (its fingerprint), ExpiresAt, Why (go-on, refuse, refused or replaced), Still, At

	ProvisioningChanged  Kind = "provisioning-changed"  // Connection, Why (on, changed, off, token-made, token-confirmed or token-revoked), Key (the token's hint, of these), By, At
	UnusualDeactivations Kind = "unusual-deactivations" // Connection, Count, At
	SyncWaits            Kind = "sync-waits"            // Count, At, ExpiresAt
	TokenExpires         Kind = "token-expires"         // Connection, Key (the token's hint), ExpiresAt, Why (replaced, alone or over), At

	// To the owner of an account, who may not have done it: At
	PasswordChanged      Kind = "password-changed"
	AddressAsked         Kind = "address-asked"   // another address was asked for; to the old one
	AddressChanged       Kind = "address-changed" // the same, when it was confirmed
	AddressLost          Kind = "address-lost"    // another tree proved its domain: Domain; to the address that is lost
	PasswordRemoved      Kind = "password-removed"
	SecondFactorEnrolled Kind = "second-factor-enrolled"
	SecondFactorRemoved  Kind = "second-factor-removed"

	// ResetRequest is no mail yet: somebody asked to reset the password of the address To. Whether there is an account is
	// looked up when the request is worked on, so that asking costs the same for every address (LOG-1).
	ResetRequest Kind = "password-reset-request"

	// Leaver is no mail yet either: User, who is Person, made API keys and has left. Which these are, and so who is told, is looked up
	// when it is worked on, so that leaving costs the same however many they are (LOG-7).
	Leaver Kind = "leaver"
)

// Letter is a mail to one address or to all administrators of a tree.
type Letter struct {
	Kind           Kind   `json:"kind"`
	To             string `json:"to,omitempty"`             // an address; or
	Administrators string `json:"administrators,omitempty"` // the root of the tree whose main organization's active administrators get it
	Language       string `json:"language,omitempty"`       // of To, a BCP 47 tag; administrators get it in their own
	User           string `json:"user,omitempty"`           // the id of whom it is about, of a Leaver
	Owner          string `json:"-"`                        // whose address To is, <root>/<user>; empty where that is not known
	Data           Data   `json:"data"`
}

// Data is what letters tell. Names are shown as they were when it happened.
type Data struct {
	Organization string    `json:"organization,omitempty"` // the name of the organization it is about
	By           string    `json:"by,omitempty"`           // who did it: name and address, or the part of the product
	Person       string    `json:"person,omitempty"`       // whom it concerns: name and address
	Key          string    `json:"key,omitempty"`          // the name of an API key, or of several
	Partner      string    `json:"partner,omitempty"`      // the name of a partner
	Access       string    `json:"access,omitempty"`       // what the partner may do now: none, read or manage
	Domain       string    `json:"domain,omitempty"`       // the name of a domain, in Unicode
	Record       string    `json:"record,omitempty"`       // the host, type and value of a DNS record, or the SHA-256 of a certificate
	Connection   string    `json:"connection,omitempty"`   // the name of an SSO connection
	Still        string    `json:"still,omitempty"`        // who could still sign in
	Reason       string    `json:"reason,omitempty"`       // what somebody gave as a reason
	Count        int       `json:"count,omitempty"`        // how many it concerns
	Why          string    `json:"why,omitempty"`          // a reason, one of the words of the kind
	At           time.Time `json:"at,omitzero"`            // when it happened
	ExpiresAt    time.Time `json:"expiresAt,omitzero"`     // when the link or the key ends
	Token        string    `json:"token,omitempty"`        // the token of the link
}
