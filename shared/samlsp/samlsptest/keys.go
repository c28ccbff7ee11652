// Package samlsptest is an identity provider for tests that can forge anything. Its documents are canonical XML by construction,
// so that it signs the bytes that it writes and needs no canonicalization of its own or of anybody: what a test bends is bent
// before or after signing, whichever is meant. It is no library for signing, and knows nothing of the service provider.
package samlsptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"encoding/pem"
)

//go:embed keys
var files embed.FS

// KeyPair is a private key with a certificate. The ones in keys/ were made for these tests and protect nothing.
type KeyPair struct {
	Private     crypto.Signer
	Certificate *x509.Certificate
}

// Key gives one of the keys: "idp" is the IdP's, "next" its next one, "other" another IdP's, "clone" has a certificate with the
// subject and number of the IdP's, "small" has 1024 bits, "ec", "ec384" and "ec224" are on curves, "sp" and "sp2" are ours;
// "expired" and "future" are further certificates of the IdP's key. It panics for another name.
func Key(name string) KeyPair {
	keyName := name
	if name == "expired" || name == "future" {
		keyName = "idp"
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block(keyName + ".key"))
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(block(name + ".crt"))
	if err != nil {
		panic(err)
	}
	return KeyPair{parsed.(crypto.Signer), certificate}
}

func block(file string) []byte {
	data, err := files.ReadFile("keys/" + file)
	if err != nil {
		panic(err)
	}
	found, _ := pem.Decode(data)
	return found.Bytes
}

// Base64 gives the certificate as documents have it.
func (k KeyPair) Base64() string { return base64.StdEncoding.EncodeToString(k.Certificate.Raw) }

// RSA gives the private key of an RSA pair.
func (k KeyPair) RSA() *rsa.PrivateKey { return k.Private.(*rsa.PrivateKey) }

// sign signs a digest: RSA as PKCS #1 v1.5, ECDSA as two numbers of the same length.
func (k KeyPair) sign(hash crypto.Hash, digest []byte) []byte {
	if private, ok := k.Private.(*ecdsa.PrivateKey); ok {
		r, s, err := ecdsa.Sign(nil, private, digest)
		if err != nil {
			panic(err)
		}
		size := (private.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
	}
	signature, err := rsa.SignPKCS1v15(nil, k.RSA(), hash, digest)
	if err != nil {
		panic(err)
	}
	return signature
}
