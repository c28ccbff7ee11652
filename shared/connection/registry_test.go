package connection_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// asleep is a queue that nobody reads.
type asleep struct{}

func (asleep) Send(context.Context, ...queue.Message) error { return nil }

// office is a registry with a table of its own.
type office struct {
	*connection.Registry
	*table.Table
}

func newOffice(t *testing.T) *office {
	t.Helper()
	to := tabletest.NewAt(t, clock.At(noon))
	return &office{&connection.Registry{Trail: audit.Trail{Keep: time.Hour, Clock: clock.At(noon)},
		Outbox: mail.NewOutbox(to, secrettest.Keyring(t), asleep{}, clock.At(noon), slog.New(slog.DiscardHandler))}, to}
}

// act is what the tests do.
func act() connection.Act {
	return connection.Act{Event: audit.Event{Actor: audit.System("test")}, Organization: "Acme", At: noon}
}

// commit makes a change.
func (o *office) commit(t *testing.T, do func(tx *table.Tx)) error {
	t.Helper()
	tx := table.NewTx()
	do(tx)
	return o.Commit(t.Context(), tx)
}

// started stores a test of the connection.
func (o *office) started(t *testing.T, c *connection.Connection) *connection.Test {
	t.Helper()
	test := connection.NewTest(c, audit.System("test"), noon)
	if err := o.commit(t, func(tx *table.Tx) { tx.Put(test.Key(), test) }); err != nil {
		t.Fatal(err)
	}
	return test
}

func TestSSO4_WhatWaitsForATestGoesLiveWithIt(t *testing.T) {
	t.Parallel()
	o, c := newOffice(t), draft(t, connection.Okta)
	c.Active = true
	pending := c.Settings
	pending.SignOn = map[string]string{samlsp.BindingRedirect: "https://idp.example/new"}
	c.Pending = &pending
	store(t, o.Table, c)
	test := o.started(t, c)
	test.Outcome, test.Certificate = connection.Succeeded, c.Settings.Certificates[0].SHA256
	stale := *c
	if err := o.commit(t, func(tx *table.Tx) { o.Finish(tx, c, test, act()) }); err != nil {
		t.Fatal(err)
	}
	read, err := connection.Read(t.Context(), o.Table, c.ID)
	if err != nil || read.Pending != nil || read.Settings.SignOn[samlsp.BindingRedirect] != "https://idp.example/new" || !read.Proved(&read.Settings) {
		t.Errorf("%+v, %v", read, err)
	}
	if err := o.commit(t, func(tx *table.Tx) { o.Finish(tx, &stale, test, act()) }); !errors.Is(err, table.ErrChanged) {
		t.Errorf("finished twice: %v", err)
	}
}

func TestSSO4_ATestOfOtherSettingsCountsForNothing(t *testing.T) {
	t.Parallel()
	o, c := newOffice(t), draft(t, connection.Okta)
	store(t, o.Table, c)
	test := o.started(t, c)
	test.Outcome, test.Certificate = connection.Succeeded, c.Settings.Certificates[0].SHA256
	c.Settings.EntityID = "https://other.example" // entered while the test was under way
	if err := o.commit(t, func(tx *table.Tx) { o.Finish(tx, c, test, act()) }); err != nil {
		t.Fatal(err)
	}
	read, err := connection.ReadTest(t.Context(), o.Table, c.ID, test.ID)
	if err != nil || read.Outcome != connection.Succeeded || c.Passed != nil {
		t.Errorf("%+v, %+v, %v", read, c.Passed, err)
	}
}

func TestSSO5_TheUseOfACertificateIsNotedNowAndThen(t *testing.T) {
	t.Parallel()
	o, c := newOffice(t), draft(t, connection.Okta)
	store(t, o.Table, c)
	signed := c.Settings.Certificates[0].SHA256
	if !c.UseDue(signed, noon) {
		t.Fatal("never used, and not due")
	}
	if _, err := o.Apply(t.Context(), c.Use(signed, noon)); err != nil {
		t.Fatal(err)
	}
	read, err := connection.Read(t.Context(), o.Table, c.ID)
	if err != nil || read.Version != c.Version || read.UseDue(signed, noon.Add(5*time.Minute)) || !read.UseDue(signed, noon.Add(6*time.Minute)) {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestSSO8_AConnectionThatIsActivatedWhileItsDomainIsVerifiedIsNotPassedOver(t *testing.T) {
	t.Parallel()
	o, c := newOffice(t), draft(t, connection.Okta)
	c.Domains = []string{"acme.example"}
	store(t, o.Table, c)
	gain := func(meanwhile func()) (by string, err error) {
		led, err := connection.From(t.Context(), o.Table, &tenant.Standing{Connection: c.ID})
		if err != nil {
			t.Fatal(err)
		}
		meanwhile()
		err = o.commit(t, func(tx *table.Tx) { by, _ = o.Gain(tx, led, c.Organization, "acme.example", act()) })
		return by, err
	}
	activated := func() {
		if err := o.commit(t, func(tx *table.Tx) { tx.Update(table.Edit(c.Key(), c.Version).Set("active", true)) }); err != nil {
			t.Fatal(err)
		}
	}
	if by, err := gain(activated); by != "" || !errors.Is(err, table.ErrChanged) {
		t.Errorf("it leads to %q: %v", by, err)
	}
	if by, err := gain(func() {}); by != c.ID || err != nil {
		t.Errorf("the next time it leads to %q: %v", by, err)
	}
}
