package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// ConnectionEdit is what shall become of a connection; what is absent stays as it is.
type ConnectionEdit struct {
	Name        *string             `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"Its name"`
	SSORequired *bool               `json:"ssoRequired,omitempty" doc:"For its domains there is no other way in, but for break-glass administrators"`
	FromIDP     *bool               `json:"idpInitiated,omitempty" doc:"Sign-ins may begin at the IdP"`
	JustInTime  *string             `json:"justInTime,omitempty" maxLength:"40" doc:"The id of a role of the organization for those who are created when they first sign in; empty: nobody is"`
	OnExpired   *string             `json:"onExpiredCertificate,omitempty" enum:"go-on,refuse" doc:"What becomes of sign-ins when the IdP's certificate has expired"`
	IDP         *IDPEdit            `json:"idp,omitempty" doc:"The IdP's values"`
	Attributes  map[string][]string `json:"attributes,omitempty" doc:"From which attributes the fields are read, the first that has a value; fields that are absent stay as they are"`
	Domains     *[]string           `json:"domains,omitempty" maxItems:"20" doc:"The names of the organization's domains whose addresses shall sign in by it"`
}

// IDPEdit is what shall become of the IdP's values; what is absent stays as it is.
type IDPEdit struct {
	EntityID     *string `json:"entityId,omitempty" maxLength:"1024" doc:"Its entity id, the issuer of assertions"`
	SSOURL       *string `json:"ssoUrl,omitempty" maxLength:"2000" doc:"Its sign-on URL for HTTP-Redirect; empty: none"`
	SSOPostURL   *string `json:"ssoPostUrl,omitempty" maxLength:"2000" doc:"Its sign-on URL for HTTP-POST; empty: none"`
	SignRequests *bool   `json:"signRequests,omitempty" doc:"It wants our requests signed"`
	NameIDFormat *string `json:"nameIdFormat,omitempty" maxLength:"200" doc:"The format of name ids that is asked for; empty: the IdP decides"`
	MetadataURL  *string `json:"metadataUrl,omitempty" maxLength:"0" doc:"Empty: its metadata is read no more. POST .../idp-metadata sets it"`
}

// EditInput is the input of PATCH /v1/organizations/{org}/sso-connections/{connection}.
type EditInput struct {
	ChangeInput
	httpapi.Confirmation
	Body ConnectionEdit
}

// edit answers PATCH /v1/organizations/{org}/sso-connections/{connection} (SSO-1, SSO-4, SSO-8).
func (f *connections) edit(ctx context.Context, c *access.Caller, in *EditInput, tx *table.Tx) (*Shown, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	names, err := in.Body.domains(of)
	if err != nil {
		return nil, err
	}
	reach, err := connection.ReadReach(ctx, f.Table, of, names...)
	if err == nil {
		err = f.allowed(ctx, c, of, &in.Body, names, reach)
	}
	if err != nil {
		return nil, err
	}
	if of.Active {
		if err := f.confirmed(ctx, of, names, reach, in.Confirmation); err != nil {
			return nil, err
		}
	}
	after, err := in.Body.applied(of, names)
	if err != nil {
		return nil, err
	}
	then, err := f.kept(ctx, c, tx, of, after, reach)
	if err != nil {
		return nil, err
	}
	if err := f.registry.Edit(tx, of, reach, f.act(c), func(to *connection.Connection) { take(to, after) }); err != nil {
		return nil, err
	}
	return f.answer(ctx, c, of, then)
}

// take has the connection be what after is, but for what only the registry writes.
func take(to, after *connection.Connection) {
	to.Name, to.SSORequired, to.IDPInitiated, to.JustInTime, to.OnExpired = after.Name, after.SSORequired, after.IDPInitiated, after.JustInTime, after.OnExpired
	to.Domains, to.Settings, to.Pending, to.MetadataURL = after.Domains, after.Settings, after.Pending, after.MetadataURL
}

