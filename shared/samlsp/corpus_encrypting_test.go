package samlsp

import (
	"strings"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// sealed encrypts the assertion of an attempt.
func sealed(bend func(*attempt, *samlsptest.Encryption)) func(*attempt) {
	return func(a *attempt) {
		a.response.Encrypt = &samlsptest.Encryption{To: samlsptest.Key("sp")}
		bend(a, a.response.Encrypt)
	}
}

func encryptingCases() []sample {
	return append(openedCases(), closedCases()...)
}

func openedCases() []sample {
	with := func(data string) func(*attempt) {
		return sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Data = data })
	}
	return []sample{
		bent(encrypting, "AES-256-GCM, the assertion signed", accepted, with("")),
		bent(encrypting, "AES-128-GCM", accepted, with(samlsptest.Enc11+"aes128-gcm")),
		bent(encrypting, "AES-256-CBC", accepted, with(samlsptest.Enc+"aes256-cbc")),
		bent(encrypting, "AES-128-CBC", accepted, with(samlsptest.Enc+"aes128-cbc")),
		bent(encrypting, "OAEP with SHA-256 and MGF1 with SHA-1", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Digest = samlsptest.SHA256 })),
		bent(encrypting, "OAEP with SHA-256 throughout", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Key, e.Digest, e.Mask = samlsptest.Enc11+"rsa-oaep", samlsptest.SHA256, samlsptest.Enc11+"mgf1sha256"
		})),
		bent(encrypting, "the key beside the data", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Beside = true })),
		bent(encrypting, "a key for somebody else before ours", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Others = 1 })),
		bent(encrypting, "for our second key, in the middle of a rotation", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.To = samlsptest.Key("sp2") })),
		bent(encrypting, "the response signed around it", accepted, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.signResponse() })),
		bent(encrypting, "both signed", accepted, sealed(func(a *attempt, _ *samlsptest.Encryption) {
			a.response.Sign = &samlsptest.Signature{Key: samlsptest.Key("idp")}
		})),
		bent(encrypting, "a prefix declared around it", accepted, sealed(func(a *attempt, e *samlsptest.Encryption) {
			a.signResponse()
			a.response.Sign = nil
			a.assertion().Sign = &samlsptest.Signature{Key: samlsptest.Key("idp")}
			assertion := a.assertion().XML()
			a.response.Assertion, a.response.Encrypt = nil, nil
			a.response.After = e.Element(strings.Replace(assertion, " "+samlsptest.AssertionNS, "", 1))
		})),
		bent(encrypting, "white space in the cipher text", accepted, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Bend = replace("<xenc:CipherValue>", "<xenc:CipherValue>\n ")
		})),
	}
}

func closedCases() []sample {
	flip := func(value []byte) []byte { value[len(value)/2] ^= 1; return value }
	return []sample{
		bent(encrypting, "an assertion that nobody signed", SignaturePresent, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.assertion().Sign = nil })),
		bent(encrypting, "an assertion that somebody else signed", SignatureValue, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.assertion().Sign.Key = samlsptest.Key("other") })),
		bent(encrypting, "RSA with PKCS #1 v1.5", EncryptionAlgorithm, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Key = samlsptest.Enc + "rsa-1_5" })),
		bent(encrypting, "Triple DES", EncryptionAlgorithm, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Bend = replace(samlsptest.Enc11+"aes256-gcm", samlsptest.Enc+"tripledes-cbc")
		})),
		bent(encrypting, "OAEP with a label", EncryptionAlgorithm, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Label = "label" })),
		bent(encrypting, "OAEP with a digest of no use", EncryptionAlgorithm, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Digest = samlsptest.SHA256
			e.Bend = replace(samlsptest.SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5")
		})),
		bent(encrypting, "for a key that is not ours", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.To = samlsptest.Key("other") })),
		bent(encrypting, "GCM, changed", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.BendData = flip })),
		bent(encrypting, "CBC, the last block changed", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Data = samlsptest.Enc + "aes256-cbc"
			e.BendData = func(value []byte) []byte { value[len(value)-1] ^= 0x80; return value }
		})),
		bent(encrypting, "CBC, cut to no block", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Data = samlsptest.Enc + "aes256-cbc"
			e.BendData = func(value []byte) []byte { return value[:16] }
		})),
		bent(encrypting, "CBC, nothing but zeros", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Data = samlsptest.Enc + "aes256-cbc"
			e.BendData = func(value []byte) []byte { return make([]byte, 64) }
		})),
		bent(encrypting, "the key changed", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.BendKey = flip })),
		bent(encrypting, "no cipher text", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.BendData = func([]byte) []byte { return nil } })),
		bent(encrypting, "a reference to a cipher text elsewhere", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) {
			e.Bend = func(element string) string {
				at := strings.LastIndex(element, "<xenc:CipherData>")
				return element[:at] + `<xenc:CipherData><xenc:CipherReference URI="http://169.254.169.254/"></xenc:CipherReference></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`
			}
		})),
		bent(encrypting, "five keys", EncryptionContent, sealed(func(_ *attempt, e *samlsptest.Encryption) { e.Others = 4 })),
		bent(encrypting, "a connection without keys of its own", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.sp.Keys = nil })),
		bent(encrypting, "something else within", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) {
			a.signResponse()
			a.assertion().Bend = func(assertion string) string { return strings.ReplaceAll(assertion, "saml:Assertion", "saml:Evidence") }
		})),
		bent(encrypting, "a DOCTYPE within", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) {
			a.assertion().Bend = func(assertion string) string { return "<!DOCTYPE x>" + assertion }
			a.signResponse()
		})),
		bent(encrypting, "two assertions within", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) {
			a.assertion().Bend = func(assertion string) string { return assertion + evil("_e1") }
			a.signResponse()
		})),
		bent(encrypting, "an assertion in the Advice of the one within", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) {
			a.assertion().Bend = func(assertion string) string {
				return into("saml:Assertion", "<saml:Advice>"+evil("_e1")+"</saml:Advice>")(assertion)
			}
			a.signResponse()
		})),
		bent(encrypting, "an ID within that is the response's", EncryptionContent, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.assertion().ID = "_r1" })),
		bent(encrypting, "an assertion in plain text beside it", StructureAssertion, sealed(func(a *attempt, _ *samlsptest.Encryption) { a.response.After = evil("_e1") })),
	}
}
