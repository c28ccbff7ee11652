package oidctest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage is what the server asks for. Whatever the authorization code flow does not need is nil and panics.
type storage struct {
	op.Storage
	*IdP
}

var errUnknown = errors.New("unknown")

// request is one sign-in on its way; the person in it is done with signing in.
type request struct {
	op.AuthRequest
	id     string
	asked  *oidc.AuthRequest
	person Person
	at     time.Time
}

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return nil }
func (r *request) GetAudience() []string              { return []string{r.asked.ClientID} }
func (r *request) GetAuthTime() time.Time             { return r.at }
func (r *request) GetClientID() string                { return r.asked.ClientID }
func (r *request) GetNonce() string                   { return r.asked.Nonce }
func (r *request) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *request) GetScopes() []string                { return r.asked.Scopes }
func (r *request) GetState() string                   { return r.asked.State }
func (r *request) GetSubject() string                 { return r.person.Subject }
func (r *request) Done() bool                         { return true }
func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	created := &request{id: rand.Text(), asked: asked, person: s.person, at: s.person.SignedIn}
	if created.at.IsZero() {
		created.at = time.Now()
	}
	s.request[created.id] = created
	return created, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.request[id]; found != nil {
		return found, nil
	}
	return nil, errUnknown
}

func (s *storage) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	return s.AuthRequestByID(ctx, "code "+code)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.request["code "+code] = s.request[id]
	return nil
}

// DeleteAuthRequest is called when the code was exchanged: it does not work again.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, one := range s.request {
		if one.id == id {
			delete(s.request, name)
		}
	}
	return nil
}

func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), time.Now().Add(time.Hour), nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key, nil
}

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []op.Key{publicKey{s.key}}, nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != s.client.ID {
		return nil, errUnknown
	}
	return &relyingParty{idp: s.IdP}, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.client.ID || secret != s.client.Secret {
		return errUnknown
	}
	return nil
}

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

// SetUserinfoFromRequest says what the ID token tells of the person.
func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, from op.IDTokenRequest, _ []string) error {
	of, ok := from.(*request)
	if !ok {
		return errUnknown
	}
	info.Subject = of.person.Subject
	for name, value := range of.person.Claims {
		info.AppendClaims(name, value)
	}
	return nil
}

func (s *storage) Health(context.Context) error { return nil }

// relyingParty is the one client: a web application with a secret that it sends in the body.
type relyingParty struct {
	op.Client
	idp *IdP
}

func (c *relyingParty) GetID() string                        { return c.idp.client.ID }
func (c *relyingParty) RedirectURIs() []string               { return []string{c.idp.client.Callback} }
func (c *relyingParty) ApplicationType() op.ApplicationType  { return op.ApplicationTypeWeb }
func (c *relyingParty) AuthMethod() oidc.AuthMethod          { return oidc.AuthMethodPost }
func (c *relyingParty) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c *relyingParty) IDTokenLifetime() time.Duration       { return time.Hour }
func (c *relyingParty) ClockSkew() time.Duration             { return 0 }
func (c *relyingParty) DevMode() bool                        { return true }
func (c *relyingParty) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c *relyingParty) IsScopeAllowed(string) bool           { return false }
func (c *relyingParty) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *relyingParty) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

// LoginURL is where people would give their password: they are done with it.
func (c *relyingParty) LoginURL(id string) string { return c.idp.URL + "/authorize/callback?id=" + id }

func (c *relyingParty) RestrictAdditionalIdTokenScopes() func([]string) []string { return slices.Clone }

func (c *relyingParty) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return slices.Clone
}
