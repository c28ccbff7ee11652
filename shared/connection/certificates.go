package connection

import (
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// lacking are those of the certificates that the settings do not have.
func (s *Settings) lacking(all []samlsp.Certificate) []samlsp.Certificate {
	return slices.DeleteFunc(slices.Clone(all), func(one samlsp.Certificate) bool { return s.Certificate(one.Fingerprint) != nil })
}

// trust adds certificates, at most as many as there is room for, and gives those that were added.
func (s *Settings) trust(all []samlsp.Certificate, source Source, at string) (added []Certificate) {
	for _, one := range s.lacking(all) {
		if len(s.Certificates) < MostCertificates {
			added = append(added, NewCertificate(one, source, at))
			s.Certificates = append(slices.Clone(s.Certificates), added[len(added)-1])
		}
	}
	return added
}

// Trust adds certificates to what is in force and to what waits for a test, live at once (SSO-4), and gives those that were added.
// It refuses nothing: what there is no room for is left out.
func (c *Connection) Trust(all []samlsp.Certificate, source Source, now time.Time) []Certificate {
	added := c.Settings.trust(all, source, clock.Format(now))
	if c.Pending != nil {
		c.Pending.trust(all, source, clock.Format(now))
	}
	return added
}

// AddCertificates has the change trust certificates that an administrator entered.
func (r *Registry) AddCertificates(tx *table.Tx, c *Connection, all []samlsp.Certificate, act Act) error {
	for _, one := range all {
		if weakness := one.Weakness(); weakness != "" {
			return problem.Invalid("body.certificate", "has "+weakness+", with which nothing is accepted", nil)
		}
	}
	if room := MostCertificates - len(c.Settings.Certificates); len(c.Settings.lacking(all)) > room {
		return problem.New(problem.Conflict, "too-many-certificates", "A connection trusts %d certificates at most. Remove one that is not used any more first.", MostCertificates)
	}
	r.trusted(tx, c, c.Trust(all, ByHand, act.At), nil, act)
	return nil
}

// trusted writes certificates that were added and tells of them; edit is the change of the connection, nil for one of its own.
func (r *Registry) trusted(tx *table.Tx, c *Connection, added []Certificate, edit *table.Change, act Act) {
	if len(added) == 0 && edit == nil {
		return
	}
	if edit == nil {
		edit = c.edit(act)
	}
	r.settle(edit, c)
	tx.Update(edit)
	if len(added) == 0 {
		return
	}
	if c.Active {
		c.setExpiry(tx, act.At)
	}
	r.record(tx, c, act, "connection.certificate-added", nil, map[string]any{"certificates": fingerprints(added), "source": string(added[0].Source)})
	r.TellAdded(tx, c, added, act)
}

// TellAdded tells all administrators of certificates that were added, if any (PER-7).
func (r *Registry) TellAdded(tx *table.Tx, c *Connection, added []Certificate, act Act) {
	if len(added) > 0 {
		r.tell(tx, c, act, mail.CertificateAdded, mail.Data{Record: strings.Join(fingerprints(added), ", ")})
	}
}

func fingerprints(all []Certificate) []string {
	prints := make([]string, len(all))
	for i, one := range all {
		prints[i] = one.SHA256
	}
	return prints
}

// InUse is the certificate that people sign in by: the one used last, by a sign-in or by the last test that passed. Empty: none
// was used.
func (c *Connection) InUse() (sha256 string) {
	last := ""
	for _, one := range c.Settings.Certificates {
		used := c.Used[one.SHA256]
		if c.Passed != nil && c.Passed.Certificate == one.SHA256 {
			used = max(used, c.Passed.At)
		}
		if used > last {
			sha256, last = one.SHA256, used
		}
	}
	return sha256
}

// Distrust has the change drop a certificate. Of an active connection the one in use goes only after a test with the others (SSO-4),
// and the last one never.
func (r *Registry) Distrust(tx *table.Tx, c *Connection, sha256 string, act Act) error {
	drop := func(s *Settings) {
		s.Certificates = slices.DeleteFunc(slices.Clone(s.Certificates), func(one Certificate) bool { return one.SHA256 == sha256 })
	}
	if c.Settings.Certificate(sha256) == nil && c.Testing().Certificate(sha256) == nil {
		return problem.Missing()
	}
	if c.Active && len(c.Testing().Certificates) == 1 && c.Testing().Certificate(sha256) != nil {
		return problem.New(problem.Conflict, "last-certificate", "This is the only certificate: nobody could sign in. Add the next one first.")
	}
	waits := c.Active && c.InUse() == sha256
	if waits {
		c.Change(drop)
	} else {
		drop(&c.Settings)
		if c.Pending != nil {
			drop(c.Pending)
		}
	}
	edit := c.edit(act)
	r.settle(edit, c)
	tx.Update(edit)
	r.record(tx, c, act, "connection.certificate-removed", map[string]any{"certificate": sha256}, map[string]any{"waitsForTest": waits})
	if c.Active {
		r.tell(tx, c, act, mail.ConnectionChanged, mail.Data{})
	}
	return nil
}

// DropPending has the change forget what waits for a test.
func (r *Registry) DropPending(tx *table.Tx, c *Connection, act Act) {
	before := c.Pending.recorded()
	c.Pending = nil
	tx.Update(c.edit(act).Remove("pending"))
	r.record(tx, c, act, "connection.edited", map[string]any{"pending": before}, nil)
}
