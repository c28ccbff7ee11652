package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/signin"
	"github.com/tenantry/tenantry/shared/table"
)

// open puts a new session of the account into the change, and gives the cookies of the session and of the device.
func (d *door) open(ctx context.Context, tx *table.Tx, a *account, secondFactor bool) []http.Cookie {
	_, session := d.opener().Open(ctx, tx, &a.user, &a.access, people.Session{Method: people.ByPassword, SecondFactor: secondFactor})
	return []http.Cookie{session, d.newDevice(a.id, d.Clock())}
}

func (d *door) opener() *signin.Opener {
	return &signin.Opener{Server: d.server, Trail: d.Trail, Lifetimes: d.Config.Lifetimes(), Clock: d.Clock}
}
