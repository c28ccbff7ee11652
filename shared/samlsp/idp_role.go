package samlsp

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// readValidity holds until when the metadata and all around it is valid against now. What is expired is refused when it is
// entered: at run time nobody would see why.
func (m *Metadata) readValidity(role *etree.Element, now time.Time) error {
	for e := role; e != nil; e = e.Parent() {
		until := momentOf(e, "validUntil")
		switch {
		case until.missing():
			continue
		case !until.readable():
			return &Unreadable{"The metadata says until when it is valid, but " + quoted(until.said) + " is no time."}
		case !until.at.After(now):
			return &Unreadable{"The metadata was valid until " + until.at.Format(time.RFC3339) + ". Download it anew."}
		case m.ValidUntil.IsZero() || until.at.Before(m.ValidUntil):
			m.ValidUntil = until.at
		}
	}
	return nil
}

// CheckEntityID judges an IdP's entity id, as metadata or a person gives it (*Unreadable).
func CheckEntityID(id string) error {
	switch {
	case id == "":
		return &Unreadable{"The identity provider has no entity id."}
	case len(id) > 1024 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return &Unreadable{"The entity id of the identity provider has spaces or more than 1,024 characters."}
	}
	return nil
}

// readSignOn reads where requests go. Bindings that we do not speak are passed over; of two for one binding the first counts.
func (m *Metadata) readSignOn(role *etree.Element) error {
	for _, service := range children(role, nsMetadata, "SingleSignOnService") {
		binding, location := attribute(service, "Binding"), attribute(service, "Location")
		if binding != BindingRedirect && binding != BindingPost || m.SignOn[binding] != "" {
			continue
		}
		if err := CheckSignOn(location); err != nil {
			return err
		}
		m.SignOn[binding] = location
	}
	if len(m.SignOn) == 0 {
		return &Unreadable{"The identity provider has no sign-on URL for HTTP-Redirect or HTTP-POST."}
	}
	return nil
}

// CheckSignOn judges a sign-on URL, as metadata or a person gives it (*Unreadable). A browser goes there, so it must be https; http
// is for an IdP on the same machine.
func CheckSignOn(location string) error {
	parsed, err := url.Parse(location)
	switch {
	case err != nil || len(location) > 2000 || parsed.Host == "" || strings.ContainsFunc(location, func(r rune) bool { return r <= ' ' || r > '~' }):
		return &Unreadable{"The sign-on URL " + quoted(location) + " is not a web address."}
	case parsed.User != nil || parsed.Fragment != "":
		return &Unreadable{"The sign-on URL " + quoted(location) + " has a user or a fragment in it."}
	case parsed.Scheme == "https" || parsed.Scheme == "http" && isLoopback(parsed.Hostname()):
		return nil
	}
	return &Unreadable{"The sign-on URL " + quoted(location) + " must begin with https://."}
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// readCertificates reads the certificates that may sign. A key without a use is for every use (metadata 2.4.1.1; an IdP whose key
// had none once lost all verification: CVE-2026-16443).
func (m *Metadata) readCertificates(role *etree.Element) error {
	for _, descriptor := range children(role, nsMetadata, "KeyDescriptor") {
		if use := attribute(descriptor, "use"); use != "" && use != "signing" {
			continue
		}
		if err := m.readKey(descriptor); err != nil {
			return err
		}
	}
	m.Certificates = distinct(m.Certificates)
	switch {
	case len(m.Certificates) == 0 && len(m.Notes) > 0:
		return &Unreadable{"No certificate of the metadata can be used. " + m.Notes[0]}
	case len(m.Certificates) == 0:
		return &Unreadable{"The metadata has no certificate for signing. Enter the certificate by hand."}
	case len(m.Certificates) > MaxCertificates:
		return &Unreadable{"The metadata has too many certificates. Take the metadata of this one application."}
	}
	return nil
}

// readKey reads the certificates of one key. Those whose key would not be accepted are noted and left out.
func (m *Metadata) readKey(descriptor *etree.Element) error {
	for _, data := range children2(descriptor, "KeyInfo", "X509Data") {
		for _, e := range children(data, nsSignature, "X509Certificate") {
			said, _ := text(e)
			certificate, err := parseBase64(said)
			switch {
			case err != nil:
				return &Unreadable{"A certificate in the metadata cannot be read. " + err.Error()}
			case certificate.Weakness() != "":
				m.Notes = append(m.Notes, "The certificate "+certificate.Fingerprint+" was left out: it has "+certificate.Weakness()+".")
			default:
				m.Certificates = append(m.Certificates, certificate)
			}
		}
	}
	return nil
}

// children2 gives the elements of XML Signature two levels below.
func children2(of *etree.Element, first, second string) []*etree.Element {
	var found []*etree.Element
	for _, e := range children(of, nsSignature, first) {
		found = slices.Concat(found, children(e, nsSignature, second))
	}
	return found
}

// readFormats reads the formats of name ids that the IdP offers.
func (m *Metadata) readFormats(role *etree.Element) {
	for _, e := range children(role, nsMetadata, "NameIDFormat") {
		if said, plain := text(e); plain && said != "" && len(m.NameIDFormats) < 20 {
			m.NameIDFormats = append(m.NameIDFormats, said)
		}
	}
}

// isTrue reads an xs:boolean.
func isTrue(said string) bool { return said == "true" || said == "1" }
