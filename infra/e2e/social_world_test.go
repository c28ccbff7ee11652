package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/oidc/oidctest"
)

// This file plays Microsoft and Google: a real OpenID provider for each, in this process, behind addresses that the stack was
// started with.

// front is where they are, whoever plays them at the moment.
type front struct {
	url     string
	mutex   sync.Mutex
	players map[string]http.Handler
}

// played is of the whole run: it is there before the stack, which is told the address.
var played = sync.OnceValue(func() *front {
	f := &front{players: map[string]http.Handler{}}
	f.url = httptest.NewServer(f).URL
	return f
})

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	f.mutex.Lock()
	player := f.players[name]
	f.mutex.Unlock()
	if player == nil {
		http.NotFound(w, r)
		return
	}
	http.StripPrefix("/"+name, player).ServeHTTP(w, r)
}

// player is a provider that is played.
type player struct {
	*oidctest.IdP
	name string
}

// plays begins to play a provider until the test ends. One test at a time plays one.
func plays(t *testing.T, name, id, secret string) player {
	t.Helper()
	idp := oidctest.Start(t, oidctest.Client{ID: id, Secret: secret, Callback: stack.URL + "/v1/session/oidc/" + name + "/callback"})
	at, err := url.Parse(idp.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := played()
	idp.URL = f.url + "/" + name
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.players[name] = httputil.NewSingleHostReverseProxy(at)
	return player{idp, name}
}

func playsGoogle(t *testing.T) player {
	return plays(t, "google", "local.apps.googleusercontent.com", "local-google-secret")
}

func playsMicrosoft(t *testing.T) player {
	return plays(t, "microsoft", "00000000-0000-4000-8000-000000000000", "local-microsoft-secret")
}

// atGoogle is somebody of a Workspace with an account of that subject.
func atGoogle(subject, address string) oidctest.Person {
	return oidctest.Person{Subject: subject, Claims: map[string]any{"email": address, "email_verified": true, "hd": "acme.example", "name": "Pat"}}
}

// atMicrosoft is somebody of a tenant. Whether Microsoft answers for the address is proved.
func atMicrosoft(subject, address string, proved bool) oidctest.Person {
	const tenant = "11111111-2222-4333-8444-555555555555"
	return oidctest.Person{Subject: "pairwise-" + subject, Tenant: tenant, Claims: map[string]any{"oid": subject, "tid": tenant, "email": address, "xms_edov": proved, "name": "Pat"}}
}

func someSubject() string { return "s" + ulid.Make().String() }

// begin sends a browser to the provider, and gives the cookie that it got and where it goes.
func (p player) begin(t testing.TB, path string, headers ...string) (cookie, address string) {
	t.Helper()
	answer := stack.Do(t, "GET", "/v1/session/oidc/"+p.name+path, nil, headers...).Expect(t, 303)
	for _, one := range (&http.Response{Header: answer.Header}).Cookies() {
		if one.Name == "tenantry-oidc" {
			cookie = one.Name + "=" + one.Value
		}
	}
	return cookie, answer.Header.Get("Location")
}

// back is the browser at the callback.
func (p player) back(t testing.TB, query url.Values, cookie string) Answer {
	t.Helper()
	return stack.Do(t, "GET", "/v1/session/oidc/"+p.name+"/callback?"+query.Encode(), nil, "Cookie", cookie).Expect(t, 303)
}

// signIn is the way there and back of whoever is signed in there.
func (p player) signIn(t testing.TB, who oidctest.Person, path string, headers ...string) Answer {
	t.Helper()
	cookie, address := p.begin(t, path, headers...)
	p.SignIn(who)
	return p.back(t, p.Visit(t, address), cookie)
}

// cameIn is whoever was let in by an answer.
func cameIn(t testing.TB, answer Answer) (p Person) {
	t.Helper()
	if answer.Header.Get("Location") != stack.URL+"/" {
		t.Fatalf("sent to %s", answer.Header.Get("Location"))
	}
	if err := p.signedIn(answer); err != nil {
		t.Fatal(err)
	}
	return p
}

// turnedAway fails the test unless the browser was sent to the page that says so, without a session.
func turnedAway(t testing.TB, answer Answer, problem string) {
	t.Helper()
	to, err := url.Parse(answer.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	said, _ := url.ParseQuery(to.EscapedFragment())
	if to.Path != "/sign-in" || said.Get("problem") != problem || said.Get("detail") == "" {
		t.Errorf("sent to %s, not away as %s", answer.Header.Get("Location"), problem)
	}
	for _, cookie := range (&http.Response{Header: answer.Header}).Cookies() {
		if cookie.Name == "tenantry" {
			t.Errorf("turned away with a session: %s", answer.Header.Get("Location"))
		}
	}
}
