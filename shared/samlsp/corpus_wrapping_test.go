package samlsp

import (
	"strings"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// evil is an assertion that nobody signed.
func evil(id string) string {
	a := *right().assertion()
	a.ID, a.NameID, a.Sign = id, "admin@acme.example", nil
	a.Attributes = []samlsptest.Attribute{{Name: "email", Values: []string{"admin@acme.example"}}}
	return a.XML()
}

// cut takes the first element of a name out of a document.
func cut(document, tag string) (rest, element string) {
	begin := strings.Index(document, "<"+tag+" ")
	end := strings.Index(document[begin:], "</"+tag+">") + begin + len(tag) + 3
	return document[:begin] + document[end:], document[begin:end]
}

// object is content in an Object of a signature.
func object(content string) string { return "<ds:Object>" + content + "</ds:Object>" }

// into puts content before the end of the first element of a name.
func into(tag, content string) func(string) string {
	return replace("</"+tag+">", content+"</"+tag+">")
}

// wrappingCases are XSW1 to XSW8 of "On Breaking SAML" (USENIX Security 2012) and what was found after it.
func wrappingCases() []sample {
	return append(wrappedResponses(), append(wrappedAssertions(), misplaced()...)...)
}

// wrappedResponses wrap a response that is signed as a whole.
func wrappedResponses() []sample {
	// forged gives a response with forged content, and the whole right one where place puts it.
	forged := func(id string, place func(forged, signature, original string) string) func(*attempt) {
		return func(a *attempt) {
			a.signResponse()
			a.tamper = func(original string) string {
				_, signature := cut(original, "ds:Signature")
				rest, _ := cut(original, "ds:Signature")
				rest, _ = cut(rest, "saml:Assertion")
				rest = strings.Replace(rest, `ID="_r1"`, `ID="`+id+`"`, 1)
				return place(into("samlp:Response", evil("_e1"))(rest), signature, original)
			}
		}
	}
	return []sample{
		bent(wrapping, "XSW1: the signed response in an Object of the signature of a forged one", StructureAssertion,
			forged("_e", func(forged, signature, original string) string {
				return replace("<samlp:Status>", into("ds:Signature", object(original))(signature)+"<samlp:Status>")(forged)
			})),
		bent(wrapping, "XSW2: the signed response beside the signature in a forged one", StructureAssertion,
			forged("_e", func(forged, signature, original string) string {
				inner, _ := cut(original, "ds:Signature")
				return replace("<samlp:Status>", inner+signature+"<samlp:Status>")(forged)
			})),
		bent(wrapping, "a forged response in the Extensions of which the signed one is", StructureAssertion,
			forged("_e", func(forged, _, original string) string { return extensions(original)(forged) })),
		bent(wrapping, "a forged response with the ID of the signed one", StructureIDs,
			forged("_r1", func(forged, _, original string) string { return extensions(original)(forged) })),
		bent(wrapping, "the signature of one response in another", SignatureURI,
			forged("_e", func(forged, signature, _ string) string {
				return replace("<samlp:Status>", signature+"<samlp:Status>")(forged)
			})),
		bent(wrapping, "the signature of one response in another of the same ID", SignatureValue,
			forged("_r1", func(forged, signature, _ string) string {
				return replace("<samlp:Status>", signature+"<samlp:Status>")(forged)
			})),
		bent(wrapping, "forged content in StatusDetail", StructureAssertion, func(a *attempt) {
			a.tamper = replace("</samlp:Status>", "<samlp:StatusDetail>"+evil("_e1")+"</samlp:StatusDetail></samlp:Status>")
		}),
	}
}

// wrappedAssertions wrap an assertion that is signed by itself.
func wrappedAssertions() []sample {
	split := func(place func(rest, assertion, bare, signature string) string) func(*attempt) {
		return func(a *attempt) {
			a.tamper = func(document string) string {
				rest, assertion := cut(document, "saml:Assertion")
				bare, signature := cut(assertion, "ds:Signature")
				return place(rest, assertion, bare, signature)
			}
		}
	}
	put := func(content string) func(string) string { return into("samlp:Response", content) }
	return []sample{
		bent(wrapping, "XSW3: a forged assertion before the signed one", StructureAssertion, split(func(rest, assertion, _, _ string) string {
			return put(evil("_e1") + assertion)(rest)
		})),
		bent(wrapping, "a forged assertion after the signed one", StructureAssertion, split(func(rest, assertion, _, _ string) string {
			return put(assertion + evil("_e1"))(rest)
		})),
		bent(wrapping, "XSW4: the signed assertion in a forged one", StructureAssertion, split(func(rest, assertion, _, _ string) string {
			return put(into("saml:Assertion", assertion)(evil("_e1")))(rest)
		})),
		bent(wrapping, "XSW5: a forged assertion with the signature, the signed one after it", StructureAssertion, split(func(rest, _, bare, signature string) string {
			return put(replace("<saml:Subject>", signature+"<saml:Subject>")(evil("_e1")) + bare)(rest)
		})),
		bent(wrapping, "XSW6: a forged assertion with the signature, the signed one in it", StructureAssertion, split(func(rest, _, bare, signature string) string {
			return put(replace("<saml:Subject>", into("ds:Signature", bare)(signature)+"<saml:Subject>")(evil("_e1")))(rest)
		})),
		bent(wrapping, "XSW7: a forged assertion in Extensions", StructureAssertion, split(func(rest, assertion, _, _ string) string {
			return put(assertion)(extensions(evil("_e1"))(rest))
		})),
		bent(wrapping, "XSW8: the signed assertion in an Object of the forged one's signature", StructureAssertion, split(func(rest, _, bare, signature string) string {
			return put(replace("<saml:Subject>", into("ds:Signature", object(bare))(signature)+"<saml:Subject>")(evil("_e1")))(rest)
		})),
		bent(wrapping, "a forged assertion of the same ID", StructureIDs, split(func(rest, assertion, _, _ string) string {
			return put(evil("_a1") + assertion)(rest)
		})),
		bent(wrapping, "the signed assertion in the Advice of a forged one", StructureAssertion, split(func(rest, assertion, _, _ string) string {
			return put(into("saml:Assertion", "<saml:Advice>"+assertion+"</saml:Advice>")(evil("_e1")))(rest)
		})),
		bent(wrapping, "a forged assertion in an attribute's value, unsigned parts around it", SignatureValue, func(a *attempt) {
			a.tamper = into("saml:AttributeValue", "<saml:NameID>admin@acme.example</saml:NameID>")
		}),
		bent(wrapping, "an assertion in no namespace beside the signed one", StructureAssertion, func(a *attempt) {
			a.tamper = put(`<Assertion xmlns="" ID="_e1"></Assertion>`)
		}),
		bent(wrapping, "two assertions, both signed", StructureAssertion, func(a *attempt) {
			second := *a.assertion()
			second.ID, second.NameID = "_a2", "grace@acme.example"
			a.response.After = second.XML()
		}),
		bent(wrapping, "a signed response with two assertions", StructureAssertion, func(a *attempt) {
			a.signResponse()
			a.response.Before = evil("_e1")
		}),
	}
}

// misplaced have right signatures and something where it should not be.
func misplaced() []sample {
	return []sample{
		bent(wrapping, "a response that is signed around an assertion in Extensions", StructurePlace, func(a *attempt) {
			a.signResponse()
			a.response.Bend = func(document string) string {
				rest, assertion := cut(document, "saml:Assertion")
				return extensions(assertion)(rest)
			}
		}),
		bent(wrapping, "an assertion that is signed, in an element of its own", StructurePlace, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, assertion := cut(document, "saml:Assertion")
				return into("samlp:Response", `<samlp:Wrapper>`+assertion+`</samlp:Wrapper>`)(rest)
			}
		}),
		bent(wrapping, "a signature in Extensions", StructureSignatures, func(a *attempt) {
			a.tamper = extensions(`<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature>`)
		}),
		bent(wrapping, "two signatures of one assertion", StructureSignatures, func(a *attempt) {
			a.tamper = func(document string) string {
				_, signature := cut(document, "ds:Signature")
				return replace("<saml:Subject>", signature+"<saml:Subject>")(document)
			}
		}),
		bent(wrapping, "a signature in no namespace", StructureSignatures, func(a *attempt) {
			a.tamper = extensions(`<Signature xmlns=""></Signature>`)
		}),
		bent(wrapping, "an ID twice", StructureIDs, func(a *attempt) { a.tamper = extensions(`<samlp:x ID="_a1"></samlp:x>`) }),
		bent(wrapping, "an ID twice in another spelling", StructureIDs, func(a *attempt) { a.tamper = extensions(`<samlp:x id="_a1"></samlp:x>`) }),
		bent(wrapping, "an xml:id twice", StructureIDs, func(a *attempt) { a.tamper = extensions(`<samlp:x xml:id="_a1"></samlp:x>`) }),
		bent(wrapping, "an ID that is no name", StructureIDs, func(a *attempt) { a.response.ID = "1 or 2" }),
		bent(wrapping, "the signature stripped", SignaturePresent, func(a *attempt) { a.assertion().Sign = nil }),
		bent(wrapping, "a signature of the response stripped of its value", SignatureShape, func(a *attempt) {
			a.signResponse()
			a.tamper = func(document string) string { rest, _ := cut2(document, "ds:SignatureValue"); return rest }
		}),
		bent(wrapping, "an unsigned field of a response whose assertion is signed: another destination", MeaningDestination, func(a *attempt) {
			a.tamper = replace(`Destination="`+ourACS, `Destination="https://elsewhere.example/acs`)
		}),
		bent(wrapping, "a field of a signed response: another destination", SignatureValue, func(a *attempt) {
			a.signResponse()
			a.tamper = replace(`Destination="`+ourACS, `Destination="https://elsewhere.example/acs`)
		}),
		bent(wrapping, "both signed, the assertion changed", SignatureValue, func(a *attempt) {
			a.response.Sign = &samlsptest.Signature{Key: samlsptest.Key("idp")}
			a.tamper = replace("ada@acme.example", "bob@acme.example")
		}),
		bent(wrapping, "both signed, the assertion by somebody else", SignatureValue, func(a *attempt) {
			a.response.Sign = &samlsptest.Signature{Key: samlsptest.Key("idp")}
			a.assertion().Sign = &samlsptest.Signature{Key: samlsptest.Key("other")}
		}),
	}
}

// cut2 takes the first element of a name without attributes out of a document.
func cut2(document, tag string) (rest, element string) {
	begin := strings.Index(document, "<"+tag+">")
	end := strings.Index(document, "</"+tag+">") + len(tag) + 3
	return document[:begin] + document[end:], document[begin:end]
}
