package samlsp

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// Key is a private key of ours with its certificate. The private part may be elsewhere, such as in a key service.
type Key struct {
	Certificate Certificate
	Signer      crypto.Signer
	Decrypter   crypto.Decrypter
}

// Keys are a connection's own keys. Two of a kind at once are a rotation: the metadata shows both until the IdP has the new
// one, requests are signed with the first, and what was encrypted for either opens. Each is asked only when it is needed.
type Keys interface {
	Signing() ([]Key, error)
	Decryption() ([]Key, error)
}

// FixedKeys are keys that are at hand.
type FixedKeys struct{ ForSigning, ForDecryption []Key }

// Signing gives the keys for signing, the current one first.
func (k FixedKeys) Signing() ([]Key, error) { return k.ForSigning, nil }

// Decryption gives the keys for decryption, the current one first.
func (k FixedKeys) Decryption() ([]Key, error) { return k.ForDecryption, nil }

// keyLifetime is how long a certificate of ours says it is valid. It is a container of a key: IdPs refuse expired ones, and
// rotation is by hand.
const keyLifetime = 10 * 365 * 24 * time.Hour

// NewKey makes an RSA key of 2048 bits, which every IdP takes, and a certificate for it, valid for ten years. It takes some
// hundred milliseconds.
func NewKey(name string, now time.Time) (Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Key{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return Key{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-Skew), NotAfter: now.Add(keyLifetime),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return Key{}, err
	}
	return keyOf(private, der)
}

// Marshal gives the private part and the certificate as they are stored. The private part is a secret: seal it.
func (k Key) Marshal() (private, certificate []byte, err error) {
	private, err = x509.MarshalPKCS8PrivateKey(k.Signer)
	return private, k.Certificate.Raw, err
}

// ParseKey reads what Marshal gave.
func ParseKey(private, certificate []byte) (Key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return Key{}, err
	}
	known, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return Key{}, x509.ErrUnsupportedAlgorithm
	}
	return keyOf(known, certificate)
}

func keyOf(private *rsa.PrivateKey, certificate []byte) (Key, error) {
	parsed, err := ParseDER(certificate)
	return Key{Certificate: parsed, Signer: private, Decrypter: private}, err
}
