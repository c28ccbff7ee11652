// Package oidc is the relying party's side of OpenID Connect: the authorization code flow with PKCE, nonce and state, towards
// providers that are data (LOG-4).
//
//	google, err := oidc.New(oidc.Google(id, secret), callback, outgoing.HTTP(), clock.System)
//	attempt, address := google.Begin(oidc.Wish{})                      // seal the attempt into a cookie, redirect to the address
//	identity, err := google.Finish(ctx, attempt, request.URL.Query()) // at the callback, once for each attempt
//
// Who it was is identity's provider, issuer and subject, which never change; an address is only what the provider proves at
// that moment. The package refuses to know people, sessions and storage: what an identity may do, and that an attempt is used
// once, is its caller's. It keeps nothing but the providers' keys.
package oidc

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/tenantry/tenantry/shared/clock"
)

const (
	longestCode  = 4096
	longestToken = 64 << 10
)

// RelyingParty signs people in with one provider. It may be used by several goroutines, and is made once, since it keeps the
// provider's keys.
type RelyingParty struct {
	provider Provider
	oauth    oauth2.Config
	client   *http.Client
	keys     *keys
	clock    clock.Clock
}

// New makes a relying party. callback is the address that the provider sends the browser back to; each provider needs one
// of its own, so that no answer can be taken for another's. All requests go through client, which bounds them. New errs for
// a provider with something missing.
func New(provider Provider, callback string, client *http.Client, now clock.Clock) (*RelyingParty, error) {
	if err := provider.validate(); err != nil {
		return nil, err
	}
	if client == nil {
		return nil, fmt.Errorf("oidc: no client for %s", provider.Name)
	}
	return &RelyingParty{
		provider: provider,
		oauth: oauth2.Config{
			ClientID:     provider.ClientID,
			ClientSecret: provider.ClientSecret,
			RedirectURL:  callback,
			Scopes:       []string{"openid", "profile", "email"},
			Endpoint: oauth2.Endpoint{
				AuthURL:   provider.Authorization,
				TokenURL:  provider.Token,
				AuthStyle: oauth2.AuthStyleInParams, // never found out by trying, which would use the code up
			},
		},
		client: client,
		keys:   &keys{address: provider.Keys, client: client, clock: now},
		clock:  now,
	}, nil
}

// Provider gives whom it signs in with.
func (p *RelyingParty) Provider() Provider { return p.provider }

// Finish takes the query of the callback's address, and tells who signed in. attempt is what Begin made for this browser; the
// caller sees to it that it is used once. Finish errs with a *Refusal, whatever is wrong, and with what ended ctx.
func (p *RelyingParty) Finish(ctx context.Context, attempt Attempt, query url.Values) (Identity, error) {
	code, err := p.code(attempt, query)
	if err != nil {
		return Identity{}, err
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, p.client)
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(attempt.Verifier))
	switch {
	case ctx.Err() != nil:
		return Identity{}, fmt.Errorf("exchange a code at %s: %w", p.provider.Name, context.Cause(ctx))
	case err != nil:
		return Identity{}, p.exchangeFailed(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" || len(raw) > longestToken {
		return Identity{}, p.refuse(Unreadable, errNoToken)
	}
	return p.verify(ctx, attempt, raw)
}
