package keycloak

import (
	"os/exec"
	"strings"
	"testing"
)

// world is a realm that is an active connection of the client, for a domain, with somebody who may sign in.
type world struct {
	realm *realm
	url   string // of the connection
	carla string
}

// newWorld sets one up; settings are those of the client in Keycloak.
func newWorld(t testing.TB, name string, settings map[string]string) *world {
	t.Helper()
	domain := name + ".example"
	w := &world{carla: "carla@" + domain}
	w.realm = newRealm(t, server, name, w.carla)
	product.verifiedDomain(t, domain)
	product.invite(t, w.carla)
	connect := exec.CommandContext(t.Context(), "go", "run", "../connect", product.url, strings.TrimPrefix(product.org, "/v1/organizations/"), domain, w.realm.metadataURL())
	id, err := connect.Output()
	if err != nil {
		t.Fatalf("make the connection: %v", err)
	}
	w.url = product.url + "/saml/" + string(id)
	w.realm.register(t, []byte(newBrowser(t).open(t, w.url+"/metadata").text), settings)
	return w
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
	page := w.throughKeycloak(t, newBrowser(t), w.url+"/login?return=/v1/me")
	if page.json(t, &me); me.Email != w.carla {
		t.Fatalf("at %s: %d %s", page.at, page.status, page.text)
	}
}
