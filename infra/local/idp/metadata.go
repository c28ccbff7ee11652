package idp

import "github.com/beevik/etree"

// ssoURL is where requests to a directory go, by both bindings.
func (p *IdP) ssoURL(name string) string { return p.config.Origin + "/" + name + "/sso" }

// entityID is a directory's. It is an address, and not that of the metadata, as with most IdPs.
func (p *IdP) entityID(name string) string { return p.config.Origin + "/" + name }

// Metadata is what a directory's IdP says of itself: the certificates of all its keys, the one that signs first.
func (p *IdP) Metadata(name string) ([]byte, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d, err := p.directory(name)
	if err != nil {
		return nil, err
	}
	root := set(etree.NewElement("md:EntityDescriptor"), "xmlns:md", nsMetadata, "xmlns:ds", nsSignature, "entityID", p.entityID(name))
	role := add(root, "md:IDPSSODescriptor", "", "protocolSupportEnumeration", nsProtocol)
	if d.Settings.SignedOnly {
		role.CreateAttr("WantAuthnRequestsSigned", "true")
	}
	signing, err := d.signing()
	if err != nil {
		return nil, err
	}
	describe(role, signing)
	for _, key := range d.Keys {
		if !key.Signs {
			describe(role, key)
		}
	}
	for _, format := range []string{formatEmail, formatPersistent, formatUnspecified} {
		add(role, "md:NameIDFormat", format)
	}
	for _, binding := range []string{bindingRedirect, bindingPost} {
		add(role, "md:SingleSignOnService", "", "Binding", binding, "Location", p.ssoURL(name))
	}
	return written(root)
}

func describe(role *etree.Element, key Key) {
	descriptor := add(role, "md:KeyDescriptor", "", "use", "signing")
	data := add(add(descriptor, "ds:KeyInfo", ""), "ds:X509Data", "")
	add(data, "ds:X509Certificate", encoded(key.Certificate))
}
