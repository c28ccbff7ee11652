package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestDOM4_VerifyNowSaysWhatWasFound(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	d := o.registered(ana, acme, "acme.example")
	o.values[d.Record.Host+".acme.example"] = []string{d.Record.Value}
	d, err := o.check(ana, acme, d)
	if err != nil || d.Status != "not_verified" || d.LastCheck.Outcome != "not_found" || d.LastCheck.Slip != "host-doubled" || d.LastCheck.Found[0].Value != d.Record.Value {
		t.Fatalf("%+v, %v", d, err)
	}
	if r := o.rows(acme, d); r.claim.Root != "" || r.timed || r.standing.Was || r.domain.Version != 1 {
		t.Errorf("%+v", r)
	}
	o.publish(d)
	posted := o.posted
	d, err = o.check(ana, acme, d)
	r := o.rows(acme, d)
	if err != nil || d.Status != "verified" || d.VerifiedAt == "" || d.LastCheck.Outcome != "found" || d.LastCheck.Hint != "" || o.posted != posted+1 {
		t.Errorf("%+v, %v, %d mails", d, err, o.posted-posted)
	}
	if r.claim.Root != acme.ID || r.claim.Domain != d.ID || !r.timed || !r.standing.Verified || !r.standing.Was || r.domain.Version != 2 {
		t.Errorf("%+v", r)
	}
	o.Move(time.Hour)
	delete(o.values, d.Record.Host)
	d, err = o.check(ana, acme, d)
	if err != nil || d.Status != "verified" || d.AtRiskSince == "" || d.LostAt == "" || o.posted != posted+2 {
		t.Errorf("a verified domain without its record: %+v, %v", d, err)
	}
}

func TestDOM4_VerifyNowIsBounded(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	d := o.registered(ana, acme, "acme.example")
	limited := 0
	for range looksOfOne + 5 {
		if _, err := o.check(ana, acme, d); slug(err) == "too-many-requests" {
			limited++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if limited == 0 || limited > 5 {
		t.Errorf("%d of %d were refused", limited, looksOfOne+5)
	}
}

func TestDOM5_AHolderWhoseRecordStandsKeepsTheDomain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	bo, norte := o.administrator()
	held := o.verified(ana, acme, "acme.example")
	d := o.registered(bo, norte, "acme.example")
	o.publish(d)
	if _, err := o.check(bo, norte, d); slug(err) != "domain-held" {
		t.Fatal(err)
	}
	// It stands as well at the domain itself, and where it cannot be looked up it may stand.
	delete(o.values, held.Record.Host)
	o.values[held.Record.Host] = []string{d.Record.Value}
	o.values["acme.example"] = []string{held.Record.Value}
	if _, err := o.check(bo, norte, d); slug(err) != "domain-held" {
		t.Fatal(err)
	}
	delete(o.values, "acme.example")
	o.fail["acme.example"] = true
	if _, err := o.check(bo, norte, d); slug(err) != "domain-held" {
		t.Fatal(err)
	}
	if r := o.rows(acme, held); !r.domain.Verified || r.claim.Root != acme.ID || !r.timed {
		t.Errorf("the holder's: %+v", r)
	}
}

func TestDOM5_AHolderWhoseRecordIsGoneLosesTheDomain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	bo, norte := o.administrator()
	o.Commit(func(tx *table.Tx) {
		tx.Put(people.PasswordKey(ana.ID), people.Password{Hash: "h", SetAt: clock.Format(o.Clock())})
	}) // it is not the last way in
	held := o.verified(ana, acme, "acme.example")
	d := o.registered(bo, norte, "acme.example")
	o.values[d.Record.Host] = []string{d.Record.Value}
	before, posted := o.epoch(acme), o.posted
	d, err := o.check(bo, norte, d)
	if err != nil || d.Status != "verified" {
		t.Fatalf("%+v, %v", d, err)
	}
	if r := o.rows(norte, d); r.claim.Root != norte.ID || r.claim.Domain != d.ID || !r.timed || !r.standing.Verified {
		t.Errorf("the new one's: %+v", r)
	}
	if r := o.rows(acme, held); r.domain.Verified || r.timed || !r.standing.Closed() || r.standing.Domain != held.ID || o.epoch(acme) != before+1 || o.posted != posted+2 {
		t.Errorf("the former one's: %+v, %d mails", r, o.posted-posted)
	}
	if last := o.lastEvent(acme); last.Action != "domain.lost" || last.Actor != audit.System("domains") || last.Address != "" || last.Across != "" {
		t.Errorf("the former one's audit: %+v", last)
	}
	// And back again, since the proof is what counts.
	o.values[d.Record.Host] = []string{held.Record.Value}
	if held, err = o.check(ana, acme, held); err != nil || held.Status != "verified" || o.rows(norte, d).domain.Verified {
		t.Errorf("back: %+v, %v", held, err)
	}
}

