package main

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// mostDomains is how many an organization has at most; a few more may be registered at the same moment.
const mostDomains = 1000

// NewDomain is a domain to be registered.
type NewDomain struct {
	Name string `json:"name" maxLength:"1024" doc:"Its name, in Unicode or as DNS has it" example:"acme.com"`
}

// CreateInput is the input of POST /v1/organizations/{org}/domains.
type CreateInput struct {
	httpapi.About
	Body NewDomain
}

// Made is a domain that is new, with where it is.
type Made struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Domain
}

// create answers POST /v1/organizations/{org}/domains (DOM-2).
func (f *domains) create(ctx context.Context, c *access.Caller, in *CreateInput, tx *table.Tx) (*Made, error) {
	name, err := domainname.Parse(in.Body.Name)
	if err != nil {
		return nil, problem.Invalid("body.name", err.Error(), shortened(in.Body.Name))
	}
	of := c.Organization
	counts, err := f.Table.Counts(ctx, of.Root, table.DomainsCount(of.ID))
	if err != nil {
		return nil, err
	}
	if there := counts[table.DomainsCount(of.ID)]; there >= mostDomains {
		return nil, problem.New(problem.Conflict, "too-many-domains", "The organization has %d domains, which is the most. Remove one first.", there)
	}
	act := f.act(c)
	d := domain.New(of.Root, of.ID, name, c.Actor, act.At)
	f.registry.Register(tx, d, act)
	answer, err := f.show(ctx, c, d)
	if err != nil {
		return nil, err
	}
	return &Made{Location: strings.Replace(all, "{org}", of.ID, 1) + "/" + d.ID, ETag: answer.ETag, Body: answer.Body}, nil
}

// shortened bounds what is repeated to the sender.
func shortened(written string) any {
	if len(written) > domainname.Longest {
		return nil
	}
	return written
}
