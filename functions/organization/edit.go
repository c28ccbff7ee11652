package main

import (
	"context"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// OrganizationEdit is what shall become of an organization; what is absent stays as it is.
type OrganizationEdit struct {
	Name          *string   `json:"name,omitempty" minLength:"1" maxLength:"100" doc:"Its name"`
	Email         *string   `json:"email,omitempty" maxLength:"254" doc:"Where it is written to"`
	Language      *Language `json:"language,omitempty"`
	Country       *Country  `json:"country,omitempty"`
	Sector        *Sector   `json:"sector,omitempty"`
	Description   *string   `json:"description,omitempty" maxLength:"2000" doc:"In its own words; empty: none"`
	PartnerAccess *string   `json:"partnerAccess,omitempty" enum:"none,read,manage" doc:"Of a client with a partner: what that one may do"`
}

// EditInput is the input of PATCH /v1/organizations/{org}.
type EditInput struct {
	httpapi.About
	httpapi.Match
	Body OrganizationEdit
}

// edit answers PATCH /v1/organizations/{org}.
func (o *organizations) edit(ctx context.Context, c *access.Caller, in *EditInput, tx *table.Tx) (*Shown, error) {
	before, err := o.read(ctx, c, in.Match)
	if err != nil {
		return nil, err
	}
	after := *before
	if err := in.Body.apply(&after); err != nil {
		return nil, err
	}
	if after.PartnerAccess != before.PartnerAccess {
		if err := o.grant(ctx, c, &after, tx); err != nil {
			return nil, err
		}
	}
	o.store(tx, c, before, &after, "organization.edited")
	return o.show(ctx, c, &after)
}

// read reads the organization of the URL as it is now: what the gate read may be older than another writer's change.
func (o *organizations) read(ctx context.Context, c *access.Caller, match httpapi.Match) (*tenant.Organization, error) {
	of, err := tenant.Read(ctx, o.Table, c.Organization.ID)
	if err != nil {
		return nil, err
	}
	return of, match.Check(of.Version)
}

// apply writes the fields that are there into the organization.
func (in *OrganizationEdit) apply(to *tenant.Organization) error {
	if in.Name != nil {
		if err := name("body.name", *in.Name, &to.Name); err != nil {
			return err
		}
	}
	if in.Email != nil {
		if err := address("body.email", *in.Email, &to.Email); err != nil {
			return err
		}
	}
	if in.PartnerAccess != nil {
		if to.Type != tenant.Client || to.Partner == "" {
			return problem.Invalid("body.partnerAccess", "is for a client that has a partner", *in.PartnerAccess)
		}
		to.PartnerAccess = tenant.PartnerAccess(*in.PartnerAccess)
	}
	set(&to.Language, in.Language)
	set(&to.Country, in.Country)
	set(&to.Sector, in.Sector)
	set(&to.Description, in.Description)
	return nil
}

func set[T ~string](to *string, value *T) {
	if value != nil {
		*to = string(*value)
	}
}

// grant allows a change of what the partner may do: by those who decide on the tree's policy, recently signed in, and told to
// all administrators (PER-3, PER-6, PER-7).
func (o *organizations) grant(ctx context.Context, c *access.Caller, after *tenant.Organization, tx *table.Tx) error {
	if err := firstOf(c.May(access.EditPolicy), c.Fresh()); err != nil {
		return err
	}
	partner, err := tenant.Read(ctx, o.Table, after.Partner)
	if err != nil {
		return err
	}
	o.tell(tx, c, after, mail.PartnerAccessChanged, mail.Data{Partner: partner.Name, Access: string(after.PartnerAccess)})
	return nil
}

// tell writes to all administrators of the organization's tree (PER-7).
func (o *organizations) tell(tx *table.Tx, c *access.Caller, of *tenant.Organization, kind mail.Kind, data mail.Data) {
	data.Organization, data.By, data.At = of.Name, c.Display(), o.Clock()
	o.Outbox.Post(tx, mail.Letter{Kind: kind, Administrators: of.Root, Data: data})
}

// store puts what differs between before and after into the change, with its line in the audit; nothing where nothing
// differs. after gets the new version.
func (o *organizations) store(tx *table.Tx, c *access.Caller, before, after *tenant.Organization, action string) {
	event := c.Event(action, "organization", after.ID)
	event.Before, event.After = differing(recorded(before), recorded(after))
	if len(event.Before)+len(event.After) == 0 {
		return
	}
	tenant.Remember(tx, o.Trail.Write(tx, event))
	now := o.Clock()
	change := table.Edit(after.Key(), before.Version).Set("updatedAt", clock.Format(now)).Set("updatedBy", c.Actor)
	for field := range merged(event.Before, event.After) {
		if value, kept := event.After[field]; kept {
			change.Set(field, value)
		} else {
			change.Remove(field)
		}
	}
	tx.Update(relist(change, before, after))
	stamp(after, c.Actor, now)
}

func stamp(of *tenant.Organization, by audit.Actor, now time.Time) {
	of.Version++
	of.UpdatedAt, of.UpdatedBy = clock.Format(now), by
}

// relist moves the item to where it stands in the lists after the change.
func relist(change *table.Change, before, after *tenant.Organization) *table.Change {
	was, is := before.Places(), after.Places()
	if slices.Equal(was, is) {
		return change
	}
	for _, place := range is {
		change.Move(place)
	}
	if len(was) > len(is) {
		change.Leave(1) // its partner's list; a main organization never leaves the list of all
	}
	return change
}

// differing keeps of two records only what is not the same in both.
func differing(before, after map[string]any) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for field := range merged(before, after) {
		if before[field] == after[field] {
			continue
		}
		if value, there := before[field]; there {
			was[field] = value
		}
		if value, there := after[field]; there {
			is[field] = value
		}
	}
	return was, is
}

func merged(a, b map[string]any) map[string]bool {
	fields := map[string]bool{}
	for field := range a {
		fields[field] = true
	}
	for field := range b {
		fields[field] = true
	}
	return fields
}
