package keycloak

import (
	"sync/atomic"
	"testing"
	"time"
)

func TestLOG2_SomebodySignsInWithKeycloak(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"as-imported": {},
		"both-signed": {"saml.assertion.signature": "true", "saml.server.signature": "true"},
		"encrypted":   {"saml.assertion.signature": "true", "saml.encrypt": "true"},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t, name, settings).signsIn(t) })
	}
}

// TestSSO5_KeycloaksCertificateChangesWithoutAnInterruption has somebody sign in all the while. Keycloak announces its next key in its
// metadata, which the product reads again by itself the next day; then that key signs; then the former one is gone.
func TestSSO5_KeycloaksCertificateChangesWithoutAnInterruption(t *testing.T) {
	w := newWorld(t, "rotating", map[string]string{"saml.assertion.signature": "true", "saml.server.signature": "false"})
	w.signsIn(t)
	var signedIn atomic.Int64
	var failed atomic.Bool
	changed := make(chan struct{})
	t.Run("sign-ins", func(t *testing.T) {
		t.Parallel()
		defer func() { failed.Store(t.Failed()) }()
		for {
			select {
			case <-changed:
				return
			default:
				w.signsIn(t)
				signedIn.Add(1)
			}
		}
	})
	t.Run("the change", func(t *testing.T) {
		t.Parallel()
		defer close(changed)
		w.change(t, func() { // and lets somebody sign in after each step
			for before := signedIn.Load(); signedIn.Load() < before+2 && !failed.Load(); {
				time.Sleep(50 * time.Millisecond)
			}
		})
	})
	t.Cleanup(func() { t.Logf("%d sign-ins during the change", signedIn.Load()) })
}

// change changes the certificate step by step.
func (w *world) change(t testing.TB, between func()) {
	t.Helper()
	former := w.certificates(t, 1)[0]
	first := w.realm.key(t, "rsa-generated")
	next := w.realm.addKey(t, "next", "50") // below the 100 of the first
	between()
	product.tomorrow(t)
	announced := w.certificates(t, 2)
	between()
	w.realm.configure(t, next, map[string]string{"priority": "200"})
	between()
	w.realm.remove(t, first)
	between()
	for _, one := range announced {
		if one.ID != former.ID && one.Source != "metadata" {
			t.Errorf("the next certificate came by %s", one.Source)
		}
	}
	for _, one := range w.certificates(t, 2) {
		if one.InUse != (one.ID != former.ID) {
			t.Errorf("%+v, when the former was %s", one, former.ID)
		}
	}
}

// certificates are those that the connection trusts; it fails unless they are so many.
func (w *world) certificates(t testing.TB, n int) []certificate {
	t.Helper()
	var now connection
	product.do(t, "GET", w.path(), nil, &now)
	if len(now.IDP.Certificates) != n {
		t.Fatalf("%d certificates, not %d: %+v", len(now.IDP.Certificates), n, now.IDP.Certificates)
	}
	return now.IDP.Certificates
}
