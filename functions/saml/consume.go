package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/tenantry/tenantry/shared/samlsp"
)

// consume answers POST /saml/{connection}/acs: what the IdP says through a browser. Nothing is used up, and nothing is written
// but a count, before a signature of the connection's IdP holds.
func (d *door) consume(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	a, err := d.read(ctx, r.PathValue("connection"))
	if err != nil {
		return err
	}
	form, err := samlsp.ReadForm(samlsp.Post{ContentType: r.Header.Get("Content-Type"), Query: r.URL.RawQuery, Body: body})
	if err == nil {
		err = a.expected()
	}
	if err == nil {
		err = d.judgeRenewed(ctx, a, form)
	}
	if a.testing() {
		return d.report(ctx, w, a, err)
	}
	var cookies []http.Cookie
	if err == nil {
		cookies, err = d.enter(ctx, a)
	}
	if err != nil {
		return d.refuse(ctx, a, err)
	}
	d.used(ctx, a)
	d.forget(w, a.request)
	for _, cookie := range cookies {
		http.SetCookie(w, &cookie)
	}
	http.Redirect(w, r, d.Config.PublicURL+a.target(form), http.StatusSeeOther)
	return nil
}

// judgeRenewed judges the answer, and once more where it was signed by a certificate that is not known and the IdP's metadata,
// which is read again then, has it: so no sign-in fails because an IdP changed its certificate (SSO-5).
func (d *door) judgeRenewed(ctx context.Context, a *answer, form samlsp.Form) error {
	err := d.judge(ctx, a, form)
	refusal := samlsp.AsRefusal(err)
	if refusal == nil || refusal.Presented == "" || d.again == nil || !a.connection.Active {
		return err
	}
	renewed, failed := d.again.Unknown(ctx, &a.connection)
	if failed != nil {
		slog.WarnContext(ctx, "metadata was not read again", "connection", a.connection.ID, "error", failed)
	}
	if renewed == nil {
		return err
	}
	a.connection = *renewed
	return d.judge(ctx, a, form)
}

// target is where the browser goes then: where it wanted to when it left, or where the IdP's tile leads.
func (a *answer) target(form samlsp.Form) string {
	if a.request != nil {
		return returning(a.request.Return)
	}
	return returning(form.RelayState)
}

// refuse writes down that the answer was refused, and gives the refusal back.
func (d *door) refuse(ctx context.Context, a *answer, err error) error {
	refusal, known := errors.AsType[*refused](err)
	if !known {
		by := samlsp.AsRefusal(err)
		if by == nil {
			return err
		}
		refusal = refusedBy(by)
	}
	refusal.covered = refusal.covered || a.message != nil
	if err := d.note(ctx, &a.connection, refusal); err != nil {
		return err
	}
	return refusal
}

// used notes that a certificate of the IdP was used, which tells when an older one can go (SSO-5).
func (d *door) used(ctx context.Context, a *answer) {
	sha256, now := a.message.Signed.Certificate(), d.Clock()
	if !a.connection.UseDue(sha256, now) {
		return
	}
	if _, err := d.Table.Apply(ctx, a.connection.Use(sha256, now)); err != nil {
		slog.WarnContext(ctx, "the use of a certificate was not written", "connection", a.connection.ID, "error", err)
	}
}
