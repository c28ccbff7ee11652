package main

import (
	"context"
	"net/http"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
)

// login answers GET /saml/{connection}/login: it sends the browser to the IdP. With ?return=/path it comes back to there; with
// ?again=1 the IdP is asked to sign the person in anew and the session goes on as a fresh one (PER-6); with ?test= it is a
// test of the wizard (SSO-3).
func (d *door) login(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	c, err := connection.Read(ctx, d.Table, r.PathValue("connection"))
	if err != nil {
		return err
	}
	asked, settings := request{Return: returning(r.URL.Query().Get("return"))}, &c.Settings
	switch query := r.URL.Query(); {
	case query.Has("test"):
		if asked.Test, err = d.testing(ctx, c, query.Get("test")); err != nil {
			return err
		}
		settings = c.Testing()
	case !c.Active:
		return notActive()
	case query.Has("again"):
		if asked.Again, err = d.resume(ctx, c); err != nil {
			return err
		}
		asked.Forced = true
	}
	sp, err := c.ServiceProvider(settings, d.keys(ctx, c.ID))
	if err != nil {
		return err
	}
	return d.send(ctx, w, r, c, sp, asked)
}

// send writes the request down and has the browser bring it to the IdP, by redirect where the IdP takes that.
func (d *door) send(ctx context.Context, w http.ResponseWriter, r *http.Request, c *connection.Connection, sp samlsp.ServiceProvider, asked request) error {
	made, cookie, err := d.begin(ctx, c, asked)
	if err != nil {
		return err
	}
	if sp.IdP.SignOn[samlsp.BindingRedirect] == "" {
		form, err := sp.Post(made, "")
		if err != nil {
			return err
		}
		http.SetCookie(w, &cookie)
		return show(w, http.StatusOK, formPage, form)
	}
	to, err := sp.Redirect(made, "")
	if err != nil {
		return err
	}
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// resume is the session that asks, where it is one of the connection: it goes on as a fresh one once its user has signed in anew.
func (d *door) resume(ctx context.Context, c *connection.Connection) (*resumption, error) {
	caller, err := d.server.Caller(ctx)
	if err != nil {
		return nil, err
	}
	if caller.Session == nil || caller.Session.Connection != c.ID {
		return nil, problem.New(problem.Unauthenticated, "unauthenticated", "Sign in first, by this connection.")
	}
	return &resumption{Root: caller.Root, User: caller.User.ID, Hash: caller.SessionHash, Session: caller.Session.ID}, nil
}
