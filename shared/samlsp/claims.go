package samlsp

import (
	"github.com/beevik/etree"
)

// claims is what the verified assertion says, read and not yet judged.
type claims struct {
	issuer, responseIssuer string
	issued                 moment
	nameID                 *etree.Element
	confirmations          []confirmation // those of the method bearer
	methods                []string       // of all confirmations
	conditions             *etree.Element
	notBefore, ends        moment
	statements             []statement
}

// confirmation is a SubjectConfirmation (core 2.4.1.1).
type confirmation struct {
	recipient, answers string
	from, ends         moment
}

// statement is an AuthnStatement (core 2.7.2).
type statement struct {
	session      string
	at, ends     moment
	contextClass string
}

// read reads the assertion. Everything comes from verified bytes, but what a response without signature says of itself.
func (m *Message) read() {
	subject := child(m.assertion, nsAssertion, "Subject")
	c := claims{
		issued:     momentOf(m.assertion, "IssueInstant"),
		nameID:     child(subject, nsAssertion, "NameID"),
		conditions: child(m.assertion, nsAssertion, "Conditions"),
	}
	c.issuer, _ = text(child(m.assertion, nsAssertion, "Issuer"))
	c.responseIssuer, _ = text(child(m.response, nsAssertion, "Issuer"))
	c.notBefore, c.ends = momentOf(c.conditions, "NotBefore"), momentOf(c.conditions, "NotOnOrAfter")
	c.readConfirmations(subject)
	for _, e := range children(m.assertion, nsAssertion, "AuthnStatement") {
		c.statements = append(c.statements, readStatement(e))
	}
	m.claims = c
	m.InResponseTo = c.answered(attribute(m.response, "InResponseTo"))
}

// readConfirmations reads the confirmations of the subject.
func (c *claims) readConfirmations(subject *etree.Element) {
	if subject == nil {
		return
	}
	for _, e := range children(subject, nsAssertion, "SubjectConfirmation") {
		method := attribute(e, "Method")
		c.methods = append(c.methods, method)
		if method == methodBearer {
			data := child(e, nsAssertion, "SubjectConfirmationData")
			c.confirmations = append(c.confirmations, confirmation{
				recipient: attribute(data, "Recipient"), answers: attribute(data, "InResponseTo"),
				from: momentOf(data, "NotBefore"), ends: momentOf(data, "NotOnOrAfter"),
			})
		}
	}
}

// readStatement reads an AuthnStatement.
func readStatement(e *etree.Element) statement {
	class, _ := text(child(child(e, nsAssertion, "AuthnContext"), nsAssertion, "AuthnContextClassRef"))
	return statement{session: attribute(e, "SessionIndex"), at: momentOf(e, "AuthnInstant"), ends: momentOf(e, "SessionNotOnOrAfter"), contextClass: class}
}

// answered gives the request that is answered: as the assertion says, else as the response does.
func (c *claims) answered(byResponse string) string {
	for _, confirmation := range c.confirmations {
		if confirmation.answers != "" {
			return confirmation.answers
		}
	}
	return byResponse
}

// nameIDOf reads the name id, which meaning.name-id has judged. It is compared as it is, white space included (core 1.3.1): two people
// whose names differ by a space are two.
func nameIDOf(e *etree.Element) NameID {
	value, _ := verbatim(e)
	id := NameID{value, attribute(e, "Format"), attribute(e, "NameQualifier"), attribute(e, "SPNameQualifier")}
	if id.Format == "" {
		id.Format = FormatUnspecified
	}
	return id
}

// attributesOf reads the attributes of an assertion in its order.
func attributesOf(assertion *etree.Element) []Attribute {
	var found []Attribute
	places := map[string]int{}
	for _, of := range children(assertion, nsAssertion, "AttributeStatement") {
		for _, e := range children(of, nsAssertion, "Attribute") {
			name := attribute(e, "Name")
			at, known := places[name]
			if !known {
				at = len(found)
				places[name] = at
				found = append(found, Attribute{Name: name, FriendlyName: attribute(e, "FriendlyName")})
			}
			found[at].Values = append(found[at].Values, valuesOf(e)...)
		}
	}
	return found
}

// valuesOf reads the values of an attribute that are text.
func valuesOf(e *etree.Element) []string {
	var values []string
	for _, value := range children(e, nsAssertion, "AttributeValue") {
		if said, plain := text(value); plain && !isNil(value) {
			values = append(values, said)
		}
	}
	return values
}

// isNil tells whether a value says that it is none (XML Schema 2.6.2).
func isNil(value *etree.Element) bool {
	for _, a := range value.Attr {
		if a.Key == "nil" && a.Space != "" && (a.Value == "true" || a.Value == "1") {
			return true
		}
	}
	return false
}

// audiencesOf reads what an AudienceRestriction names.
func audiencesOf(restriction *etree.Element) []string {
	var named []string
	for _, e := range children(restriction, nsAssertion, "Audience") {
		said, _ := text(e)
		named = append(named, said)
	}
	return named
}
