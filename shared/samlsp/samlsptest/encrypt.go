package samlsptest

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
)

// Algorithms of encryption as documents name them.
const (
	Enc   = "http://www.w3.org/2001/04/xmlenc#" // aes256-cbc, rsa-oaep-mgf1p, rsa-1_5, ...
	Enc11 = "http://www.w3.org/2009/xmlenc11#"  // aes256-gcm, rsa-oaep, mgf1sha256, ...
	encNS = `xmlns:xenc="` + Enc + `"`
	dsAt  = `<ds:KeyInfo ` + dsNS + `>`
	dsEnd = `</ds:KeyInfo>`
)

// Encryption is how an assertion is encrypted. Empty fields but To are what IdPs do today: AES-256-GCM and RSA-OAEP with SHA-1.
type Encryption struct {
	To        KeyPair
	Data, Key string // algorithms
	Digest    string // of OAEP
	Mask      string // of OAEP 1.1
	Label     string // of OAEP
	Beside    bool   // the key stands beside the data
	Others    int    // keys for others before the one for us
	BendData  func([]byte) []byte
	BendKey   func([]byte) []byte
	Bend      func(string) string // changes the element
}

// Element gives the EncryptedAssertion with the text in it.
func (e Encryption) Element(plain string) string {
	data, key := or(e.Data, Enc11+"aes256-gcm"), make([]byte, 32)
	if strings.Contains(data, "128") {
		key = key[:16]
	}
	rand.Read(key)
	sealed := seal(data, key, []byte(plain))
	if e.BendData != nil {
		sealed = e.BendData(sealed)
	}
	keys := ""
	for range e.Others {
		keys += e.key(Key("other"), key)
	}
	keys += e.key(e.To, key)
	inside, beside := dsAt+keys+dsEnd, ""
	if e.Beside {
		inside, beside = "", keys
	}
	element := "<saml:EncryptedAssertion " + AssertionNS + "><xenc:EncryptedData " + encNS + ` Type="` + Enc + `Element">` +
		empty("xenc:EncryptionMethod", data) + inside + cipherData(sealed) + "</xenc:EncryptedData>" + beside + "</saml:EncryptedAssertion>"
	if e.Bend != nil {
		element = e.Bend(element)
	}
	return element
}

// key gives the EncryptedKey for a recipient.
func (e Encryption) key(to KeyPair, secret []byte) string {
	method := or(e.Key, Enc+"rsa-oaep-mgf1p")
	parameters, ds, enc := "", "", ""
	if e.Beside {
		ds, enc = " "+dsNS, " "+encNS
	}
	if e.Digest != "" {
		parameters += "<ds:DigestMethod" + ds + ` Algorithm="` + e.Digest + `"></ds:DigestMethod>`
	}
	if e.Mask != "" {
		parameters += `<xenc11:MGF xmlns:xenc11="` + Enc11 + `" Algorithm="` + e.Mask + `"></xenc11:MGF>`
	}
	if e.Label != "" {
		parameters += "<xenc:OAEPparams>" + base64.StdEncoding.EncodeToString([]byte(e.Label)) + "</xenc:OAEPparams>"
	}
	wrapped := e.wrap(method, to, secret)
	if e.BendKey != nil {
		wrapped = e.BendKey(wrapped)
	}
	return "<xenc:EncryptedKey" + enc + `><xenc:EncryptionMethod Algorithm="` + method + `">` + parameters + "</xenc:EncryptionMethod>" +
		cipherData(wrapped) + "</xenc:EncryptedKey>"
}

// wrap encrypts the secret for a recipient.
func (e Encryption) wrap(method string, to KeyPair, secret []byte) []byte {
	public := to.Certificate.PublicKey.(*rsa.PublicKey)
	if strings.HasSuffix(method, "rsa-1_5") {
		wrapped := make([]byte, public.Size()) // Go deprecates it; it must be refused before anybody opens it
		rand.Read(wrapped)
		return wrapped
	}
	options := &rsa.OAEPOptions{Hash: hashOf(or(e.Digest, SHA1)), MGFHash: crypto.SHA1, Label: []byte(e.Label)}
	if e.Mask != "" {
		options.MGFHash = hashOf(e.Mask)
	}
	wrapped, err := rsa.EncryptOAEPWithOptions(rand.Reader, public, secret, options)
	if err != nil {
		panic(err)
	}
	return wrapped
}

// seal encrypts the text.
func seal(algorithm string, key, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	if strings.HasSuffix(algorithm, "cbc") {
		filling := aes.BlockSize - len(plain)%aes.BlockSize
		padded := append(plain, make([]byte, filling)...)
		padded[len(padded)-1] = byte(filling)
		sealed := make([]byte, aes.BlockSize+len(padded))
		rand.Read(sealed[:aes.BlockSize])
		cipher.NewCBCEncrypter(block, sealed[:aes.BlockSize]).CryptBlocks(sealed[aes.BlockSize:], padded)
		return sealed
	}
	mode, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	nonce := make([]byte, mode.NonceSize())
	rand.Read(nonce)
	return mode.Seal(nonce, nonce, plain, nil)
}

func cipherData(value []byte) string {
	return "<xenc:CipherData><xenc:CipherValue>" + base64.StdEncoding.EncodeToString(value) + "</xenc:CipherValue></xenc:CipherData>"
}
