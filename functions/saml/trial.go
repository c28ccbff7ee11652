package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

// This file is the round trip of the wizard's test (SSO-3): it goes the whole way with the settings that were saved when it
// was started, in the browser that started it, and writes down what came of it. It signs nobody in, and creates and links
// nobody.

// testing lets a test begin in the browser that started it, while the settings are what they were then. Whoever else follows its
// link gets nowhere.
func (d *door) testing(ctx context.Context, c *connection.Connection, test string) (string, error) {
	asked, err := connection.ReadTest(ctx, d.Table, c.ID, test)
	if err != nil {
		return "", refusedAs("test.over", notYours, "", "")
	}
	_, hash, err := secret.Parse(secret.SSOTest, httpapi.CallOf(ctx).Cookie(d.server.CookieName(connection.TestCookie)))
	if err != nil || asked.Browser == "" || !secret.Equal(asked.Browser, hash) || asked.Fingerprint != c.Testing().Fingerprint() {
		return "", refusedAs("test.elsewhere", notYours, "", "")
	}
	return asked.ID, nil
}

// report writes down how a test went and says so to the browser. A test that passed uses its request up; one that failed may be
// answered again, since anybody could have sent what failed.
func (d *door) report(ctx context.Context, w http.ResponseWriter, a *answer, failed error) error {
	if failed != nil && samlsp.AsRefusal(failed) == nil {
		return failed
	}
	err := d.server.Commit(ctx, func(tx *table.Tx) error { return d.finish(ctx, tx, a, failed) })
	if err != nil {
		return err
	}
	page := said{Title: "The test failed", Sentence: "Go back to the settings of the connection: they show what was received and what to change.", Request: httpapi.CallOf(ctx).ID}
	if failed == nil {
		d.forget(w, a.request)
		page.Title, page.Sentence = "The test passed", "Nobody was signed in. Go back to the settings of the connection: they show what was received and whom it means."
	}
	return show(w, http.StatusOK, sentencePage, page)
}

// fill puts into the test what came of it: each check, what was received, and whom it would mean.
func (d *door) fill(ctx context.Context, a *answer, test *connection.Test, failed error) error {
	test.Outcome = connection.Succeeded
	if failed != nil {
		test.Outcome = connection.Failed
	}
	test.Checks = nil
	for _, one := range samlsp.Outcomes(failed) {
		test.Checks = append(test.Checks, connection.Check{Check: string(one.Check), Step: string(one.Step), State: string(one.State), Demand: one.Demand,
			Saw: one.Saw, Wanted: one.Wanted, Change: changeOf(one)})
	}
	if a.message != nil {
		test.Certificate = a.message.Signed.Certificate()
	}
	if a.assertion != nil {
		test.NameID, test.NameIDForm, test.Attributes = a.assertion.NameID.Value, a.assertion.NameID.Format, received(a.assertion)
	}
	if failed != nil {
		return nil
	}
	test.Address = a.identity.Address
	return d.foresee(ctx, a, test)
}

// changeOf is what to change at the IdP where a check failed.
func changeOf(o samlsp.Outcome) string {
	if o.State != samlsp.Failed {
		return ""
	}
	return o.Change
}

// What of an assertion's attributes is kept with a test: enough to see what the IdP sends, and no more than an item can hold.
const (
	mostAttributes = 100
	mostValues     = 20
	longestValue   = 500
)

func received(a *samlsp.Assertion) (kept []connection.Attribute) {
	for _, one := range a.Attributes[:min(len(a.Attributes), mostAttributes)] {
		values := []string{}
		for _, value := range one.Values[:min(len(one.Values), mostValues)] {
			values = append(values, bounded(value, longestValue))
		}
		kept = append(kept, connection.Attribute{Name: bounded(one.Name, longestValue), Values: values})
	}
	return kept
}

// grounded says why a user is the one who is meant.
var grounded = map[ground]string{
	byNameID:  "Somebody signed in with this name id before: this user.",
	byObject:  "The object id is the one that the directory sent of this user.",
	byAddress: "The address is the sign-in address of this user.",
	byWork:    "The address is a work address of this user.",
}

// foresee says what a sign-in like the test's would do.
func (d *door) foresee(ctx context.Context, a *answer, test *connection.Test) error {
	w, err := d.look(ctx, a)
	if err != nil {
		return err
	}
	means := w.known.decide()
	test.Means, test.User, test.Why = connection.Nobody, "", accounts[means.why].change
	switch {
	case means.why != "":
		if means.user != nil {
			test.User = means.user.ID
		}
		test.Why = strings.TrimSpace("It would not sign anybody in. This must hold: " + accounts[means.why].demand + " " + accounts[means.why].change)
	case means.creates:
		test.Means, test.Why = connection.Creates, "Nobody of the organization has this name id or address: the connection creates a user with its role."
	default:
		test.Means, test.User, test.Why = connection.Matches, means.user.ID, grounded[means.by]
	}
	return nil
}

// finish has the change keep the outcome of the test, and what it means for the connection (SSO-4).
func (d *door) finish(ctx context.Context, tx *table.Tx, a *answer, failed error) error {
	test, err := connection.ReadTest(ctx, d.Table, a.connection.ID, a.request.Test)
	if err != nil || test.Outcome != connection.Waiting {
		return refusedAs("test.over", notYours, "", "")
	}
	c, err := connection.Read(ctx, d.Table, a.connection.ID)
	if err != nil {
		return err
	}
	if test.Fingerprint != a.settings().Fingerprint() {
		return refusedAs("test.changed", notYours, "", "")
	}
	if err := d.fill(ctx, a, test, failed); err != nil {
		return err
	}
	if failed == nil {
		d.use(tx, a)
	}
	call, now := httpapi.CallOf(ctx), d.Clock()
	registry := connection.Registry{Trail: d.Trail, Outbox: d.Outbox}
	registry.Finish(tx, c, test, connection.Act{At: now, Event: audit.Event{Actor: test.By, Address: call.Address, Request: call.ID}})
	event := connection.Event{Outcome: connection.TestDone, Test: test.ID, Certificate: test.Certificate, Address: call.Address, Request: call.ID}
	if refusal := samlsp.AsRefusal(failed); refusal != nil {
		account := refusal.Account()
		event.Code, event.Demand, event.Saw, event.Wanted, event.Change = string(account.Code), account.Demand, account.Saw, account.Wanted, account.Change
	}
	event.Write(tx, c.ID, now)
	return nil
}
