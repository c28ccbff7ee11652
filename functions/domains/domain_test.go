package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

func TestDOM2_ADomainIsRegisteredOnceInATree(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	made := o.registered(ana, acme, " BÜCHER.example. ")
	if made.Name != "bücher.example" || made.ASCIIName != "xn--bcher-kva.example" || made.Status != "not_verified" || made.LastCheck != nil ||
		made.CreatedBy.Name != ana.Name || made.Record.Host != "_tenantry-challenge.xn--bcher-kva.example" {
		t.Errorf("%+v", made)
	}
	below := o.Under(acme)
	for _, of := range []*accesstest.Organization{acme, below} {
		_, err := o.register(ana, of, "xn--bcher-kva.example")
		if slug(err) != "domain-registered" || problem.As(err).Existing != made.ID {
			t.Errorf("again: %v", err)
		}
	}
	other, theirs := o.administrator()
	twin := o.registered(other, theirs, "bücher.example")
	if twin.Record.Value == made.Record.Value {
		t.Error("two organizations have the same value")
	}
	if sub := o.registered(ana, below, "shop.bücher.example"); sub.Status != "not_verified" {
		t.Errorf("a subdomain: %+v", sub)
	}
	if err := o.drop(ana, acme, made, 0); err != nil {
		t.Fatal(err)
	}
	if r := o.rows(acme, made); r.domain.ID != "" || r.standing.Domain != "" {
		t.Errorf("left: %+v", r)
	}
	if again := o.registered(ana, below, "bücher.example"); again.Record.Value == made.Record.Value {
		t.Error("the token of an earlier registration is used again")
	}
}

func TestDOM2_WhatIsNoOnesOwnIsRefusedByField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	for name, says := range map[string]string{"co.uk": "public suffix", "gmail.com": "mail for everybody", "10.0.0.1": "IP address",
		strings.Repeat("a.", 125) + "exam": "253 characters"} {
		_, err := o.register(ana, acme, name)
		e := problem.As(err)
		if e == nil || e.Slug != "invalid" || e.Fields[0].Location != "body.name" || !strings.Contains(e.Fields[0].Message, says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDOM1_UsersAreCountedOnTheirDomain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	d := o.registered(ana, acme, "bücher.example")
	if d.Users != 0 {
		t.Errorf("%d users", d.Users)
	}
	var first *people.User
	o.Commit(func(tx *table.Tx) {
		for i, domain := range []string{"bücher.example", "XN--BCHER-KVA.example", "BÜCHER.example", "x.bücher.example", "acme.example"} {
			u, _ := people.Invite(tx, acme.ID, acme.User, people.Person{Name: "U", Email: fmt.Sprintf("u%d@%s", i, domain)}, ana.CreatedBy, o.Clock())
			if i == 0 {
				first = u
			}
		}
	})
	list := func() []Domain {
		var page *Listed
		err := o.try(ana, acme, func(c *access.Caller, _ *table.Tx) (err error) {
			page, err = o.list(t.Context(), c, &ListInput{})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return page.Body.Items
	}
	if all := list(); len(all) != 1 || all[0].Users != 3 || all[0].ID != d.ID {
		t.Errorf("listed %+v", all)
	}
	o.Commit(func(tx *table.Tx) { people.Remove(tx, first, o.Clock()) })
	if all := list(); all[0].Users != 2 {
		t.Errorf("%d users are left", all[0].Users)
	}
}

func TestDOM2_AnOrganizationHasABoundedNumberOfDomains(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	o.Commit(func(tx *table.Tx) { tx.Count(acme.ID, table.DomainsCount(acme.ID), mostDomains, nil) })
	if _, err := o.register(ana, acme, "one-more.example"); slug(err) != "too-many-domains" {
		t.Error(err)
	}
}

func TestDOM6_RemovingSaysWhomItConcerns(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	d := o.verified(ana, acme, "acme.test.example")
	o.Commit(func(tx *table.Tx) {
		people.Invite(tx, acme.ID, acme.User, people.Person{Name: "U", Email: "u@acme.test.example"}, ana.CreatedBy, o.Clock())
	})
	for _, confirm := range []int{-1, 0, 2} {
		err := o.drop(ana, acme, d, confirm)
		e := problem.As(err)
		if e == nil || e.Slug != "confirmation-required" || *e.Affected != 1 || len(e.Consequences) != 4 || !strings.HasPrefix(e.Consequences[0], "1 user has an address of acme.test.example") ||
			!strings.HasPrefix(e.Consequences[3], "Can still sign in: "+ana.Name) {
			t.Errorf("confirmed with %d: %v", confirm, err)
		}
	}
	before := o.epoch(acme)
	if err := o.drop(ana, acme, d, 1); err != nil {
		t.Fatal(err)
	}
	r := o.rows(acme, d)
	if r.domain.ID != "" || r.claim.Domain != "" || r.timed || !r.standing.Closed() || r.standing.Domain != "" || r.standing.Epoch != 1 || o.epoch(acme) != before+1 {
		t.Errorf("left: %+v, epoch %d", r, o.epoch(acme))
	}
	again := o.registered(ana, acme, "acme.test.example")
	if r := o.rows(acme, again); !r.standing.Closed() {
		t.Errorf("registered again, and open before it is proved: %+v", r.standing)
	}
	o.publish(again)
	again, err := o.check(ana, acme, again)
	if r := o.rows(acme, again); err != nil || again.Status != "verified" || r.standing.Closed() {
		t.Errorf("proved again: %+v, %v", again, err)
	}
}
