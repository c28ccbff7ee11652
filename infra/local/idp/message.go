package idp

import (
	"crypto"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// message writes the answer (core 3.3.3), signed and encrypted as planned.
func (a plan) message() ([]byte, error) {
	root := set(etree.NewElement("samlp:Response"), "xmlns:samlp", nsProtocol, "xmlns:saml", nsAssertion, "ID", a.id, "Version", "2.0",
		"IssueInstant", instant(a.issued), "Destination", a.destination, "InResponseTo", a.inResponseTo)
	add(root, "saml:Issuer", a.responseIssuer)
	status := add(root, "samlp:Status", "")
	if a.status == "" {
		add(status, "samlp:StatusCode", "", "Value", statusSuccess)
		if err := a.addAssertion(root); err != nil {
			return nil, err
		}
	} else {
		add(add(status, "samlp:StatusCode", "", "Value", a.status), "samlp:StatusCode", "", "Value", a.subStatus)
	}
	if a.signMessage {
		if err := a.sign(root); err != nil {
			return nil, err
		}
	}
	text, err := written(root)
	if err == nil && a.after != nil {
		text = a.after(text)
	}
	return text, err
}

func (a plan) addAssertion(root *etree.Element) error {
	assertion := a.assertion()
	if a.signAssertion {
		if err := a.sign(assertion); err != nil {
			return err
		}
	}
	if a.encryptTo == nil {
		root.AddChild(assertion)
		return nil
	}
	encrypted, err := encrypt(assertion, a.encryptTo)
	if err == nil {
		root.AddChild(encrypted)
	}
	return err
}

// assertion writes the assertion (core 2.3.3), which declares all of its namespaces itself.
func (a plan) assertion() *etree.Element {
	e := set(etree.NewElement("saml:Assertion"), "xmlns:saml", nsAssertion, "ID", a.assertionID, "Version", "2.0", "IssueInstant", instant(a.issued))
	add(e, "saml:Issuer", a.issuer)
	subject := add(e, "saml:Subject", "")
	add(subject, "saml:NameID", a.nameID, "Format", a.format)
	confirmation := add(subject, "saml:SubjectConfirmation", "", "Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")
	add(confirmation, "saml:SubjectConfirmationData", "", "InResponseTo", a.inResponseTo, "NotOnOrAfter", instant(a.until), "Recipient", a.recipient)
	conditions := add(e, "saml:Conditions", "", "NotBefore", instant(a.from), "NotOnOrAfter", instant(a.until))
	add(add(conditions, "saml:AudienceRestriction", ""), "saml:Audience", a.audience)
	statement := add(e, "saml:AuthnStatement", "", "AuthnInstant", instant(a.signedIn), "SessionIndex", a.assertionID)
	add(add(statement, "saml:AuthnContext", ""), "saml:AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")
	if len(a.attributes) > 0 {
		all := add(e, "saml:AttributeStatement", "")
		for _, one := range a.attributes {
			named := add(all, "saml:Attribute", "", "Name", one.name)
			for _, value := range one.values {
				add(named, "saml:AttributeValue", value)
			}
		}
	}
	return e
}

// sign signs an element, the signature after its issuer as the schema has it. The exclusive canonicalizer is said explicitly: by the
// library's own, inclusive one an assertion signed alone would not verify within a response.
func (a plan) sign(e *etree.Element) error {
	signer, err := a.key.signer()
	if err != nil {
		return err
	}
	signing, err := dsig.NewSigningContext(signer, [][]byte{a.key.Certificate})
	if err != nil {
		return err
	}
	signing.Hash = a.hash
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := signing.ConstructSignature(e, true)
	if err != nil {
		return err
	}
	e.InsertChildAt(1, signature)
	return nil
}

// weakHash is one that nobody takes any more.
const weakHash = crypto.SHA1
