package oidc

import (
	"context"
	"crypto"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
)

// algorithms are what both providers sign with, and what every provider must (OpenID Connect Core 1.0, section 15.1). With
// one algorithm of public keys only, neither "none" nor a public key used as a secret (HS256) gets anywhere.
var algorithms = []jose.SignatureAlgorithm{jose.RS256}

// claims are what an ID token says beside what every one has.
type claims struct {
	AuthorizedParty string  `json:"azp"`
	Subject         string  `json:"sub"`
	Name            string  `json:"name"`
	Email           string  `json:"email"`
	EmailVerified   flag    `json:"email_verified"`
	NotBefore       float64 `json:"nbf"`
	AuthTime        float64 `json:"auth_time"`

	Hosted string `json:"hd"` // Google: the Workspace

	Tenant      string `json:"tid"`      // Microsoft: the tenant
	Object      string `json:"oid"`      // Microsoft: the account in it
	DomainOwned flag   `json:"xms_edov"` // Microsoft: the tenant's administrators proved the address's domain
}

// flag is true in one of the ways that providers write it: true, 1, "true", "1". Anything else is not.
type flag bool

// UnmarshalJSON never errs.
func (f *flag) UnmarshalJSON(raw []byte) error {
	*f = flag(slices.Contains([]string{"true", "1", `"true"`, `"True"`, `"1"`}, string(raw)))
	return nil
}

// verify checks an ID token (OpenID Connect Core 1.0, section 3.1.3.7) and reads it. Nothing of it is believed before its
// signature holds.
func (p *RelyingParty) verify(ctx context.Context, attempt Attempt, raw string) (Identity, error) {
	key, err := p.signer(ctx, raw)
	if err != nil {
		return Identity{}, err
	}
	verifier := gooidc.NewVerifier(p.provider.Issuer, &gooidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key.Key}}, &gooidc.Config{
		SupportedSigningAlgs: []string{string(algorithms[0])},
		// Checked by judge instead: an issuer of each tenant, one audience only, a code for each.
		SkipIssuerCheck:   true,
		SkipClientIDCheck: true,
		SkipExpiryCheck:   true,
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Identity{}, p.refuse(Unsigned, err)
	}
	var said claims
	if err := token.Claims(&said); err != nil {
		return Identity{}, p.refuse(Unreadable, err)
	}
	if refusal := p.judge(attempt, token, said, key); refusal != nil {
		return Identity{}, refusal
	}
	return p.identity(said)
}

// signer gives the provider's key that the token names.
func (p *RelyingParty) signer(ctx context.Context, raw string) (*key, error) {
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, p.refuse(Unsigned, err)
	}
	found, err := p.keys.find(ctx, signed.Signatures[0].Protected.KeyID)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read the keys of %s: %w", p.provider.Name, context.Cause(ctx))
	case errors.Is(err, errUnknownKey):
		return nil, p.refuse(Unsigned, err)
	case err != nil:
		return nil, p.refuse(Unreachable, err)
	}
	return found, nil
}

// judge checks that a token whose signature holds is this provider's, for us, in answer to the attempt. It gives nil where
// nothing is wrong.
func (p *RelyingParty) judge(attempt Attempt, token *gooidc.IDToken, said claims, signer *key) *Refusal {
	now := p.clock()
	switch {
	case !p.provider.issues(token.Issuer, said.Tenant) || !signer.signs(token.Issuer, said.Tenant):
		return p.refuse(WrongIssuer, quoted("the token is issued by", token.Issuer))
	case len(token.Audience) != 1 || token.Audience[0] != p.provider.ClientID:
		return p.refuse(WrongAudience, quoted("the token is for", fmt.Sprint(token.Audience)))
	case said.AuthorizedParty != "" && said.AuthorizedParty != p.provider.ClientID:
		return p.refuse(WrongAudience, quoted("the token was asked for by", said.AuthorizedParty))
	case !token.Expiry.After(now):
		return p.refuse(Expired, fmt.Errorf("the token ended at %d", token.Expiry.Unix()))
	case token.IssuedAt.After(now.Add(skew)) || seconds(said.NotBefore).After(now.Add(skew)):
		return p.refuse(Expired, errors.New("the token begins in the future"))
	case attempt.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(attempt.Nonce)) != 1:
		return p.refuse(WrongNonce, nil)
	case attempt.Fresh && seconds(said.AuthTime).Before(attempt.Begun.Add(-skew)):
		return p.refuse(NotFresh, fmt.Errorf("auth_time is %.0f, the attempt began at %d", said.AuthTime, attempt.Begun.Unix()))
	}
	return nil
}

// seconds is a time as tokens write it.
func seconds(sinceEpoch float64) time.Time { return time.Unix(int64(sinceEpoch), 0).UTC() }
