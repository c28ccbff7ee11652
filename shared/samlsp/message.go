package samlsp

import (
	"time"

	"github.com/beevik/etree"
)

// Message is a response whose bytes, structure and signature were found right. What it means is for Judge.
type Message struct {
	// InResponseTo is the id of the request that it answers, empty where it answers none. It is verified, except in a response
	// without a signature of its own whose assertion names no request; Judge refuses that one.
	InResponseTo string
	Signed       Signed
	Encrypted    Encryption // zero where the assertion came in plain text

	sp        ServiceProvider
	now       time.Time
	response  *etree.Element // verified where Signed.Response names a certificate
	assertion *etree.Element // verified by its own signature or the response's
	covered   bool           // a trusted signature covers what is read
	claims    claims
}

// Signed names the certificates, by SHA-256 fingerprint, whose signatures hold; empty for what has no signature of its own.
type Signed struct {
	Response  string
	Assertion string
}

// Certificate gives the certificate to note as used: the assertion's before the response's.
func (s Signed) Certificate() string {
	if s.Assertion != "" {
		return s.Assertion
	}
	return s.Response
}

// Encryption says how an assertion was encrypted: the algorithms, and which of our keys opened it.
type Encryption struct {
	Data, Key   string
	Fingerprint string // of our certificate
}

func (m *Message) on(check Check) bool { return m.sp.on(check) }

// Verify judges the base64 of a response by itself: its bytes, its structure, its signatures, its encryption. It asks for nothing
// but the connection, so that a message that nobody signed costs and changes nothing.
func (sp ServiceProvider) Verify(response string, now time.Time) (*Message, error) {
	raw, err := sp.decode(response)
	if err != nil {
		return nil, err
	}
	root, err := sp.open(responses, raw, nil)
	if err != nil {
		return nil, err
	}
	m := &Message{sp: sp, now: now, response: root}
	for _, step := range []func() error{m.structure, m.responseSignature, m.decryption, m.assertionSignature, m.signed} {
		if err := step(); err != nil {
			return nil, m.mark(err)
		}
	}
	m.read()
	return m, nil
}

// mark notes in a refusal whether a trusted signature covers what was refused.
func (m *Message) mark(err error) error {
	if refusal := AsRefusal(err); refusal != nil {
		refusal.Covered = refusal.Covered || m.covered
	}
	return err
}

// responseSignature verifies the signature around everything, where there is one. From then on only what it covers is read.
func (m *Message) responseSignature() error {
	signature := child(m.response, nsSignature, "Signature")
	if signature == nil {
		return nil
	}
	verified, certificate, err := m.verify(m.response, signature)
	if err != nil {
		return err
	}
	m.response, m.Signed.Response, m.covered = verified, certificate, true
	if child(m.assertion, nsSignature, "Signature") != nil {
		return nil // its own signature is for the bytes that were sent: the response's may leave out prefixes that it counts
	}
	return m.oneAssertion()
}

// assertionSignature verifies the assertion's own signature, where there is one. A signature that is there must hold, also where
// the response's holds already (profiles 4.1.4.3).
func (m *Message) assertionSignature() error {
	signature := child(m.assertion, nsSignature, "Signature")
	if signature == nil {
		return nil
	}
	inherit(m.assertion)
	verified, certificate, err := m.verify(m.assertion, signature)
	if err != nil {
		return err
	}
	m.assertion, m.Signed.Assertion, m.covered = verified, certificate, true
	return nil
}

// signed refuses what no signature covers.
func (m *Message) signed() error {
	if !m.covered && m.on(SignaturePresent) {
		return refuse(SignaturePresent, "no signature")
	}
	return nil
}
