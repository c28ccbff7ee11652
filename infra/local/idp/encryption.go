package idp

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // of OAEP, where IdPs have it to this day
	"crypto/x509"
	"fmt"

	"github.com/beevik/etree"
)

const nsEncryption = "http://www.w3.org/2001/04/xmlenc#"

// encrypt encrypts an assertion for the owner of a certificate: AES-256-GCM under a key that RSA-OAEP wraps (XML Encryption 1.1).
func encrypt(assertion *etree.Element, certificate []byte) (*etree.Element, error) {
	to, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	public, isRSA := to.PublicKey.(*rsa.PublicKey)
	if !isRSA {
		return nil, fmt.Errorf("the certificate for encryption has no RSA key: %w", ErrInvalid)
	}
	plain, err := written(assertion)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails, crypto/rand
	sealed, err := seal(key, plain)
	if err != nil {
		return nil, err
	}
	wrapped, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, public, key, nil)
	if err != nil {
		return nil, err
	}
	return encrypted(sealed, wrapped), nil
}

// seal gives the nonce with what it encrypts.
func seal(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	mode, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, mode.NonceSize())
	rand.Read(nonce)
	return mode.Seal(nonce, nonce, plain, nil), nil
}

// encrypted writes the EncryptedAssertion, with the wrapped key in it.
func encrypted(sealed, wrapped []byte) *etree.Element {
	root := set(etree.NewElement("saml:EncryptedAssertion"), "xmlns:saml", nsAssertion)
	data := add(root, "xenc:EncryptedData", "", "xmlns:xenc", nsEncryption, "Type", nsEncryption+"Element")
	add(data, "xenc:EncryptionMethod", "", "Algorithm", "http://www.w3.org/2009/xmlenc11#aes256-gcm")
	key := add(add(data, "ds:KeyInfo", "", "xmlns:ds", nsSignature), "xenc:EncryptedKey", "")
	add(key, "xenc:EncryptionMethod", "", "Algorithm", nsEncryption+"rsa-oaep-mgf1p")
	add(add(key, "xenc:CipherData", ""), "xenc:CipherValue", encoded(wrapped))
	add(add(data, "xenc:CipherData", ""), "xenc:CipherValue", encoded(sealed))
	return root
}
