package samlsp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fixture is an answer in the shape of an IdP, signed by xmlsec (testdata/fixtures/make.py).
type fixture struct {
	name, issuer, signer string
	preset               string
	nameID               NameID
	values               map[Field]string
}

var fixtures = []fixture{
	{"okta", oktaIssuer, "idp", Okta, NameID{Value: "ada@acme.example", Format: FormatEmail}, oktaValues},
	{"okta-encrypted", oktaIssuer, "idp", Okta, NameID{Value: "ada@acme.example", Format: FormatEmail}, oktaValues},
	{"mixed", oktaIssuer, "idp", Okta, NameID{Value: "ada@acme.example", Format: FormatEmail}, oktaValues}, // prefixes listed for the assertion only
	{"entra", entraIssuer, "idp", Entra, NameID{Value: "ada@corp.example", Format: FormatEmail}, entraValues},
	{"entra-encrypted", entraIssuer, "idp", Entra, NameID{Value: "ada@corp.example", Format: FormatEmail}, entraValues},
	{"google", "https://accounts.google.com/o/saml2?idpid=C01abc2de", "idp", Google, NameID{Value: "ada@acme.example", Format: FormatUnspecified}, map[Field]string{FirstName: "Ada"}},
	{"adfs", "http://adfs.acme.example/adfs/services/trust", "idp", Custom, NameID{Value: `ACME\ada`, Format: FormatUnspecified}, map[Field]string{}},
	{"keycloak", keycloakIssuer, "idp", Custom, keycloakName, map[Field]string{FirstName: "Ada"}},
	{"keycloak-encrypted", keycloakIssuer, "idp", Custom, keycloakName, map[Field]string{FirstName: "Ada"}},
	{"shibboleth", "https://idp.uni.example/idp/shibboleth", "idp", Custom, NameID{"AAdzZWNyZXQx", FormatTransient, "https://idp.uni.example/idp/shibboleth", ourEntity}, map[Field]string{}},
	{"curve", keycloakIssuer, "ec", Custom, keycloakName, map[Field]string{FirstName: "Ada"}},
}

const (
	oktaIssuer     = "http://www.okta.com/exk1a2b3c4d5"
	entraIssuer    = "https://sts.windows.net/6f1d2c3b-0000-4000-8000-5a4b3c2d1e0f/"
	keycloakIssuer = "https://keycloak.acme.example/realms/acme"
)

var (
	keycloakName = NameID{Value: "G-5f4e3d2c-1b0a-4f9e", Format: FormatPersistent}
	oktaValues   = map[Field]string{FirstName: "Ada", LastName: "Lovelace", ObjectID: "00u1a2b3c4d5e6f7g8h9", Department: "R&D"}
	entraValues  = map[Field]string{FirstName: "Ada", LastName: "Lovelace", DisplayName: "Ada Lovelace", ObjectID: "b2c3d4e5-1111-4222-8333-444455556666"}
)

// attempt sends the fixture to a connection that knows its IdP.
func (f fixture) attempt() *attempt {
	data, err := os.ReadFile(filepath.Join("testdata", "fixtures", f.name+".xml"))
	if err != nil {
		panic(err)
	}
	a := right()
	a.tamper = func(string) string { return string(data) }
	a.sp.IdP.EntityID, a.sp.IdP.Certificates, a.mapping = f.issuer, []Certificate{known("next"), known(f.signer)}, Preset(f.preset)
	return a
}

// vendorCases are the fixtures as they are, and changed in a place that must be noticed.
func vendorCases() []sample {
	var cases []sample
	for _, f := range fixtures {
		changed := func(name string, want Check, change func(string) string) sample {
			return sample{vendors, f.name + name, want, func(off ...Check) outcome {
				a := f.attempt()
				original := a.tamper
				a.tamper = func(document string) string { return change(original(document)) }
				return a.run(off...)
			}}
		}
		cases = append(cases, changed("", accepted, func(document string) string { return document }),
			changed(", for another request", MeaningRequest, func(document string) string { return document }))
		last := len(cases) - 1
		cases[last].try = func(off ...Check) outcome {
			a := f.attempt()
			a.expected.Request.ID = "_q2"
			return a.run(off...)
		}
		if !strings.HasSuffix(f.name, "encrypted") && f.name != "shibboleth" {
			cases = append(cases, changed(", the address changed", SignatureValue, func(document string) string {
				return strings.ReplaceAll(document, "ada@acme.example", "eve@acme.example")
			}))
		}
	}
	return cases
}

func TestLOG3_WhatIdPsSendIsReadInTheProductsWords(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			o := f.attempt().run()
			if o.err != nil {
				t.Fatal(o.err)
			}
			if diff := cmp.Diff(f.values, o.identity.Values); diff != "" {
				t.Errorf("the values (-) differ:\n%s", diff)
			}
			if o.identity.Address != "ada@acme.example" || o.assertion.Signed.Certificate() != known(f.signer).Fingerprint {
				t.Errorf("%+v %+v", o.identity, o.assertion.Signed)
			}
			f.compareName(t, o.assertion)
		})
	}
}

func (f fixture) compareName(t *testing.T, a *Assertion) {
	t.Helper()
	if diff := cmp.Diff(f.nameID, a.NameID); diff != "" {
		t.Errorf("the name id (-) differs:\n%s", diff)
	}
	if a.NameID.Lasting() == (f.name == "shibboleth") || a.RequestID != "_q1" || a.SignedIn.IsZero() {
		t.Errorf("%+v", a)
	}
	if encrypted := strings.HasSuffix(f.name, "encrypted") || f.name == "shibboleth"; encrypted != (a.Encrypted.Fingerprint == known("sp").Fingerprint) {
		t.Errorf("%+v", a.Encrypted)
	}
	if strings.HasPrefix(f.name, "keycloak") != !a.SessionEnds.IsZero() && f.name != "curve" {
		t.Errorf("the session ends at %s", a.SessionEnds)
	}
}

func TestGroupsOfEntraAreRead(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		if o := f.attempt().run(); f.name == "entra" && (len(o.identity.Groups) != 2 || o.identity.From[Email] != claimsWS+"emailaddress") {
			t.Errorf("%+v", o.identity)
		}
	}
}
