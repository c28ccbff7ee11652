package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/signin"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// open puts a new session of the account into the change, and gives the cookies of the session and of the device. That somebody
// broke the glass is told to all administrators (PER-7).
func (d *door) open(ctx context.Context, tx *table.Tx, a *account, secondFactor bool) ([]http.Cookie, error) {
	if a.breaksGlass() {
		of, err := tenant.Read(ctx, d.Table, a.root)
		if err != nil {
			return nil, err
		}
		d.Trail.Write(tx, d.event(ctx, a, "break-glass.used"))
		d.Outbox.Post(tx, mail.Letter{Kind: mail.BreakGlassUsed, Administrators: a.root, Data: mail.Data{Organization: of.Name, Person: a.user.Display(), At: d.Clock()}})
	}
	_, session := d.opener().Open(ctx, tx, &a.user, &a.access, people.Session{Method: people.ByPassword, SecondFactor: secondFactor})
	return []http.Cookie{session, d.newDevice(a.id, d.Clock())}, nil
}

func (d *door) opener() *signin.Opener {
	return &signin.Opener{Server: d.server, Trail: d.Trail, Lifetimes: d.Config.Lifetimes(), Clock: d.Clock}
}
