package connection

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// TakeMetadata has the settings be what the IdP's metadata says, and gives what an administrator should know of it. Of an active
// connection the certificates of the same entity id are trusted at once and none is dropped; all else waits for a test.
func (c *Connection) TakeMetadata(m *samlsp.Metadata, now time.Time) (added []Certificate, notes []string) {
	notes = slices.Clone(m.Notes)
	same := c.Active && m.EntityID == c.Settings.EntityID
	if same {
		added = c.Trust(m.Certificates, ByMetadata, now)
	}
	c.Change(func(s *Settings) {
		s.EntityID, s.SignOn, s.SignRequests = m.EntityID, m.SignOn, m.SignRequests
		if !same {
			s.Certificates = nil
			s.trust(latest(m.Certificates), ByMetadata, clock.Format(now))
		}
	})
	if left := len(c.Testing().lacking(m.Certificates)); left > 0 {
		notes = append(notes, fmt.Sprintf("%d of the metadata's certificates are left out: a connection trusts %d at most.", left, MostCertificates))
	}
	return added, notes
}

// latest are certificates in the order of their ends, the last to end first.
func latest(all []samlsp.Certificate) []samlsp.Certificate {
	return slices.SortedStableFunc(slices.Values(all), func(a, b samlsp.Certificate) int { return b.NotAfter.Compare(a.NotAfter) })
}

// Refreshed has the change note that the metadata of the connection's URL was read again, m being what it says, nil where it could
// not be read for the reason saw. New certificates of the same entity id are trusted; nothing else of it is taken, and nothing
// is dropped: what else has changed is noted for the administrators (SSO-5).
func (r *Registry) Refreshed(tx *table.Tx, c *Connection, m *samlsp.Metadata, saw string, act Act) (added []Certificate) {
	if m != nil {
		if saw = c.differs(m); m.EntityID == c.Settings.EntityID {
			added = c.Trust(m.Certificates, ByMetadata, act.At)
		}
	}
	c.MetadataAt, c.MetadataSaw = clock.Format(act.At), saw
	if len(added) == 0 {
		same := heldVersion(c.Version)
		tx.Update(table.Touch(c.Key()).If(same, table.ErrChanged).Set("metadataAt", c.MetadataAt).Set("metadataSaw", c.MetadataSaw))
		return nil
	}
	r.trusted(tx, c, added, c.edit(act).Set("metadataAt", c.MetadataAt).Set("metadataSaw", c.MetadataSaw), act)
	return added
}

// differs says what of the metadata is not as the connection has it, for the administrators; empty where all is.
func (c *Connection) differs(m *samlsp.Metadata) string {
	switch {
	case m.EntityID != c.Settings.EntityID:
		return fmt.Sprintf("The metadata is of another IdP now, %q. Nothing of it was taken. If that is right, take the metadata into the connection and test it.", shortened(m.EntityID))
	case !sameSignOn(c.Settings.SignOn, m.SignOn):
		return "The metadata has another sign-on URL now. Take the metadata into the connection and test it."
	case len(c.Settings.lacking(m.Certificates)) > MostCertificates-len(c.Settings.Certificates):
		return fmt.Sprintf("The metadata has a new certificate, and the connection trusts %d already. Remove one that is not used any more.", MostCertificates)
	}
	return ""
}

func sameSignOn(a, b map[string]string) bool {
	for binding, at := range a {
		if other, there := b[binding]; there && other != at {
			return false
		}
	}
	return true
}

func shortened(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
