package domain

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
)

// Reason is why a domain is not verified any more; letters of lost ones have a sentence for each.
type Reason string

// The reasons.
const (
	Missing  Reason = "missing"  // its record stayed away for too long
	Taken    Reason = "taken"    // its record was gone when another organization proved the domain
	Released Reason = "released" // the platform released it
	Removed  Reason = "removed"  // it was removed, and had been verified until then
)

// record writes what happened to the domain into the audit of its organization.
func (r *Registry) record(tx *table.Tx, d *Domain, act Act, action string, before, after map[string]any) {
	event := act.Event
	event.Action, event.Root, event.Organization = action, d.Root, d.Organization
	event.Target = audit.Target{Type: "domain", ID: d.ID}
	event.Before, event.After = before, after
	r.Trail.Write(tx, event)
}

// tell writes to all administrators of the domain's tree.
func (r *Registry) tell(tx *table.Tx, d *Domain, act Act, kind mail.Kind, data mail.Data) {
	data.Organization, data.By, data.At, data.Domain = act.Organization, act.By, act.At, domainname.Shown(d.Name)
	r.Outbox.Post(tx, mail.Letter{Kind: kind, Administrators: d.Root, Data: data})
}

// tellRisk tells that the record is missing, which one it is, and until when it has to be back.
func (r *Registry) tellRisk(tx *table.Tx, d *Domain, act Act) {
	record := d.Record()
	r.tell(tx, d, act, mail.DomainAtRisk, mail.Data{ExpiresAt: d.State().Ends(r.Policy),
		Record: fmt.Sprintf("%s %s %s", record.Host, record.Type, record.Value)})
}
