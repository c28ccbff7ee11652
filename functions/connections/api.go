package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/outgoing"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
)

// connections is this feature, with what it stands on.
type connections struct {
	*start.Services
	registry *connection.Registry
	client   *outgoing.Client
	rates    *access.Rates
}

func newConnections(s *start.Services) (*connections, error) {
	client, err := outgoing.New(outgoing.Config{Loopback: s.Config.Loopback, PublicURL: s.Config.PublicURL})
	return &connections{Services: s, registry: &connection.Registry{Trail: s.Trail, Outbox: s.Outbox}, client: client,
		rates: &access.Rates{Table: s.Table, Clock: s.Clock}}, err
}

const (
	all = "/v1/organizations/{org}/sso-connections"
	one = all + "/{connection}"
)

// mount adds the feature's operations to the server.
func mount(s *httpapi.Server, f *connections) {
	httpapi.Read(s, httpapi.Operation{ID: "list-connections", Method: http.MethodGet, Path: all, Needs: access.ReadSettings,
		Summary: "List the SSO connections of the organization", Description: "The oldest first."}, f.list)
	httpapi.Change(s, httpapi.Operation{ID: "create-connection", Method: http.MethodPost, Path: all, Status: http.StatusCreated, Needs: access.EditSettings,
		Summary:     "Begin an SSO connection",
		Description: "It is a draft. sp has our values in the words of the provider's own form."}, f.create)
	httpapi.Read(s, httpapi.Operation{ID: "get-connection", Method: http.MethodGet, Path: one, Needs: access.ReadSettings,
		Summary: "Read an SSO connection"}, f.get)
	httpapi.Change(s, httpapi.Operation{ID: "edit-connection", Method: http.MethodPatch, Path: one, Needs: access.EditSettings, Delicate: true,
		Summary: "Change an SSO connection",
		Description: "What is absent stays as it is. Of an active connection, changed values of the IdP and attributes wait in pending until a test has " +
			"passed with them; sign-ins go on with those in force. A domain that leads to another connection takes a confirmation."}, f.edit)
	httpapi.Change(s, httpapi.Operation{ID: "delete-connection", Method: http.MethodDelete, Path: one, Status: http.StatusNoContent, Needs: access.EditSettings, Delicate: true,
		Summary:     "Remove an SSO connection",
		Description: "It takes a confirmation with the number of users who signed in by it; users says what becomes of them. Sessions by it end."}, f.remove)
	httpapi.Change(s, httpapi.Operation{ID: "take-connection-metadata", Method: http.MethodPost, Path: one + "/idp-metadata", Needs: access.EditSettings, Delicate: true,
		Summary:     "Take the IdP's metadata into an SSO connection",
		Description: "By its address, which is read again every day from then on, or as XML."}, f.takeMetadata)
	httpapi.Change(s, httpapi.Operation{ID: "add-connection-certificate", Method: http.MethodPost, Path: one + "/certificates", Needs: access.EditSettings, Delicate: true,
		Summary: "Trust another certificate of the IdP", Description: "It is in force at once; all administrators are told."}, f.addCertificate)
	httpapi.Change(s, httpapi.Operation{ID: "remove-connection-certificate", Method: http.MethodDelete, Path: one + "/certificates/{certificate}", Needs: access.EditSettings, Delicate: true,
		Summary:     "Trust a certificate of the IdP no more",
		Description: "Of an active connection, the removal of the certificate in use waits for a test that passes without it."}, f.removeCertificate)
	httpapi.Change(s, httpapi.Operation{ID: "discard-connection-pending", Method: http.MethodDelete, Path: one + "/pending", Needs: access.EditSettings, Delicate: true,
		Summary: "Discard what waits for a test"}, f.discard)
	httpapi.Change(s, httpapi.Operation{ID: "activate-connection", Method: http.MethodPost, Path: one + "/activate", Needs: access.EditSettings, Delicate: true,
		Summary: "Put an SSO connection into force",
		Description: "A test has passed with its settings, and one of its domains is verified. A domain that leads to another connection is handed over, " +
			"which takes a confirmation. The answer names the administrators who can sign in from then on, and how."}, f.activate)
	httpapi.Change(s, httpapi.Operation{ID: "deactivate-connection", Method: http.MethodPost, Path: one + "/deactivate", Needs: access.EditSettings, Delicate: true,
		Summary: "Switch an SSO connection off", Description: "It takes a confirmation with the number of users of its domains, which says who can still sign in, and how. Sessions by it end."}, f.deactivate)
	httpapi.Read(s, httpapi.Operation{ID: "list-connection-events", Method: http.MethodGet, Path: one + "/events", Needs: access.ReadSettings,
		Summary: "List the SAML log of an SSO connection", Description: "The newest first, of 30 days."}, f.events)
}

// AboutConnection is the input that names a connection of the organization.
type AboutConnection struct {
	httpapi.About
	Connection string `path:"connection" doc:"The connection's id" example:"con_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"`
}

// ChangeInput is the input of a change of a connection that needs no body.
type ChangeInput struct {
	AboutConnection
	httpapi.Match
}

// Nothing is the answer without a body.
type Nothing struct{}

// find reads a connection of the organization: Missing where it has none of that id.
func (f *connections) find(ctx context.Context, c *access.Caller, id string) (*connection.Connection, error) {
	found, err := connection.Read(ctx, f.Table, id)
	if err == nil && found.Organization != c.Organization.ID {
		err = problem.Missing()
	}
	return found, err
}

// changing reads a connection for a change, on the version that the caller read.
func (f *connections) changing(ctx context.Context, c *access.Caller, in *ChangeInput) (*connection.Connection, error) {
	found, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, err
	}
	return found, in.Check(found.Version)
}

// act is what the caller does to a connection of the organization.
func (f *connections) act(c *access.Caller) connection.Act {
	return connection.Act{Event: c.Event("", "", ""), Organization: c.Organization.Name, By: c.Display(), At: f.Clock()}
}