// domains are the names that the connection has after the change, in the form of domainname.Parse, each once.
func (in *ConnectionEdit) domains(of *connection.Connection) ([]string, error) {
	if in.Domains == nil {
		return of.Domains, nil
	}
	names := []string{}
	for i, written := range *in.Domains {
		name, err := domainname.Parse(written)
		if err != nil {
			return nil, problem.Invalid(fmt.Sprintf("body.domains[%d]", i), err.Error(), nil)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// allowed refuses domains that are not the organization's, and a role that the caller may not give or nobody should get unasked.
func (f *connections) allowed(ctx context.Context, c *access.Caller, of *connection.Connection, in *ConnectionEdit, names []string, reach *connection.Reach) error {
	for i, name := range names {
		if registered, _ := reach.Registered(of, name); !registered && !slices.Contains(of.Domains, name) {
			return problem.Invalid(fmt.Sprintf("body.domains[%d]", i), "is no domain of the organization. Register it first", domainname.Shown(name))
		}
	}
	if in.JustInTime == nil || *in.JustInTime == "" || *in.JustInTime == of.JustInTime {
		return nil
	}
	return f.givable(ctx, c, *in.JustInTime)
}

// givable refuses a role for those who are created unasked that is none of the organization, above the caller's own, or an
// administrator's: whoever the IdP lets in would have it.
func (f *connections) givable(ctx context.Context, c *access.Caller, id string) error {
	role, err := people.ReadRole(ctx, f.Table, c.Organization.ID, id)
	if problem.Gone(err) {
		return problem.Invalid("body.justInTime", "is no role of the organization", id)
	}
	if err != nil {
		return err
	}
	if role.Portal == people.AdministratorAccess {
		return problem.Invalid("body.justInTime", "is an administrator's role, which nobody gets by signing in", id)
	}
	var own people.Role
	if _, err := f.Table.Get(ctx, c.RoleKey(), &own); err != nil {
		return err
	}
	return c.MayGive(role, &own)
}

// applied is the connection as it is after the change.
func (in *ConnectionEdit) applied(of *connection.Connection, names []string) (*connection.Connection, error) {
	after := *of
	if in.Name != nil {
		name, err := people.CheckName("body.name", *in.Name)
		if err != nil {
			return nil, err
		}
		after.Name = name
	}
	set(&after.SSORequired, in.SSORequired)
	set(&after.IDPInitiated, in.FromIDP)
	set(&after.JustInTime, in.JustInTime)
	if in.OnExpired != nil {
		after.OnExpired = connection.Expiry(*in.OnExpired)
	}
	after.Domains = names
	if err := in.settings(&after); err != nil {
		return nil, err
	}
	return &after, nil
}

func set[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

// settings changes what is tested as a whole.
func (in *ConnectionEdit) settings(after *connection.Connection) (err error) {
	if in.IDP == nil && in.Attributes == nil {
		return nil
	}
	after.Change(func(s *connection.Settings) {
		if in.IDP != nil {
			err = in.IDP.apply(s)
		}
		if err == nil {
			err = attributes(s, in.Attributes)
		}
	})
	if in.IDP != nil && in.IDP.MetadataURL != nil {
		after.MetadataURL = ""
	}
	return err
}

func (in *IDPEdit) apply(s *connection.Settings) error {
	if in.EntityID != nil {
		if err := samlsp.CheckEntityID(*in.EntityID); err != nil {
			return problem.Invalid("body.idp.entityId", said(err), nil)
		}
		s.EntityID = *in.EntityID
	}
	for _, url := range []struct {
		location, binding string
		value             *string
	}{{"body.idp.ssoUrl", samlsp.BindingRedirect, in.SSOURL}, {"body.idp.ssoPostUrl", samlsp.BindingPost, in.SSOPostURL}} {
		if url.value == nil {
			continue
		}
		delete(s.SignOn, url.binding)
		if *url.value == "" {
			continue
		}
		if err := samlsp.CheckSignOn(*url.value); err != nil {
			return problem.Invalid(url.location, said(err), nil)
		}
		s.SignOn[url.binding] = *url.value
	}
	set(&s.SignRequests, in.SignRequests)
	set(&s.NameIDFormat, in.NameIDFormat)
	return nil
}

// said is a sentence of package samlsp as the end of one of ours.
func said(err error) string { return "cannot be taken: " + strings.TrimSuffix(err.Error(), ".") }

// Bounds of a mapping.
const (
	mostAttributes   = 10
	longestAttribute = 500
)

// attributes sets from which attributes fields are read.
func attributes(s *connection.Settings, mapping map[string][]string) error {
	for _, field := range slices.Sorted(maps.Keys(mapping)) {
		at, names := "body.attributes."+field, mapping[field]
		switch {
		case !slices.Contains(samlsp.Fields(), samlsp.Field(field)):
			return problem.Invalid("body.attributes", "has a field that does not exist. Fields are "+listed(), field)
		case len(names) > mostAttributes || slices.ContainsFunc(names, func(n string) bool { return n == "" || len(n) > longestAttribute }):
			return problem.Invalid(at, "must be up to 10 names of attributes, of up to 500 characters each", nil)
		}
		s.Mapping[samlsp.Field(field)] = slices.Clone(names)
	}
	return nil
}

func listed() string {
	var names []string
	for _, field := range samlsp.Fields() {
		names = append(names, string(field))
	}
	return strings.Join(names, ", ")
}

// kept says who can sign in after the change of an active connection; of any other nobody signs in.
func (f *connections) kept(ctx context.Context, c *access.Caller, tx *table.Tx, of, after *connection.Connection, reach *connection.Reach) (*lockout.Tree, error) {
	if !of.Active {
		return nil, nil
	}
	return f.keep(ctx, c, tx, of, after, reach)
}
