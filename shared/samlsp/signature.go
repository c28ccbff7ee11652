package samlsp

import (
	"slices"

	"github.com/beevik/etree"
)

// policy judges what a signature looks like and says of itself, before it is verified. Verifying trusts what the signature
// says of the algorithms and of what it refers to; here it is held against what SAML allows (core 5.4).
func (m *Message) policy(of, signature *etree.Element) error {
	if !hasShape(signature) && m.on(SignatureShape) {
		return refuse(SignatureShape, "a signature with parts that are missing, repeated, out of order or not allowed")
	}
	info := child(signature, nsSignature, "SignedInfo")
	if method := algorithm(child(info, nsSignature, "CanonicalizationMethod")); method != exclusive && m.on(SignatureCanonical) {
		return refuse(SignatureCanonical, "the canonicalization %s", quoted(method))
	}
	if method := algorithm(child(info, nsSignature, "SignatureMethod")); !slices.Contains(signatureMethods, method) && m.on(SignatureAlgorithm) {
		return refuse(SignatureAlgorithm, "the algorithm %s", quoted(method))
	}
	if info == nil {
		return refuse(SignatureValue, "a signature of nothing")
	}
	references := children(info, nsSignature, "Reference")
	if len(references) != 1 && m.on(SignatureReferences) {
		return refuse(SignatureReferences, "%d references", len(references))
	}
	for _, reference := range references {
		if err := m.reference(of, reference); err != nil {
			return err
		}
	}
	return nil
}

// reference judges what a signature refers to and how that was digested.
func (m *Message) reference(of, reference *etree.Element) error {
	if uri := attribute(reference, "URI"); uri != "#"+attribute(of, "ID") && m.on(SignatureURI) {
		return refuse(SignatureURI, "a reference to %s in the element %s", quoted(uri), quoted(attribute(of, "ID")))
	}
	if saw := badTransforms(child(reference, nsSignature, "Transforms")); saw != "" && m.on(SignatureTransforms) {
		return refuse(SignatureTransforms, "%s", saw)
	}
	if method := algorithm(child(reference, nsSignature, "DigestMethod")); !slices.Contains(digestMethods, method) && m.on(SignatureDigest) {
		return refuse(SignatureDigest, "the digest %s", quoted(method))
	}
	return nil
}

var (
	signatureMethods = []string{rsaSHA256, rsaSHA384, rsaSHA512, ecSHA256, ecSHA384, ecSHA512}
	digestMethods    = []string{digestSHA256, digestSHA384, digestSHA512}
)

func algorithm(e *etree.Element) string { return attribute(e, "Algorithm") }

// badTransforms says what is wrong with the transforms of a reference. The prefix list of exclusive canonicalization is allowed:
// Okta sends "xs".
func badTransforms(transforms *etree.Element) string {
	if transforms == nil {
		return "no transforms"
	}
	all := children(transforms, nsSignature, "Transform")
	if len(all) != 2 || count(transforms) != 2 {
		return "not two transforms"
	}
	if algorithm(all[0]) != enveloped || algorithm(all[1]) != exclusive {
		return "the transforms " + quoted(algorithm(all[0])) + " and " + quoted(algorithm(all[1]))
	}
	if count(all[0]) != 0 || count(all[1]) != len(children(all[1], nsExclusive, "InclusiveNamespaces")) || count(all[1]) > 1 {
		return "a transform with something in it"
	}
	return ""
}

// hasShape tells whether a signature has its parts as XML Signature 4 orders them, of one kind each, and nothing that SAML has no
// use for: no Object, no Manifest, no parameters of algorithms.
func hasShape(signature *etree.Element) bool {
	parts := childrenOf(signature)
	return names(parts, "SignedInfo", "SignatureValue", "KeyInfo") || names(parts, "SignedInfo", "SignatureValue")
}

// names tells whether the parts have these names in XML Signature, and whether those that hold others or nothing do so rightly.
func names(parts []*etree.Element, tags ...string) bool {
	if len(parts) != len(tags) {
		return false
	}
	for n, part := range parts {
		if !is(part, nsSignature, tags[n]) || !isWhole(part) {
			return false
		}
	}
	return true
}

// isWhole tells whether a part of a signature has in it what it must.
func isWhole(part *etree.Element) bool {
	below := childrenOf(part)
	switch part.Tag {
	case "SignedInfo":
		return len(below) > 2 && names(below[:2], "CanonicalizationMethod", "SignatureMethod") && allReferences(below[2:])
	case "Reference":
		return names(below, "Transforms", "DigestMethod", "DigestValue")
	case "SignatureValue", "SignatureMethod", "DigestMethod", "DigestValue":
		return len(below) == 0
	}
	return true
}

func allReferences(parts []*etree.Element) bool {
	return !slices.ContainsFunc(parts, func(part *etree.Element) bool { return !is(part, nsSignature, "Reference") || !isWhole(part) })
}

// childrenOf gives all child elements.
func childrenOf(of *etree.Element) []*etree.Element {
	found := make([]*etree.Element, 0, 4)
	for _, token := range of.Child {
		if e, ok := token.(*etree.Element); ok {
			found = append(found, e)
		}
	}
	return found
}
