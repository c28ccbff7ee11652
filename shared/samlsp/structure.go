package samlsp

import (
	"github.com/beevik/etree"
)

// structure judges what stands where in a response, by names and places alone.
func (m *Message) structure() error {
	if !is(m.response, nsProtocol, "Response") && m.on(StructureRoot) {
		return refuse(StructureRoot, "the root %s of the namespace %s", quoted(m.response.Tag), quoted(m.response.NamespaceURI()))
	}
	if version := attribute(m.response, "Version"); version != "2.0" && m.on(StructureVersion) {
		return refuse(StructureVersion, "the version %s", quoted(version))
	}
	if err := m.status(); err != nil {
		return err
	}
	if err := m.unique(m.response, map[string]bool{}); err != nil {
		return err
	}
	if err := m.oneAssertion(); err != nil {
		return err
	}
	return m.signaturesInPlace(m.response)
}

// status judges whether the IdP signed somebody in. A failure is mostly unsigned, and changes nothing here.
func (m *Message) status() error {
	status := child(m.response, nsProtocol, "Status")
	top := attribute(child(status, nsProtocol, "StatusCode"), "Value")
	if top == statusSuccess || !m.on(StructureStatus) {
		return nil
	}
	code := top
	if second := attribute(child(child(status, nsProtocol, "StatusCode"), nsProtocol, "StatusCode"), "Value"); second != "" {
		code = second
	}
	said, _ := text(child(status, nsProtocol, "StatusMessage"))
	refusal := refuse(StructureStatus, "the status %s, with the message %s", quoted(code), quoted(said))
	refusal.StatusCode = code
	return refusal
}

// identifiers are the spellings of attributes that some reader takes for the ID of an element.
var identifiers = map[string]bool{"ID": true, "Id": true, "id": true, "iD": true}

// unique judges the IDs below an element: all spellings together, in any namespace, xml:id too.
func (m *Message) unique(below *etree.Element, seen map[string]bool) error {
	var refusal error
	walk(below, func(e *etree.Element) bool {
		for _, a := range e.Attr {
			if !identifiers[a.Key] || a.Space == "xmlns" {
				continue
			}
			if (seen[a.Value] || !isNCName(a.Value)) && m.on(StructureIDs) {
				refusal = refuse(StructureIDs, "the ID %s of %s, twice or no name", quoted(a.Value), quoted(e.Tag))
				return false
			}
			seen[a.Value] = true
		}
		return true
	})
	return refusal
}

// oneAssertion finds the one assertion. Whatever is called an assertion counts, in any namespace and any place.
func (m *Message) oneAssertion() error {
	var found []*etree.Element
	walk(m.response, func(e *etree.Element) bool {
		if e.Tag == "Assertion" || e.Tag == "EncryptedAssertion" {
			found = append(found, e)
		}
		return true
	})
	if len(found) != 1 && m.on(StructureAssertion) || len(found) == 0 {
		return refuse(StructureAssertion, "%d assertions", len(found))
	}
	placed := found[0].Parent() == m.response && found[0].NamespaceURI() == nsAssertion
	if !placed && m.on(StructurePlace) {
		return refuse(StructurePlace, "an assertion in %s", quoted(tagOf(found[0].Parent())))
	}
	m.assertion = found[0]
	return nil
}

// tagOf gives the name of an element that may be missing.
func tagOf(e *etree.Element) string {
	if e == nil {
		return "nothing"
	}
	return e.Tag
}

// signaturesInPlace judges where signatures stand below an element. Whatever is called a signature counts.
func (m *Message) signaturesInPlace(below *etree.Element) error {
	var refusal error
	walk(below, func(e *etree.Element) bool {
		if e.Tag != "Signature" {
			return true
		}
		in := e.Parent()
		placed := in != nil && (in == m.response || in == m.assertion) && e.NamespaceURI() == nsSignature
		if placed && len(children(in, nsSignature, "Signature")) == 1 || !m.on(StructureSignatures) {
			return true
		}
		refusal = refuse(StructureSignatures, "a signature in %s, more than one or in no place of its own", quoted(tagOf(in)))
		return false
	})
	return refusal
}
