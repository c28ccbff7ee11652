// Command saml is what browsers and identity providers (IdPs) call of a connection: the way to the IdP, the way back from it (the
// assertion consumer service, ACS), and our metadata.
//
//	GET  /saml/{connection}/login     to the IdP, with a request that only this browser can answer
//	POST /saml/{connection}/acs       the IdP's answer, brought by the browser
//	GET  /saml/{connection}/metadata  what the IdP is set up with
//
// What an IdP says is judged by package samlsp; whom it means, and whether that one may come in, is decided here (LOG-2, LOG-3).
// It refuses an answer to a request of another browser, a request and an assertion a second time, and to tell whoever signs
// in what was wrong: that stands in the connection's SAML log.
package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/signin"
	"github.com/tenantry/tenantry/shared/start"
)

// The rates of PER-8. An address may be a whole company behind one router, a connection a whole company that comes to work.
const (
	visitsPerMinute     = 600
	connectionPerMinute = 12_000
)

// door is the function: the services and what it needs beside them.
type door struct {
	*start.Services
	server *httpapi.Server
	rates  *access.Rates
	again  *connection.Refresher // reads metadata when a certificate signs that nobody knows; nil where the API is only described
}

func (d *door) mount() {
	d.server.Handle("GET /saml/{connection}/login", d.page(d.login))
	d.server.HandleFromOtherSites("POST /saml/{connection}/acs", d.page(d.consume))
	d.server.Handle("GET /saml/{connection}/metadata", d.page(d.metadata))
}

// page makes a handler of something that answers with a page or an error; the error is a page as well.
func (d *door) page(answer func(context.Context, http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		err := d.rates.Visitor(ctx, httpapi.CallOf(ctx).Address, "connection/"+r.PathValue("connection"), connectionPerMinute)
		if err == nil {
			err = answer(ctx, w, r)
		}
		if err != nil {
			d.apologize(w, r, err)
		}
	})
}

func (d *door) opener() *signin.Opener {
	return &signin.Opener{Server: d.server, Trail: d.Trail, Lifetimes: d.Config.Lifetimes(), Clock: d.Clock}
}
