package samlsp

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// signed bends the signature of the assertion.
func signed(bend func(*samlsptest.Signature)) func(*attempt) {
	return func(a *attempt) { bend(a.assertion().Sign) }
}

// by signs with a key that the connection knows, and no other.
func by(name string) func(*attempt) {
	return func(a *attempt) {
		a.assertion().Sign.Key = samlsptest.Key(name)
		a.sp.IdP.Certificates = []Certificate{known(name)}
	}
}

func signingCases() []sample {
	return append(append(keyCases(), certificateCases()...), append(algorithmCases(), formCases()...)...)
}

func keyCases() []sample {
	return []sample{
		bent(signing, "a key on the curve P-256", accepted, by("ec")),
		bent(signing, "a key on the curve P-384 with SHA-384", accepted, func(a *attempt) {
			by("ec384")(a)
			a.assertion().Sign.Method, a.assertion().Sign.Digest = samlsptest.More+"ecdsa-sha384", samlsptest.SHA384
		}),
		bent(signing, "a key on the curve P-224", SignatureKey, by("ec224")),
		bent(signing, "RSA with 1024 bits", SignatureKey, by("small")),
		bent(signing, "a key that nobody knows", SignatureValue, signed(func(s *samlsptest.Signature) { s.Key = samlsptest.Key("other") })),
		bent(signing, "a key that nobody knows, presented as the known one", SignatureValue, signed(func(s *samlsptest.Signature) {
			s.KeyInfo = strings.Replace(keyInfo, "CERT", samlsptest.Key("idp").Base64(), 1)
			s.Key = samlsptest.Key("other")
		})),
		bent(signing, "a cloned certificate: the same subject and number, another key", SignatureValue, signed(func(s *samlsptest.Signature) { s.Key = samlsptest.Key("clone") })),
		bent(signing, "a connection without certificates", SignatureValue, func(a *attempt) { a.sp.IdP.Certificates = nil }),
		bent(signing, "an HMAC with the certificate as the secret", SignatureAlgorithm, signed(func(s *samlsptest.Signature) {
			s.Method, s.HMAC = samlsptest.More+"hmac-sha256", s.Key.Certificate.Raw
		})),
		bent(signing, "an HMAC with the PEM as the secret", SignatureAlgorithm, signed(func(s *samlsptest.Signature) {
			s.Method, s.HMAC = samlsptest.More+"hmac-sha256", []byte(known("idp").PEM())
		})),
		bent(signing, "the algorithm of another kind of key", SignatureValue, signed(func(s *samlsptest.Signature) { s.Method = samlsptest.More + "ecdsa-sha256" })),
	}
}

const keyInfo = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>CERT</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"

func certificateCases() []sample {
	two := func(a *attempt) { a.sp.IdP.Certificates = []Certificate{known("next"), known("idp")} }
	withInfo := func(info string) func(*attempt) {
		return func(a *attempt) { two(a); a.assertion().Sign.KeyInfo = info }
	}
	return []sample{
		bent(signing, "two certificates, the second one signed", accepted, two),
		bent(signing, "two certificates, no KeyInfo", accepted, withInfo("-")),
		bent(signing, "two certificates, KeyInfo with the other one", accepted, withInfo(strings.Replace(keyInfo, "CERT", samlsptest.Key("next").Base64(), 1))),
		bent(signing, "KeyInfo with a stranger's certificate", accepted, withInfo(strings.Replace(keyInfo, "CERT", samlsptest.Key("other").Base64(), 1))),
		bent(signing, "KeyInfo with a name instead of a certificate", accepted, withInfo("<ds:KeyInfo><ds:KeyName>idp</ds:KeyName></ds:KeyInfo>")),
		bent(signing, "KeyInfo with a key value", accepted, withInfo("<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>")),
		bent(signing, "KeyInfo that points to somewhere", accepted, withInfo(`<ds:KeyInfo><ds:RetrievalMethod URI="http://169.254.169.254/"></ds:RetrievalMethod></ds:KeyInfo>`)),
		bent(signing, "KeyInfo with text that is no certificate", accepted, withInfo(strings.Replace(keyInfo, "CERT", "AAAA", 1))),
		bent(signing, "KeyInfo with line breaks in the certificate", accepted, withInfo(strings.Replace(keyInfo, "CERT", wrapped(samlsptest.Key("idp").Base64()), 1))),
		bent(signing, "a certificate that was retired", SignatureValue, func(a *attempt) { a.sp.IdP.Certificates = []Certificate{known("next")} }),
		bent(signing, "an expired certificate", SignatureCertificate, func(a *attempt) { a.sp.IdP.Certificates = []Certificate{known("expired")} }),
		bent(signing, "an expired certificate, where the connection goes on", accepted, func(a *attempt) {
			a.sp.IdP.Certificates, a.sp.IdP.AcceptExpired = []Certificate{known("expired")}, true
		}),
		bent(signing, "a certificate that is not valid yet", SignatureCertificate, func(a *attempt) { a.sp.IdP.Certificates = []Certificate{known("future")} }),
		bent(signing, "an expired certificate and its successor for the same key", accepted, func(a *attempt) {
			a.sp.IdP.Certificates = []Certificate{known("idp"), known("expired")}
		}),
		bent(signing, "the IdP's own certificate on the day after its end", SignatureCertificate, func(a *attempt) {
			late := known("expired").NotAfter.Add(time.Hour)
			a.sp.IdP.Certificates = []Certificate{known("expired")}
			shift(a, late)
		}),
		bent(signing, "the IdP's own certificate on its last day", accepted, func(a *attempt) {
			early := known("expired").NotAfter.Add(-time.Hour)
			a.sp.IdP.Certificates = []Certificate{known("expired")}
			shift(a, early)
		}),
	}
}

