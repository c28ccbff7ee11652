package connection

import (
	"slices"

	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// Fate is what becomes of the people who signed in by a connection that is removed (SSO-7).
type Fate string

// The fates.
const (
	Keep       Fate = "keep"       // they stay, and sign in by other ways
	HandOver   Fate = "hand-over"  // they stay, and their domains lead to another connection
	Deactivate Fate = "deactivate" // they are deactivated
)

// Cleaning is the input of the job that cleans up behind a removed connection.
type Cleaning struct {
	Connection   string `json:"connection"`
	Deactivate   bool   `json:"deactivate,omitempty"`
	Organization string `json:"organization"`
	Provisioning bool   `json:"provisioning,omitempty"` // only what came by SCIM: the connection stays
	Provisioned  bool   `json:"provisioned,omitempty"`  // SCIM was on when the connection was removed
}

// Seals tells whether anybody can still be coming by SCIM.
func (c *Cleaning) Seals() bool { return c.Provisioning || c.Provisioned }

// Partitions hold what is erased.
func (c *Cleaning) Partitions() []string {
	all := []string{table.DirectoryPartition(c.Connection)}
	if !c.Provisioning {
		all = append(all, table.ConnectionPartition(c.Connection), table.ConnectionLogPartition(c.Connection), table.DirectoryLogPartition(c.Connection))
	}
	return all
}

// Remove has the change delete the connection: its domains lead to none, or to the active connection to, and sessions by it end.
// What belongs to it is cleaned up by a job, which is given.
func (r *Registry) Remove(tx *table.Tx, c *Connection, reach *Reach, to *Connection, fate Fate, work queue.Sender, act Act) *job.Job {
	if to != nil {
		reach.handTo(tx, c, to)
		to.Leads, to.Domains = union(to.Leads, c.Leads), union(to.Domains, c.Leads)
		tx.Update(to.edit(act).Set("leads", to.Leads).Set("domains", to.Domains))
		r.record(tx, to, act, "connection.domains-gained", nil, map[string]any{"domains": c.Leads, "from": c.ID})
	}
	_, ended := reach.lead(tx, c, nil)
	end(tx, c, ended || to != nil)
	tx.Delete(c.Key(), c.Version)
	tenant.CountConnections(tx, c.Organization, -1)
	c.cancelTimers(tx)
	timer.Cancel(tx, timer.Token, c.ID)
	timer.Cancel(tx, timer.Sync, c.ID)
	r.record(tx, c, act, "connection.deleted", c.recorded(), map[string]any{"users": string(fate)})
	if c.Active {
		r.tell(tx, c, act, mail.ConnectionDeactivated, mail.Data{Why: string(Removed)})
	}
	clean := &job.Job{Root: c.Root, Organization: c.Organization, Kind: job.CleanConnection}
	clean.Give(Cleaning{Connection: c.ID, Deactivate: fate == Deactivate, Organization: c.Organization, Provisioned: c.Provisioning != nil})
	job.Start(tx, clean, work, act.Event.Actor, act.At)
	return clean
}

// handTo leads the domains that lead to the connection to another of its organization; sessions by them end.
func (r *Reach) handTo(tx *table.Tx, from, to *Connection) {
	for _, name := range from.Leads {
		standing := r.standings[name]
		tx.Update(table.Touch(table.DomainNameKey(from.Root, name)).If(standing.Same(), table.ErrChanged).Set("connection", to.ID).Add("epoch", 1))
		tx.Update(table.Touch(table.DomainClaimKey(name)).If(held("connection", from.ID), table.ErrChanged).Set("connection", to.ID).Set("ssoRequired", to.SSORequired))
		delete(r.standings, name)
	}
}

// union is a list with what another has besides.
func union(list, more []string) []string {
	all := append([]string{}, list...)
	for _, one := range more {
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}
