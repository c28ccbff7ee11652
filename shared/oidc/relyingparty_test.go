package oidc

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/outgoing"
)

func TestLOG4_SignsInWithGoogle(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	want := Identity{Provider: "google", Issuer: w.idp.URL, Subject: "1062", Tenant: "acme.example", Name: "Ana Pérez",
		Address: "ana@acme.example", Claimed: "ana@acme.example"}
	if diff := cmp.Diff(want, w.signedIn(), cmpopts.IgnoreFields(Identity{}, "SignedIn")); diff != "" {
		t.Error(diff)
	}
}

func TestLOG4_SignsInWithMicrosoft(t *testing.T) {
	t.Parallel()
	w := newMicrosoft(t)
	want := Identity{Provider: "microsoft", Issuer: w.idp.URL + "/" + tenant + "/v2.0", Subject: "690222be-ff1a-4d56-abd1-7e4f7d38e474",
		Tenant: tenant, Name: "Eva Roth", Address: "eva@contoso.example", Claimed: "eva@contoso.example"}
	if diff := cmp.Diff(want, w.signedIn(), cmpopts.IgnoreFields(Identity{}, "SignedIn")); diff != "" {
		t.Error(diff)
	}
}

func TestLOG4_ACodeWorksOnceAndForItsAttemptOnly(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	attempt, query := w.begin()
	if _, err := w.Finish(t.Context(), attempt, query); err != nil {
		t.Fatal(err)
	}
	who, err := w.Finish(t.Context(), attempt, query)
	wants(t, who, err, CodeRefused)

	_, stolen := w.begin() // an attacker's own sign-in, and the victim's attempt
	attempt, query = w.begin()
	query.Set("code", stolen.Get("code"))
	who, err = w.Finish(t.Context(), attempt, query)
	wants(t, who, err, CodeRefused)

	attempt, query = w.begin()
	attempt.Verifier = elsewhere(attempt.Verifier)
	who, err = w.Finish(t.Context(), attempt, query)
	wants(t, who, err, CodeRefused)
}

// elsewhere is another text of the same length.
func elsewhere(s string) string { return string(s[len(s)-1]) + s[:len(s)-1] }

func TestLOG4_AProviderThatFailsIsToldFromOneThatRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*world)
		want  Code
	}{
		"no answer to the code":  {func(w *world) { w.idp.Break("/oauth/token", http.StatusBadGateway) }, Unreachable},
		"no keys":                {func(w *world) { w.idp.Break("/keys", http.StatusNotFound) }, Unreachable},
		"another secret":         {func(w *world) { w.oauth.ClientSecret = "old" }, Misconfigured},
		"nobody there":           {func(w *world) { w.oauth.Endpoint.TokenURL = "http://127.0.0.1:1/oauth/token" }, Unreachable},
		"another redirect":       {func(w *world) { w.oauth.RedirectURL = "https://settings.example.com/other" }, CodeRefused},
		"no token in the answer": {func(w *world) { w.idp.Alter(func(string) string { return "" }) }, Unreadable},
		"too much of one": {func(w *world) {
			w.idp.Alter(func(raw string) string { return raw + string(make([]byte, longestToken)) })
		}, Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newGoogle(t)
			attempt, query := w.begin()
			c.spoil(w)
			who, err := w.Finish(t.Context(), attempt, query)
			wants(t, who, err, c.want)
		})
	}
}

func TestLOG4_AllRequestsGoThroughTheClientThatIsGiven(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	seen := &counted{}
	party, err := New(w.provider, callback, &http.Client{Transport: seen}, w.time)
	if err != nil {
		t.Fatal(err)
	}
	attempt, address := party.Begin(Wish{})
	if _, err := party.Finish(t.Context(), attempt, w.idp.Visit(t, address)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"POST /oauth/token", "GET /keys"}, seen.requests); diff != "" {
		t.Error(diff)
	}
}

func TestLOG4_SignsInOverTheOutgoingClient(t *testing.T) {
	t.Parallel()
	w := newMicrosoft(t)
	client, err := outgoing.New(outgoing.Config{PublicURL: "http://localhost:8080", Loopback: []string{strings.TrimPrefix(w.idp.URL, "http://")}})
	if err != nil {
		t.Fatal(err)
	}
	party, err := New(w.provider, callback, client.HTTP(), w.time)
	if err != nil {
		t.Fatal(err)
	}
	attempt, address := party.Begin(Wish{})
	if _, err := party.Finish(t.Context(), attempt, w.idp.Visit(t, address)); err != nil {
		t.Error(err)
	}
}

// counted notes the requests of a client.
type counted struct{ requests []string }

func (c *counted) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests = append(c.requests, r.Method+" "+r.URL.Path)
	return http.DefaultTransport.RoundTrip(r)
}

func TestLOG4_WhoeverWaitsCanStop(t *testing.T) {
	t.Parallel()
	w := newGoogle(t)
	attempt, query := w.begin()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := w.Finish(ctx, attempt, query); !errors.Is(err, enough) || As(err) != nil {
		t.Errorf("got %v", err)
	}
}

func TestLOG4_FreshIsProvedByTheTokenAndNotByTheAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ago     time.Duration
		altered map[string]any
		fresh   bool
	}{
		"just now":         {0, nil, true},
		"an hour ago":      {time.Hour, nil, false}, // somebody took prompt=login out of the address
		"it is not told":   {0, map[string]any{"auth_time": nil}, false},
		"it is told wrong": {0, map[string]any{"auth_time": -1}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newMicrosoft(t)
			person := eva(nil)
			person.SignedIn = time.Now().Add(-c.ago)
			w.idp.SignIn(person)
			w.idp.Alter(w.idp.Resigned(t, func(claims map[string]any) { with(claims, c.altered) }))
			attempt, address := w.Begin(Wish{Fresh: true})
			who, err := w.Finish(t.Context(), attempt, w.idp.Visit(t, address))
			if !c.fresh {
				wants(t, who, err, NotFresh)
			} else if err != nil || time.Since(who.SignedIn) > time.Minute {
				t.Errorf("%v, %v", who, err)
			}
		})
	}
}

func TestLOG4_FreshIsForProvidersThatForce(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Google was asked for what it cannot do")
		}
	}()
	newGoogle(t).Begin(Wish{Fresh: true})
}

func TestAProviderIsComplete(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Provider){
		"no id":     func(p *Provider) { p.ClientID = "" },
		"no secret": func(p *Provider) { p.ClientSecret = "" },
		"no keys":   func(p *Provider) { p.Keys = "" },
		"no token":  func(p *Provider) { p.Token = "oauth/token" },
		"no issuer": func(p *Provider) { p.Issuer = "" },
		"no rules": func(p *Provider) {
			*p = Provider{Name: "x", Issuer: "x", ClientID: "x", ClientSecret: "x", Authorization: p.Authorization, Token: p.Token, Keys: p.Keys}
		},
	} {
		provider := Google("id", "secret")
		spoil(&provider)
		if _, err := New(provider, callback, http.DefaultClient, clock.System); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New(Google("id", "secret"), callback, nil, clock.System); err == nil {
		t.Error("taken without a client: the libraries would use one of their own")
	}
}
