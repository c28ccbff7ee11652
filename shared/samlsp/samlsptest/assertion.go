package samlsptest

import "strings"

// Assertion is an assertion. Fields that are empty are left out of the document.
type Assertion struct {
	ID, Issuer, IssueInstant, Version string

	NameID, Format string
	Confirmations  []Confirmation
	NoConditions   bool
	NotBefore      string
	NotOnOrAfter   string
	Audiences      []string // one restriction with these; none has no restriction
	Condition      string   // further elements in the conditions

	AuthnInstant, SessionIndex, SessionNotOnOrAfter, Context string
	Attributes                                               []Attribute

	More string // further elements at the end
	Sign *Signature
	Bend func(string) string // changes the assertion before it is signed
}

// Confirmation is a SubjectConfirmation.
type Confirmation struct{ Method, InResponseTo, NotBefore, NotOnOrAfter, Recipient string }

// Attribute is an attribute with its values.
type Attribute struct {
	Name   string
	Values []string
}

// XML writes the assertion, signed as it says.
func (a Assertion) XML() string {
	document := "<saml:Assertion " + AssertionNS + attributes("ID", a.ID, "IssueInstant", a.IssueInstant, "Version", a.Version) + ">" +
		element("saml:Issuer", a.Issuer) + here + a.subject() + a.conditions() + a.statement() + a.attributes() + a.More + "</saml:Assertion>"
	return finish(document, a.Bend, a.Sign, a.ID)
}

func (a Assertion) subject() string {
	confirmations := ""
	for _, c := range a.Confirmations {
		confirmations += "<saml:SubjectConfirmation" + attributes("Method", c.Method) + "><saml:SubjectConfirmationData" +
			attributes("InResponseTo", c.InResponseTo, "NotBefore", c.NotBefore, "NotOnOrAfter", c.NotOnOrAfter, "Recipient", c.Recipient) +
			"></saml:SubjectConfirmationData></saml:SubjectConfirmation>"
	}
	name := ""
	if a.NameID != "" {
		name = element("saml:NameID"+attributes("Format", a.Format), a.NameID)
	}
	return "<saml:Subject>" + name + confirmations + "</saml:Subject>"
}

func (a Assertion) conditions() string {
	if a.NoConditions {
		return ""
	}
	var audiences strings.Builder
	for _, audience := range a.Audiences {
		audiences.WriteString(element("saml:Audience", audience))
	}
	restriction := ""
	if len(a.Audiences) > 0 {
		restriction = "<saml:AudienceRestriction>" + audiences.String() + "</saml:AudienceRestriction>"
	}
	return "<saml:Conditions" + attributes("NotBefore", a.NotBefore, "NotOnOrAfter", a.NotOnOrAfter) + ">" + restriction + a.Condition + "</saml:Conditions>"
}

func (a Assertion) statement() string {
	if a.AuthnInstant == "" {
		return ""
	}
	return "<saml:AuthnStatement" + attributes("AuthnInstant", a.AuthnInstant, "SessionIndex", a.SessionIndex, "SessionNotOnOrAfter", a.SessionNotOnOrAfter) +
		"><saml:AuthnContext>" + element("saml:AuthnContextClassRef", a.Context) + "</saml:AuthnContext></saml:AuthnStatement>"
}

func (a Assertion) attributes() string {
	if len(a.Attributes) == 0 {
		return ""
	}
	var all strings.Builder
	for _, attribute := range a.Attributes {
		all.WriteString("<saml:Attribute" + attributes("Name", attribute.Name) + ">")
		for _, value := range attribute.Values {
			all.WriteString("<saml:AttributeValue>" + escape(value) + "</saml:AttributeValue>")
		}
		all.WriteString("</saml:Attribute>")
	}
	return "<saml:AttributeStatement>" + all.String() + "</saml:AttributeStatement>"
}
