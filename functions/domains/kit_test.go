package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// office is the feature in an installation of the test's, with a DNS that the test writes.
type office struct {
	*domains
	*accesstest.World
	t *testing.T

	mutex  sync.Mutex
	values map[string][]string // by host
	fail   map[string]bool     // hosts whose look-ups fail
	posted int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{World: accesstest.New(t), t: t, values: map[string][]string{}, fail: map[string]bool{}}
	log := slog.New(slog.DiscardHandler)
	o.domains = newDomains(&start.Services{Table: o.World.Table, Clock: o.Clock, Log: log, Trail: audit.Trail{Keep: time.Hour, Clock: o.Clock},
		Outbox: mail.NewOutbox(o.World.Table, secrettest.Keyring(t), o, o.Clock, log), Config: start.Config{DomainGrace: 14 * 24 * time.Hour}})
	o.resolver = o
	return o
}

// Send takes what would wake the worker.
func (o *office) Send(context.Context, ...queue.Message) error {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.posted++
	return nil
}

// TXT answers what the test wrote.
func (o *office) TXT(_ context.Context, host string) (domainproof.Answer, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.fail[host] {
		return domainproof.Answer{}, &domainproof.Failure{Kind: domainproof.TimedOut, Host: host, Err: context.DeadlineExceeded}
	}
	values, exists := o.values[host]
	return domainproof.Answer{Exists: exists, Values: values}, nil
}

// publish puts the record of a domain into DNS, beside what is there.
func (o *office) publish(d *Domain) {
	o.values[d.Record.Host] = append(o.values[d.Record.Host], d.Record.Value)
}

// administrator is somebody who administers a new client, and that client.
func (o *office) administrator() (*accesstest.Person, *accesstest.Organization) {
	o.t.Helper()
	org := o.Tree(tenant.Client)
	return o.Person(org.Administrator), org
}

// try has the person do something in the organization, again where what was read has changed in between, as the API does.
func (o *office) try(by *accesstest.Person, org *accesstest.Organization, do func(c *access.Caller, tx *table.Tx) error) error {
	o.t.Helper()
	for {
		caller, err := o.Gate.Identify(o.t.Context(), access.Request{Token: by.Token, Organization: org.ID})
		if err != nil {
			return err
		}
		tx := table.NewTx()
		err = do(caller, tx)
		if err == nil {
			err = o.World.Table.Commit(o.t.Context(), tx)
		}
		if !errors.Is(err, table.ErrChanged) {
			return err
		}
	}
}

func (o *office) register(by *accesstest.Person, org *accesstest.Organization, name string) (*Domain, error) {
	o.t.Helper()
	var made *Made
	err := o.try(by, org, func(c *access.Caller, tx *table.Tx) (err error) {
		made, err = o.create(o.t.Context(), c, &CreateInput{Body: NewDomain{Name: name}}, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made.Body, nil
}

// registered is register for a name that is accepted.
func (o *office) registered(by *accesstest.Person, org *accesstest.Organization, name string) *Domain {
	o.t.Helper()
	d, err := o.register(by, org, name)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

func (o *office) check(by *accesstest.Person, org *accesstest.Organization, d *Domain) (*Domain, error) {
	o.t.Helper()
	var shown *Shown
	err := o.try(by, org, func(c *access.Caller, tx *table.Tx) (err error) {
		shown, err = o.verify(o.t.Context(), c, &ChangeInput{AboutDomain: AboutDomain{Domain: d.ID}}, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &shown.Body, nil
}

// verified is a domain that the person has proved.
func (o *office) verified(by *accesstest.Person, org *accesstest.Organization, name string) *Domain {
	o.t.Helper()
	d := o.registered(by, org, name)
	o.publish(d)
	d, err := o.check(by, org, d)
	if err != nil || d.Status != "verified" {
		o.t.Fatalf("%+v, %v", d, err)
	}
	return d
}

func (o *office) drop(by *accesstest.Person, org *accesstest.Organization, d *Domain, confirm int) error {
	o.t.Helper()
	return o.try(by, org, func(c *access.Caller, tx *table.Tx) error {
		in := &RemoveInput{ChangeInput: ChangeInput{AboutDomain: AboutDomain{Domain: d.ID}}}
		in.Confirmation = httpapi.Confirming(confirm)
		_, err := o.remove(o.t.Context(), c, in, tx)
		return err
	})
}

// rows are what the table holds of a domain.
type rows struct {
	domain   domain.Domain
	standing tenant.Standing
	claim    domain.Claim
	timed    bool
}

func (o *office) rows(org *accesstest.Organization, d *Domain) rows {
	o.t.Helper()
	var r rows
	timed := table.Want(table.TimerKey(string(timer.Domain), org.ID+"/"+d.ID), &struct{}{})
	if err := o.World.Table.GetMany(o.t.Context(), table.Want(table.DomainKey(org.ID, d.ID), &r.domain), table.Want(table.DomainNameKey(org.Root, d.ASCIIName), &r.standing),
		table.Want(table.DomainClaimKey(d.ASCIIName), &r.claim), timed); err != nil {
		o.t.Fatal(err)
	}
	r.timed = timed.Found
	return r
}

// epoch is the tree's epoch of domains.
func (o *office) epoch(org *accesstest.Organization) int {
	o.t.Helper()
	var state tenant.Access
	if _, err := o.World.Table.Get(o.t.Context(), table.AccessKey(org.Root), &state); err != nil {
		o.t.Fatal(err)
	}
	return state.DomainEpoch
}

func slug(err error) string {
	if e := problem.As(err); e != nil {
		return e.Slug
	}
	return ""
}
