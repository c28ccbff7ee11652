package main

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/table"
)

// answer is what an IdP said, on its way through the pipeline.
type answer struct {
	connection connection.Connection
	open       []*request // of this browser, the one begun last first
	request    *request   // that it answers, or seems to as long as nothing is verified; nil where it began at the IdP

	message   *samlsp.Message
	assertion *samlsp.Assertion
	identity  *samlsp.Identity
}

// read reads, in one round trip, the connection and the requests that this browser has open with it.
func (d *door) read(ctx context.Context, c string) (*answer, error) {
	if !id.Valid(id.Connection, c) {
		return nil, problem.Missing()
	}
	a := &answer{}
	presented, wants := d.presented(ctx, c)
	which := table.Want(table.ConnectionKey(c), &a.connection)
	if err := d.Table.GetMany(ctx, append(wants, which)...); err != nil {
		return nil, err
	}
	if !which.Found {
		return nil, problem.Missing()
	}
	for i, one := range presented {
		if wants[i].Found && one.Connection == c {
			a.open = append(a.open, one)
		}
	}
	slices.SortFunc(a.open, func(a, b *request) int { return int(b.Issued - a.Issued) })
	if len(a.open) > 0 {
		a.request = a.open[0]
	}
	return a, nil
}

// expected refuses, before anything is verified, what cannot be a sign-in of this browser.
func (a *answer) expected() error {
	switch {
	case a.testing():
		return nil
	case !a.connection.Active:
		return notActive()
	case a.request == nil && !a.connection.IDPInitiated:
		return refusedAs("request.none", samlsp.TryAgain, "The answer belongs to a sign-in that this browser began within the last 10 minutes.",
			"Begin the sign-in here, or let the connection take sign-ins that begin at the IdP.")
	}
	return nil
}

// testing tells whether the request is a test of the wizard.
func (a *answer) testing() bool { return a.request != nil && a.request.Test != "" }

// settings are those that the request was made with: a test's are those that wait for it.
func (a *answer) settings() *connection.Settings {
	if a.testing() {
		return a.connection.Testing()
	}
	return &a.connection.Settings
}

// judge takes the answer through the protocol's checks. What an answer says it answers is known once it is verified: where that is
// another one of the browser's requests, with other settings, it is verified with those.
func (d *door) judge(ctx context.Context, a *answer, form samlsp.Form) error {
	if err := d.verifyAny(ctx, a, form); err != nil {
		return err
	}
	before := a.testing()
	a.request = a.answered()
	if err := a.expected(); err != nil {
		return err
	}
	if a.testing() != before {
		if err := d.verify(ctx, a, form); err != nil {
			return err
		}
	}
	var err error
	if a.assertion, err = a.message.Judge(samlsp.Expected{Now: d.Clock(), Request: a.request.asked(), Unsolicited: a.connection.IDPInitiated}); err != nil {
		return err
	}
	a.identity, err = a.assertion.Identify(a.settings().Mapping, a.domains())
	return err
}

// verifyAny verifies the answer with the settings of the request that was begun last, and where those are not it with those of one
// that was begun with others: a sign-in and a test may be open in a browser at a time.
func (d *door) verifyAny(ctx context.Context, a *answer, form samlsp.Form) error {
	last := a.request
	err := d.verify(ctx, a, form)
	if err == nil || a.connection.Pending == nil {
		return err
	}
	for _, one := range a.open {
		if (one.Test != "") == (last.Test != "") {
			continue
		}
		if a.request = one; d.verify(ctx, a, form) == nil {
			return nil
		}
		a.request = last
		break
	}
	return err
}

func (d *door) verify(ctx context.Context, a *answer, form samlsp.Form) error {
	sp, err := a.connection.ServiceProvider(a.settings(), d.keys(ctx, a.connection.ID))
	if err != nil {
		return err
	}
	a.message, err = sp.Verify(form.Response, d.Clock())
	return err
}

// answered is the request of this browser that the message says it answers. Where it names one that is not open here, the
// protocol refuses it against the one that is.
func (a *answer) answered() *request {
	if a.message.InResponseTo == "" {
		return nil
	}
	for _, one := range a.open {
		if one.ID == a.message.InResponseTo {
			return one
		}
	}
	return a.request
}

// domains are those whose addresses may come in: of a test also the ones that the connection does not lead yet.
func (a *answer) domains() []string {
	if a.testing() {
		return a.connection.Domains
	}
	return a.connection.Leads
}
