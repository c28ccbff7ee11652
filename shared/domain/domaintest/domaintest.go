// Package domaintest puts domains into a table as they are after they were proved, without telling anybody: for tests, and for
// measuring with many. It is for tests only.
//
//	d := domaintest.Verified(tx, root, org, "acme.example", now, now.Add(24*time.Hour))
package domaintest

import (
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// Writes is how many items of a change a verified domain is, its count left out.
const Writes = 4

// Verified puts a domain of the organization that was verified at that time, and is looked at again when due. The caller counts
// it (table.DomainsCount) where that matters.
func Verified(tx *table.Tx, root, org, name string, at, due time.Time) *domain.Domain {
	d := domain.New(root, org, name, audit.System("test"), at)
	d.Verified, d.VerifiedAt = true, clock.Format(at)
	tx.Put(d.Key(), d)
	tx.Put(table.DomainNameKey(root, name), tenant.Standing{Organization: org, Domain: d.ID, Verified: true, Was: true})
	tx.Put(table.DomainClaimKey(name), domain.Claim{Root: root, Organization: org, Domain: d.ID})
	timer.Set(tx, timer.Domain, d.Owner(), due)
	return d
}
