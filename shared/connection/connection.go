// Package connection is the SSO connections of organizations as the table holds them, and the only place where they change:
// what belongs together (the connection, the domains that lead to it, the epochs of sessions, the count, the timers, the
// event, the mail) changes together.
//
//	c, err := connection.Read(ctx, t, id)                 // by its id, as a browser and an IdP name it
//	lead, err := connection.ByDomain(ctx, t, "acme.com")  // where the addresses of a domain sign in
//	sp, err := c.ServiceProvider(&c.Settings, keys)       // what judges an answer of its IdP
//
// It refuses to judge what an IdP sends: that is package samlsp. A domain leads to one active connection, of the organization
// that has it verified, and a connection without such a domain is not active.
package connection

import (
	"slices"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// Provider is whose form the wizard speaks of. All speak SAML.
type Provider string

// The providers.
const (
	Okta   Provider = "okta"
	Entra  Provider = "entra"
	Custom Provider = "custom"
)

// Status is where a connection stands.
type Status string

// The states.
const (
	Draft    Status = "draft"    // being set up
	Tested   Status = "tested"   // a test passed with its settings; it was never active
	Active   Status = "active"   // people sign in by it
	Inactive Status = "inactive" // it was active once
)

// Expiry is what becomes of sign-ins when the IdP's certificate has expired (SSO-5).
type Expiry string

// The choices. SAML takes a certificate as the container of a key: its end alone protects nobody.
const (
	GoOn   Expiry = "go-on"
	Refuse Expiry = "refuse"
)

// MostDomains is how many domains a connection has at most: activating it writes them all in one transaction.
const MostDomains = 20

// Connection is one SSO integration with one IdP, of one organization.
type Connection struct {
	ID           string   `dynamodbav:"id"`
	Root         string   `dynamodbav:"root"`
	Organization string   `dynamodbav:"organization"`
	Name         string   `dynamodbav:"name"` // 1 to 100 characters
	Provider     Provider `dynamodbav:"provider"`
	SP           SP       `dynamodbav:"sp"`

	Settings Settings  `dynamodbav:"settings"`          // by which people sign in while it is active
	Pending  *Settings `dynamodbav:"pending,omitempty"` // of an active one: what shall replace them when a test has passed with it (SSO-4)
	Passed   *Passed   `dynamodbav:"passed,omitempty"`  // the last test that passed

	Active      bool   `dynamodbav:"active"`
	ActivatedAt string `dynamodbav:"activatedAt,omitempty"` // the last time

	SSORequired  bool   `dynamodbav:"ssoRequired"`          // for its domains there is no other way in, but for break-glass (SSO-9)
	IDPInitiated bool   `dynamodbav:"idpInitiated"`         // sign-ins may begin at the IdP
	JustInTime   string `dynamodbav:"justInTime,omitempty"` // the role of those who are created when they sign in; empty: nobody is
	OnExpired    Expiry `dynamodbav:"onExpired"`

	// Domains are the names of the organization's domains that shall lead here; Leads are those that do: of an active connection
	// the ones that are verified. Whether an address may sign in by the connection is decided on Leads.
	Domains []string `dynamodbav:"domains"`
	Leads   []string `dynamodbav:"leads"`

	MetadataURL string `dynamodbav:"metadataUrl,omitempty"` // is read again every day
	MetadataAt  string `dynamodbav:"metadataAt,omitempty"`  // when it was read last, or tried
	MetadataSaw string `dynamodbav:"metadataSaw,omitempty"` // what went wrong then; empty: nothing did

	// Provisioning is there while an IdP may bring users and groups by SCIM (SSO-6). Tokens are MostTokens at most, the oldest first;
	// TokenUses is when each was used last, by its id, and is written without the version.
	Provisioning *Provisioning       `dynamodbav:"provisioning,omitempty"`
	Tokens       []Token             `dynamodbav:"tokens,omitempty"`
	TokenUses    map[string]TokenUse `dynamodbav:"tokenUses,omitempty"`
	// Sealed tells that SCIM was on before and is off: nobody can come by it (directory.Seal) until it is switched on again.
	Sealed bool `dynamodbav:"sealed,omitempty"`

	// Used is when a certificate was used last, Warned how many days before its end was told of it, by its SHA-256; both are
	// written without the version.
	Used   map[string]string `dynamodbav:"used"`
	Warned map[string]int    `dynamodbav:"warned"`
	audit.Stamp
}

// SP is our side, as it was when the connection was made: a changed PublicUrl changes no connection (INS-2).
type SP struct {
	EntityID string `dynamodbav:"entityId"`
	ACS      string `dynamodbav:"acs"`
	Login    string `dynamodbav:"login"`
	Metadata string `dynamodbav:"metadata"`
}

// Passed is a test that passed: with which settings, and which certificate signed.
type Passed struct {
	Test        string `dynamodbav:"test"`
	At          string `dynamodbav:"at"`
	Fingerprint string `dynamodbav:"fingerprint"`
	Certificate string `dynamodbav:"certificate"`
}

// New is a connection that is a draft, with our side under publicURL.
func New(root, org, name string, provider Provider, publicURL string, stamp audit.Stamp) *Connection {
	c := &Connection{ID: id.New(id.Connection), Root: root, Organization: org, Name: name, Provider: provider,
		Settings:    Settings{Mapping: samlsp.Preset(string(provider))},
		SSORequired: true, OnExpired: Refuse, Domains: []string{}, Leads: []string{}, Used: map[string]string{}, Warned: map[string]int{}, Stamp: stamp}
	at := publicURL + "/saml/" + c.ID
	c.SP = SP{EntityID: at + "/metadata", ACS: at + "/acs", Login: at + "/login", Metadata: at + "/metadata"}
	return c
}

// Key is where the connection is stored.
func (c *Connection) Key() table.Key { return table.ConnectionKey(c.ID) }

// Status is where the connection stands.
func (c *Connection) Status() Status {
	switch {
	case c.Active:
		return Active
	case c.ActivatedAt != "":
		return Inactive
	case c.Proved(&c.Settings):
		return Tested
	}
	return Draft
}

// Testing are the settings that a test is made with: those that wait for one, otherwise those there are.
func (c *Connection) Testing() *Settings {
	if c.Pending != nil {
		return c.Pending
	}
	return &c.Settings
}

// Proved tells whether the last test that passed did so with exactly these settings, by a certificate that is still among them.
func (c *Connection) Proved(s *Settings) bool {
	return c.Passed != nil && c.Passed.Fingerprint == s.Fingerprint() && s.Certificate(c.Passed.Certificate) != nil
}

// SignsIn tells whether the addresses of a domain, in lower case and ASCII, sign in by the connection.
func (c *Connection) SignsIn(domain string) bool { return c.Active && slices.Contains(c.Leads, domain) }

// LeadsBut are the domains that lead to the connection but for one.
func (c *Connection) LeadsBut(name string) []string {
	return slices.DeleteFunc(slices.Clone(c.Leads), func(other string) bool { return other == name })
}

// ServiceProvider is our side with these of the connection's settings. keys are ours, nil for none.
func (c *Connection) ServiceProvider(s *Settings, keys samlsp.Keys) (samlsp.ServiceProvider, error) {
	sp := samlsp.ServiceProvider{EntityID: c.SP.EntityID, ACS: c.SP.ACS, Keys: keys, NameIDFormat: s.NameIDFormat,
		IdP: samlsp.IdP{EntityID: s.EntityID, SignOn: s.SignOn, SignRequests: s.SignRequests, AcceptExpired: c.OnExpired == GoOn}}
	for _, one := range s.Certificates {
		parsed, err := samlsp.ParseDER(one.DER)
		if err != nil {
			return sp, err
		}
		sp.IdP.Certificates = append(sp.IdP.Certificates, parsed)
	}
	return sp, nil
}
