package idp

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// lifetime is how long a certificate is valid, as at Entra ID.
const lifetime = 3 * 365 * 24 * time.Hour

// Key is a key with its certificate. One of a directory's keys signs; the others stand in the metadata beside it, before they sign or
// after they did.
type Key struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256 of the certificate
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	Signs       bool      `json:"signs"`
	Certificate []byte    `json:"certificate"` // DER
	Private     []byte    `json:"private,omitempty"`
}

// newKey makes an RSA key of 2048 bits, as IdPs have them, that signs.
func newKey(name string, now time.Time, valid time.Duration) (Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Key{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return Key{}, err
	}
	from, until := now.Add(-time.Minute), now.Add(valid)
	if until.Before(from) {
		from = until.Add(-24 * time.Hour)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "Demonstration IdP " + name}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return Key{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, err
	}
	sum := sha256.Sum256(der)
	return Key{Fingerprint: hex.EncodeToString(sum[:]), NotBefore: from.UTC().Truncate(time.Second), NotAfter: until.UTC().Truncate(time.Second),
		Signs: true, Certificate: der, Private: secret}, nil
}

// signer gives the private part.
func (k Key) signer() (crypto.Signer, error) {
	private, err := x509.ParsePKCS8PrivateKey(k.Private)
	if err != nil {
		return nil, fmt.Errorf("read the key %s: %w", k.Fingerprint, err)
	}
	return private.(*rsa.PrivateKey), nil
}

// signing is the key that signs.
func (d Directory) signing() (Key, error) {
	for _, key := range d.Keys {
		if key.Signs {
			return key, nil
		}
	}
	return Key{}, fmt.Errorf("the directory %s has no key: %w", d.Name, ErrNotFound)
}

// AddKey makes a further key. It stands in the metadata from now on, and does not sign before Sign says so. Valid is how long its
// certificate is; 0 is the usual time, and one that is negative has ended already.
func (p *IdP) AddKey(name string, valid time.Duration) (Key, error) {
	if valid == 0 {
		valid = lifetime
	}
	key, err := newKey(name, p.config.Now(), valid)
	if err != nil {
		return Key{}, err
	}
	key.Signs = false
	_, err = p.edit(name, func(d *Directory) error {
		d.Keys = append(d.Keys, key)
		return nil
	})
	key.Private = nil
	return key, err
}

// Sign has one key of a directory sign from now on; the others stay in the metadata.
func (p *IdP) Sign(name, fingerprint string) error {
	_, err := p.edit(name, func(d *Directory) error {
		if !slices.ContainsFunc(d.Keys, func(k Key) bool { return k.Fingerprint == fingerprint }) {
			return fmt.Errorf("the directory has no key %q: %w", fingerprint, ErrNotFound)
		}
		for i := range d.Keys {
			d.Keys[i].Signs = d.Keys[i].Fingerprint == fingerprint
		}
		return nil
	})
	return err
}

// RemoveKey takes a key that does not sign out of the metadata.
func (p *IdP) RemoveKey(name, fingerprint string) error {
	_, err := p.edit(name, func(d *Directory) error {
		at := slices.IndexFunc(d.Keys, func(k Key) bool { return k.Fingerprint == fingerprint })
		switch {
		case at < 0:
			return fmt.Errorf("the directory has no key %q: %w", fingerprint, ErrNotFound)
		case d.Keys[at].Signs:
			return fmt.Errorf("the key signs: have another one sign first: %w", ErrInvalid)
		}
		d.Keys = slices.Delete(d.Keys, at, at+1)
		return nil
	})
	return err
}
