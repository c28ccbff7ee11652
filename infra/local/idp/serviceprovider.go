package idp

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// The namespaces of SAML and of what it stands on.
const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"

	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// ServiceProvider is somebody that people sign in to, as its metadata says.
type ServiceProvider struct {
	EntityID   string   `json:"entityId"`
	ACS        []string `json:"acsUrls"` // by HTTP-POST, the one to take without being asked first
	Signs      bool     `json:"signsRequests"`
	Signing    [][]byte `json:"signingCertificates,omitempty"`    // DER
	Encryption [][]byte `json:"encryptionCertificates,omitempty"` // DER
}

// learned is a service provider that was read from the product.
type learned struct {
	ServiceProvider
	at time.Time
}

// learnedFor is how long what was read from the product is used.
const learnedFor = 10 * time.Second

// largestMetadata is how much metadata is read.
const largestMetadata = 1 << 20

// ReadServiceProvider reads the metadata of a service provider.
func ReadServiceProvider(metadata []byte) (ServiceProvider, error) {
	document := etree.NewDocument()
	if err := document.ReadFromBytes(metadata); err != nil || document.Root() == nil {
		return ServiceProvider{}, fmt.Errorf("the metadata is no XML: %w", ErrInvalid)
	}
	root := document.Root()
	role := child(root, nsMetadata, "SPSSODescriptor")
	if root.Tag != "EntityDescriptor" || root.NamespaceURI() != nsMetadata || role == nil {
		return ServiceProvider{}, fmt.Errorf("this is not the metadata of a service provider: %w", ErrInvalid)
	}
	sp := ServiceProvider{EntityID: root.SelectAttrValue("entityID", ""), Signs: role.SelectAttrValue("AuthnRequestsSigned", "") == "true"}
	for _, service := range children(role, nsMetadata, "AssertionConsumerService") {
		if service.SelectAttrValue("Binding", "") != bindingPost {
			continue
		}
		at := len(sp.ACS)
		if service.SelectAttrValue("isDefault", "") == "true" {
			at = 0
		}
		sp.ACS = slices.Insert(sp.ACS, at, service.SelectAttrValue("Location", ""))
	}
	if sp.EntityID == "" || len(sp.ACS) == 0 {
		return sp, fmt.Errorf("the metadata has no entity id or no assertion consumer service for HTTP-POST: %w", ErrInvalid)
	}
	return sp, sp.readCertificates(role)
}

func (sp *ServiceProvider) readCertificates(role *etree.Element) error {
	for _, key := range children(role, nsMetadata, "KeyDescriptor") {
		use := key.SelectAttrValue("use", "")
		for _, element := range descendants(key, nsSignature, "X509Certificate") {
			der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(element.Text()), ""))
			if err == nil {
				_, err = x509.ParseCertificate(der)
			}
			if err != nil {
				return fmt.Errorf("the metadata has a certificate that is none (%v): %w", err, ErrInvalid)
			}
			if use != "encryption" {
				sp.Signing = append(sp.Signing, der)
			}
			if use != "signing" {
				sp.Encryption = append(sp.Encryption, der)
			}
		}
	}
	return nil
}

// Register makes a service provider known to a directory, in place of one with the same entity id.
func (p *IdP) Register(name string, metadata []byte) (ServiceProvider, error) {
	sp, err := ReadServiceProvider(metadata)
	if err != nil {
		return sp, err
	}
	_, err = p.edit(name, func(d *Directory) error {
		d.ServiceProviders = slices.DeleteFunc(d.ServiceProviders, func(one ServiceProvider) bool { return one.EntityID == sp.EntityID })
		d.ServiceProviders = append(d.ServiceProviders, sp)
		return nil
	})
	return sp, err
}

// serviceProvider finds a service provider: a registered one, or one of the product, read again where it was read before since.
func (p *IdP) serviceProvider(ctx context.Context, name, entityID string, since time.Time) (ServiceProvider, error) {
	p.mutex.Lock()
	d, err := p.directory(name)
	if err != nil {
		p.mutex.Unlock()
		return ServiceProvider{}, err
	}
	at := slices.IndexFunc(d.ServiceProviders, func(sp ServiceProvider) bool { return sp.EntityID == entityID })
	var registered ServiceProvider
	if at >= 0 {
		registered = d.ServiceProviders[at]
	}
	read, known := d.learned[entityID]
	p.mutex.Unlock()
	switch below, isOurs := strings.CutPrefix(entityID, p.config.Product+"/"); {
	case at >= 0:
		return registered, nil
	case known && read.at.After(since):
		return read.ServiceProvider, nil
	case isOurs && p.config.Product != "":
		return p.learn(ctx, d, entityID, p.config.Reach+"/"+below)
	}
	return ServiceProvider{}, fmt.Errorf("the service provider %q is not known here: register its metadata: %w", entityID, ErrNotFound)
}

// learn reads the metadata of a service provider of the product.
func (p *IdP) learn(ctx context.Context, d *directory, entityID, address string) (ServiceProvider, error) {
	metadata, err := p.fetch(ctx, address)
	if err != nil {
		return ServiceProvider{}, fmt.Errorf("read the metadata at %s: %v: %w", address, err, ErrNotFound)
	}
	sp, err := ReadServiceProvider(metadata)
	if err == nil && sp.EntityID != entityID {
		err = fmt.Errorf("the metadata at %s is of %q: %w", address, sp.EntityID, ErrInvalid)
	}
	if err != nil {
		return sp, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	d.learned[entityID] = learned{sp, p.config.Now()}
	return sp, nil
}

func (p *IdP) fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers with the status %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, largestMetadata))
}
