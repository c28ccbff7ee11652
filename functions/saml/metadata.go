package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/connection"
)

// metadata answers GET /saml/{connection}/metadata: what an IdP is set up with, our certificates included.
func (d *door) metadata(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	c, err := connection.Read(ctx, d.Table, r.PathValue("connection"))
	if err != nil {
		return err
	}
	sp, err := c.ServiceProvider(c.Testing(), d.keys(ctx, c.ID))
	if err != nil {
		return err
	}
	document, err := sp.Metadata()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	w.Header().Set("Content-Disposition", `inline; filename="metadata.xml"`)
	w.Header().Set("Content-Security-Policy", policy)
	_, err = w.Write(document)
	return err
}

// keys are our own of the connection, read when they are needed.
func (d *door) keys(ctx context.Context, c string) *connection.Vault {
	return &connection.Vault{Context: ctx, Table: d.Table, Keyring: d.Keyring, Clock: d.Clock, Connection: c}
}
