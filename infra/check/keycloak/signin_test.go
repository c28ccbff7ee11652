package keycloak

import "testing"

func TestLOG2_SomebodySignsInWithKeycloak(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"as-imported": {},
		"both-signed": {"saml.assertion.signature": "true", "saml.server.signature": "true"},
		"encrypted":   {"saml.assertion.signature": "true", "saml.encrypt": "true"},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t, name, settings).signsIn(t) })
	}
}