func (o *office) lastEvent(org *accesstest.Organization) audit.Event {
	o.t.Helper()
	list := table.AuditOf(org.ID, "")
	page, err := table.List[audit.Event](o.t.Context(), o.World.Table, table.Question{Index: list.Index, PK: list.PK, Descending: true, Limit: 1})
	if err != nil || len(page.Items) != 1 {
		o.t.Fatalf("%d events, %v", len(page.Items), err)
	}
	return page.Items[0]
}

func TestDOM5_ThePlatformReleases(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	root := o.Person(o.Tree(tenant.Platform).Administrator)
	ana, acme := o.administrator()
	d := o.verified(ana, acme, "acme.example")
	release := func(confirm int) error {
		return o.try(root, acme, func(c *access.Caller, tx *table.Tx) error {
			_, err := o.release(t.Context(), c, &RemoveInput{ChangeInput{AboutDomain: AboutDomain{Domain: d.ID}}, httpapi.Confirming(confirm)}, tx)
			return err
		})
	}
	if err := release(-1); slug(err) != "last-administrator" {
		t.Errorf("of ana, whose mailbox is the only way in, is left: %v", err)
	}
	o.Commit(func(tx *table.Tx) { tx.Put(people.PasswordKey(ana.ID), people.Password{Hash: "h"}) })
	if err := release(-1); slug(err) != "confirmation-required" {
		t.Errorf("not asked first: %v", err)
	}
	if err := release(1); err != nil {
		t.Fatal(err)
	}
	if r := o.rows(acme, d); r.domain.Verified || r.claim.Root != "" || r.timed || !r.standing.Closed() {
		t.Errorf("%+v", r)
	}
	if last := o.lastEvent(acme); last.Action != "domain.released" || last.Actor.ID != root.ID || last.Across != "platform" {
		t.Errorf("%+v", last)
	}
	if err := release(1); slug(err) != "domain-not-verified" {
		t.Error(err)
	}
}

func TestDOM5_OfTwoTreesThatRaceExactlyOneGetsTheDomain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ana, acme := o.administrator()
	bo, norte := o.administrator()
	for round := range 50 {
		name := fmt.Sprintf("race-%d.example", round)
		mine, theirs := o.registered(ana, acme, name), o.registered(bo, norte, name)
		o.publish(mine)
		o.publish(theirs)
		var racing sync.WaitGroup
		var first, second error
		racing.Go(func() { _, first = o.check(ana, acme, mine) })
		racing.Go(func() { _, second = o.check(bo, norte, theirs) })
		racing.Wait()
		m, n := o.rows(acme, mine), o.rows(norte, theirs)
		if (first == nil) == (second == nil) || m.domain.Verified == n.domain.Verified || m.domain.Verified != (first == nil) || (m.claim.Root == acme.ID) != m.domain.Verified {
			t.Fatalf("round %d: %v, %v; %+v, %+v", round, first, second, m, n)
		}
		for _, lost := range []error{first, second} {
			if lost != nil && slug(lost) != "domain-held" {
				t.Errorf("round %d: %v", round, lost)
			}
		}
	}
}
