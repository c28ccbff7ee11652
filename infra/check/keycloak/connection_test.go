package keycloak

import (
	"net/http"
	"strings"
	"testing"
)

// connection is an SSO connection as these tests read it.
type connection struct {
	ID, Status string
	SP         struct{ MetadataURL, LoginURL string }
	IDP        struct {
		Certificates []certificate
	}
}

// certificate is one that the connection trusts.
type certificate struct {
	ID, Source string
	InUse      bool
}

// world is a realm that is an active connection of the client, for a domain, with somebody who may sign in.
type world struct {
	realm *realm
	connection
	carla string
}

// newWorld sets one up by the wizard's API, as an administrator would; settings are those of the client in Keycloak.
func newWorld(t testing.TB, name string, settings map[string]string) *world {
	t.Helper()
	domain := name + ".example"
	w := &world{carla: "carla@" + domain}
	w.realm = newRealm(t, server, name, w.carla)
	product.verifiedDomain(t, domain)
	product.invite(t, w.carla)
	product.do(t, "POST", product.org+"/sso-connections", map[string]string{"name": "Keycloak " + name, "provider": "custom"}, &w.connection)
	w.readMetadata(t)
	product.do(t, "PATCH", w.path(), map[string]any{"domains": []string{domain}}, nil)
	w.realm.register(t, []byte(newBrowser(t).open(t, w.SP.MetadataURL).text), settings)
	w.test(t)
	product.do(t, "POST", w.path()+"/activate", nil, &w.connection)
	if w.Status != "active" {
		t.Fatalf("the connection is %s", w.Status)
	}
	return w
}

func (w *world) path() string { return product.org + "/sso-connections/" + w.ID }

// readMetadata has the connection take what the realm's metadata says.
func (w *world) readMetadata(t testing.TB) {
	t.Helper()
	product.do(t, "POST", w.path()+"/idp-metadata", map[string]string{"url": w.realm.metadataURL()}, &w.connection)
}

// test goes through the wizard's test, in the browser that starts it.
func (w *world) test(t testing.TB) {
	t.Helper()
	b := newBrowser(t)
	var started struct{ ID, URL string }
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, product.url+w.path()+"/tests", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+product.apiKey)
	b.visit(t, request).json(t, &started)
	end := w.throughKeycloak(t, b, started.URL)
	var test struct{ Outcome, Means, Why string }
	product.do(t, "GET", w.path()+"/tests/"+started.ID, nil, &test)
	if test.Outcome != "passed" || test.Means != "match" {
		t.Fatalf("the test: %+v; the browser shows %d %s", test, end.status, end.text)
	}
}

// throughKeycloak opens an address of the product that leads to Keycloak, signs in there, and brings the answer back. It gives the page
// at the end.
func (w *world) throughKeycloak(t testing.TB, b *browser, address string) shown {
	t.Helper()
	page := b.open(t, address)
	if strings.Contains(page.text, `name="password"`) { // Keycloak has no session of the browser's
		page = b.submit(t, page, map[string]string{"username": w.carla, "password": password})
	}
	return b.submit(t, page, nil)
}

// signsIn fails unless Carla is signed in in a new browser.
func (w *world) signsIn(t testing.TB) {
	t.Helper()
	var me struct{ Email string }
	page := w.throughKeycloak(t, newBrowser(t), w.SP.LoginURL+"?return=/v1/me")
	if page.json(t, &me); me.Email != w.carla {
		t.Fatalf("at %s: %d %s", page.at, page.status, page.text)
	}
}
