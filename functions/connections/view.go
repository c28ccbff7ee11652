package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp"
)

// Connection is an SSO connection as the API shows it.
type Connection struct {
	ID          string            `json:"id" doc:"Its id" example:"con_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name        string            `json:"name" doc:"Its name"`
	Provider    string            `json:"provider" enum:"okta,entra,custom" doc:"Whose IdP it is"`
	Status      string            `json:"status" enum:"draft,tested,active,inactive" doc:"Where it stands"`
	SP          ServiceProvider   `json:"sp" doc:"Our values, for the IdP. They never change"`
	IDP         IdentityProvider  `json:"idp" doc:"The IdP's values"`
	Attributes  samlsp.Mapping    `json:"attributes" doc:"From which attributes each field is read: the first that has a value"`
	Domains     []ConnectedDomain `json:"domains" doc:"Whose addresses sign in by it"`
	SSORequired bool              `json:"ssoRequired" doc:"For its domains there is no other way in, but for break-glass administrators"`
	FromIDP     bool              `json:"idpInitiated" doc:"Sign-ins may begin at the IdP"`
	JustInTime  string            `json:"justInTime" doc:"The id of the role of those who are created when they first sign in; empty: nobody is"`
	OnExpired   string            `json:"onExpiredCertificate" enum:"go-on,refuse" doc:"What becomes of sign-ins when the IdP's certificate has expired"`
	Pending     *PendingSettings  `json:"pending,omitempty" doc:"What waits for a test to pass with it; sign-ins go on with the rest"`
	Missing     []string          `json:"missing" doc:"What has to be entered before a test"`
	Test        *LastTest         `json:"test,omitempty" doc:"The last test that passed"`
	ActivatedAt string            `json:"activatedAt,omitempty" format:"date-time" doc:"When it was activated last"`

	Administrators []lockout.CanSignIn `json:"administrators,omitempty" doc:"In the answer to what may lock out: the main organization's administrators who can sign in from then on, and how"`
	Notes          []string            `json:"notes,omitempty" doc:"In the answer to metadata that was taken: what is odd of it"`

	CreatedAt string       `json:"createdAt" format:"date-time" doc:"When it was begun"`
	CreatedBy people.Named `json:"createdBy" doc:"By whom"`
	UpdatedAt string       `json:"updatedAt" format:"date-time" doc:"When it was changed last"`
	UpdatedBy people.Named `json:"updatedBy" doc:"By whom"`
}

// ServiceProvider is our side.
type ServiceProvider struct {
	EntityID    string    `json:"entityId" doc:"Our entity id, the audience of assertions"`
	ACSURL      string    `json:"acsUrl" doc:"Where answers go, by HTTP-POST"`
	MetadataURL string    `json:"metadataUrl" doc:"Our metadata"`
	LoginURL    string    `json:"loginUrl" doc:"Begins a sign-in by the connection"`
	Forms       []IDPForm `json:"forms" doc:"Every field of the provider's form, in its words"`
}

// IdentityProvider is what is known of the IdP.
type IdentityProvider struct {
	IDPValues
	MetadataURL     string           `json:"metadataUrl,omitempty" doc:"Where its metadata is read again every day"`
	MetadataReadAt  string           `json:"metadataReadAt,omitempty" format:"date-time" doc:"When it was read last, or tried"`
	MetadataProblem string           `json:"metadataProblem,omitempty" doc:"What is wrong with it, or not as it is here"`
	Certificates    []IDPCertificate `json:"certificates" doc:"Those that may sign, three at most"`
}

// IDPValues are the values of the IdP that are entered.
type IDPValues struct {
	EntityID     string `json:"entityId" doc:"Its entity id, the issuer of assertions"`
	SSOURL       string `json:"ssoUrl" doc:"Its sign-on URL for HTTP-Redirect"`
	SSOPostURL   string `json:"ssoPostUrl" doc:"Its sign-on URL for HTTP-POST"`
	SignRequests bool   `json:"signRequests" doc:"It wants our requests signed"`
	NameIDFormat string `json:"nameIdFormat" doc:"The format of name ids that is asked for; empty: the IdP decides"`
}

// IDPCertificate is a certificate of the IdP.
type IDPCertificate struct {
	ID         string `json:"id" doc:"Its SHA-256, in hexadecimal"`
	NotBefore  string `json:"notBefore" format:"date-time" doc:"From when it is valid"`
	NotAfter   string `json:"notAfter" format:"date-time" doc:"Until when"`
	Source     string `json:"source" enum:"manual,metadata" doc:"How it came"`
	AddedAt    string `json:"addedAt" format:"date-time" doc:"When it was added"`
	LastUsedAt string `json:"lastUsedAt,omitempty" format:"date-time" doc:"When somebody signed in by it last; up to five minutes old"`
	InUse      bool   `json:"inUse" doc:"It is the one that was used last"`
	PEM        string `json:"pem" doc:"The certificate"`
}

// PendingSettings are settings that wait for a test.
type PendingSettings struct {
	IDPValues
	Certificates []IDPCertificate `json:"certificates" doc:"Those that may sign"`
	Attributes   samlsp.Mapping   `json:"attributes" doc:"From which attributes each field is read"`
}

// ConnectedDomain is a domain of a connection.
type ConnectedDomain struct {
	Name      string `json:"name" doc:"Its name, in Unicode"`
	ASCIIName string `json:"asciiName" doc:"Its name as DNS has it"`
	Status    string `json:"status" enum:"verified,not_verified,not_registered" doc:"Whether it is the organization's"`
	Leads     bool   `json:"leads" doc:"Its addresses sign in by this connection"`
	LeadsTo   string `json:"leadsTo,omitempty" doc:"The id of the other connection by which they do"`
}

// LastTest is the last test that passed.
type LastTest struct {
	ID      string `json:"id" doc:"Its id"`
	At      string `json:"at" format:"date-time" doc:"When it passed"`
	Current bool   `json:"current" doc:"It passed with the settings as they are"`
}

// Shown is the answer with one connection.
type Shown struct {
	ETag string `header:"ETag"`
	Body Connection
}

// get answers GET /v1/organizations/{org}/sso-connections/{connection}.
func (f *connections) get(ctx context.Context, c *access.Caller, in *AboutConnection) (*Shown, error) {
	found, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	return f.show(ctx, c, found)
}

// show is the answer with one connection.
func (f *connections) show(ctx context.Context, c *access.Caller, of *connection.Connection) (*Shown, error) {
	views, err := f.views(ctx, c, []connection.Connection{*of})
	if err != nil {
		return nil, err
	}
	return &Shown{ETag: httpapi.ETag(of.Version), Body: views[0]}, nil
}

// views are connections with the names of who made and changed them, and how their domains stand.
func (f *connections) views(ctx context.Context, c *access.Caller, list []connection.Connection) ([]Connection, error) {
	var actors []audit.Actor
	for _, of := range list {
		actors = append(actors, of.CreatedBy, of.UpdatedBy)
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, actors...)
	if err != nil {
		return nil, err
	}
	views := make([]Connection, len(list))
	for i := range list {
		reach, err := connection.ReadReach(ctx, f.Table, &list[i])
		if err != nil {
			return nil, err
		}
		views[i] = view(&list[i], reach)
		views[i].CreatedBy, views[i].UpdatedBy = names[list[i].CreatedBy], names[list[i].UpdatedBy]
	}
	return views, nil
}

func view(c *connection.Connection, reach *connection.Reach) Connection {
	v := Connection{ID: c.ID, Name: c.Name, Provider: string(c.Provider), Status: string(c.Status()), Attributes: c.Settings.Mapping,
		SP: ServiceProvider{EntityID: c.SP.EntityID, ACSURL: c.SP.ACS, MetadataURL: c.SP.Metadata, LoginURL: c.SP.Login, Forms: forms(c)},
		IDP: IdentityProvider{IDPValues: values(&c.Settings), MetadataURL: c.MetadataURL, MetadataReadAt: c.MetadataAt, MetadataProblem: c.MetadataSaw,
			Certificates: certificates(c, &c.Settings)},
		Domains: domains(c, reach), SSORequired: c.SSORequired, FromIDP: c.IDPInitiated, JustInTime: c.JustInTime, OnExpired: string(c.OnExpired),
		Missing: append([]string{}, c.Settings.Missing()...), ActivatedAt: c.ActivatedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	if c.Pending != nil {
		v.Pending = &PendingSettings{IDPValues: values(c.Pending), Certificates: certificates(c, c.Pending), Attributes: c.Pending.Mapping}
	}
	if c.Passed != nil {
		v.Test = &LastTest{ID: c.Passed.Test, At: c.Passed.At, Current: c.Proved(&c.Settings)}
	}
	return v
}

func values(s *connection.Settings) IDPValues {
	return IDPValues{EntityID: s.EntityID, SSOURL: s.SignOn[samlsp.BindingRedirect], SSOPostURL: s.SignOn[samlsp.BindingPost],
		SignRequests: s.SignRequests, NameIDFormat: s.NameIDFormat}
}

func certificates(c *connection.Connection, s *connection.Settings) []IDPCertificate {
	shown, inUse := []IDPCertificate{}, c.InUse()
	for _, one := range s.Certificates {
		view := IDPCertificate{ID: one.SHA256, NotBefore: one.NotBefore, NotAfter: one.NotAfter, Source: string(one.Source), AddedAt: one.AddedAt,
			LastUsedAt: c.Used[one.SHA256], InUse: one.SHA256 == inUse}
		if parsed, err := samlsp.ParseDER(one.DER); err == nil {
			view.PEM = parsed.PEM()
		}
		shown = append(shown, view)
	}
	return shown
}

func domains(c *connection.Connection, reach *connection.Reach) []ConnectedDomain {
	shown := []ConnectedDomain{}
	for _, name := range c.Domains {
		one := ConnectedDomain{Name: domainname.Shown(name), ASCIIName: name, Status: "not_registered", Leads: c.SignsIn(name), LeadsTo: reach.LeadsTo(name)}
		if registered, verified := reach.Registered(c, name); verified {
			one.Status = "verified"
		} else if registered {
			one.Status = "not_verified"
		}
		shown = append(shown, one)
	}
	return shown
}
