package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
)

// domains is this feature, with what it stands on.
type domains struct {
	*start.Services
	registry *domain.Registry
	resolver domainproof.Resolver
	rates    *access.Rates
	notice   *lockout.Notice
}

func newDomains(s *start.Services) *domains {
	return &domains{Services: s, registry: &domain.Registry{Trail: s.Trail, Outbox: s.Outbox, Policy: domainproof.Policy{Lapse: s.Config.DomainGrace}},
		resolver: domainproof.NewClient(s.Config.DNSServer), rates: &access.Rates{Table: s.Table, Clock: s.Clock},
		notice: lockout.NewNotice(s.Table, s.Trail, s.Outbox, s.Config.Social())}
}

const (
	all = "/v1/organizations/{org}/domains"
	one = all + "/{domain}"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, f *domains) {
	httpapi.Read(s, httpapi.Operation{ID: "list-domains", Method: http.MethodGet, Path: all, Needs: access.ReadSettings,
		Summary: "List the domains of the organization", Description: "The oldest first."}, f.list)
	httpapi.Change(s, httpapi.Operation{ID: "create-domain", Method: http.MethodPost, Path: all, Status: http.StatusCreated, Needs: access.EditSettings,
		Summary:     "Register a domain",
		Description: "It is not verified at first: the answer has the record to be made in its DNS. Subdomains are registered for themselves."}, f.create)
	httpapi.Read(s, httpapi.Operation{ID: "get-domain", Method: http.MethodGet, Path: one, Needs: access.ReadSettings,
		Summary: "Read a domain, with its record"}, f.get)
	httpapi.Change(s, httpapi.Operation{ID: "verify-domain", Method: http.MethodPost, Path: one + "/verify", Needs: access.EditSettings,
		Summary: "Look for the record of a domain now",
		Description: "The answer is the domain as it is then: verified, or with what was found instead and what is likely wrong in lastCheck. " +
			"While another organization's own record stands, the domain stays with that one (domain-held). Refused with last-administrator " +
			"where it would lead to a connection that lets nobody in, and no administrator could sign in any more."}, f.verify)
	httpapi.Change(s, httpapi.Operation{ID: "delete-domain", Method: http.MethodDelete, Path: one, Status: http.StatusNoContent,
		Needs: access.EditSettings, Delicate: true, Summary: "Remove a domain",
		Description: "It takes a confirmation with the number of users on the domain. From then on nobody signs in by it, and no links are mailed " +
			"to its addresses, until it is registered and verified again."}, f.remove)
	httpapi.Change(s, httpapi.Operation{ID: "release-domain", Method: http.MethodPost, Path: one + "/release", Needs: access.Oversee, Delicate: true,
		Summary:     "Release a verified domain",
		Description: "For the platform: the domain is not verified any more, and another organization can prove it. It takes a confirmation with the number of users on the domain."}, f.release)
}

// AboutDomain is the input that names a domain of the organization.
type AboutDomain struct {
	httpapi.About
	Domain string `path:"domain" doc:"The domain's id" example:"dom_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// ChangeInput is the input of a change of a domain that needs no body.
type ChangeInput struct {
	AboutDomain
	httpapi.Match
}

// Nothing is the answer without a body.
type Nothing struct{}

// find reads a domain of the organization: Missing where it has none of that id.
func (f *domains) find(ctx context.Context, c *access.Caller, domainID string) (*domain.Domain, error) {
	if !id.Valid(id.Domain, domainID) {
		return nil, problem.Missing()
	}
	var d domain.Domain
	found, err := f.Table.Get(ctx, table.DomainKey(c.Organization.ID, domainID), &d)
	if err == nil && !found {
		err = problem.Missing()
	}
	return &d, err
}

// changing reads a domain for a change, on the version that the caller read.
func (f *domains) changing(ctx context.Context, c *access.Caller, in *ChangeInput) (*domain.Domain, error) {
	d, err := f.find(ctx, c, in.Domain)
	if err != nil {
		return nil, err
	}
	return d, in.Check(d.Version)
}

// act is what the caller does to a domain of the organization.
func (f *domains) act(c *access.Caller) domain.Act {
	return domain.Act{Event: c.Event("", "", ""), Organization: c.Organization.Name, By: c.Display(), At: f.Clock()}
}
