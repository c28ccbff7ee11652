package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/oidc"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
)

// This file is the way to a provider and back (LOG-4). Whom an account there means is in account_social.go.

// providers are those that people can sign in with here. What is not set up is not there (INS-4).
type providers map[people.Method]*oidc.RelyingParty

// newProviders makes them of the configuration. A local stack has somebody else play them.
func newProviders(s *start.Services) (providers, error) {
	c := s.Config
	set := map[people.Method]oidc.Provider{}
	if c.MicrosoftClientID != "" {
		set[people.ByMicrosoft] = oidc.Microsoft(c.MicrosoftClientID, c.MicrosoftClientSecret)
	}
	if c.GoogleClientID != "" {
		set[people.ByGoogle] = oidc.Google(c.GoogleClientID, c.GoogleClientSecret)
	}
	allowed := outgoing.Config{PublicURL: c.PublicURL}
	if at, err := url.Parse(c.ProvidersURL); err == nil && at.Host != "" {
		allowed.Loopback = []string{at.Host}
	}
	client, err := outgoing.New(allowed)
	if err != nil {
		return nil, err
	}
	all := providers{}
	for method, provider := range set {
		if c.ProvidersURL != "" {
			provider = provider.At(c.ProvidersURL + "/" + provider.Name)
		}
		callback := c.PublicURL + "/v1/session/oidc/" + provider.Name + "/callback"
		if all[method], err = oidc.New(provider, callback, client.HTTP(), s.Clock); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// methods are the ways to sign in that are offered to everybody, as other ways beside a domain's own too.
func (d *door) methods() []string {
	methods := []string{string(people.ByPassword)}
	for _, social := range d.Config.Social() {
		methods = append(methods, string(social))
	}
	return methods
}

func (d *door) mountSocial() {
	httpapi.Read(d.server, httpapi.Operation{ID: "begin-social-sign-in", Method: http.MethodGet, Path: "/v1/session/oidc/{provider}", Needs: access.Public, Status: http.StatusSeeOther,
		Summary:     "Sign in with Microsoft or Google",
		Description: "For a browser: it is sent to the provider. 404 where the provider is not set up."}, d.beginSocial)
	httpapi.Read(d.server, httpapi.Operation{ID: "finish-social-sign-in", Method: http.MethodGet, Path: "/v1/session/oidc/{provider}/callback", Needs: access.Public, Status: http.StatusSeeOther, AnyQuery: true,
		Summary:     "Come back from Microsoft or Google",
		Description: "For a browser that the provider sends back. It goes on to the portal with the session's cookie, or to /sign-in#problem=...&detail=..."}, d.finishSocial)
	httpapi.Read(d.server, httpapi.Operation{ID: "begin-social-reauthentication", Method: http.MethodGet, Path: "/v1/session/oidc/{provider}/reauthenticate", Needs: access.SignedIn, PersonOnly: true, Status: http.StatusSeeOther,
		Summary:     "Prove again who is signed in, at Microsoft",
		Description: "For a browser: the provider asks for the credentials again. 404 where it is not set up, or cannot be made to ask (Google)."}, d.beginSocialAgain)
}

type socialInput struct {
	Provider   string `path:"provider" enum:"microsoft,google" doc:"Whom to sign in with"`
	Email      string `query:"email" maxLength:"254" doc:"The address that was typed: the provider offers that account"`
	Invitation string `query:"invitation" maxLength:"512" doc:"The token of an invitation to accept by it"`
}

type providerPath struct {
	Provider string `path:"provider" enum:"microsoft,google" doc:"Whom to sign in with"`
}

// elsewhere sends the browser on.
type elsewhere struct {
	Location string        `header:"Location" doc:"Where the browser goes"`
	Cache    string        `header:"Cache-Control"`
	Cookies  []http.Cookie `header:"Set-Cookie"`
}

// onItsWay is a sign-in between the way to the provider and the way back, as the browser that began it keeps it, sealed.
type onItsWay struct {
	oidc.Attempt
	Invitation string `json:"i,omitempty"` // the token of one that is accepted by it
	Session    string `json:"h,omitempty"` // the hash of the session that is proved again, and
	User       string `json:"u,omitempty"` // whose it is
}

const (
	wayCookie  = "tenantry-oidc"
	wayPurpose = "oidc"
	wayLasts   = 10 * time.Minute
)

// provider is the one of that name: Missing where it is not set up.
func (d *door) provider(name string) (*oidc.RelyingParty, error) {
	p, found := d.social[people.Method(name)]
	if !found {
		return nil, problem.Missing()
	}
	return p, nil
}

// beginSocial answers GET /v1/session/oidc/{provider}.
func (d *door) beginSocial(_ context.Context, _ *access.Caller, in *socialInput) (*elsewhere, error) {
	p, err := d.provider(in.Provider)
	if err != nil {
		return nil, err
	}
	attempt, address := p.Begin(oidc.Wish{Address: strings.TrimSpace(in.Email)})
	return d.away(onItsWay{Attempt: attempt, Invitation: in.Invitation}, address)
}

// beginSocialAgain answers GET /v1/session/oidc/{provider}/reauthenticate (PER-6).
func (d *door) beginSocialAgain(_ context.Context, c *access.Caller, in *providerPath) (*elsewhere, error) {
	p, err := d.provider(in.Provider)
	if err != nil {
		return nil, err
	}
	if !p.Provider().Forces {
		return nil, problem.Missing()
	}
	attempt, address := p.Begin(oidc.Wish{Fresh: true, Address: c.User.Email})
	return d.away(onItsWay{Attempt: attempt, Session: c.SessionHash, User: c.User.ID}, address)
}

func (d *door) away(on onItsWay, address string) (*elsewhere, error) {
	plain, err := json.Marshal(on)
	if err != nil {
		return nil, err
	}
	sealed := d.Keyring.Seal(wayPurpose, plain, []byte(on.Provider))
	return &elsewhere{Location: address, Cache: "no-store", Cookies: []http.Cookie{d.server.BrowserCookie(wayCookie, sealed, wayLasts)}}, nil
}

// finishSocial answers GET /v1/session/oidc/{provider}/callback. Whatever becomes of it, the browser forgets the attempt.
func (d *door) finishSocial(ctx context.Context, _ *access.Caller, in *providerPath) (*elsewhere, error) {
	p, err := d.provider(in.Provider)
	if err != nil {
		return nil, err
	}
	out := &elsewhere{Location: d.Config.PublicURL + "/", Cache: "no-store", Cookies: []http.Cookie{d.server.BrowserCookie(wayCookie, "", 0)}}
	on := d.onItsWay(ctx, in.Provider)
	who, err := p.Finish(ctx, on.Attempt, httpapi.CallOf(ctx).Query())
	if err == nil {
		var cookies []http.Cookie
		cookies, err = d.enter(ctx, on, who)
		out.Cookies = append(out.Cookies, cookies...)
	}
	return d.told(ctx, out, err)
}

// onItsWay is what this browser began, and otherwise nothing, which nobody can finish.
func (d *door) onItsWay(ctx context.Context, provider string) (on onItsWay) {
	sealed := cmp.Or(d.server.Cookies(httpapi.CallOf(ctx), wayCookie, 1)[""], "-")
	plain, err := d.Keyring.Open(ctx, wayPurpose, sealed, []byte(provider))
	if err != nil || json.Unmarshal(plain, &on) != nil {
		return onItsWay{}
	}
	return on
}

// told sends the browser to the page that says why nobody was signed in. What is wrong on our side is answered as everywhere.
func (d *door) told(ctx context.Context, out *elsewhere, err error) (*elsewhere, error) {
	slug, sentence := "", ""
	if r := oidc.As(err); r != nil {
		slug, sentence = "provider-refused", r.Sentence
		slog.InfoContext(ctx, "sign-in refused", "event", "sign-in.refused", "request", httpapi.CallOf(ctx).ID, "why", r.Code, "cause", r.Error())
	} else if e := problem.As(err); e != nil && e.Code != problem.Internal && e.Code != problem.Unavailable {
		slug, sentence = e.Slug, e.Detail
	} else if err != nil {
		return nil, err
	}
	if slug != "" {
		out.Location = d.Config.PublicURL + "/sign-in#" + url.Values{"problem": {slug}, "detail": {sentence}, "request": {httpapi.CallOf(ctx).ID}}.Encode()
	}
	return out, nil
}
