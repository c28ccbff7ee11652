package main

import (
	"context"
	"errors"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// watch tells the administrators where so many leave within an hour that it may be a mistake at the IdP, or an attack (SCI-9). It keeps
// nobody from leaving. What it fails at is no failure of the call.
func (d *door) watch(ctx context.Context, idp *caller) {
	left, err := connection.NoteDeparture(ctx, d.Table, idp.ID, d.Clock())
	if err == nil && connection.Unusual(left, 0) { // it may be: it takes the number of users
		err = d.warn(ctx, idp, left)
	}
	if err != nil {
		d.Log.ErrorContext(ctx, "who leaves is not watched", "connection", idp.ID, "error", err)
	}
}

var errWarned = errors.New("the administrators were told in the last hour")

func (d *door) warn(ctx context.Context, idp *caller, left int) error {
	users, err := directory.Count(ctx, d.Table, directory.OfUser, idp.Root, idp.ID)
	if err != nil || !connection.Unusual(left, users) {
		return err
	}
	of, err := tenant.Read(ctx, d.Table, idp.Root)
	if err != nil {
		return err
	}
	call, tx := httpapi.CallOf(ctx), table.NewTx()
	connection.WarnOfDepartures(tx, idp.ID, d.Clock(), errWarned)
	d.Outbox.Post(tx, mail.Letter{Kind: mail.UnusualDeactivations, Administrators: idp.Root, Data: mail.Data{Organization: of.Name, Connection: idp.Name, Count: left, At: d.Clock()}})
	d.Trail.Write(tx, audit.Event{Action: "connection.unusual-deactivations", Root: idp.Root, Organization: idp.Organization, Actor: idp.actor(),
		Target: audit.Target{Type: "connection", ID: idp.ID}, After: map[string]any{"within": "1h", "users": left}, Address: call.Address, Request: call.ID})
	if err := d.Table.Commit(ctx, tx); !errors.Is(err, errWarned) {
		return err
	}
	return nil
}
