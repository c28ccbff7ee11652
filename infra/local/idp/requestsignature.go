package idp

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	dsig "github.com/russellhaering/goxmldsig"
)

// errSignature says that a request's signature does not hold.
var errSignature = errors.New("the signature of the request does not hold")

// hashes are those of the algorithms that requests may be signed by.
var hashes = map[string]crypto.Hash{
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": crypto.SHA256,
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": crypto.SHA384,
	"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": crypto.SHA512,
}

// verify tells whether the request is signed. A signature that is there must hold, by a key of the service provider's.
func (r request) verify(asked Asked, sp ServiceProvider) (signed bool, err error) {
	if r.binding == bindingRedirect {
		return verifyQuery(asked.Query, sp)
	}
	if child(r.element, nsSignature, "Signature") == nil {
		return false, nil
	}
	for _, der := range sp.Signing {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return false, err
		}
		trusting := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
		if covered, err := trusting.Validate(r.element.Copy()); err == nil && covered.SelectAttrValue("ID", "") == r.id {
			return true, nil
		}
	}
	return false, fmt.Errorf("%w: %w", errSignature, ErrInvalid)
}

// verifyQuery verifies the signature of HTTP-Redirect, over the query as it was sent (bindings 3.4.4.1).
func verifyQuery(query string, sp ServiceProvider) (signed bool, err error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	if parts["Signature"] == "" {
		return false, nil
	}
	over := "SAMLRequest=" + parts["SAMLRequest"]
	if state, found := parts["RelayState"]; found {
		over += "&RelayState=" + state
	}
	over += "&SigAlg=" + parts["SigAlg"]
	algorithm, _ := url.QueryUnescape(parts["SigAlg"])
	text, _ := url.QueryUnescape(parts["Signature"])
	signature, err := base64.StdEncoding.DecodeString(text)
	hash := hashes[algorithm]
	if err != nil || hash == 0 {
		return false, fmt.Errorf("the request is signed by %q, which is not taken: %w", algorithm, ErrInvalid)
	}
	digest := hash.New()
	digest.Write([]byte(over))
	for _, der := range sp.Signing {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return false, err
		}
		public, isRSA := certificate.PublicKey.(*rsa.PublicKey)
		if isRSA && rsa.VerifyPKCS1v15(public, hash, digest.Sum(nil), signature) == nil {
			return true, nil
		}
	}
	return false, fmt.Errorf("%w: %w", errSignature, ErrInvalid)
}
