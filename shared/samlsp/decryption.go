package samlsp

import (
	"encoding/base64"
	"slices"

	"github.com/beevik/etree"
)

// maxEncryptedKeys is how often the key of an assertion may be there, for several recipients.
const maxEncryptedKeys = 4

// decryption puts the assertion in the place of an encrypted one. The text of it has not been judged by anybody, so it goes
// through the gate and the structure as the whole message did.
//
// AES in CBC mode, which Entra ID and ADFS send, protects nothing against changes, and a change shows in what goes wrong then
// (How to Break XML Encryption, CCS 2011). So all that can go wrong has one code, the sender sees one sentence for that and for a
// wrong signature within, a key that does not open goes on as a random one, and where the response is signed nothing is decrypted
// before that holds. The caller bounds how often it can be tried.
func (m *Message) decryption() error {
	if m.assertion.Tag != "EncryptedAssertion" {
		return nil
	}
	data, keys, refusal := m.encrypted()
	if refusal != nil {
		return refusal
	}
	ours, err := m.ourKeys()
	if err != nil {
		return err
	}
	plain := m.decrypt(data, keys, ours)
	inner, err := m.sp.open(responses, plain, around(m.assertion))
	if err != nil {
		return unreadable()
	}
	return m.replace(inner)
}

// ourKeys gives our keys for decryption. What goes wrong there is ours, and no refusal.
func (m *Message) ourKeys() ([]Key, error) {
	if m.sp.Keys == nil {
		return nil, nil
	}
	return m.sp.Keys.Decryption()
}

func unreadable() *Refusal {
	return refuse(EncryptionContent, "an encrypted assertion that does not open, or whose content is no assertion")
}

// replace puts the decrypted assertion into the response, where the prefixes around it hold, and judges its structure.
func (m *Message) replace(inner *etree.Element) error {
	in, encrypted := m.assertion.Parent(), m.assertion
	encrypted.AddChild(inner)
	inherit(inner)
	in.InsertChildAt(encrypted.Index(), inner)
	in.RemoveChild(encrypted)
	if !is(inner, nsAssertion, "Assertion") {
		if m.on(EncryptionContent) {
			return unreadable()
		}
		inner.Tag = "Assertion"
	}
	if m.unique(m.response, map[string]bool{}) != nil || m.oneAssertion() != nil || m.signaturesInPlace(inner) != nil {
		return unreadable()
	}
	return nil
}

// cipherText is encrypted bytes with what is needed to open them.
type cipherText struct {
	method *etree.Element
	value  []byte
}

func (c cipherText) algorithm() string { return algorithm(c.method) }

// encrypted finds the parts of an encrypted assertion: the data, and the key for each recipient, which stands in the data or beside
// it (core 2.3.4, XML Encryption 3.5).
func (m *Message) encrypted() (cipherText, []cipherText, *Refusal) {
	data := children(m.assertion, nsEncrypted, "EncryptedData")
	if len(data) != 1 {
		return cipherText{}, nil, unreadable()
	}
	elements := slices.Concat(children(m.assertion, nsEncrypted, "EncryptedKey"), keysIn(child(data[0], nsSignature, "KeyInfo")))
	if len(elements) == 0 || len(elements) > maxEncryptedKeys {
		return cipherText{}, nil, unreadable()
	}
	content := cipherOf(data[0])
	if blockCiphers[content.algorithm()].key == 0 {
		return cipherText{}, nil, refuse(EncryptionAlgorithm, "the encryption %s", quoted(content.algorithm()))
	}
	m.Encrypted.Data = content.algorithm()
	var keys []cipherText
	for _, element := range elements {
		key := cipherOf(element)
		if saw := badTransport(key.method); saw != "" && m.on(EncryptionAlgorithm) {
			return cipherText{}, nil, refuse(EncryptionAlgorithm, "%s", saw)
		}
		keys = append(keys, key)
	}
	return content, keys, nil
}

// keysIn gives the encrypted keys in a key info, which may be missing.
func keysIn(info *etree.Element) []*etree.Element {
	if info == nil {
		return nil
	}
	return children(info, nsEncrypted, "EncryptedKey")
}

// cipherOf reads encrypted bytes. A reference to bytes elsewhere has none here.
func cipherOf(e *etree.Element) cipherText {
	value, _ := text(child(child(e, nsEncrypted, "CipherData"), nsEncrypted, "CipherValue"))
	raw, err := base64.StdEncoding.DecodeString(withoutSpace(value))
	if err != nil {
		raw = nil
	}
	return cipherText{child(e, nsEncrypted, "EncryptionMethod"), raw}
}