// shift moves the whole attempt to another time.
func shift(a *attempt, to time.Time) {
	a.expected.Now, a.expected.Request.Issued = to, to.Add(-time.Minute)
	a.response.IssueInstant, a.assertion().IssueInstant = samlsptest.At(to), samlsptest.At(to)
	a.assertion().NotBefore, a.assertion().AuthnInstant = samlsptest.At(to), samlsptest.At(to)
	a.assertion().NotOnOrAfter, a.confirmation().NotOnOrAfter = samlsptest.At(to.Add(time.Minute)), samlsptest.At(to.Add(time.Minute))
}

// wrapped breaks a text into lines as MIME has them.
func wrapped(text string) string {
	var b strings.Builder
	for n := 0; n < len(text); n += 76 {
		b.WriteString("\n" + text[n:min(n+76, len(text))])
	}
	return b.String() + "\n"
}

func algorithmCases() []sample {
	transforms := func(content string) func(*attempt) {
		return signed(func(s *samlsptest.Signature) { s.Transforms = content })
	}
	enveloped, exclusive := samlsptest.Transform(samlsptest.Enveloped, ""), samlsptest.Transform(samlsptest.Exclusive, "")
	prefixes := samlsptest.Transform(samlsptest.Exclusive, `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="xs"></ec:InclusiveNamespaces>`)
	return []sample{
		bent(signing, "RSA with SHA-384", accepted, signed(func(s *samlsptest.Signature) { s.Method, s.Digest = samlsptest.More+"rsa-sha384", samlsptest.SHA384 })),
		bent(signing, "RSA with SHA-512", accepted, signed(func(s *samlsptest.Signature) { s.Method, s.Digest = samlsptest.More+"rsa-sha512", samlsptest.SHA512 })),
		bent(signing, "RSA with SHA-1", SignatureAlgorithm, signed(func(s *samlsptest.Signature) { s.Method = samlsptest.RSASHA1 })),
		bent(signing, "a digest of SHA-1", SignatureDigest, signed(func(s *samlsptest.Signature) { s.Digest = samlsptest.SHA1 })),
		bent(signing, "an algorithm that does not exist", SignatureAlgorithm, signed(func(s *samlsptest.Signature) { s.Method = "urn:none" })),
		bent(signing, "canonicalization with comments", SignatureCanonical, signed(func(s *samlsptest.Signature) { s.Canonicalization = samlsptest.Exclusive + "WithComments" })),
		bent(signing, "inclusive canonicalization", SignatureCanonical, signed(func(s *samlsptest.Signature) {
			s.Canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
		})),
		bent(signing, "the prefix list that Okta sends", accepted, transforms(enveloped+prefixes)),
		bent(signing, "a transform with comments", SignatureTransforms, transforms(enveloped+samlsptest.Transform(samlsptest.Exclusive+"WithComments", ""))),
		bent(signing, "an XPath transform", SignatureTransforms, transforms(enveloped+samlsptest.Transform("http://www.w3.org/TR/1999/REC-xpath-19991116",
			"<ds:XPath>not(ancestor-or-self::saml:NameID)</ds:XPath>")+exclusive)),
		bent(signing, "an XSLT transform", SignatureTransforms, transforms(enveloped+samlsptest.Transform("http://www.w3.org/TR/1999/REC-xslt-19991116", "")+exclusive)),
		bent(signing, "no enveloped transform", SignatureTransforms, transforms(exclusive)),
		bent(signing, "transforms the other way round", SignatureTransforms, transforms(exclusive+enveloped)),
		bent(signing, "a transform three times", SignatureTransforms, transforms(enveloped+exclusive+exclusive)),
		bent(signing, "a hundred transforms", SignatureTransforms, transforms(enveloped+strings.Repeat(exclusive, 99))),
	}
}

