package samlsp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// answersToBend are documents to begin from: the fixtures, and one of our kit that is encrypted.
func answersToBend() []string {
	var all []string
	for _, f := range fixtures {
		all = append(all, f.attempt().tamper(""))
	}
	return append(all, right().response.XML())
}

// FuzzGate holds the gate to what it promises of whatever it lets through: it is within the bounds, and written anew and read again
// it is the same.
func FuzzGate(f *testing.F) {
	for _, document := range answersToBend() {
		f.Add([]byte(document))
	}
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`))
	f.Add([]byte(`<a xmlns="u" xmlns:p="v" p:b="&#13;&#10;&lt;"><p:c>]]&gt;</p:c></a>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		root, err := switches{}.open(responses, document, nil)
		if err != nil {
			if AsRefusal(err) == nil {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if deepest(root) > responses.depth {
			t.Fatal("too deep")
		}
		first := canonical(root)
		again, err := switches{}.open(responses, first, nil)
		if err != nil {
			t.Fatalf("what was let through is not, written anew: %v\n%s", err, first)
		}
		if second := canonical(again); !bytes.Equal(first, second) {
			t.Fatalf("it reads differently, written anew:\n%s\n%s", first, second)
		}
	})
}

func deepest(e *etree.Element) int {
	most := 0
	for _, below := range childrenOf(e) {
		most = max(most, deepest(below))
	}
	return most + 1
}

// canonical writes as goxmldsig does.
func canonical(e *etree.Element) []byte {
	document := etree.NewDocumentWithRoot(e.Copy())
	document.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true, CanonicalEndTags: true}
	data, err := document.WriteToBytes()
	if err != nil {
		panic(err)
	}
	return data
}

// FuzzResponse bends answers: nobody is signed in but who was signed, and what fails is a refusal.
func FuzzResponse(f *testing.F) {
	for _, document := range answersToBend() {
		f.Add([]byte(document))
	}
	sp := right().sp
	sp.IdP.Certificates = []Certificate{known("idp"), known("ec")}
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, issuer := range []string{theirs, oktaIssuer, entraIssuer, keycloakIssuer} {
			sp.IdP.EntityID = issuer
			message, err := sp.Verify(base64.StdEncoding.EncodeToString(document), now)
			if err != nil {
				if AsRefusal(err) == nil {
					t.Fatalf("no refusal: %v", err)
				}
				return
			}
			assertion, err := message.Judge(Expected{Now: now, Request: right().expected.Request})
			if err != nil {
				continue
			}
			identity, err := assertion.Identify(Preset(Custom), []string{"acme.example"})
			if err == nil && identity.Address != "ada@acme.example" || !message.covered {
				t.Fatalf("%+v", identity)
			}
		}
	})
}

// FuzzMetadata reads what people enter: what is taken can be used, and what is not has a sentence.
func FuzzMetadata(f *testing.F) {
	f.Add([]byte(rightMetadata()))
	f.Add([]byte("<!-- --><md:EntitiesDescriptor " + md + ">" + rightMetadata() + "</md:EntitiesDescriptor>"))
	f.Add([]byte(known("idp").PEM()))
	f.Add([]byte(samlsptest.Key("idp").Base64()))
	f.Fuzz(func(t *testing.T, document []byte) {
		certificates, err := ParseCertificates(document)
		if _, ok := errors.AsType[*Unreadable](err); err != nil && !ok || err == nil && len(certificates) == 0 {
			t.Fatalf("%v", err)
		}
		m, err := ParseMetadata(document, "", now)
		if err != nil {
			if _, ok := errors.AsType[*Unreadable](err); !ok {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		if m.EntityID == "" || len(m.SignOn) == 0 || len(m.Certificates) == 0 || len(m.Certificates) > MaxCertificates {
			t.Fatalf("%+v", m)
		}
		for _, location := range m.SignOn {
			if !strings.HasPrefix(strings.ToLower(location), "http") {
				t.Fatal(location)
			}
		}
	})
}
