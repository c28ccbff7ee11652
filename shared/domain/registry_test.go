package domain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// contest is two trees that want the same domain, and what is known of it.
type contest struct {
	*accesstest.World
	registry *domain.Registry
	name     string
	trees    [2]*accesstest.Organization
	domains  [2]*domain.Domain // nil where the tree has not registered it
	was      [2]bool           // verified once
	lost     [2]int            // how often it stopped being verified
	now      time.Time

	connections [2][2]string // two of each tree that want the domain
	ended       [2]int       // how often the domain stopped leading to one while it was verified
}

func (c *contest) act() domain.Act { return domain.BySystem("Acme", c.now) }

// commit makes a change of a domain; false where somebody was first.
func (c *contest) commit(t *rapid.T, do func(tx *table.Tx)) bool {
	tx := table.NewTx()
	do(tx)
	err := c.Table.Commit(context.Background(), tx)
	if err != nil && !errors.Is(err, table.ErrChanged) {
		t.Fatal(err)
	}
	return err == nil
}

// fresh is the domain of a tree as it is stored.
func (c *contest) fresh(t *rapid.T, i int) *domain.Domain {
	var d domain.Domain
	if found, err := c.Table.Get(context.Background(), c.domains[i].Key(), &d); err != nil || !found {
		t.Fatalf("%v %v", found, err)
	}
	if err := d.Follow(context.Background(), c.Table); err != nil {
		t.Fatal(err)
	}
	return &d
}

func (c *contest) register(t *rapid.T, i int) {
	d := domain.New(c.trees[i].ID, c.trees[i].ID, c.name, audit.System("test"), c.now)
	tx := table.NewTx()
	c.registry.Register(tx, d, c.act())
	err := c.Table.Commit(context.Background(), tx)
	if (err == nil) != (c.domains[i] == nil) {
		t.Fatalf("registered already: %v; %v", c.domains[i] != nil, err)
	}
	if err == nil {
		c.domains[i] = d
	}
}

// prove has the tree's record found; the other's is gone.
func (c *contest) prove(t *rapid.T, i int) {
	if c.domains[i] == nil {
		return
	}
	d, found := c.fresh(t, i), domainproof.Finding{Outcome: domainproof.Found}
	if d.Verified {
		return
	}
	holder, err := domain.ReadHolder(context.Background(), c.Table, c.name)
	if err != nil {
		t.Fatal(err)
	}
	c.commit(t, func(tx *table.Tx) {
		if holder == nil {
			c.registry.Prove(tx, d, found, c.act())
		} else {
			c.registry.TakeOver(tx, d, holder, found, c.act())
			c.lost[1-i]++
		}
	})
	c.was[i] = true
}

// note has the tree's record looked for, and its timer ended where it lost the domain by that.
func (c *contest) note(t *rapid.T, i int, outcome domainproof.Outcome) {
	if c.domains[i] == nil {
		return
	}
	d := c.fresh(t, i)
	c.commit(t, func(tx *table.Tx) {
		if c.registry.Note(tx, d, domainproof.Finding{Outcome: outcome}, c.act()) == domainproof.Lost {
			timer.Cancel(tx, timer.Domain, d.Owner())
			c.lost[i]++
		}
	})
}

func (c *contest) release(t *rapid.T, i int) {
	if c.domains[i] == nil || !c.fresh(t, i).Verified {
		return
	}
	d := c.fresh(t, i)
	c.commit(t, func(tx *table.Tx) { c.registry.Release(tx, d, c.act()) })
	c.lost[i]++
}

func (c *contest) remove(t *rapid.T, i int) {
	if c.domains[i] == nil {
		return
	}
	d := c.fresh(t, i)
	var standing tenant.Standing
	if _, err := c.Table.Get(context.Background(), table.DomainNameKey(d.Root, d.Name), &standing); err != nil {
		t.Fatal(err)
	}
	c.commit(t, func(tx *table.Tx) { c.registry.Remove(tx, d, &standing, c.act()) })
	if d.Verified {
		c.lost[i]++
	}
	c.domains[i] = nil
}

