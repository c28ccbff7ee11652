// Package oidctest is an OpenID provider for tests: the server of zitadel/oidc in this process. It has
// one client and asks nobody for a password: whoever is sent there is the person that SignIn said.
//
//	idp := oidctest.Start(t, oidctest.Client{ID: "us", Secret: "secret", Callback: callback})
//	idp.SignIn(oidctest.Person{Subject: "1", Claims: map[string]any{"email": "ana@gmail.com", "email_verified": true}})
//	query := idp.Visit(t, address) // what the browser brings back to the callback
//
// It answers properly unless it is told to Alter its tokens or to Break: then it does what an attacker would.
package oidctest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Client is whom the provider knows.
type Client struct{ ID, Secret, Callback string }

// Person is somebody with an account.
type Person struct {
	Subject  string
	Tenant   string         // in the issuer; empty: the issuer is the provider's URL
	Claims   map[string]any // of the ID token, beside the subject
	SignedIn time.Time      // when the credentials were given; zero: now
}

// IdP is a running provider.
type IdP struct {
	URL string

	mu      sync.Mutex
	client  Client
	person  Person
	key     signingKey
	shared  string // the issuer that the keys are published for
	alter   func(raw string) string
	broken  map[string]int
	asked   map[string]int
	request map[string]*request // by id and by code
}

// Start runs a provider until the test ends.
func Start(t testing.TB, client Client) *IdP {
	t.Helper()
	idp := &IdP{client: client, key: firstKey(), broken: map[string]int{}, asked: map[string]int{}, request: map[string]*request{}}
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true}
	issuer := func(bool) (op.IssuerFromRequest, error) { return idp.issuer, nil }
	provider, err := op.NewProvider(config, &storage{IdP: idp}, issuer, op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(idp.front(provider))
	t.Cleanup(server.Close)
	idp.URL = server.URL
	return idp
}

// SignIn says who is signed in there from now on.
func (i *IdP) SignIn(person Person) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.person = person
}

// Alter has the token endpoint answer with another ID token than its own; nil ends it.
func (i *IdP) Alter(alter func(raw string) string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.alter = alter
}

// Break has a path answer with the status; 0 mends it.
func (i *IdP) Break(path string, status int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.broken[path] = status
}

// PublishKeysFor writes an issuer beside each key, as Microsoft does.
func (i *IdP) PublishKeysFor(issuer string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.shared = issuer
}

// Asked is how often a path was asked.
func (i *IdP) Asked(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[path]
}

// Visit goes where the browser was sent, and gives the query that it brings back to the callback.
func (i *IdP) Visit(t testing.TB, address string) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), i.client.Callback) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	answer, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("%s: %s, no way back: %v", address, answer.Status, err)
	}
	return back.Query()
}

// issuer is whom the tokens of the person who is signed in are from.
func (i *IdP) issuer(*http.Request) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.person.Tenant != "" {
		return i.URL + "/" + i.person.Tenant + "/v2.0"
	}
	return i.URL
}

// front stands before the provider: it counts, breaks and alters.
func (i *IdP) front(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.asked[r.URL.Path]++
		status, alter, shared := i.broken[r.URL.Path], i.alter, i.shared
		i.mu.Unlock()
		switch {
		case status != 0:
			w.WriteHeader(status)
		case r.URL.Path == "/oauth/token" && alter != nil:
			rewrite(w, r, provider, func(answer map[string]any) {
				if raw, ok := answer["id_token"].(string); ok {
					answer["id_token"] = alter(raw)
				}
			})
		case r.URL.Path == "/keys" && shared != "":
			rewrite(w, r, provider, func(answer map[string]any) {
				for _, key := range answer["keys"].([]any) {
					key.(map[string]any)["issuer"] = shared
				}
			})
		default:
			provider.ServeHTTP(w, r)
		}
	})
}

// rewrite answers with what the provider does, changed.
func rewrite(w http.ResponseWriter, r *http.Request, provider http.Handler, change func(map[string]any)) {
	recorder := httptest.NewRecorder()
	provider.ServeHTTP(recorder, r)
	var answer map[string]any
	if json.Unmarshal(recorder.Body.Bytes(), &answer) == nil {
		change(answer)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(recorder.Code)
	json.NewEncoder(w).Encode(answer)
}
