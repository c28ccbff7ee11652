package oidc

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/oidc/oidctest"
)

const (
	callback = "https://settings.example.com/v1/session/oidc/callback"
	tenant   = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
	other    = "82229342-1101-4ab6-817b-70c0747630f3"
)

// world is a provider with a relying party of it.
type world struct {
	*RelyingParty
	idp *oidctest.IdP
	t   *testing.T

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T, provider Provider) *world {
	t.Helper()
	w := &world{t: t, now: time.Now().UTC()}
	w.idp = oidctest.Start(t, oidctest.Client{ID: provider.ClientID, Secret: provider.ClientSecret, Callback: callback})
	var err error
	if w.RelyingParty, err = New(provider.At(w.idp.URL), callback, &http.Client{Timeout: time.Minute}, w.time); err != nil {
		t.Fatal(err)
	}
	return w
}

// newGoogle is a world where Ana of a Workspace signs in with Google.
func newGoogle(t *testing.T) *world {
	w := newWorld(t, Google("us.apps.example", "secret"))
	w.idp.SignIn(ana(nil))
	return w
}

// newMicrosoft is a world where Eva of a tenant signs in with Microsoft.
func newMicrosoft(t *testing.T) *world {
	w := newWorld(t, Microsoft("c0ffee00-0000-4000-8000-000000000001", "secret"))
	w.idp.PublishKeysFor(w.provider.Issuer)
	w.idp.SignIn(eva(nil))
	return w
}

func ana(changed map[string]any) oidctest.Person {
	return oidctest.Person{Subject: "1062", Claims: with(map[string]any{
		"email": "ana@acme.example", "email_verified": true, "hd": "acme.example", "name": "Ana Pérez",
	}, changed)}
}

func eva(changed map[string]any) oidctest.Person {
	return oidctest.Person{Subject: "pairwise", Tenant: tenant, Claims: with(map[string]any{
		"tid": tenant, "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "email": "eva@contoso.example", "xms_edov": true, "name": "Eva Roth",
		"preferred_username": "admin@victim.example", "upn": "admin@victim.example",
	}, changed)}
}

// with gives the claims with some changed, or taken away by nil.
func with(claims, changed map[string]any) map[string]any {
	for name, value := range changed {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// begin goes to the provider and comes back.
func (w *world) begin() (Attempt, url.Values) {
	w.t.Helper()
	attempt, address := w.Begin(Wish{})
	return attempt, w.idp.Visit(w.t, address)
}

// signIn goes there and back and finishes.
func (w *world) signIn() (Identity, error) {
	w.t.Helper()
	attempt, query := w.begin()
	return w.Finish(w.t.Context(), attempt, query)
}

// signedIn signs in and wants it to work.
func (w *world) signedIn() Identity {
	w.t.Helper()
	who, err := w.signIn()
	if err != nil {
		w.t.Fatal(err)
	}
	return who
}

// wants checks that nobody was signed in, for the reason.
func wants(t *testing.T, who Identity, err error, code Code) {
	t.Helper()
	refusal := As(err)
	switch {
	case err == nil:
		t.Errorf("signed in: %+v, want %s", who, code)
	case refusal == nil || refusal.Code != code:
		t.Errorf("%v, want %s", err, code)
	case refusal.Sentence == "" || who != (Identity{}):
		t.Errorf("%v has no sentence, or somebody: %+v", err, who)
	}
}
