package main

import (
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// What the fixtures are made for (shared/samlsp/testdata/fixtures).
const (
	audience = "https://portal.example/saml/con_1/metadata"
	acs      = "https://portal.example/saml/con_1/acs"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// answer is a response of an IdP.
type answer struct {
	name, issuer, preset string
	document             []byte
	encoded              string
}

// answersIn reads the answers to measure from the folder of fixtures.
func answersIn(folder string) ([]answer, error) {
	var all []answer
	for _, a := range []answer{
		{name: "okta", issuer: "http://www.okta.com/exk1a2b3c4d5", preset: samlsp.Okta},
		{name: "entra", issuer: "https://sts.windows.net/6f1d2c3b-0000-4000-8000-5a4b3c2d1e0f/", preset: samlsp.Entra},
		{name: "entra-encrypted", issuer: "https://sts.windows.net/6f1d2c3b-0000-4000-8000-5a4b3c2d1e0f/", preset: samlsp.Entra},
		{name: "keycloak-encrypted", issuer: "https://keycloak.acme.example/realms/acme", preset: samlsp.Custom},
	} {
		data, err := os.ReadFile(filepath.Join(folder, a.name+".xml"))
		if err != nil {
			return nil, err
		}
		a.document, a.encoded = data, base64.StdEncoding.EncodeToString(data)
		all = append(all, a)
	}
	return all, nil
}

// trusted gives one certificate, that of the IdP, or three, the IdP's the last.
func trusted(count int) []*x509.Certificate {
	all := []*x509.Certificate{samlsptest.Key("other").Certificate, samlsptest.Key("next").Certificate, samlsptest.Key("idp").Certificate}
	return all[len(all)-count:]
}
