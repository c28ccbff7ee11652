package main

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// SCIMToken is a token of the IdP.
type SCIMToken struct {
	ID           string       `json:"id" doc:"Its id" example:"tok_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Token        string       `json:"token,omitempty" doc:"The secret, in the answer that makes it only" example:"tnt_scim_..."`
	Hint         string       `json:"hint" doc:"Its last four characters"`
	ExpiresAt    string       `json:"expiresAt,omitempty" format:"date-time" doc:"When it ends; absent: it does not"`
	Held         bool         `json:"held" doc:"The installation was restored from a backup since the token was made: it works again once an administrator has confirmed it"`
	LastUsedAt   string       `json:"lastUsedAt,omitempty" format:"date-time" doc:"When the IdP used it last; up to five minutes old"`
	LastUsedFrom string       `json:"lastUsedFrom,omitempty" doc:"From which network address"`
	CreatedAt    string       `json:"createdAt" format:"date-time" doc:"When it was made"`
	CreatedBy    people.Named `json:"createdBy" doc:"By whom"`
}

// SCIMTokens is the answer with all of them.
type SCIMTokens struct {
	Body struct {
		Items []SCIMToken `json:"items" doc:"Two at most"`
	}
}

// listTokens answers GET /v1/organizations/{org}/sso-connections/{connection}/scim/tokens.
func (f *connections) listTokens(ctx context.Context, c *access.Caller, in *AboutConnection) (*SCIMTokens, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	out := &SCIMTokens{}
	out.Body.Items, err = f.tokens(ctx, c, of, of.Tokens)
	return out, err
}

func (f *connections) tokens(ctx context.Context, c *access.Caller, of *connection.Connection, list []connection.Token) ([]SCIMToken, error) {
	var makers []audit.Actor
	for _, one := range list {
		makers = append(makers, one.CreatedBy)
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, makers...)
	shown := make([]SCIMToken, len(list))
	for i, one := range list {
		use := of.TokenUses[one.ID]
		shown[i] = SCIMToken{ID: one.ID, Hint: one.Hint, Held: one.Held(c.Restored), ExpiresAt: clock.FormatUnix(one.EndsAt), LastUsedAt: use.At, LastUsedFrom: use.From,
			CreatedAt: one.CreatedAt, CreatedBy: names[one.CreatedBy]}
	}
	return shown, err
}

// NewSCIMToken is a token to be made.
type NewSCIMToken struct {
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"When it ends, at most 2 years ahead; absent: it does not. An IdP whose token has ended stops provisioning"`
}

// MakeTokenInput is the input of POST /v1/organizations/{org}/sso-connections/{connection}/scim/tokens.
type MakeTokenInput struct {
	AboutConnection
	Body NewSCIMToken
}

// MadeToken is a token that is new.
type MadeToken struct{ Body SCIMToken }

// Forget removes the secret.
func (m *MadeToken) Forget() { m.Body.Token = "" }

// makeToken answers POST /v1/organizations/{org}/sso-connections/{connection}/scim/tokens.
func (f *connections) makeToken(ctx context.Context, c *access.Caller, in *MakeTokenInput, tx *table.Tx) (*MadeToken, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	ends := int64(0)
	if at := in.Body.ExpiresAt; at != nil {
		if err := secret.CheckEnd("body.expiresAt", *at, f.Clock()); err != nil {
			return nil, err
		}
		ends = at.Unix()
	}
	made, token, err := f.registry.AddToken(tx, of, ends, f.act(c))
	if err != nil {
		return nil, err
	}
	views, err := f.tokens(ctx, c, of, []connection.Token{made})
	if err != nil {
		return nil, err
	}
	views[0].Token = token
	return &MadeToken{views[0]}, nil
}

// AboutToken is the input that names a SCIM token.
type AboutToken struct {
	AboutConnection
	Token string `path:"scimToken" doc:"The token's id" example:"tok_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// revokeToken answers DELETE /v1/organizations/{org}/sso-connections/{connection}/scim/tokens/{scimToken}.
func (f *connections) revokeToken(ctx context.Context, c *access.Caller, in *AboutToken, tx *table.Tx) (*Nothing, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	return nil, f.registry.RevokeToken(tx, of, in.Token, f.act(c))
}

// ShownToken is the answer with a token that is there.
type ShownToken struct{ Body SCIMToken }

// confirmToken answers POST /v1/organizations/{org}/sso-connections/{connection}/scim/tokens/{scimToken}/confirm (INS-6).
func (f *connections) confirmToken(ctx context.Context, c *access.Caller, in *AboutToken, tx *table.Tx) (*ShownToken, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	confirmed, err := f.registry.ConfirmToken(tx, of, in.Token, c.Restored, f.act(c))
	if err != nil {
		return nil, err
	}
	views, err := f.tokens(ctx, c, of, []connection.Token{confirmed})
	if err != nil {
		return nil, err
	}
	return &ShownToken{views[0]}, nil
}
