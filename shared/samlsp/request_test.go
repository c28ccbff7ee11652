package samlsp

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// asking is a service provider and a request that are the same every time.
func asking() (ServiceProvider, *Request) {
	sp := right().sp
	sp.IdP.SignOn = map[string]string{BindingRedirect: "https://idp.example/sso?tenant=1", BindingPost: "https://idp.example/sso/post"}
	return sp, &Request{ID: "_q1", Issued: now}
}

func TestLOG2_ARequestByRedirectSaysWhoAsksAndWhereToAnswer(t *testing.T) {
	t.Parallel()
	sp, r := asking()
	sp.NameIDFormat, r.ForceAuthn, sp.Contexts = FormatEmail, true, []string{"urn:oasis:names:tc:SAML:2.0:ac:classes:X509"}
	made, err := sp.Redirect(r, "_q1")
	if err != nil {
		t.Fatal(err)
	}
	query := queryOf(t, made)
	if query.Get("tenant") != "1" || query.Get("RelayState") != "_q1" || query.Has("Signature") || query.Has("SigAlg") {
		t.Errorf("%v", query)
	}
	golden(t, "request.xml", string(inflated(t, query.Get("SAMLRequest"))))
}

func queryOf(t *testing.T, made string) url.Values {
	t.Helper()
	parsed, err := url.Parse(made)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query()
}

func inflated(t *testing.T, encoded string) []byte {
	t.Helper()
	compressed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestLOG2_ASignedRedirectIsSignedAsItIsSent(t *testing.T) {
	t.Parallel()
	sp, r := asking()
	sp.IdP.SignRequests = true
	for _, relay := range []string{"", "a/b+c&d=é"} {
		made, err := sp.Redirect(r, relay)
		if err != nil {
			t.Fatal(err)
		}
		_, sent, _ := strings.Cut(made, "SAMLRequest=")
		sent, _, _ = strings.Cut("SAMLRequest="+sent, "&Signature=")
		signature, err := base64.StdEncoding.DecodeString(queryOf(t, made).Get("Signature"))
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte(sent))
		if err := rsa.VerifyPKCS1v15(known("sp").PublicKey.(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
			t.Errorf("%q: %v", relay, err)
		}
		if got := queryOf(t, made).Get("RelayState"); got != relay {
			t.Errorf("%q", got)
		}
	}
}

func TestLOG2_APostedRequestIsSignedWhereTheIdPWantsIt(t *testing.T) {
	t.Parallel()
	sp, r := asking()
	plain, err := sp.Post(r, "")
	if err != nil || strings.Contains(decoded(t, plain.SAMLRequest), "Signature") || plain.Action != "https://idp.example/sso/post" {
		t.Fatalf("%v %+v", err, plain)
	}
	sp.IdP.SignRequests = true
	made, err := sp.Post(r, "_q1")
	if err != nil {
		t.Fatal(err)
	}
	document := etree.NewDocument()
	if err := document.ReadFromString(decoded(t, made.SAMLRequest)); err != nil {
		t.Fatal(err)
	}
	validation := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: roots(known("sp"))})
	validation.Clock = dsig.NewFakeClockAt(now)
	if _, err := validation.Validate(document.Root()); err != nil {
		t.Error(err)
	}
	if issuer, signature := document.Root().ChildElements()[0], document.Root().ChildElements()[1]; issuer.Tag != "Issuer" || signature.Tag != "Signature" {
		t.Error("the schema has the signature right after the issuer")
	}
	golden(t, "request-signed.xml", decoded(t, made.SAMLRequest)) // xmlsec verifies it: make saml-fixtures-check
}

func decoded(t *testing.T, encoded string) string {
	t.Helper()
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestWhatCannotBeAskedIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bend func(*ServiceProvider)
		want error
	}{
		"no sign-on URL": {func(sp *ServiceProvider) { sp.IdP.SignOn = nil }, ErrNoSignOn},
		"no keys":        {func(sp *ServiceProvider) { sp.Keys = nil }, ErrNoKey},
		"no key":         {func(sp *ServiceProvider) { sp.Keys = FixedKeys{} }, ErrNoKey},
	} {
		sp, r := asking()
		sp.IdP.SignRequests = true
		c.bend(&sp)
		_, byRedirect := sp.Redirect(r, "")
		_, byPost := sp.Post(r, "")
		if !errors.Is(byRedirect, c.want) || !errors.Is(byPost, c.want) {
			t.Errorf("%s: %v, %v", name, byRedirect, byPost)
		}
	}
	sp, r := asking()
	if _, err := sp.Redirect(r, strings.Repeat("x", 81)); !errors.Is(err, ErrRelayState) {
		t.Error(err)
	}
}

func TestIdsOfRequestsAreNamesAndDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		r := NewRequest(now, false)
		if !isNCName(r.ID) || len(r.ID) != 41 || seen[r.ID] || len(r.ID) > MaxRelayState {
			t.Fatal(r.ID)
		}
		seen[r.ID] = true
	}
}
