package oidc

import (
	"fmt"
	"net/url"
	"strings"
)

// tenantPlace stands in an issuer for the tenant of whoever signs in, as Microsoft writes it.
const tenantPlace = "{tenantid}"

// Provider is somebody who vouches for people, as data. Google and Microsoft make the two that there are; a local stack puts
// the addresses of its own in their place.
type Provider struct {
	Name  string // of routes and stored sign-ins, such as "google"; it never changes
	Title string // what people call it

	// Issuer is who signs the tokens. With {tenantid} in it each tenant has its own, and the token's tid is put there.
	Issuer string
	// AlsoIssuer is the issuer as the provider writes it at times; empty: it always writes the same.
	AlsoIssuer string

	Authorization string // where the browser is sent
	Token         string // where the code is exchanged
	Keys          string // the keys that sign (JWKS)

	ClientID     string
	ClientSecret string

	// Forces tells whether the provider can be made to ask for the credentials again, and proves it (PER-6).
	Forces bool

	reads func(claims) reading // what its claims mean
}

// Google is the provider for accounts of Google, Workspace or not.
// https://developers.google.com/identity/openid-connect/reference
func Google(clientID, clientSecret string) Provider {
	return Provider{
		Name: "google", Title: "Google",
		Issuer: "https://accounts.google.com", AlsoIssuer: "accounts.google.com",
		Authorization: "https://accounts.google.com/o/oauth2/v2/auth",
		Token:         "https://oauth2.googleapis.com/token",
		Keys:          "https://www.googleapis.com/oauth2/v3/certs",
		ClientID:      clientID, ClientSecret: clientSecret,
		reads: readGoogle,
	}
}

// Microsoft is the provider for accounts of every tenant of Entra ID, and for personal ones. The application's registration
// must have the optional claims email, xms_edov and auth_time of the ID token.
// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func Microsoft(clientID, clientSecret string) Provider {
	const common = "https://login.microsoftonline.com/common"
	return Provider{
		Name: "microsoft", Title: "Microsoft",
		Issuer:        "https://login.microsoftonline.com/" + tenantPlace + "/v2.0",
		Authorization: common + "/oauth2/v2.0/authorize",
		Token:         common + "/oauth2/v2.0/token",
		Keys:          common + "/discovery/v2.0/keys",
		ClientID:      clientID, ClientSecret: clientSecret,
		Forces: true,
		reads:  readMicrosoft,
	}
}

// At is the provider as somebody else plays it, all of it below one address such as http://localhost:8091/google: for a local
// stack, and for tests.
func (p Provider) At(address string) Provider {
	if p.perTenant() {
		p.Issuer = address + "/" + tenantPlace + "/v2.0"
	} else {
		p.Issuer = address
	}
	p.AlsoIssuer = ""
	p.Authorization, p.Token, p.Keys = address+"/authorize", address+"/oauth/token", address+"/keys"
	return p
}

// validate errs for a provider that nobody can sign in with.
func (p Provider) validate() error {
	if p.reads == nil || p.Name == "" || p.Issuer == "" || p.ClientID == "" || p.ClientSecret == "" {
		return fmt.Errorf("oidc: the provider %q lacks a name, an issuer, the client's id or secret", p.Name)
	}
	for _, address := range []string{p.Authorization, p.Token, p.Keys} {
		if u, err := url.Parse(address); err != nil || u.Host == "" {
			return fmt.Errorf("oidc: %q of the provider %s is no address", address, p.Name)
		}
	}
	return nil
}

// perTenant tells whether each tenant has its own issuer.
func (p Provider) perTenant() bool { return strings.Contains(p.Issuer, tenantPlace) }

// issuerOf is the issuer whose tokens the tenant's people have.
func (p Provider) issuerOf(tenant string) string {
	return strings.ReplaceAll(p.Issuer, tenantPlace, tenant)
}

// issues tells whether a token of the tenant is the provider's when it names that issuer.
func (p Provider) issues(issuer, tenant string) bool {
	if p.perTenant() && !isGUID(tenant) {
		return false
	}
	return issuer == p.issuerOf(tenant) || issuer != "" && issuer == p.AlsoIssuer
}

// tenantIn gives what stands in an issuer in the tenant's place.
func (p Provider) tenantIn(issuer string) (string, bool) {
	before, after, _ := strings.Cut(p.Issuer, tenantPlace)
	rest, begins := strings.CutPrefix(issuer, before)
	tenant, ends := strings.CutSuffix(rest, after)
	return tenant, begins && ends
}

// isGUID tells whether it is a GUID in lower case, as a tid is: without, a tenant could be written into an issuer's path.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}
