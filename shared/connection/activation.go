package connection

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Why is why a connection is not active any more; letters have a sentence for each.
type Why string

// The reasons.
const (
	SwitchedOff Why = "off"
	LeftAlone   Why = "domain"      // its last verified domain was lost or removed
	HandedOver  Why = "handed-over" // its last verified domain leads to another one
	Removed     Why = "removed"
)

// Activable tells whether the connection can go live with the domains as they are: nil, or what is missing (SSO-4).
func (c *Connection) Activable(reach *Reach) error {
	if missing := c.Settings.Missing(); len(missing) > 0 {
		return problem.New(problem.Conflict, "connection-incomplete", "The connection is not complete: %s is missing.", strings.Join(missing, ", "))
	}
	if !c.Proved(&c.Settings) {
		return problem.New(problem.Conflict, "test-required", "No test has passed with these settings. Run one first.")
	}
	if len(reach.Verified(c, c.Domains)) == 0 {
		return noDomain()
	}
	return Handable(reach.Taken(c, c.Domains))
}

func noDomain() error {
	return problem.New(problem.Conflict, "no-verified-domain", "A connection is active only with a verified domain of its organization. Add one, and verify it.")
}

// Handable refuses to take domains from too many others at once.
func Handable(taken map[*Connection][]string) error {
	if len(taken) > MostHandovers {
		return problem.New(problem.Conflict, "too-many-hand-overs", "The domains lead to %d other connections, and %d at most are handed over at once.", len(taken), MostHandovers)
	}
	return nil
}

// Activate has the change put the connection into force: its verified domains lead to it from now on, also those that led
// elsewhere, and others as soon as they are verified (SSO-4, SSO-8). It is Activable.
func (r *Registry) Activate(tx *table.Tx, c *Connection, reach *Reach, act Act) {
	taken := reach.Taken(c, c.Domains)
	leads, ended := reach.lead(tx, c, c.Domains)
	r.deprive(tx, c, taken, act)
	end(tx, c, ended)
	c.Active, c.Leads, c.ActivatedAt = true, leads, clock.Format(act.At)
	tx.Update(c.edit(act).Set("active", true).Set("leads", leads).Set("activatedAt", c.ActivatedAt))
	c.setTimers(tx, act.At)
	r.record(tx, c, act, "connection.activated", map[string]any{"active": false}, map[string]any{"active": true, "domains": leads, "ssoRequired": c.SSORequired})
	r.tell(tx, c, act, mail.ConnectionActivated, mail.Data{Domain: Shown(leads)})
}

// end ends the sessions by domains whose own epochs the change has grown.
func end(tx *table.Tx, c *Connection, ended bool) {
	if ended {
		tenant.EndDomain(tx, c.Root, nil)
	}
}

// deprive takes domains from the connections of the same organization that they led to. One that is left without is not active any more.
func (r *Registry) deprive(tx *table.Tx, to *Connection, taken map[*Connection][]string, act Act) {
	for _, other := range slices.SortedFunc(maps.Keys(taken), func(a, b *Connection) int { return strings.Compare(a.ID, b.ID) }) {
		r.lose(tx, other, taken[other], HandedOver, map[string]any{"to": to.ID}, act)
	}
}

// lose has the connection go on without some of the domains that led to it, or not at all where none is left. The domains are
// the caller's.
func (r *Registry) lose(tx *table.Tx, c *Connection, names []string, why Why, after map[string]any, act Act) {
	c.Leads = slices.DeleteFunc(slices.Clone(c.Leads), func(name string) bool { return slices.Contains(names, name) })
	edit := c.edit(act).Set("leads", c.Leads)
	if after == nil {
		after = map[string]any{}
	}
	after["lost"], after["why"] = names, string(why)
	if len(c.Leads) > 0 {
		tx.Update(edit)
		r.record(tx, c, act, "connection.domains-lost", nil, after)
		return
	}
	c.Active = false
	tx.Update(edit.Set("active", false))
	c.cancelTimers(tx)
	r.record(tx, c, act, "connection.deactivated", map[string]any{"active": true}, after)
	r.tell(tx, c, act, mail.ConnectionDeactivated, mail.Data{Why: string(why)})
}

// Deactivate has the change switch the connection off: nobody signs in by it, and the sessions by it end.
func (r *Registry) Deactivate(tx *table.Tx, c *Connection, reach *Reach, act Act) {
	_, ended := reach.lead(tx, c, nil)
	end(tx, c, ended)
	c.Active, c.Leads = false, []string{}
	tx.Update(c.edit(act).Set("active", false).Set("leads", c.Leads))
	c.cancelTimers(tx)
	r.record(tx, c, act, "connection.deactivated", map[string]any{"active": true}, map[string]any{"active": false, "why": string(SwitchedOff)})
	r.tell(tx, c, act, mail.ConnectionDeactivated, mail.Data{Why: string(SwitchedOff)})
}

// tell writes to all administrators of the connection's tree.
func (r *Registry) tell(tx *table.Tx, c *Connection, act Act, kind mail.Kind, data mail.Data) {
	if act.Quiet {
		return
	}
	data.Organization, data.By, data.At, data.Connection = act.Organization, act.By, act.At, c.Name
	r.Outbox.Post(tx, mail.Letter{Kind: kind, Administrators: c.Root, Data: data})
}

// Shown are domains as people read them.
func Shown(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = domainname.Shown(name)
	}
	return strings.Join(shown, ", ")
}
