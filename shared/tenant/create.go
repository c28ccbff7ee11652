package tenant

import (
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Create puts a new main organization into the change, with the state of its tree: o has what it is (Type, Name, and what
// else is known), and gets its id, root and stamp. Of type Platform there can be one only: a second one fails the commit
// with platform-exists. Roles and people are put by package people.
func Create(tx *table.Tx, o *Organization, by audit.Actor, now time.Time) {
	o.ID = id.New(id.Organization)
	o.Root = o.ID
	if o.Type == Platform {
		exists := problem.New(problem.Conflict, "platform-exists", "There is a platform organization already.")
		tx.Create(table.PlatformKey(), platform{o.ID}, exists)
	}
	tx.Create(table.AccessKey(o.Root), Access{Type: o.Type}, table.ErrChanged)
	CountClient(tx, o.Partner, +1)
	put(tx, o, by, now)
}

// CountClient has the change count that a partner gets a client (n is 1) or loses one (-1); an empty partner is none. Where the
// partner is closed in between, the commit fails with partner-gone.
func CountClient(tx *table.Tx, partner string, n int) {
	if partner != "" {
		tx.Count(partner, table.ClientsCount(partner), n, problem.New(problem.Conflict, "partner-gone", "The partner was closed in the meantime."))
	}
}

// CreateUnder puts a new suborganization of the client above into the change: o has what is known of it, and gets its id,
// root, type and stamp. Where the client is removed in between, the commit fails as if it had never been there.
func CreateUnder(tx *table.Tx, above, o *Organization, by audit.Actor, now time.Time) {
	o.ID = id.New(id.Organization)
	o.Root, o.Type = above.ID, Suborganization
	tx.Count(above.ID, table.SuborganizationsCount(above.ID), +1, problem.Missing())
	put(tx, o, by, now)
}

func put(tx *table.Tx, o *Organization, by audit.Actor, now time.Time) {
	if o.Language == "" {
		o.Language = DefaultLanguage
	}
	o.Stamp = audit.Made(by, clock.Format(now))
	tx.Create(o.Key(), o, table.ErrChanged, o.Places()...)
}

// Key is where the organization is stored.
func (o *Organization) Key() table.Key { return table.OrganizationKey(o.ID) }

// KeyOf is where the organization of an id that came from outside is stored; what is no id of one is never found.
func KeyOf(org string) table.Key {
	if !id.Valid(id.Organization, org) {
		return table.Key{}
	}
	return table.OrganizationKey(org)
}

// Suspended is the answer to the people and keys of a suspended tree (GEN-5).
func Suspended() error {
	return problem.New(problem.Forbidden, "suspended", "Your organization is suspended. Ask whoever provides this portal to you.")
}

// Places are the lists that the organization stands in: a main one among all by type and name, and whatever has one above
// it (a client the partner that it grants something, a suborganization its client) there by name.
func (o *Organization) Places() []table.Place {
	var places []table.Place
	if o.Main() {
		places = append(places, table.MainOrganizations(string(o.Type), o.Name, o.ID))
	}
	if above := o.above(); above != "" {
		places = append(places, table.OrganizationsUnder(above, o.Name, o.ID))
	}
	return places
}

// above is who has the organization in a list: a partner has no client there that grants it nothing, since it may not know
// of one, and the cursor of a page would name it.
func (o *Organization) above() string {
	switch {
	case !o.Main():
		return o.Root
	case o.PartnerAccess == ReadAccess || o.PartnerAccess == ManageAccess:
		return o.Partner
	}
	return ""
}
