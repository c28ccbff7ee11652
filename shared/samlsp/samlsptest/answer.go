package samlsptest

import "time"

// Answer gives the response that a usual IdP sends: it signs in the address, which is the name id and the attribute "email", with
// the assertion signed and valid for five minutes.
func Answer(key KeyPair, issuer, audience, acs, request, address string, now time.Time) string {
	end := At(now.Add(5 * time.Minute))
	return Response{ID: "_r" + At(now)[:10], Issuer: issuer, Destination: acs, InResponseTo: request, IssueInstant: At(now), Version: "2.0",
		Assertion: &Assertion{ID: "_a" + At(now)[:10], Issuer: issuer, IssueInstant: At(now), Version: "2.0",
			NameID: address, Format: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
			Confirmations: []Confirmation{{Method: Bearer, InResponseTo: request, NotOnOrAfter: end, Recipient: acs}},
			NotBefore:     At(now), NotOnOrAfter: end, Audiences: []string{audience}, AuthnInstant: At(now),
			Attributes: []Attribute{{Name: "email", Values: []string{address}}},
			Sign:       &Signature{Key: key}},
	}.XML()
}
