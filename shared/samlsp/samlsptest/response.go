package samlsptest

import (
	"strings"
	"time"
)

// Namespaces as documents declare them.
const (
	ProtocolNS  = `xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`
	AssertionNS = `xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`
	Bearer      = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	Success     = "urn:oasis:names:tc:SAML:2.0:status:Success"
)

// here is where a signature goes.
const here = "{signature}"

// Response is a Response with one assertion. Fields that are empty are left out of the document, so that a test removes what it
// does not want to have.
type Response struct {
	ID, Issuer, Destination, InResponseTo, IssueInstant, Version string

	Status    string     // the StatusCode element; empty has Success
	Assertion *Assertion // nil has none
	Encrypt   *Encryption
	Before    string // elements before the assertion
	After     string // elements after it
	Sign      *Signature
	Bend      func(string) string // changes the document before it is signed
}

// XML writes the response, signed and encrypted as it says.
func (r Response) XML() string {
	body := r.assertion()
	status := or(r.Status, `<samlp:StatusCode Value="`+Success+`"></samlp:StatusCode>`)
	document := "<samlp:Response " + ProtocolNS + attributes("Destination", r.Destination, "ID", r.ID, "InResponseTo", r.InResponseTo,
		"IssueInstant", r.IssueInstant, "Version", r.Version) + ">" + element("saml:Issuer "+AssertionNS, r.Issuer) + here +
		"<samlp:Status>" + status + "</samlp:Status>" + r.Before + body + r.After + "</samlp:Response>"
	return finish(document, r.Bend, r.Sign, r.ID)
}

func (r Response) assertion() string {
	if r.Assertion == nil {
		return ""
	}
	plain := r.Assertion.XML()
	if r.Encrypt == nil {
		return plain
	}
	return r.Encrypt.Element(plain)
}

// finish bends a document, signs it, and puts the signature in its place.
func finish(document string, bend func(string) string, sign *Signature, id string) string {
	if bend != nil {
		document = bend(document)
	}
	signature := ""
	if sign != nil {
		signature = sign.over(strings.Replace(document, here, "", 1), id)
	}
	return strings.Replace(document, here, signature, 1)
}

// attributes writes pairs of name and value, those without value left out.
func attributes(pairs ...string) string {
	var b strings.Builder
	for n := 0; n < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			b.WriteString(" " + pairs[n] + `="` + escape(pairs[n+1]) + `"`)
		}
	}
	return b.String()
}

// element writes an element of text, nothing where the text is empty.
func element(tag, text string) string {
	if text == "" {
		return ""
	}
	name, _, _ := strings.Cut(tag, " ")
	return "<" + tag + ">" + escape(text) + "</" + name + ">"
}

// escape writes a text as canonical XML has it.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#xD;").Replace(text)
}

// At writes a time as documents have it.
func At(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
