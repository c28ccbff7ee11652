package main

import (
	"context"
	"errors"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// NewCertificate is a certificate that is to be trusted.
type NewCertificate struct {
	Certificate string `json:"certificate" minLength:"1" maxLength:"65536" doc:"PEM, with one or several, or the base64 alone as IdPs show it"`
}

// AddCertificateInput is the input of POST /v1/organizations/{org}/sso-connections/{connection}/certificates.
type AddCertificateInput struct {
	ChangeInput
	Body NewCertificate
}

// addCertificate answers POST /v1/organizations/{org}/sso-connections/{connection}/certificates (SSO-5).
func (f *connections) addCertificate(ctx context.Context, c *access.Caller, in *AddCertificateInput, tx *table.Tx) (*Shown, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	parsed, err := samlsp.ParseCertificates([]byte(in.Body.Certificate))
	if unreadable, ok := errors.AsType[*samlsp.Unreadable](err); ok {
		return nil, problem.Invalid("body.certificate", said(unreadable), nil)
	}
	if err != nil {
		return nil, err
	}
	if err := f.registry.AddCertificates(tx, of, parsed, f.act(c)); err != nil {
		return nil, err
	}
	return f.show(ctx, c, of)
}

// RemoveCertificateInput is the input of DELETE /v1/organizations/{org}/sso-connections/{connection}/certificates/{certificate}.
type RemoveCertificateInput struct {
	ChangeInput
	Certificate string `path:"certificate" minLength:"64" maxLength:"64" doc:"The certificate's SHA-256, in hexadecimal"`
}

// removeCertificate answers DELETE /v1/organizations/{org}/sso-connections/{connection}/certificates/{certificate} (SSO-4).
func (f *connections) removeCertificate(ctx context.Context, c *access.Caller, in *RemoveCertificateInput, tx *table.Tx) (*Shown, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	if err := f.registry.Distrust(tx, of, in.Certificate, f.act(c)); err != nil {
		return nil, err
	}
	if !of.Active {
		return f.show(ctx, c, of)
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return nil, err
	}
	then := now.Leading(of, of.Leads)
	if err := then.KeepFrom(tx, now); err != nil {
		return nil, err
	}
	return f.answer(ctx, c, of, then)
}

// discard answers DELETE /v1/organizations/{org}/sso-connections/{connection}/pending. Where nothing waits, nothing changes.
func (f *connections) discard(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Shown, error) {
	of, err := f.changing(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if of.Pending != nil {
		f.registry.DropPending(tx, of, f.act(c))
	}
	return f.show(ctx, c, of)
}
