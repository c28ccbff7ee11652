package main

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// Domain is a domain as the API shows it.
type Domain struct {
	ID          string       `json:"id" doc:"Its id" example:"dom_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name        string       `json:"name" doc:"Its name as people read it, in Unicode" example:"bücher.example"`
	ASCIIName   string       `json:"asciiName" doc:"Its name as DNS has it" example:"xn--bcher-kva.example"`
	Status      string       `json:"status" enum:"verified,not_verified" doc:"Whether the organization has proved that it is its own"`
	Record      DomainRecord `json:"record" doc:"The record that proves it"`
	Users       int          `json:"users" doc:"The tree's users with an address of it, invited ones too"`
	Connections []DomainSSO  `json:"connections" doc:"The SSO connections that have it among their domains"`
	VerifiedAt  string       `json:"verifiedAt,omitempty" format:"date-time" doc:"Since when it is verified"`
	AtRiskSince string       `json:"atRiskSince,omitempty" format:"date-time" doc:"Since when the record of a verified one is missing"`
	LostAt      string       `json:"lostAt,omitempty" format:"date-time" doc:"Of one at risk: when it is not verified any more, at the earliest"`
	LastCheck   *DomainCheck `json:"lastCheck,omitempty" doc:"The last time that the record was looked for; absent before the first"`
	CreatedAt   string       `json:"createdAt" format:"date-time" doc:"When it was registered"`
	CreatedBy   people.Named `json:"createdBy" doc:"By whom"`
	UpdatedAt   string       `json:"updatedAt" format:"date-time" doc:"When its status changed last"`
	UpdatedBy   people.Named `json:"updatedBy" doc:"By whom"`
}

// DomainSSO is an SSO connection that has the domain among its own.
type DomainSSO struct {
	ID      string `json:"id" doc:"Its id" example:"con_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
	Name    string `json:"name" doc:"Its name"`
	Active  bool   `json:"active" doc:"Whether it is active"`
	SignsIn bool   `json:"signsIn" doc:"Whether addresses of the domain sign in by it: one connection at most"`
}

// DomainRecord is the record to be made in the DNS of a domain (DOM-3).
type DomainRecord struct {
	Type  string `json:"type" doc:"Its type" example:"TXT"`
	Host  string `json:"host" doc:"Where it is made: the whole name. Consoles that put the domain behind it want the part before the domain only" example:"_tenantry-challenge.acme.com"`
	Value string `json:"value" doc:"What it says, without quotes" example:"tenantry-verification=mzxw6ytboi2gc3tdmvzwk3tumuqgc3de"`
	TTL   int    `json:"ttl" doc:"How many seconds it may be kept by others; any other value does as well" example:"300"`
}

// DomainCheck is what came out when the record was looked for (DOM-4).
type DomainCheck struct {
	At      string        `json:"at" format:"date-time" doc:"When"`
	Outcome string        `json:"outcome" enum:"found,not_found,failed" doc:"Whether it was there; failed where DNS did not say"`
	Slip    string        `json:"slip,omitempty" enum:"quotes-pasted,other-token,value-altered,other-value,host-doubled,other-host,alias-without,no-host,no-domain,no-record,resolver-failed,no-answer" doc:"What is likely wrong"`
	Hint    string        `json:"hint,omitempty" doc:"The same in words, with what to do"`
	Found   []FoundRecord `json:"found" doc:"The TXT records that were found there instead, or besides"`
}

// FoundRecord is a TXT record that was found.
type FoundRecord struct {
	Host  string `json:"host" doc:"Where"`
	Value string `json:"value" doc:"What it says"`
}

// Shown is a domain with its ETag.
type Shown struct {
	ETag string `header:"ETag"`
	Body Domain
}

// get answers GET /v1/organizations/{org}/domains/{domain}.
func (f *domains) get(ctx context.Context, c *access.Caller, in *AboutDomain) (*Shown, error) {
	d, err := f.find(ctx, c, in.Domain)
	if err != nil {
		return nil, err
	}
	return f.show(ctx, c, d)
}

// show is the answer with one domain.
func (f *domains) show(ctx context.Context, c *access.Caller, d *domain.Domain) (*Shown, error) {
	views, err := f.views(ctx, c, []domain.Domain{*d})
	if err != nil {
		return nil, err
	}
	return &Shown{ETag: httpapi.ETag(d.Version), Body: views[0]}, nil
}

// views are domains with the names of who registered and changed them, joined in one round trip for fifty, and with the users
// on each, one query more for each, and the connections, one query more for all.
func (f *domains) views(ctx context.Context, c *access.Caller, list []domain.Domain) ([]Domain, error) {
	var actors []audit.Actor
	for _, d := range list {
		actors = append(actors, d.CreatedBy, d.UpdatedBy)
	}
	names, err := people.Names(ctx, f.Table, c.Organization.Root, actors...)
	if err != nil {
		return nil, err
	}
	sso, err := table.All[connection.Connection](ctx, f.Table, connection.Listed(c.Organization.Root, c.Organization.ID))
	if err != nil {
		return nil, err
	}
	views := make([]Domain, len(list))
	for i := range list {
		views[i] = f.view(&list[i])
		views[i].Connections = having(sso, &list[i])
		views[i].CreatedBy, views[i].UpdatedBy = names[list[i].CreatedBy], names[list[i].UpdatedBy]
		if views[i].Users, err = f.users(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// having are those of the connections that have the domain.
func having(all []connection.Connection, d *domain.Domain) []DomainSSO {
	some := []DomainSSO{}
	for _, c := range all {
		if slices.Contains(c.Domains, d.Name) || c.SignsIn(d.Name) {
			some = append(some, DomainSSO{ID: c.ID, Name: c.Name, Active: c.Active, SignsIn: c.SignsIn(d.Name)})
		}
	}
	return some
}

// users counts the tree's users with an address of the domain.
func (f *domains) users(ctx context.Context, d *domain.Domain) (int, error) {
	count := table.AddressesCount(d.Name)
	counts, err := f.Table.Counts(ctx, d.Root, count+"#")
	return counts[count], err
}

func (f *domains) view(d *domain.Domain) Domain {
	record := d.Record()
	v := Domain{ID: d.ID, Name: domainname.Shown(d.Name), ASCIIName: d.Name, Status: "not_verified",
		Record:     DomainRecord{Type: record.Type, Host: record.Host, Value: record.Value, TTL: record.TTL},
		VerifiedAt: d.VerifiedAt, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt}
	if d.Verified {
		v.Status = "verified"
	}
	if d.AtRiskSince != 0 {
		v.AtRiskSince, v.LostAt = clock.FormatUnix(d.AtRiskSince), clock.Format(d.State().Ends(f.registry.Policy))
	}
	if last := d.LastCheck; last != nil {
		v.LastCheck = &DomainCheck{At: last.At, Outcome: string(last.Outcome), Slip: string(last.Slip), Hint: last.Hint, Found: []FoundRecord{}}
		for _, one := range last.Seen {
			v.LastCheck.Found = append(v.LastCheck.Found, FoundRecord{Host: one.Host, Value: one.Value})
		}
	}
	return v
}
