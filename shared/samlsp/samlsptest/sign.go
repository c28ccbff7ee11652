package samlsptest

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/sha1"   // for what must be refused
	_ "crypto/sha256" // the hashes that signatures name
	_ "crypto/sha512"
	"encoding/base64"
	"strings"
)

// Algorithms as documents name them.
const (
	Exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	SHA1      = "http://www.w3.org/2000/09/xmldsig#sha1"
	SHA256    = "http://www.w3.org/2001/04/xmlenc#sha256"
	SHA384    = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	SHA512    = "http://www.w3.org/2001/04/xmlenc#sha512"
	RSASHA1   = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
	More      = "http://www.w3.org/2001/04/xmldsig-more#" // rsa-sha256, ecdsa-sha384, hmac-sha256, ...
)

const dsNS = `xmlns:ds="http://www.w3.org/2000/09/xmldsig#"`

// Signature is how something is signed. The zero value but for Key is what IdPs do: RSA-SHA256 over exclusive canonical XML, with
// the certificate.
type Signature struct {
	Key              KeyPair
	Method           string // an algorithm; empty is rsa-sha256 or, for a key on a curve, ecdsa-sha256
	Digest           string // empty is SHA-256
	Canonicalization string // empty is Exclusive; what is written is exclusive whatever this says
	Transforms       string // the Transform elements; empty is what IdPs do
	URI              string // "#..."; empty refers to the element, "-" is an empty reference
	References       string // further Reference elements before the right one
	KeyInfo          string // the KeyInfo element; empty has the certificate, "-" leaves it out
	HMAC             []byte // signs with this secret instead of the key
	Bend             func(signedInfo string) string
	Object           string // further elements at the end
}

// over gives the Signature element over canonical bytes.
func (s Signature) over(canonical, id string) string {
	info := s.signedInfo(canonical, id)
	if s.Bend != nil {
		info = s.Bend(info)
	}
	value := s.value(info)
	inside := strings.Replace(info, " "+dsNS, "", 1)
	return "<ds:Signature " + dsNS + ">" + inside + "<ds:SignatureValue>" + base64.StdEncoding.EncodeToString(value) + "</ds:SignatureValue>" +
		s.keyInfo() + s.Object + "</ds:Signature>"
}

// signedInfo gives the SignedInfo in canonical form.
func (s Signature) signedInfo(canonical, id string) string {
	uri := "#" + id
	switch {
	case s.URI == "-":
		uri = ""
	case s.URI != "":
		uri = s.URI
	}
	digest := hashOf(or(s.Digest, SHA256)).New()
	digest.Write([]byte(canonical))
	transforms := or(s.Transforms, Transform(Enveloped, "")+Transform(Exclusive, ""))
	return "<ds:SignedInfo " + dsNS + ">" +
		empty("ds:CanonicalizationMethod", or(s.Canonicalization, Exclusive)) + empty("ds:SignatureMethod", s.method()) + s.References +
		Reference(uri, transforms, or(s.Digest, SHA256), digest.Sum(nil)) + "</ds:SignedInfo>"
}

// Reference gives a Reference element.
func Reference(uri, transforms, method string, digest []byte) string {
	return `<ds:Reference URI="` + escape(uri) + `"><ds:Transforms>` + transforms + "</ds:Transforms>" + empty("ds:DigestMethod", method) +
		"<ds:DigestValue>" + base64.StdEncoding.EncodeToString(digest) + "</ds:DigestValue></ds:Reference>"
}

// Transform gives a Transform element with content.
func Transform(algorithm, content string) string {
	return `<ds:Transform Algorithm="` + algorithm + `">` + content + "</ds:Transform>"
}

func (s Signature) method() string {
	if s.Method != "" {
		return s.Method
	}
	if s.Key.Certificate.PublicKeyAlgorithm.String() == "ECDSA" {
		return More + "ecdsa-sha256"
	}
	return More + "rsa-sha256"
}

// value signs the bytes of the SignedInfo.
func (s Signature) value(info string) []byte {
	hash := hashOf(s.method())
	if s.HMAC != nil {
		mac := hmac.New(hash.New, s.HMAC)
		mac.Write([]byte(info))
		return mac.Sum(nil)
	}
	digest := hash.New()
	digest.Write([]byte(info))
	return s.Key.sign(hash, digest.Sum(nil))
}

func (s Signature) keyInfo() string {
	switch s.KeyInfo {
	case "-":
		return ""
	case "":
		return "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + s.Key.Base64() + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
	}
	return s.KeyInfo
}

// hashOf gives the hash that an algorithm names at its end.
func hashOf(algorithm string) crypto.Hash {
	switch {
	case strings.HasSuffix(algorithm, "sha1"):
		return crypto.SHA1
	case strings.HasSuffix(algorithm, "sha384"):
		return crypto.SHA384
	case strings.HasSuffix(algorithm, "sha512"):
		return crypto.SHA512
	}
	return crypto.SHA256
}

func empty(tag, algorithm string) string {
	return "<" + tag + ` Algorithm="` + escape(algorithm) + `"></` + tag + ">"
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
