package main

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// mostConnections is how many an organization has at most; a few more may be begun at the same moment.
const mostConnections = 20

// NewConnection is a connection to be made.
type NewConnection struct {
	Name     string `json:"name" minLength:"1" maxLength:"100" doc:"Its name" example:"Acme's Okta"`
	Provider string `json:"provider" enum:"okta,entra,custom" doc:"Whose IdP it is; custom: any that speaks SAML 2.0, Google Workspace too"`
}

// CreateInput is the input of POST /v1/organizations/{org}/sso-connections.
type CreateInput struct {
	httpapi.About
	Body NewConnection
}

// Made is a connection that is new, with where it is.
type Made struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Connection
}

// create answers POST /v1/organizations/{org}/sso-connections (SSO-1).
func (f *connections) create(ctx context.Context, c *access.Caller, in *CreateInput, tx *table.Tx) (*Made, error) {
	name, err := people.CheckName("body.name", in.Body.Name)
	if err != nil {
		return nil, err
	}
	of := c.Organization
	if of.Connections >= mostConnections {
		return nil, problem.New(problem.Conflict, "too-many-connections", "The organization has %d connections, which is the most. Remove one first.", of.Connections)
	}
	act := f.act(c)
	made := connection.New(of.Root, of.ID, name, connection.Provider(in.Body.Provider), f.Config.PublicURL, audit.Made(c.Actor, clock.Format(act.At)))
	f.registry.Create(tx, made, act)
	answer, err := f.show(ctx, c, made)
	if err != nil {
		return nil, err
	}
	return &Made{Location: strings.Replace(all, "{org}", of.ID, 1) + "/" + made.ID, ETag: answer.ETag, Body: answer.Body}, nil
}
