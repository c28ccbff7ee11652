package samlsp

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"

	"github.com/beevik/etree"
)

// blockCipher is an algorithm for content: the length of its key, and its mode.
type blockCipher struct {
	key  int
	open func(block cipher.Block, value []byte) []byte
}

// blockCiphers are the algorithms for content (XML Encryption 1.1 5.2).
var blockCiphers = map[string]blockCipher{
	aes128GCM: {16, openGCM}, aes192GCM: {24, openGCM}, aes256GCM: {32, openGCM},
	aes128CBC: {16, openCBC}, aes192CBC: {24, openCBC}, aes256CBC: {32, openCBC},
}

// openGCM decrypts in Galois/Counter Mode: 12 bytes of nonce, the content, 16 bytes of tag. Nil where it does not open.
func openGCM(block cipher.Block, value []byte) []byte {
	mode, err := cipher.NewGCM(block)
	if err != nil || len(value) < mode.NonceSize()+mode.Overhead() {
		return nil
	}
	plain, err := mode.Open(nil, value[:mode.NonceSize()], value[mode.NonceSize():], nil)
	if err != nil {
		return nil
	}
	return plain
}

// openCBC decrypts in Cipher Block Chaining: a block of start value, then the content, whose last byte says how many bytes at its
// end are filling (XML Encryption 5.2). Nil where it does not open.
func openCBC(block cipher.Block, value []byte) []byte {
	size := block.BlockSize()
	if len(value) < 2*size || len(value)%size != 0 {
		return nil
	}
	plain := make([]byte, len(value)-size)
	cipher.NewCBCDecrypter(block, value[:size]).CryptBlocks(plain, value[size:])
	filling := int(plain[len(plain)-1])
	if filling < 1 || filling > size {
		return nil
	}
	return plain[:len(plain)-filling]
}

// decrypt opens the content with the first key that one of ours opens. Without one it goes on with a random key, so that a wrong
// key looks and lasts like wrong content.
func (m *Message) decrypt(data cipherText, keys []cipherText, ours []Key) []byte {
	algorithm := blockCiphers[data.algorithm()]
	secret := make([]byte, algorithm.key)
	rand.Read(secret) // never fails, crypto/rand
	for _, key := range keys {
		for _, own := range ours {
			opened := unwrap(own, key)
			if len(opened) == algorithm.key && m.Encrypted.Fingerprint == "" {
				secret = opened
				m.Encrypted.Key, m.Encrypted.Fingerprint = key.algorithm(), own.Certificate.Fingerprint
			}
		}
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil
	}
	return algorithm.open(block, data.value)
}

// unwrap opens an encrypted key with one of ours, nil where it does not open.
func unwrap(own Key, key cipherText) []byte {
	options := oaepOptions(key.method)
	if own.Decrypter == nil || options == nil {
		return nil
	}
	opened, err := own.Decrypter.Decrypt(rand.Reader, key.value, options)
	if err != nil {
		return nil
	}
	return opened
}

// The hashes of OAEP. SHA-1 is no weakness here, and what Entra ID, ADFS and Okta use by default.
var (
	oaepDigests = map[string]crypto.Hash{"": crypto.SHA1, digestSHA1: crypto.SHA1, digestSHA256: crypto.SHA256, digestSHA384: crypto.SHA384, digestSHA512: crypto.SHA512}
	oaepMasks   = map[string]crypto.Hash{"": crypto.SHA1, mgf1Prefix + "sha1": crypto.SHA1, mgf1Prefix + "sha256": crypto.SHA256,
		mgf1Prefix + "sha384": crypto.SHA384, mgf1Prefix + "sha512": crypto.SHA512}
)

// badTransport says what is wrong with the way in which a key is encrypted, empty where nothing is.
func badTransport(method *etree.Element) string {
	if oaepOptions(method) == nil {
		return "the key encryption " + quoted(algorithm(method)) + ", or its parameters"
	}
	if label, _ := text(child(method, nsEncrypted, "OAEPparams")); label != "" {
		return "a key encryption with a label"
	}
	return ""
}

// oaepOptions reads the parameters of RSA-OAEP (XML Encryption 1.1 5.5.2), nil where it is another algorithm.
func oaepOptions(method *etree.Element) *rsa.OAEPOptions {
	digest, known := oaepDigests[algorithm(child(method, nsSignature, "DigestMethod"))]
	mask := crypto.SHA1
	switch algorithm(method) {
	case rsaOAEP:
	case rsaOAEP11:
		named, ok := oaepMasks[algorithm(child(method, nsEnc11, "MGF"))]
		known, mask = known && ok, named
	default:
		return nil
	}
	label, _ := text(child(method, nsEncrypted, "OAEPparams"))
	raw, err := base64.StdEncoding.DecodeString(withoutSpace(label))
	if !known || err != nil {
		return nil
	}
	return &rsa.OAEPOptions{Hash: digest, MGFHash: mask, Label: raw}
}
