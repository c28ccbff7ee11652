package domain_test

import (
	"context"
	"slices"

	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// connect gives each tree two connections that want the domain, whose tests have passed.
func (c *contest) connect(t *rapid.T) {
	trusted, err := samlsp.ParseCertificates([]byte(samlsptest.Key("idp").Base64()))
	if err != nil {
		t.Fatal(err)
	}
	for i, tree := range c.trees {
		for n := range c.connections[i] {
			made := connection.New(tree.ID, tree.ID, "C", connection.Okta, "https://portal.example", audit.Made(audit.System("test"), clock.Format(c.now)))
			made.Settings.EntityID, made.Settings.SignOn = "https://idp.example", map[string]string{samlsp.BindingRedirect: "https://idp.example"}
			made.Trust(trusted, connection.ByHand, c.now)
			made.Passed = &connection.Passed{Fingerprint: made.Settings.Fingerprint(), Certificate: trusted[0].Fingerprint}
			made.Domains = []string{c.name}
			c.Commit(func(tx *table.Tx) { tx.Create(made.Key(), made, table.ErrChanged) })
			c.connections[i][n] = made.ID
		}
	}
}

func (c *contest) office() *connection.Registry {
	return &connection.Registry{Trail: c.registry.Trail, Outbox: c.registry.Outbox}
}

func (c *contest) connection(t *rapid.T, i, n int) *connection.Connection {
	read, err := connection.Read(context.Background(), c.Table, c.connections[i][n])
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// switchOver activates a connection that is not active, and switches off one that is.
func (c *contest) switchOver(t *rapid.T, i, n int) {
	of := c.connection(t, i, n)
	reach, err := connection.ReadReach(context.Background(), c.Table, of)
	if err != nil {
		t.Fatal(err)
	}
	act := connection.Act{Event: audit.Event{Actor: audit.System("test")}, At: c.now}
	switch {
	case of.Active:
		c.commit(t, func(tx *table.Tx) { c.office().Deactivate(tx, of, reach, act) })
		c.ended[i]++
	case of.Activable(reach) == nil:
		if len(reach.Taken(of, of.Domains)) > 0 {
			c.ended[i]++
		}
		c.commit(t, func(tx *table.Tx) { c.office().Activate(tx, of, reach, act) })
	}
}

// checkConnections holds what leads where against what must be so: a connection is active with the domain or not at all, it is one
// at most, and claim, name and connection are of one accord.
func (c *contest) checkConnections(t *rapid.T, claim domain.Claim, standings [2]tenant.Standing) {
	leads := ""
	for i := range c.trees {
		for n := range c.connections[i] {
			of := c.connection(t, i, n)
			if of.Active != slices.Equal(of.Leads, []string{c.name}) || of.Active && leads != "" {
				t.Fatalf("connection %d of tree %d: active %v, leads %v, and %q does", n, i, of.Active, of.Leads, leads)
			}
			if of.Active {
				leads = of.ID
			}
			if of.Active && (standings[i].Connection != of.ID || !standings[i].Verified) {
				t.Fatalf("connection %d of tree %d is active: %+v", n, i, standings[i])
			}
		}
	}
	if claim.Connection != leads || claim.SSORequired != (leads != "") {
		t.Fatalf("the claim says %+v, %q leads", claim, leads)
	}
}
