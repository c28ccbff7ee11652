package connection

import (
	"slices"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Create puts a new connection into the change.
func (r *Registry) Create(tx *table.Tx, c *Connection, act Act) {
	tx.Create(c.Key(), c, table.ErrChanged, table.ConnectionsOf(c.Root, c.Organization, c.ID))
	tenant.CountConnections(tx, c.Organization, +1)
	r.record(tx, c, act, "connection.created", nil, c.recorded())
}

// recorded is the connection as the audit shows it.
func (c *Connection) recorded() map[string]any {
	return map[string]any{"name": c.Name, "provider": string(c.Provider), "ssoRequired": c.SSORequired, "idpInitiated": c.IDPInitiated,
		"justInTime": c.JustInTime, "onExpiredCertificate": string(c.OnExpired), "domains": c.Domains, "settings": c.Testing().recorded()}
}

func (s *Settings) recorded() map[string]any {
	return map[string]any{"entityId": s.EntityID, "signOn": s.SignOn, "signRequests": s.SignRequests, "nameIdFormat": s.NameIDFormat,
		"attributes": s.Mapping, "certificates": fingerprints(s.Certificates)}
}

// Edit has the change make the connection what become makes of it, but for what only time and tests change. Of an active one,
// settings that no test has passed with wait for one (SSO-4), and domains lead to it as they are now wanted: reach has them, and
// what they lead to is Handable.
func (r *Registry) Edit(tx *table.Tx, c *Connection, reach *Reach, act Act, become func(*Connection)) error {
	was := *c
	become(c)
	edit := c.edit(act).Set("name", c.Name).Set("ssoRequired", c.SSORequired).Set("idpInitiated", c.IDPInitiated).Set("justInTime", c.JustInTime).
		Set("onExpired", c.OnExpired).Set("domains", c.Domains).Set("metadataUrl", c.MetadataURL).Set("metadataAt", c.MetadataAt).Set("metadataSaw", c.MetadataSaw)
	r.settle(edit, c)
	if err := r.leadAnew(tx, edit, c, &was, reach, act); err != nil {
		return err
	}
	tx.Update(edit)
	if c.Active {
		c.setTimers(tx, act.At)
	}
	r.record(tx, c, act, "connection.edited", was.recorded(), c.recorded())
	if c.Active {
		r.tell(tx, c, act, mail.ConnectionChanged, mail.Data{})
	}
	return nil
}

// settle writes the settings, and what waits of them: what needs no test any more goes live.
func (r *Registry) settle(edit *table.Change, c *Connection) {
	if c.Pending != nil && (c.Proved(c.Pending) || c.Settings.same(c.Pending)) {
		c.Settings, c.Pending = *c.Pending, nil
	}
	edit.Set("settings", c.Settings)
	if c.Pending == nil {
		edit.Remove("pending")
	} else {
		edit.Set("pending", c.Pending)
	}
}

// same tells whether two settings are the same, certificates included.
func (s *Settings) same(other *Settings) bool {
	return s.Fingerprint() == other.Fingerprint() && slices.EqualFunc(s.Certificates, other.Certificates, func(a, b Certificate) bool { return a.SHA256 == b.SHA256 })
}

// leadAnew brings the domains in line with what the connection wants now.
func (r *Registry) leadAnew(tx *table.Tx, edit *table.Change, c, was *Connection, reach *Reach, act Act) error {
	switch {
	case slices.Equal(c.Domains, was.Domains) && c.SSORequired == was.SSORequired:
		return nil
	case !c.Active:
		kept := slices.DeleteFunc(slices.Clone(was.Domains), func(name string) bool { return !slices.Contains(c.Domains, name) })
		reach.unpoint(tx, c, kept)
		return nil
	case len(reach.Verified(c, c.Domains)) == 0:
		return noDomain()
	}
	taken := reach.Taken(c, c.Domains)
	c.Leads = was.Leads
	leads, ended := reach.lead(tx, c, c.Domains)
	r.deprive(tx, c, taken, act)
	end(tx, c, ended)
	c.Leads = leads
	edit.Set("leads", leads)
	return nil
}

// unpoint has the domains of a connection that is not active, but for those that are kept, not lead to it any more.
func (r *Reach) unpoint(tx *table.Tx, c *Connection, kept []string) {
	for name, standing := range r.standings {
		if standing.Connection == c.ID && !slices.Contains(kept, name) {
			tx.Update(table.Touch(table.DomainNameKey(c.Root, name)).If(standing.Same(), table.ErrChanged).Remove("connection"))
		}
	}
}

// Change has become change the settings that a test is to be made with: of an active connection a copy, which waits for the test.
func (c *Connection) Change(become func(*Settings)) {
	if !c.Active {
		c.Settings = c.Settings.copied()
		become(&c.Settings)
		return
	}
	pending := c.Testing().copied()
	become(&pending)
	c.Pending = &pending
}

// copied are settings that share nothing with these.
func (s *Settings) copied() Settings {
	copied := *s
	copied.SignOn = map[string]string{}
	for binding, at := range s.SignOn {
		copied.SignOn[binding] = at
	}
	copied.Mapping = samlsp.Mapping{}
	for field, names := range s.Mapping {
		copied.Mapping[field] = slices.Clone(names)
	}
	copied.Certificates = slices.Clone(s.Certificates)
	return copied
}
