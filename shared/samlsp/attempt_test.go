package samlsp

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// now is when everything in these tests happens.
var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

const (
	ourEntity = "https://portal.example/saml/con_1/metadata"
	ourACS    = "https://portal.example/saml/con_1/acs"
	theirs    = "https://idp.example/entity"
)

// attempt is a sign-in of which everything can be bent. As it is made, it is right.
type attempt struct {
	sp          ServiceProvider
	response    samlsptest.Response
	tamper      func(document string) string // after everything is signed
	encode      func(document string) string // instead of base64
	contentType string
	query       string
	body        func(form url.Values) string // instead of the form
	form        url.Values                   // further fields
	expected    Expected
	mapping     Mapping
	domains     []string
}

// assertion is the assertion of the attempt, to be bent.
func (a *attempt) assertion() *samlsptest.Assertion { return a.response.Assertion }

// confirmation is its one confirmation.
func (a *attempt) confirmation() *samlsptest.Confirmation { return &a.assertion().Confirmations[0] }

// right makes an attempt as an IdP does that signs the assertion.
func right() *attempt {
	idp := samlsptest.Key("idp")
	return &attempt{
		sp: ServiceProvider{EntityID: ourEntity, ACS: ourACS, Keys: FixedKeys{ForDecryption: []Key{ours("sp"), ours("sp2")}, ForSigning: []Key{ours("sp")}},
			IdP: IdP{EntityID: theirs, Certificates: []Certificate{known("idp")}, SignOn: map[string]string{
				BindingRedirect: "https://idp.example/sso", BindingPost: "https://idp.example/sso"}}},
		response: samlsptest.Response{ID: "_r1", Issuer: theirs, Destination: ourACS, InResponseTo: "_q1", IssueInstant: at(0), Version: "2.0",
			Assertion: &samlsptest.Assertion{ID: "_a1", Issuer: theirs, IssueInstant: at(0), Version: "2.0",
				NameID: "ada@acme.example", Format: FormatEmail,
				Confirmations: []samlsptest.Confirmation{{Method: samlsptest.Bearer, InResponseTo: "_q1", NotOnOrAfter: at(5 * time.Minute), Recipient: ourACS}},
				NotBefore:     at(0), NotOnOrAfter: at(5 * time.Minute), Audiences: []string{ourEntity},
				AuthnInstant: at(0), SessionIndex: "_s1", Context: "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
				Attributes: []samlsptest.Attribute{{Name: "email", Values: []string{"ada@acme.example"}}, {Name: "firstName", Values: []string{"Ada"}}},
				Sign:       &samlsptest.Signature{Key: idp}}},
		contentType: "application/x-www-form-urlencoded", form: url.Values{"RelayState": {"_q1"}},
		expected: Expected{Now: now, Request: &Request{ID: "_q1", Issued: now.Add(-time.Minute)}},
		mapping:  Preset(Custom), domains: []string{"acme.example"},
	}
}

// at gives a moment around now as documents have it.
func at(after time.Duration) string { return samlsptest.At(now.Add(after)) }

// known gives the certificate of a key of the kit.
func known(name string) Certificate {
	certificate, err := ParseDER(samlsptest.Key(name).Certificate.Raw)
	if err != nil {
		panic(err)
	}
	return certificate
}

// ours gives a key of the kit as one of our own.
func ours(name string) Key {
	pair := samlsptest.Key(name)
	return Key{Certificate: known(name), Signer: pair.Private, Decrypter: pair.RSA()}
}

// signResponse moves the signature from the assertion to the response.
func (a *attempt) signResponse() {
	a.response.Sign, a.assertion().Sign = a.assertion().Sign, nil
}

// outcome is what came of an attempt.
type outcome struct {
	form      Form
	message   *Message
	assertion *Assertion
	identity  *Identity
	err       error
}

// code is the code of the refusal, empty where nobody refused, "internal" for an error that is no refusal.
func (o outcome) code() Check {
	if o.err == nil {
		return ""
	}
	if refusal := AsRefusal(o.err); refusal != nil {
		return refusal.Check
	}
	return "internal"
}

// run sends the attempt through the whole pipeline, some checks switched off.
func (a *attempt) run(off ...Check) (o outcome) {
	document := a.response.XML()
	if a.tamper != nil {
		document = a.tamper(document)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(document))
	if a.encode != nil {
		encoded = a.encode(document)
	}
	form := url.Values{"SAMLResponse": {encoded}}
	for name, values := range a.form {
		form[name] = append(form[name], values...)
	}
	body := form.Encode()
	if a.body != nil {
		body = a.body(form)
	}
	return a.send(body, off...)
}

// send posts a body.
func (a *attempt) send(body string, off ...Check) (o outcome) {
	s := switchedOff(off...)
	a.sp.switches = s
	if o.form, o.err = ReadForm(Post{switches: s, ContentType: a.contentType, Query: a.query, Body: []byte(body)}); o.err != nil {
		return o
	}
	if o.message, o.err = a.sp.Verify(o.form.Response, a.expected.Now); o.err != nil {
		return o
	}
	if o.assertion, o.err = o.message.Judge(a.expected); o.err != nil {
		return o
	}
	o.identity, o.err = o.assertion.identify(s, a.mapping, a.domains)
	return o
}

// replace makes a change of text that must find something to change.
func replace(old, with string) func(string) string {
	return func(document string) string {
		if !strings.Contains(document, old) {
			panic("nothing to replace: " + old)
		}
		return strings.Replace(document, old, with, 1)
	}
}

// extensions puts elements into the Extensions of the response, where no signature of an assertion covers them.
func extensions(content string) func(string) string {
	return replace("<samlp:Status>", "<samlp:Extensions>"+content+"</samlp:Extensions><samlp:Status>")
}

func TestAnAttemptAsItIsMadeIsRight(t *testing.T) {
	t.Parallel()
	o := right().run()
	if o.err != nil {
		t.Fatal(o.err, errors.Unwrap(o.err))
	}
	if o.identity.Address != "ada@acme.example" || o.identity.Values[FirstName] != "Ada" || o.assertion.RequestID != "_q1" || o.assertion.ID != "_a1" {
		t.Errorf("%+v %+v", o.identity, o.assertion)
	}
}