// formCases vary the parts of a signature.
func formCases() []sample {
	again := samlsptest.Reference("#_a1", samlsptest.Transform(samlsptest.Enveloped, "")+samlsptest.Transform(samlsptest.Exclusive, ""), samlsptest.SHA256, make([]byte, 32))
	return []sample{
		bent(signing, "two references, the right one last", SignatureReferences, signed(func(s *samlsptest.Signature) { s.References = again })),
		bent(signing, "the reference twice", SignatureReferences, signed(func(s *samlsptest.Signature) {
			s.Bend = func(info string) string {
				_, reference := cut(info, "ds:Reference")
				return replace("</ds:SignedInfo>", reference+"</ds:SignedInfo>")(info)
			}
		})),
		bent(signing, "a reference to something else", SignatureURI, signed(func(s *samlsptest.Signature) { s.URI = "#_r1" })),
		bent(signing, "a reference to the whole document", SignatureURI, func(a *attempt) { a.signResponse(); a.response.Sign.URI = "-" }),
		bent(signing, "a reference by XPointer", SignatureURI, signed(func(s *samlsptest.Signature) { s.URI = "#xpointer(id('_a1'))" })),
		bent(signing, "a reference to a file", SignatureURI, signed(func(s *samlsptest.Signature) { s.URI = "file:///etc/passwd" })),
		bent(signing, "content in an Object", SignatureShape, signed(func(s *samlsptest.Signature) { s.Object = object("forged") })),
		bent(signing, "two SignedInfo", SignatureShape, signed(func(s *samlsptest.Signature) { s.Object = "<ds:SignedInfo></ds:SignedInfo>" })),
		bent(signing, "the parts of the signature in another order", SignatureShape, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, value := cut2(document, "ds:SignatureValue")
				return replace("<ds:SignedInfo>", value+"<ds:SignedInfo>")(rest)
			}
		}),
		bent(signing, "an element within the digest", SignatureShape, func(a *attempt) {
			a.tamper = replace("<ds:DigestValue>", "<ds:DigestValue><ds:x></ds:x>")
		}),
		bent(signing, "an empty signature", SignatureShape, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, _ := cut(document, "ds:Signature")
				return replace("<saml:Subject>", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature><saml:Subject>`)(rest)
			}
		}),
		bent(signing, "an empty value", SignatureValue, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, _ := cut2(document, "ds:SignatureValue")
				return replace("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>")(rest)
			}
		}),
		bent(signing, "white space in the value", accepted, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, value := cut2(document, "ds:SignatureValue")
				return replace("</ds:SignedInfo>", "</ds:SignedInfo>\n\t"+strings.ReplaceAll(value, "A", "A \n\t")+"\n")(rest)
			}
		}),
		bent(signing, "another value", SignatureValue, func(a *attempt) {
			a.tamper = func(document string) string {
				rest, _ := cut2(document, "ds:SignatureValue")
				return replace("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignatureValue>"+base64.StdEncoding.EncodeToString(make([]byte, 256))+"</ds:SignatureValue>")(rest)
			}
		}),
		bent(signing, "a changed digest", SignatureValue, func(a *attempt) { a.tamper = replace("<ds:DigestValue>", "<ds:DigestValue>AAAA") }),
	}
}
