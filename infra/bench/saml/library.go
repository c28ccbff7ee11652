package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/url"
	"time"

	crewjam "github.com/crewjam/saml"
	gosaml2 "github.com/russellhaering/gosaml2"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// library is a way to judge an answer.
type library struct {
	name  string
	judge func() error
}

// libraries are all ways that take the answer.
func libraries(a answer, certificates int) []library {
	known := trusted(certificates)
	return []library{{"floor", floor(a)}, {"ours", ours(a, known)}, {"gosaml2 0.12.0", theGosaml2(a, known)}, {"crewjam/saml 0.5.1", theCrewjam(a, known)}}
}

// floor is what nobody can do without.
func floor(a answer) func() error {
	key := samlsptest.Key("idp")
	digest := sha256.Sum256(a.document)
	signature, err := rsa.SignPKCS1v15(nil, key.RSA(), crypto.SHA256, digest[:])
	return func() error {
		if err != nil {
			return err
		}
		raw, err := base64.StdEncoding.DecodeString(a.encoded)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(raw)
		return rsa.VerifyPKCS1v15(&key.RSA().PublicKey, crypto.SHA256, digest[:], signature)
	}
}

// ours is the whole of Verify, Judge and Identify.
func ours(a answer, trusted []*x509.Certificate) func() error {
	var certificates []samlsp.Certificate
	for _, c := range trusted {
		certificate, err := samlsp.ParseDER(c.Raw)
		if err != nil {
			return func() error { return err }
		}
		certificates = append(certificates, certificate)
	}
	own := samlsptest.Key("sp")
	sp := samlsp.ServiceProvider{EntityID: audience, ACS: acs, IdP: samlsp.IdP{EntityID: a.issuer, Certificates: certificates},
		Keys: samlsp.FixedKeys{ForDecryption: []samlsp.Key{{Decrypter: own.RSA()}}}}
	sp.Keys.(samlsp.FixedKeys).ForDecryption[0].Certificate.Certificate = own.Certificate
	sp.Keys.(samlsp.FixedKeys).ForDecryption[0].Certificate.Fingerprint = "sp"
	mapping := samlsp.Preset(a.preset)
	return func() error {
		message, err := sp.Verify(a.encoded, now)
		if err != nil {
			return err
		}
		assertion, err := message.Judge(samlsp.Expected{Now: now, Request: &samlsp.Request{ID: "_q1", Issued: now.Add(-time.Minute)}})
		if err != nil {
			return err
		}
		_, err = assertion.Identify(mapping, []string{"acme.example"})
		return err
	}
}

// keyStore is our key as gosaml2 wants it.
type keyStore struct{ samlsptest.KeyPair }

func (k keyStore) GetKeyPair() (*rsa.PrivateKey, []byte, error) {
	return k.RSA(), k.Certificate.Raw, nil
}

// theGosaml2 is RetrieveAssertionInfo, which gives audience and times as warnings.
func theGosaml2(a answer, trusted []*x509.Certificate) func() error {
	return func() error {
		sp := &gosaml2.SAMLServiceProvider{IdentityProviderIssuer: a.issuer, ServiceProviderIssuer: audience, AssertionConsumerServiceURL: acs, AudienceURI: audience,
			IDPCertificateStore: &dsig.MemoryX509CertificateStore{Roots: trusted}, SPKeyStore: keyStore{samlsptest.Key("sp")}, Clock: dsig.NewFakeClockAt(now)}
		info, err := sp.RetrieveAssertionInfo(a.encoded)
		if err == nil && (info.WarningInfo.InvalidTime || info.WarningInfo.NotInAudience) {
			err = errors.New("a warning")
		}
		return err
	}
}

// theCrewjam is ParseXMLResponse.
func theCrewjam(a answer, trusted []*x509.Certificate) func() error {
	crewjam.TimeNow = func() time.Time { return now }
	crewjam.Clock = dsig.NewFakeClockAt(now)
	where, err := url.Parse(acs)
	own := samlsptest.Key("sp")
	role := crewjam.IDPSSODescriptor{}
	for _, c := range trusted {
		role.KeyDescriptors = append(role.KeyDescriptors, crewjam.KeyDescriptor{Use: "signing", KeyInfo: crewjam.KeyInfo{X509Data: crewjam.X509Data{
			X509Certificates: []crewjam.X509Certificate{{Data: base64.StdEncoding.EncodeToString(c.Raw)}}}}})
	}
	sp := crewjam.ServiceProvider{EntityID: audience, AcsURL: *where, Key: own.RSA(), Certificate: own.Certificate,
		IDPMetadata: &crewjam.EntityDescriptor{EntityID: a.issuer, IDPSSODescriptors: []crewjam.IDPSSODescriptor{role}}}
	return func() error {
		if err != nil {
			return err
		}
		raw, err := base64.StdEncoding.DecodeString(a.encoded)
		if err != nil {
			return err
		}
		_, err = sp.ParseXMLResponse(raw, []string{"_q1"}, *where)
		if invalid, ok := errors.AsType[*crewjam.InvalidResponseError](err); ok {
			return invalid.PrivateErr
		}
		return err
	}
}
