package samlsp

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// MaxMetadata is how many bytes metadata may have (SSO-2).
const MaxMetadata = 1 << 20

// descriptions is what metadata may be. It is written by people and holds federations, so comments and instructions are passed over
// and it may be longer than an answer.
var descriptions = grammar{tokens: 100_000, depth: 32, width: 100, scope: 64, annotated: true}

// Metadata is what an IdP's metadata says of it.
type Metadata struct {
	EntityID string
	SignOn   map[string]string // URL by binding; BindingRedirect or BindingPost at least
	// Certificates are those that may sign: of every KeyDescriptor for signing or for no use in particular, expired ones too.
	Certificates  []Certificate
	SignRequests  bool      // the IdP wants requests signed
	NameIDFormats []string  // that the IdP offers
	ValidUntil    time.Time // zero where it says nothing
	Notes         []string  // what is odd and was passed over, sentences for the administrator
}

// ParseMetadata reads an IdP's metadata: an EntityDescriptor, or an EntitiesDescriptor with one IdP or with the one of the entity
// id given; an empty id takes the only one there is. What cannot be taken is *Unreadable, a sentence that says what to do. A
// signature of the metadata is not looked at: it is trusted as what an administrator enters, or where it came from.
func ParseMetadata(document []byte, entityID string, now time.Time) (*Metadata, error) {
	if len(document) > MaxMetadata {
		return nil, &Unreadable{"The metadata is larger than 1 MiB. Take the metadata of this one application, not of a whole federation."}
	}
	root, err := switches{}.open(descriptions, document, nil)
	if err != nil {
		return nil, broken(document, err)
	}
	entity, err := chosen(root, entityID)
	if err != nil {
		return nil, err
	}
	role, err := identityProvider(entity)
	if err != nil {
		return nil, err
	}
	m := &Metadata{EntityID: attribute(entity, "entityID"), SignOn: map[string]string{}, SignRequests: isTrue(attribute(role, "WantAuthnRequestsSigned"))}
	for _, read := range []func() error{func() error { return m.readValidity(role, now) }, func() error { return CheckEntityID(m.EntityID) }, func() error { return m.readSignOn(role) }, func() error { return m.readCertificates(role) }} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	m.readFormats(role)
	return m, nil
}

// broken says what a document is that is no XML as we take it.
func broken(document []byte, err error) error {
	begin := bytes.ToLower(bytes.TrimSpace(document[:min(len(document), 512)]))
	refusal := AsRefusal(err)
	switch {
	case len(begin) == 0:
		return &Unreadable{"The metadata is empty."}
	case bytes.HasPrefix(begin, []byte("<!doctype html")) || bytes.HasPrefix(begin, []byte("<html")):
		return &Unreadable{"This is a web page, maybe a sign-in page. Open the metadata's address in a browser, and enter the XML that it shows."}
	case bytes.HasPrefix(begin, []byte("-----begin")):
		return &Unreadable{"This is a certificate. Enter it under certificates."}
	case refusal != nil && (refusal.Check == XMLTokens || refusal.Check == XMLDepth || refusal.Check == XMLWidth || refusal.Check == XMLScope):
		return &Unreadable{"The metadata is too large. Take the metadata of this one application, not of a whole federation."}
	case refusal != nil:
		return &Unreadable{"The metadata is not XML as it must be: " + refusal.Saw + ". " + refusal.Check.Rule().Demand}
	}
	return err
}

// chosen finds the entity that is meant.
func chosen(root *etree.Element, entityID string) (*etree.Element, error) {
	all := entities(root)
	var found []*etree.Element
	var names []string
	for _, e := range all {
		if name := attribute(e, "entityID"); name == entityID || entityID == "" && (hasRole(e) || e == root) {
			found, names = append(found, e), append(names, name)
		}
	}
	switch {
	case len(all) == 0 && !isGroup(root):
		return nil, &Unreadable{"This is XML, but no SAML metadata: it begins with " + quoted(root.Tag) + "."}
	case len(found) == 0 && entityID != "":
		return nil, &Unreadable{"The metadata has no entity " + quoted(entityID) + "."}
	case len(found) == 0:
		return nil, &Unreadable{"The metadata has no identity provider in it."}
	case len(found) > 1:
		return nil, &Unreadable{"The metadata has several identity providers. Say which one: " + listed(names) + "."}
	}
	return found[0], nil
}

// entities gives the entities of a document, those of groups within groups too.
func entities(e *etree.Element) []*etree.Element {
	if is(e, nsMetadata, "EntityDescriptor") {
		return []*etree.Element{e}
	}
	var found []*etree.Element
	if isGroup(e) {
		for _, below := range childrenOf(e) {
			found = append(found, entities(below)...)
		}
	}
	return found
}

func isGroup(e *etree.Element) bool { return is(e, nsMetadata, "EntitiesDescriptor") }

func hasRole(entity *etree.Element) bool { return child(entity, nsMetadata, "IDPSSODescriptor") != nil }

// identityProvider finds the role of an entity that signs people in by SAML 2.0.
func identityProvider(entity *etree.Element) (*etree.Element, error) {
	roles := children(entity, nsMetadata, "IDPSSODescriptor")
	for _, role := range roles {
		if slices.Contains(strings.Fields(attribute(role, "protocolSupportEnumeration")), nsProtocol) {
			return role, nil
		}
	}
	switch {
	case len(roles) > 0:
		return nil, &Unreadable{"The identity provider of this metadata does not speak SAML 2.0."}
	case child(entity, nsMetadata, "SPSSODescriptor") != nil:
		return nil, &Unreadable{"This is the metadata of a service provider, maybe our own. Enter the identity provider's."}
	}
	return nil, &Unreadable{"The metadata describes no identity provider."}
}
