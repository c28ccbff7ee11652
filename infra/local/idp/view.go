package idp

import (
	"encoding/pem"
	"slices"
	"time"
)

// View is a directory as it is shown: without private keys, with its addresses and what it saw.
type View struct {
	Name             string            `json:"name"`
	URL              string            `json:"url"` // of its page
	EntityID         string            `json:"entityId"`
	SSOURL           string            `json:"ssoUrl"`
	MetadataURL      string            `json:"metadataUrl"`
	Settings         Settings          `json:"settings"`
	People           []Person          `json:"people"`
	Groups           []Group           `json:"groups"`
	Certificates     []CertificateView `json:"certificates"` // those in the metadata
	ServiceProviders []string          `json:"serviceProviders"`
	Misbehaviours    []Misbehaviour    `json:"misbehaviours"`
	Requests         []Seen            `json:"requests"` // the last, oldest first
	Provisioning     *ProvisioningView `json:"provisioning,omitempty"`
}

// CertificateView is a certificate as it is shown.
type CertificateView struct {
	Fingerprint string    `json:"fingerprint"`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	Signs       bool      `json:"signs"`
	PEM         string    `json:"pem"`
}

// Shown gives the key without its private part.
func (k Key) Shown() CertificateView {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.Certificate})
	return CertificateView{k.Fingerprint, k.NotBefore, k.NotAfter, k.Signs, string(text)}
}

// view shows a directory. The mutex is held.
func (p *IdP) view(d *directory) View {
	kept := d.copy()
	v := View{Name: d.Name, URL: p.entityID(d.Name), EntityID: p.entityID(d.Name), SSOURL: p.ssoURL(d.Name), MetadataURL: p.entityID(d.Name) + "/metadata",
		Settings: d.Settings, People: orEmpty(kept.People), Groups: orEmpty(kept.Groups), ServiceProviders: []string{},
		Misbehaviours: orEmpty(kept.Misbehaviours), Requests: orEmpty(slices.Clone(d.seen)), Provisioning: p.provisioningView(d)}
	for _, key := range d.Keys {
		v.Certificates = append(v.Certificates, key.Shown())
	}
	for _, sp := range d.ServiceProviders {
		v.ServiceProviders = append(v.ServiceProviders, sp.EntityID)
	}
	for entityID := range d.learned {
		v.ServiceProviders = append(v.ServiceProviders, entityID)
	}
	slices.Sort(v.ServiceProviders)
	return v
}

// orEmpty is a list that JSON shows as one.
func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
