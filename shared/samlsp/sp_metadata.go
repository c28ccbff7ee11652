package samlsp

import (
	"encoding/base64"

	"github.com/beevik/etree"
)

// encryptions are what the metadata offers for encrypted assertions, the best first. More opens than is offered.
var encryptions = []string{aes256GCM, aes128GCM, aes256CBC, aes128CBC, rsaOAEP}

// Metadata gives our metadata for the IdP (metadata 2.4.4): where answers go, what we want signed, and the certificates of all our
// keys, so that an IdP which reads it follows a rotation. It has no end: an IdP that reads it once keeps it for years.
func (sp ServiceProvider) Metadata() ([]byte, error) {
	signing, decryption, err := sp.certificates()
	if err != nil {
		return nil, err
	}
	root := etree.NewElement("md:EntityDescriptor")
	root.CreateAttr("xmlns:md", nsMetadata)
	root.CreateAttr("xmlns:ds", nsSignature)
	root.CreateAttr("entityID", sp.EntityID)
	role := root.CreateElement("md:SPSSODescriptor")
	role.CreateAttr("AuthnRequestsSigned", boolean(len(signing) > 0 && sp.IdP.SignRequests))
	role.CreateAttr("WantAssertionsSigned", "true")
	role.CreateAttr("protocolSupportEnumeration", nsProtocol)
	for _, key := range signing {
		describe(role, "signing", key.Certificate)
	}
	for _, key := range decryption {
		descriptor := describe(role, "encryption", key.Certificate)
		for _, algorithm := range encryptions {
			descriptor.CreateElement("md:EncryptionMethod").CreateAttr("Algorithm", algorithm)
		}
	}
	if sp.NameIDFormat != "" {
		role.CreateElement("md:NameIDFormat").SetText(sp.NameIDFormat)
	}
	service := role.CreateElement("md:AssertionConsumerService")
	service.CreateAttr("Binding", BindingPost)
	service.CreateAttr("Location", sp.ACS)
	service.CreateAttr("index", "0")
	service.CreateAttr("isDefault", "true")
	return append([]byte(`<?xml version="1.0" encoding="UTF-8"?>`+"\n"), written(root)...), nil
}

// certificates gives our keys, none where there are none.
func (sp ServiceProvider) certificates() (signing, decryption []Key, err error) {
	if sp.Keys == nil {
		return nil, nil, nil
	}
	if signing, err = sp.Keys.Signing(); err != nil {
		return nil, nil, err
	}
	decryption, err = sp.Keys.Decryption()
	return signing, decryption, err
}

// describe adds a certificate for a use.
func describe(role *etree.Element, use string, certificate Certificate) *etree.Element {
	descriptor := role.CreateElement("md:KeyDescriptor")
	descriptor.CreateAttr("use", use)
	data := descriptor.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
	data.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(certificate.Raw))
	return descriptor
}

func boolean(value bool) string {
	if value {
		return "true"
	}
	return "false"
}
