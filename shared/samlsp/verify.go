package samlsp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// verify judges the signature of an element and gives what it covers, read anew from the very bytes that were digested, with the
// fingerprint of the certificate that signed. The element is changed on the way and of no further use.
func (m *Message) verify(of, signature *etree.Element) (*etree.Element, string, error) {
	if err := m.policy(of, signature); err != nil {
		return nil, "", err
	}
	if !m.on(SignatureValue) {
		return of, "unverified", nil
	}
	presented := takeKeyInfo(signature)
	value := signatureBytes(signature)
	for _, certificate := range likelyFirst(m.sp.IdP.Certificates, presented) {
		setSignature(signature, value, certificate)
		if verified, err := holds(of, certificate); err == nil {
			return verified, certificate.Fingerprint, m.trusted(certificate)
		}
	}
	refusal := refuse(SignatureValue, "a signature that holds with none of the %d certificates; it came with %s", len(m.sp.IdP.Certificates), presentedAs(presented, m.sp.IdP.Certificates))
	if presented != nil {
		refusal.Presented = presented.Fingerprint
	}
	return nil, "", refusal
}

// holds asks goxmldsig whether the signature of the element is the certificate's. One certificate at a time, without KeyInfo: with
// several it would insist on KeyInfo and on the certificate in there, which IdPs leave out or fill with another one. The time
// is the certificate's own, since the end of certificates is the connection's choice (trusted).
func holds(of *etree.Element, certificate Certificate) (*etree.Element, error) {
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: roots(certificate)})
	context.Clock = dsig.NewFakeClockAt(certificate.NotBefore)
	return context.Validate(of)
}

// trusted judges the certificate that signed.
func (m *Message) trusted(certificate Certificate) error {
	if saw := weakness(certificate.PublicKey); saw != "" && m.on(SignatureKey) {
		return refuse(SignatureKey, "%s", saw)
	}
	early, late := m.now.Add(Skew).Before(certificate.NotBefore), m.now.After(certificate.NotAfter)
	if (early || late) && !m.sp.IdP.AcceptExpired && m.on(SignatureCertificate) {
		refusal := refuse(SignatureCertificate, "the certificate %s, valid from %s to %s", certificate.Fingerprint,
			certificate.NotBefore.UTC().Format(time.RFC3339), certificate.NotAfter.UTC().Format(time.RFC3339))
		refusal.Covered = true
		return refusal
	}
	return nil
}

// weakness says what is wrong with a key, empty where nothing is.
func weakness(key any) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 {
			return "an RSA key of fewer than 2048 bits"
		}
		return ""
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			return "a key on the curve P-224"
		}
		return ""
	}
	return "a key that is neither RSA nor ECDSA"
}

// takeKeyInfo removes the key info of a signature and gives the certificate in it, nil where there is none. It is not covered by
// the signature: a hint and no more.
func takeKeyInfo(signature *etree.Element) *Certificate {
	info := child(signature, nsSignature, "KeyInfo")
	if info == nil {
		return nil
	}
	data, _ := text(child(child(info, nsSignature, "X509Data"), nsSignature, "X509Certificate"))
	signature.RemoveChild(info)
	certificate, err := parseBase64(data)
	if err != nil {
		return nil
	}
	return &certificate
}

// likelyFirst gives the certificates with the presented one at the front.
func likelyFirst(all []Certificate, presented *Certificate) []Certificate {
	if presented == nil || len(all) < 2 {
		return all
	}
	sorted := make([]Certificate, 0, len(all))
	for _, likely := range []bool{true, false} {
		for _, c := range all {
			if (c.Fingerprint == presented.Fingerprint) == likely {
				sorted = append(sorted, c)
			}
		}
	}
	return sorted
}

// presentedAs describes the certificate that came with a signature.
func presentedAs(presented *Certificate, known []Certificate) string {
	if presented == nil {
		return "no certificate"
	}
	for _, c := range known {
		if c.Fingerprint == presented.Fingerprint {
			return "a certificate that is among them, so the message was changed after it was signed"
		}
	}
	return "the certificate " + presented.Fingerprint + ", which is not among them"
}

// signatureBytes gives the value of a signature, nil where it is none.
func signatureBytes(signature *etree.Element) []byte {
	value, _ := text(child(signature, nsSignature, "SignatureValue"))
	raw, err := base64.StdEncoding.DecodeString(withoutSpace(value))
	if err != nil {
		return nil
	}
	return raw
}

// setSignature writes the value as goxmldsig reads it: base64 without white space, and a signature by ECDSA in the form of ASN.1,
// where XML Signature has two numbers of the same length side by side (RFC 9231 2.3.6).
func setSignature(signature *etree.Element, value []byte, certificate Certificate) {
	element := child(signature, nsSignature, "SignatureValue")
	if element == nil || value == nil {
		return
	}
	if key, ok := certificate.PublicKey.(*ecdsa.PublicKey); ok && len(value) == 2*((key.Params().BitSize+7)/8) {
		half := len(value) / 2
		pair := struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])}
		if encoded, err := asn1.Marshal(pair); err == nil {
			value = encoded
		}
	}
	element.SetText(base64.StdEncoding.EncodeToString(value))
}

// withoutSpace gives a text without the white space of XML in it.
func withoutSpace(value string) string {
	if !strings.ContainsAny(value, white) {
		return value
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(white, r) {
			return -1
		}
		return r
	}, value)
}
