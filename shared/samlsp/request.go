package samlsp

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// Errors of asking. They are the caller's to avoid: a connection is complete before anybody signs in by it.
var (
	ErrNoSignOn   = errors.New("saml: the IdP has no sign-on URL for this binding")
	ErrNoKey      = errors.New("saml: the IdP wants signed requests and there is no key for signing")
	ErrRelayState = fmt.Errorf("saml: a RelayState over %d bytes", MaxRelayState)
)

// NewRequest begins to ask: with an id of 160 random bits that is a name in XML (Entra ID refuses one that begins with a digit). The
// caller keeps the request until it is answered, ten minutes say, bound to the browser.
func NewRequest(now time.Time, forceAuthn bool) *Request {
	id := make([]byte, 20)
	rand.Read(id) // never fails, crypto/rand
	return &Request{ID: "_" + hex.EncodeToString(id), Issued: now, ForceAuthn: forceAuthn}
}

// PostForm is a form for the browser to post at once: Action is the URL, the others are its fields. RelayState is empty where there
// is none, and no field then.
type PostForm struct {
	Action      string
	SAMLRequest string
	RelayState  string
}

// Post gives the form that asks the IdP by HTTP-POST (bindings 3.5), signed where the IdP wants it.
func (sp ServiceProvider) Post(r *Request, relayState string) (PostForm, error) {
	action := sp.IdP.SignOn[BindingPost]
	switch {
	case action == "":
		return PostForm{}, ErrNoSignOn
	case len(relayState) > MaxRelayState:
		return PostForm{}, ErrRelayState
	}
	element := sp.authnRequest(r, action)
	if sp.IdP.SignRequests {
		if err := sp.envelope(element); err != nil {
			return PostForm{}, err
		}
	}
	return PostForm{action, base64.StdEncoding.EncodeToString(written(element)), relayState}, nil
}

// authnRequest makes the request (core 3.4.1, profiles 4.1.4.1).
func (sp ServiceProvider) authnRequest(r *Request, destination string) *etree.Element {
	e := etree.NewElement("samlp:AuthnRequest")
	e.CreateAttr("xmlns:samlp", nsProtocol)
	e.CreateAttr("xmlns:saml", nsAssertion)
	e.CreateAttr("ID", r.ID)
	e.CreateAttr("Version", "2.0")
	e.CreateAttr("IssueInstant", r.Issued.UTC().Format("2006-01-02T15:04:05Z"))
	e.CreateAttr("Destination", destination)
	e.CreateAttr("ProtocolBinding", BindingPost)
	e.CreateAttr("AssertionConsumerServiceURL", sp.ACS)
	if r.ForceAuthn {
		e.CreateAttr("ForceAuthn", "true")
	}
	e.CreateElement("saml:Issuer").SetText(sp.EntityID)
	if sp.NameIDFormat != "" {
		policy := e.CreateElement("samlp:NameIDPolicy")
		policy.CreateAttr("Format", sp.NameIDFormat)
		policy.CreateAttr("AllowCreate", "true")
	}
	if len(sp.Contexts) > 0 {
		context := e.CreateElement("samlp:RequestedAuthnContext")
		context.CreateAttr("Comparison", "exact")
		for _, class := range sp.Contexts {
			context.CreateElement("saml:AuthnContextClassRef").SetText(class)
		}
	}
	return e
}

// envelope signs the request, the signature after the issuer as the schema has it.
func (sp ServiceProvider) envelope(e *etree.Element) error {
	key, err := sp.signingKey()
	if err != nil {
		return err
	}
	signing, err := dsig.NewSigningContext(key.Signer, [][]byte{key.Certificate.Raw})
	if err != nil {
		return err
	}
	signing.Hash = crypto.SHA256
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := signing.ConstructSignature(e, true)
	if err != nil {
		return err
	}
	e.InsertChildAt(1, signature)
	return nil
}

// signingKey gives the key that requests are signed with: the first.
func (sp ServiceProvider) signingKey() (Key, error) {
	if sp.Keys == nil {
		return Key{}, ErrNoKey
	}
	keys, err := sp.Keys.Signing()
	switch {
	case err != nil:
		return Key{}, err
	case len(keys) == 0:
		return Key{}, ErrNoKey
	}
	return keys[0], nil
}

// written gives an element as bytes.
func written(e *etree.Element) []byte {
	document := etree.NewDocumentWithRoot(e)
	document.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	data, err := document.WriteToBytes()
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return data
}
