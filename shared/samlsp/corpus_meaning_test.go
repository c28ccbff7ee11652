package samlsp

import (
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func meaningCases() []sample {
	return append(append(partyCases(), timeCases()...), append(requestCases(), missingCases()...)...)
}

// said bends the assertion before it is signed.
func said(name string, want Check, bend func(*attempt)) sample {
	return bent(meaning, name, want, bend)
}

// assertionText changes the text of the assertion before it is signed.
func assertionText(change func(string) string) func(*attempt) {
	return func(a *attempt) { a.assertion().Bend = change }
}

func partyCases() []sample {
	return []sample{
		said("another audience", MeaningAudience, func(a *attempt) { a.assertion().Audiences = []string{"https://other.example"} }),
		said("our audience among others", accepted, func(a *attempt) { a.assertion().Audiences = []string{"https://other.example", ourEntity} }),
		said("no audience", MeaningAudience, func(a *attempt) { a.assertion().Audiences = nil }),
		said("two restrictions, one of them for others", MeaningAudience, func(a *attempt) {
			a.assertion().Condition = "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>"
		}),
		said("our audience with a slash at the end", MeaningAudience, func(a *attempt) { a.assertion().Audiences = []string{ourEntity + "/"} }),
		said("our audience in capitals", MeaningAudience, func(a *attempt) { a.assertion().Audiences = []string{strings.ToUpper(ourEntity)} }),
		said("no conditions", MeaningAudience, func(a *attempt) { a.assertion().NoConditions = true }),
		said("another recipient", MeaningRecipient, func(a *attempt) { a.confirmation().Recipient = "https://other.example/acs" }),
		said("no recipient", MeaningRecipient, func(a *attempt) { a.confirmation().Recipient = "" }),
		said("the recipient with a query", MeaningRecipient, func(a *attempt) { a.confirmation().Recipient += "?x" }),
		said("no destination, the assertion signed", accepted, func(a *attempt) { a.response.Destination = "" }),
		said("no destination, the response signed", MeaningDestination, func(a *attempt) { a.signResponse(); a.response.Destination = "" }),
		said("another destination", MeaningDestination, func(a *attempt) { a.response.Destination = "https://other.example/acs" }),
		said("another issuer", MeaningIssuer, func(a *attempt) { a.assertion().Issuer = "https://other.example" }),
		said("the issuer with a slash at the end", MeaningIssuer, func(a *attempt) { a.assertion().Issuer += "/" }),
		said("another issuer of the response", MeaningResponseIssuer, func(a *attempt) { a.response.Issuer = "https://other.example" }),
		said("no issuer of the response", accepted, func(a *attempt) { a.response.Issuer = "" }),
		said("a connection without the IdP's entity id", MeaningIssuer, func(a *attempt) {
			a.sp.IdP.EntityID, a.response.Issuer = "", ""
			a.assertion().Bend = replace("<saml:Issuer>"+theirs+"</saml:Issuer>", "<saml:Issuer></saml:Issuer>")
		}),
		said("a holder of a key instead of a bearer", MeaningConfirmation, func(a *attempt) { a.confirmation().Method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" }),
		said("a sender who vouches", MeaningConfirmation, func(a *attempt) { a.confirmation().Method = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches" }),
		said("a bearer beside a holder of a key", accepted, func(a *attempt) {
			a.assertion().Confirmations = append([]samlsptest.Confirmation{{Method: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}}, a.assertion().Confirmations...)
		}),
		said("two bearers, the second one right", accepted, func(a *attempt) {
			a.assertion().Confirmations = append([]samlsptest.Confirmation{{Method: samlsptest.Bearer, Recipient: "https://other.example/acs"}}, a.assertion().Confirmations...)
		}),
		said("two bearers, each right in a part", MeaningRecipient, func(a *attempt) {
			late := *a.confirmation()
			late.NotOnOrAfter = at(-time.Hour)
			a.confirmation().Recipient = "https://other.example/acs"
			a.assertion().Confirmations = append(a.assertion().Confirmations, late)
		}),
		said("a condition that nobody knows", MeaningConditions, func(a *attempt) { a.assertion().Condition = "<saml:Condition></saml:Condition>" }),
		said("one-time use", accepted, func(a *attempt) { a.assertion().Condition = "<saml:OneTimeUse></saml:OneTimeUse>" }),
		said("a proxy restriction", accepted, func(a *attempt) {
			a.assertion().Condition = `<saml:ProxyRestriction Count="0"></saml:ProxyRestriction>`
		}),
		said("the method that the connection accepts", accepted, func(a *attempt) { a.sp.Contexts = []string{a.assertion().Context} }),
		said("another method than the connection accepts", MeaningContext, func(a *attempt) { a.sp.Contexts = []string{"urn:oasis:names:tc:SAML:2.0:ac:classes:X509"} }),
		said("a method in the words of another IdP", accepted, func(a *attempt) { a.assertion().Context = "http://schemas.microsoft.com/claims/multipleauthn" }),
	}
}

func timeCases() []sample {
	return []sample{
		said("holds from in 60 s", accepted, func(a *attempt) { a.assertion().NotBefore = at(60 * time.Second) }),
		said("holds from in 61 s", MeaningNotBefore, func(a *attempt) { a.assertion().NotBefore = at(61 * time.Second) }),
		said("held until 59 s ago", accepted, func(a *attempt) { a.assertion().NotOnOrAfter = at(-59 * time.Second) }),
		said("held until 60 s ago", MeaningExpired, func(a *attempt) { a.assertion().NotOnOrAfter = at(-60 * time.Second) }),
		said("confirmed until 59 s ago", accepted, func(a *attempt) { a.confirmation().NotOnOrAfter = at(-59 * time.Second) }),
		said("confirmed until 60 s ago", MeaningConfirmed, func(a *attempt) { a.confirmation().NotOnOrAfter = at(-60 * time.Second) }),
		said("confirmed for ever", MeaningConfirmed, func(a *attempt) { a.confirmation().NotOnOrAfter = "" }),
		said("confirmed from in an hour", MeaningConfirmFrom, func(a *attempt) { a.confirmation().NotBefore = at(time.Hour) }),
		said("confirmed from a minute ago", accepted, func(a *attempt) { a.confirmation().NotBefore = at(-time.Minute) }),
		said("no times in the conditions", accepted, func(a *attempt) { a.assertion().NotBefore, a.assertion().NotOnOrAfter = "", "" }),
		said("holds for a day", accepted, func(a *attempt) {
			a.assertion().NotOnOrAfter, a.confirmation().NotOnOrAfter = at(24*time.Hour), at(24*time.Hour)
		}),
		said("holds for more than a day", MeaningLifetime, func(a *attempt) {
			a.assertion().NotOnOrAfter, a.confirmation().NotOnOrAfter = at(25*time.Hour), at(25*time.Hour)
		}),
		said("made in 60 s", accepted, func(a *attempt) { a.assertion().IssueInstant = at(60 * time.Second) }),
		said("made in 61 s", MeaningIssued, func(a *attempt) { a.assertion().IssueInstant = at(61 * time.Second) }),
		said("made at no time", MeaningIssued, func(a *attempt) { a.assertion().IssueInstant = "" }),
		said("made yesterday at noon, in words", MeaningIssued, func(a *attempt) { a.assertion().IssueInstant = "yesterday" }),
		said("a time with parts of a second", accepted, func(a *attempt) { a.assertion().NotBefore = "2026-03-02T09:59:59.1234567Z" }),
		said("a time in another zone", accepted, func(a *attempt) { a.assertion().NotOnOrAfter = "2026-03-02T11:05:00+01:00" }),
		said("a time without a zone", accepted, func(a *attempt) { a.assertion().NotOnOrAfter = "2026-03-02T10:05:00" }),
		said("an end that is no time", MeaningExpired, func(a *attempt) { a.assertion().NotOnOrAfter = "never" }),
		said("signed in eight hours ago", accepted, func(a *attempt) { a.assertion().AuthnInstant = at(-8 * time.Hour) }),
		said("signed in in an hour", MeaningSignedIn, func(a *attempt) { a.assertion().AuthnInstant = at(time.Hour) }),
		said("signed in at no time", MeaningStatement, func(a *attempt) { a.assertion().AuthnInstant = "soon" }),
		said("a session that is over", MeaningSession, func(a *attempt) { a.assertion().SessionNotOnOrAfter = at(-time.Hour) }),
		said("a session that lasts", accepted, func(a *attempt) { a.assertion().SessionNotOnOrAfter = at(time.Hour) }),
		said("a session until no time", MeaningSession, func(a *attempt) { a.assertion().SessionNotOnOrAfter = "late" }),
		said("signed in anew, as we asked", accepted, func(a *attempt) { a.expected.Request.ForceAuthn = true }),
		said("signed in before we asked for it", MeaningFresh, func(a *attempt) {
			a.expected.Request.ForceAuthn = true
			a.assertion().AuthnInstant = at(-10 * time.Minute)
		}),
		said("signed in 60 s before we asked, by the IdP's clock", accepted, func(a *attempt) {
			a.expected.Request.ForceAuthn = true
			a.assertion().AuthnInstant = at(-2 * time.Minute)
		}),
	}
}

func requestCases() []sample {
	answering := func(id string) func(*attempt) {
		return func(a *attempt) { a.response.InResponseTo, a.confirmation().InResponseTo = id, id }
	}
	return []sample{
		said("answers another request", MeaningRequest, answering("_q2")),
		said("answers a request when none is open", MeaningRequest, func(a *attempt) { a.expected.Request = nil }),
		said("answers nothing, where that is not allowed", MeaningUnsolicited, answering("")),
		said("answers nothing, where that is allowed", accepted, func(a *attempt) { answering("")(a); a.expected = Expected{Now: now, Unsolicited: true} }),
		said("answers a request that is not open, where answering none is allowed", MeaningRequest, func(a *attempt) { a.expected = Expected{Now: now, Unsolicited: true} }),
		said("only the response names the request", MeaningRequest, func(a *attempt) { a.confirmation().InResponseTo = "" }),
		said("only the assertion names the request", accepted, func(a *attempt) { a.response.InResponseTo = "" }),
		said("the response names another request", MeaningAnswers, func(a *attempt) { a.response.InResponseTo = "_q2" }),
		said("the IdP failed", StructureStatus, func(a *attempt) {
			a.response.Status = `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"></samlp:StatusCode>`
		}),
		said("the IdP denied it", StructureStatus, func(a *attempt) {
			a.response.Assertion = nil
			a.response.Status = `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:RequestDenied"></samlp:StatusCode></samlp:StatusCode><samlp:StatusMessage>AADSTS50105: not assigned` + "\n" + `</samlp:StatusMessage>`
		}),
		said("success in the second place only", StructureStatus, func(a *attempt) {
			a.response.Status = `<samlp:StatusCode Value="urn:x"><samlp:StatusCode Value="` + samlsptest.Success + `"></samlp:StatusCode></samlp:StatusCode>`
		}),
		said("no status", StructureStatus, func(a *attempt) { a.response.Status = "<samlp:StatusCode></samlp:StatusCode>" }),
	}
}

// missingCases leave out or double one part after the other.
func missingCases() []sample {
	part := func(name, tag string, want Check) sample {
		return said(name, want, assertionText(func(assertion string) string { rest, _ := cut(assertion, tag); return rest }))
	}
	whole := func(name, tag string, want Check) sample {
		return said(name, want, assertionText(func(assertion string) string { rest, _ := cut2(assertion, tag); return rest }))
	}
	twice := func(name, element string, want Check) sample {
		return said(name, want, assertionText(into("saml:Assertion", element)))
	}
	return []sample{
		whole("no issuer", "saml:Issuer", MeaningShape),
		whole("no subject", "saml:Subject", MeaningShape),
		part("no name id", "saml:NameID", MeaningNameID),
		part("no confirmation", "saml:SubjectConfirmation", MeaningConfirmation),
		part("no confirmation data", "saml:SubjectConfirmationData", MeaningRecipient),
		part("no statement of a sign-in", "saml:AuthnStatement", MeaningStatement),
		whole("no attributes", "saml:AttributeStatement", accepted),
		whole("no method of signing in", "saml:AuthnContext", accepted),
		twice("two issuers", "<saml:Issuer>https://other.example</saml:Issuer>", MeaningShape),
		twice("two subjects", "<saml:Subject><saml:NameID>admin@acme.example</saml:NameID></saml:Subject>", MeaningShape),
		twice("conditions twice", "<saml:Conditions></saml:Conditions>", MeaningShape),
		said("two name ids", MeaningShape, assertionText(replace("<saml:SubjectConfirmation ", "<saml:NameID>admin</saml:NameID><saml:SubjectConfirmation "))),
		said("an element in the name id", MeaningNameID, assertionText(replace("ada@acme.example<", "ada@<saml:x>evil</saml:x>acme.example<"))),
		said("an empty name id", MeaningNameID, assertionText(replace(">ada@acme.example</saml:NameID>", "> </saml:NameID>"))),
		said("a name id of 2,000 characters", MeaningNameID, func(a *attempt) { a.assertion().NameID = strings.Repeat("x", 2000) }),
		said("an encrypted name id", MeaningNameID, assertionText(func(assertion string) string {
			rest, _ := cut(assertion, "saml:NameID")
			return replace("<saml:Subject>", "<saml:Subject><saml:EncryptedID></saml:EncryptedID>")(rest)
		})),
		said("an assertion of SAML 1.1", MeaningVersion, func(a *attempt) { a.assertion().Version = "1.1" }),
		said("a response of SAML 1.1", StructureVersion, func(a *attempt) { a.response.Version = "1.1" }),
		said("no assertion", StructureAssertion, func(a *attempt) { a.response.Assertion = nil }),
		said("a response for artifacts", StructureRoot, func(a *attempt) {
			a.tamper = func(document string) string {
				return strings.ReplaceAll(document, "samlp:Response", "samlp:ArtifactResponse")
			}
		}),
		said("everything wrong at once", MeaningIssuer, func(a *attempt) {
			a.assertion().Issuer, a.assertion().Audiences, a.confirmation().Recipient, a.assertion().NotOnOrAfter = "https://other.example", nil, "", at(-time.Hour)
		}),
	}
}
