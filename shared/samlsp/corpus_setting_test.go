package samlsp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// unreadableInput is the answer to metadata and certificates that cannot be taken.
const unreadableInput Check = "unreadable"

// settings are what an administrator enters; a nil error of read is an acceptance.
func entered(name string, want Check, read func() error) sample {
	return sample{setting, name, want, func(...Check) outcome {
		err := read()
		if _, ok := errors.AsType[*Unreadable](err); ok {
			err = &Refusal{Check: unreadableInput, Saw: err.Error()}
		}
		return outcome{err: err}
	}}
}

const md = `xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"`

// keyFor describes a key in metadata.
func keyFor(use, certificate string) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	return `<md:KeyDescriptor` + use + `><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` + certificate +
		`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
}

// serviceAt describes a sign-on URL in metadata.
func serviceAt(binding, location string) string {
	return `<md:SingleSignOnService Binding="` + binding + `" Location="` + location + `"/>`
}

// roleWith describes an IdP's role.
func roleWith(content string) string {
	return `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="true">` + content + `</md:IDPSSODescriptor>`
}

func entityWith(id, content string) string {
	return `<md:EntityDescriptor ` + md + ` entityID="` + id + `">` + content + `</md:EntityDescriptor>`
}

// rightMetadata is as an IdP has it.
func rightMetadata() string {
	return entityWith(theirs, roleWith(keyFor("signing", samlsptest.Key("idp").Base64())+serviceAt(BindingRedirect, "https://idp.example/sso")+serviceAt(BindingPost, "https://idp.example/sso/post")))
}

// described makes a case of metadata.
func described(name string, want Check, document string) sample {
	return entered(name, want, func() error { _, err := ParseMetadata([]byte(document), "", now); return err })
}

func settingCases() []sample {
	return append(append(metadataCases(), brokenMetadataCases()...), certificateInputCases()...)
}

func metadataCases() []sample {
	key, service := keyFor("signing", samlsptest.Key("idp").Base64()), serviceAt(BindingRedirect, "https://idp.example/sso")
	group := func(content string) string {
		return `<md:EntitiesDescriptor ` + md + `>` + content + `</md:EntitiesDescriptor>`
	}
	sp := entityWith(ourEntity, `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>`)
	return []sample{
		described("metadata", accepted, rightMetadata()),
		described("metadata with comments, a style sheet and CDATA", accepted, `<?xml version="1.0"?><?xml-stylesheet href="x"?><!-- ours -->`+
			strings.Replace(rightMetadata(), samlsptest.Key("idp").Base64(), "<!-- here --><![CDATA["+samlsptest.Key("idp").Base64()+"]]>", 1)),
		described("a key without a use (CVE-2026-16443)", accepted, entityWith(theirs, roleWith(keyFor("", samlsptest.Key("idp").Base64())+service))),
		described("two certificates in two keys", accepted, entityWith(theirs, roleWith(key+keyFor("signing", samlsptest.Key("next").Base64())+service))),
		described("the certificate twice", accepted, entityWith(theirs, roleWith(key+key+service))),
		described("a certificate in lines", accepted, entityWith(theirs, roleWith(keyFor("signing", wrapped(samlsptest.Key("idp").Base64()))+service))),
		described("an expired certificate beside the new one", accepted, entityWith(theirs, roleWith(keyFor("signing", samlsptest.Key("expired").Base64())+key+service))),
		described("a group with one IdP", accepted, group(sp+rightMetadata())),
		described("a group within a group", accepted, group(group(rightMetadata()))),
		described("a group with two IdPs", unreadableInput, group(rightMetadata()+strings.Replace(rightMetadata(), theirs, "https://other.example", 1))),
		entered("a group with two IdPs, one of them chosen", accepted, func() error {
			m, err := ParseMetadata([]byte(group(strings.Replace(rightMetadata(), theirs, "https://other.example", 1)+rightMetadata())), theirs, now)
			if err == nil && m.EntityID != theirs {
				err = errors.New("the wrong one")
			}
			return err
		}),
		described("the role of an old protocol beside that of SAML 2.0", accepted, strings.Replace(rightMetadata(), "<md:IDPSSODescriptor",
			`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"/><md:IDPSSODescriptor`, 1)),
		described("a binding that nobody here speaks, beside others", accepted, entityWith(theirs, roleWith(key+serviceAt("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "ftp://idp.example")+service))),
		described("Entra ID's, with roles of WS-Federation and a signature", accepted, `<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="_1" entityID="`+entraIssuer+`" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">`+
			`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature><RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">`+
			`<fed:ClaimTypesOffered><auth:ClaimType Uri="x" xmlns:auth="http://docs.oasis-open.org/wsfed/authorization/200706"/></fed:ClaimTypesOffered></RoleDescriptor>`+
			strings.ReplaceAll(strings.ReplaceAll(roleWith(key+service+serviceAt("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "https://login.microsoftonline.com/x/saml2")), "<md:", "<"), "</md:", "</")+`</EntityDescriptor>`),
		described("valid until tomorrow", accepted, strings.Replace(rightMetadata(), "entityID", `validUntil="2026-03-03T10:00:00Z" entityID`, 1)),
		described("an IdP on this machine over http", accepted, strings.Replace(rightMetadata(), "https://idp.example/sso/post", "http://127.0.0.1:9000/sso", 1)),
	}
}

func brokenMetadataCases() []sample {
	key, service := keyFor("signing", samlsptest.Key("idp").Base64()), serviceAt(BindingRedirect, "https://idp.example/sso")
	at := func(location string) string {
		return entityWith(theirs, roleWith(key+serviceAt(BindingRedirect, location)))
	}
	broken := func(name, document string) sample { return described(name, unreadableInput, document) }
	return []sample{
		broken("nothing", " "),
		broken("a web page", "<!DOCTYPE html><html><body>Sign in</body></html>"),
		broken("a certificate instead of metadata", known("idp").PEM()),
		broken("JSON", `{"issuer": "https://idp.example"}`),
		broken("other XML", "<rss></rss>"),
		broken("metadata with a DOCTYPE", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"+rightMetadata()),
		broken("metadata that is cut off", rightMetadata()[:500]),
		broken("metadata that says UTF-16", `<?xml version="1.0" encoding="UTF-16"?>`+rightMetadata()),
		broken("metadata over 1 MiB", rightMetadata()+strings.Repeat(" ", MaxMetadata)),
		broken("metadata of 100,001 parts", entityWith(theirs, strings.Repeat("<a/>", 50_001))),
		broken("a service provider's", entityWith(theirs, `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>`)),
		broken("no role", entityWith(theirs, "")),
		broken("SAML 1.1 only", strings.Replace(rightMetadata(), "SAML:2.0:protocol", "SAML:1.1:protocol", 1)),
		broken("no entity id", strings.Replace(rightMetadata(), `entityID="`+theirs+`"`, "", 1)),
		broken("an entity id with spaces", strings.Replace(rightMetadata(), theirs, "the idp", 1)),
		broken("no certificate", entityWith(theirs, roleWith(service))),
		broken("a certificate for encryption only", entityWith(theirs, roleWith(keyFor("encryption", samlsptest.Key("idp").Base64())+service))),
		broken("a certificate that is none", entityWith(theirs, roleWith(keyFor("signing", "AAAA")+service))),
		broken("a certificate of 1024 bits", entityWith(theirs, roleWith(keyFor("signing", samlsptest.Key("small").Base64())+service))),
		broken("no sign-on URL", entityWith(theirs, roleWith(key))),
		broken("a sign-on URL for SOAP only", entityWith(theirs, roleWith(key+serviceAt("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "https://idp.example")))),
		broken("a sign-on URL over http", at("http://idp.example/sso")),
		broken("a sign-on URL that is JavaScript", at("javascript:alert(1)")),
		broken("a sign-on URL that is data", at("data:text/html,x")),
		broken("a sign-on URL with a password", at("https://idp.example:x@evil.example/")),
		broken("a sign-on URL with a line break", at("https://idp.example/&#10;x")),
		broken("a sign-on URL without a host", at("/sso")),
		broken("expired metadata", strings.Replace(rightMetadata(), "entityID", `validUntil="2026-03-02T10:00:00Z" entityID`, 1)),
		broken("an expired role", strings.Replace(rightMetadata(), "<md:IDPSSODescriptor", `<md:IDPSSODescriptor validUntil="2020-01-01T00:00:00Z"`, 1)),
		broken("an expiry that is no time", strings.Replace(rightMetadata(), "entityID", `validUntil="soon" entityID`, 1)),
	}
}

func certificateInputCases() []sample {
	pem, plain := known("idp").PEM(), samlsptest.Key("idp").Base64()
	given := func(name string, want Check, count int, input string) sample {
		return entered(name, want, func() error {
			found, err := ParseCertificates([]byte(input))
			if err == nil && len(found) != count {
				err = fmt.Errorf("%d certificates", len(found))
			}
			return err
		})
	}
	return []sample{
		given("a certificate as PEM", accepted, 1, pem),
		given("a certificate as PEM with Windows' line ends", accepted, 1, "\xef\xbb\xbf"+strings.ReplaceAll(pem, "\n", "\r\n")),
		given("a certificate as PEM in one line", accepted, 1, strings.ReplaceAll(pem, "\n", " ")),
		given("a certificate as base64 alone", accepted, 1, plain),
		given("a certificate as base64 in lines", accepted, 1, wrapped(plain)),
		given("a certificate as the bytes of a file", accepted, 1, string(known("idp").Raw)),
		given("two certificates", accepted, 2, "the old one:\n"+pem+"the new one:\n"+known("next").PEM()),
		given("a certificate twice", accepted, 1, pem+pem),
		given("white space instead of a certificate", unreadableInput, 0, " \n"),
		given("a certificate cut off", unreadableInput, 0, pem[:len(pem)-30]),
		given("a certificate with a letter missing", unreadableInput, 0, strings.Replace(pem, "A", "", 1)),
		given("a private key", unreadableInput, 0, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
		given("a public key", unreadableInput, 0, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
		given("a request for a certificate", unreadableInput, 0, "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"),
		given("a bundle of PKCS #7", unreadableInput, 0, "-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----"),
		given("a fingerprint", unreadableInput, 0, "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01"),
		given("a web address", unreadableInput, 0, "https://idp.example/certificate"),
		given("XML instead of a certificate", unreadableInput, 0, rightMetadata()),
		given("21 certificates", unreadableInput, 0, strings.Repeat(pem, 21)),
		given("bytes of nothing", unreadableInput, 0, string(bytes.Repeat([]byte{0x30, 0}, 40))),
	}
}
