package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is our own keys of a connection: with which requests are signed, and what an IdP encrypts for. A rotation is a second
// key, which the IdP reads from our metadata, and then the removal of the first.

// mountKeys adds the operations of our own keys.
func mountKeys(s *httpapi.Server, f *connections) {
	httpapi.Read(s, httpapi.Operation{ID: "list-connection-keys", Method: http.MethodGet, Path: one + "/keys", Needs: access.ReadSettings,
		Summary: "List our own keys of an SSO connection", Description: "Requests are signed with the first; what was encrypted for any of them opens."}, f.listKeys)
	httpapi.Change(s, httpapi.Operation{ID: "add-connection-key", Method: http.MethodPost, Path: one + "/keys", Status: http.StatusCreated, Needs: access.EditSettings, Delicate: true,
		Summary:     "Make another key of our own for an SSO connection",
		Description: "Begins a rotation: our metadata shows both from now on. When the IdP has read it, remove the first."}, f.addKey)
	httpapi.Change(s, httpapi.Operation{ID: "remove-connection-key", Method: http.MethodDelete, Path: one + "/keys/{ownKey}", Status: http.StatusNoContent, Needs: access.EditSettings, Delicate: true,
		Summary: "Remove a key of our own from an SSO connection", Description: "Ends a rotation: requests are signed with the other one. The last key stays."}, f.removeKey)
}

// OwnKey is one of our own keys.
type OwnKey struct {
	ID     string `json:"id" doc:"The SHA-256 of its certificate, in hexadecimal"`
	MadeAt string `json:"madeAt" format:"date-time" doc:"When it was made"`
	PEM    string `json:"pem" doc:"Its certificate, for IdPs that do not read our metadata"`
	Signs  bool   `json:"signs" doc:"Requests are signed with it"`
}

// OwnKeys is the answer with all of them.
type OwnKeys struct {
	Body struct {
		Items []OwnKey `json:"items" doc:"The one that signs first; two at most"`
	}
}

// OwnKeyPath is the input that names one of them.
type OwnKeyPath struct {
	AboutConnection
	OwnKey string `path:"ownKey" pattern:"^[0-9a-f]{64}$" doc:"The key's id"`
}

// mostKeys is how many there are at once: a rotation has two.
const mostKeys = 2

// ownKeys reads the connection with its keys.
func (f *connections) ownKeys(ctx context.Context, c *access.Caller, in *AboutConnection) (*connection.Connection, *connection.Keys, error) {
	of, err := f.find(ctx, c, in.Connection)
	if err != nil {
		return nil, nil, err
	}
	stored, err := connection.ReadKeys(ctx, f.Table, of.ID)
	return of, stored, err
}

func (f *connections) listKeys(ctx context.Context, c *access.Caller, in *AboutConnection) (*OwnKeys, error) {
	_, stored, err := f.ownKeys(ctx, c, in)
	if err != nil {
		return nil, err
	}
	return viewKeys(stored)
}

func (f *connections) addKey(ctx context.Context, c *access.Caller, in *AboutConnection, tx *table.Tx) (*OwnKeys, error) {
	of, stored, err := f.ownKeys(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if len(stored.Keys) >= mostKeys {
		return nil, problem.New(problem.Conflict, "rotation-under-way", "There are two keys already: remove one first.")
	}
	made, err := connection.NewKey(f.Keyring, of.ID, f.Clock())
	if err != nil {
		return nil, err
	}
	stored.Add(tx, of.ID, made)
	event := c.Event("connection.key-added", "connection", of.ID)
	event.After = map[string]any{"key": made.SHA256}
	f.Trail.Write(tx, event)
	return viewKeys(stored)
}

func (f *connections) removeKey(ctx context.Context, c *access.Caller, in *OwnKeyPath, tx *table.Tx) (*Nothing, error) {
	of, stored, err := f.ownKeys(ctx, c, &in.AboutConnection)
	if err != nil {
		return nil, err
	}
	if !stored.Has(in.OwnKey) {
		return nil, problem.Missing()
	}
	if len(stored.Keys) == 1 {
		return nil, problem.New(problem.Conflict, "last-key", "It is the only key: make another one first.")
	}
	stored.Remove(tx, of.ID, in.OwnKey)
	event := c.Event("connection.key-removed", "connection", of.ID)
	event.Before = map[string]any{"key": in.OwnKey}
	f.Trail.Write(tx, event)
	return nil, nil
}

func viewKeys(stored *connection.Keys) (*OwnKeys, error) {
	out := &OwnKeys{}
	out.Body.Items = []OwnKey{}
	for i, one := range stored.Keys {
		certificate, err := samlsp.ParseDER(one.Certificate)
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, OwnKey{ID: one.SHA256, MadeAt: one.MadeAt, PEM: certificate.PEM(), Signs: i == 0})
	}
	return out, nil
}