// check holds what is stored against what must be so: one owner at most, and everything of one accord.
func (c *contest) check(t *rapid.T) {
	var claim domain.Claim
	var standings [2]tenant.Standing
	var states [2]tenant.Access
	wants := []*table.Wanted{table.Want(table.DomainClaimKey(c.name), &claim)}
	for i, tree := range c.trees {
		wants = append(wants, table.Want(table.DomainNameKey(tree.ID, c.name), &standings[i]), table.Want(table.AccessKey(tree.ID), &states[i]))
	}
	if err := c.Table.GetMany(context.Background(), wants...); err != nil {
		t.Fatal(err)
	}
	for i, tree := range c.trees {
		verified, id := false, ""
		if c.domains[i] != nil {
			d := c.fresh(t, i)
			verified, id = d.Verified, d.ID
			timed, err := c.Table.Get(context.Background(), table.TimerKey(string(timer.Domain), d.Owner()), &struct{}{})
			if err != nil || timed != verified {
				t.Fatalf("tree %d: verified %v, looked at again %v, %v", i, verified, timed, err)
			}
		}
		if s := standings[i]; s.Verified != verified || s.Was != c.was[i] || s.Domain != id || s.Epoch != c.lost[i]+c.ended[i] || states[i].DomainEpoch != c.lost[i]+c.ended[i] {
			t.Fatalf("tree %d: verified %v, was %v, lost %d: %+v, epoch %d", i, verified, c.was[i], c.lost[i], s, states[i].DomainEpoch)
		}
		if (claim.Root == tree.ID) != verified || verified && claim.Domain != id {
			t.Fatalf("tree %d: verified %v, the claim is %+v", i, verified, claim)
		}
	}
	c.checkConnections(t, claim, standings)
}

// TestDOM5_WhateverHappensADomainHasOneOwner runs any course of two trees that want one domain.
func TestDOM5_WhateverHappensADomainHasOneOwner(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	registry := &domain.Registry{Trail: audit.Trail{Keep: time.Hour, Clock: w.Clock},
		Outbox: w.Outbox()}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		c := &contest{World: w, registry: registry, name: fmt.Sprintf("d%d.example", n), now: w.Clock(),
			trees: [2]*accesstest.Organization{w.Tree(tenant.Client), w.Tree(tenant.Client)}}
		acts := map[string]func(*rapid.T, int){"register": c.register, "prove": c.prove, "release": c.release, "remove": c.remove,
			"found":   func(t *rapid.T, i int) { c.note(t, i, domainproof.Found) },
			"missing": func(t *rapid.T, i int) { c.note(t, i, domainproof.NotFound) },
			"failed":  func(t *rapid.T, i int) { c.note(t, i, domainproof.Failed) },
			"one":     func(t *rapid.T, i int) { c.switchOver(t, i, 0) },
			"other":   func(t *rapid.T, i int) { c.switchOver(t, i, 1) },
			"a fortnight of misses": func(t *rapid.T, i int) {
				for range 15 {
					c.note(t, i, domainproof.NotFound)
					c.now = c.now.Add(24 * time.Hour)
				}
			}}
		names := []string{"register", "register", "prove", "prove", "prove", "found", "missing", "failed", "release", "remove", "a fortnight of misses", "one", "one", "other"}
		c.connect(t)
		for range rapid.IntRange(3, 18).Draw(t, "acts") {
			name := rapid.SampledFrom(names).Draw(t, "act")
			acts[name](t, rapid.IntRange(0, 1).Draw(t, "tree"))
			c.check(t)
		}
	})
}

func ExampleRegistry_Register() {
	d := domain.New("org_1", "org_1", "acme.example", audit.System("example"), time.Now())
	record := d.Record()
	fmt.Println(record.Type, record.Host, d.State().Verified)
	// Output: TXT _tenantry-challenge.acme.example false
}
