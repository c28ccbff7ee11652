package access_test

import (
	"testing"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// federated signs a person in by the IdP of the connection con_1, to which acme.example leads.
func federated(w *accesstest.World, acme *accesstest.Organization) *accesstest.Person {
	w.Commit(func(tx *table.Tx) {
		tx.Put(table.DomainNameKey(acme.ID, "acme.example"), tenant.Standing{Organization: acme.ID, Domain: "dom_1", Verified: true, Was: true, Epoch: 3, Connection: "con_1"})
	})
	p := w.Person(acme.User)
	p.Session.Method = people.BySAML
	p.Session.Federation = people.Federation{Connection: "con_1", Domain: "acme.example", DomainEpoch: 3, SeenDomains: people.NotSeen}
	w.Keep(p)
	return p
}

func TestDOM6_ASessionByAnIdPEndsWithWhatItStandsOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		becomes func(standing *tenant.Standing)
		stands  bool
	}{
		"another domain was lost":               {func(*tenant.Standing) {}, true},
		"the domain was lost":                   {func(s *tenant.Standing) { s.Verified, s.Epoch = false, 4 }, false},
		"the domain was lost and proved again":  {func(s *tenant.Standing) { s.Epoch = 4 }, false},
		"the domain leads to nothing any more":  {func(s *tenant.Standing) { s.Connection = "" }, false},
		"the domain leads to another":           {func(s *tenant.Standing) { s.Connection = "con_2" }, false},
		"the domain was removed and registered": {func(s *tenant.Standing) { s.Domain = "dom_2" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := accesstest.New(t)
			acme := w.Tree(tenant.Client)
			p := federated(w, acme)
			is(t, w, p.Token, acme.ID, access.Member)
			w.Commit(func(tx *table.Tx) {
				standing := tenant.Standing{Organization: acme.ID, Domain: "dom_1", Verified: true, Was: true, Epoch: 3, Connection: "con_1"}
				c.becomes(&standing)
				tx.Put(table.DomainNameKey(acme.ID, "acme.example"), standing)
				tenant.EndDomain(tx, acme.ID, nil)
			})
			if c.stands {
				is(t, w, p.Token, acme.ID, access.Member)
			} else {
				refused(t, w, p.Token, acme.ID, "unauthenticated")
			}
		})
	}
}

func TestDOM6_ASessionThatIsBeingOpenedMissesNoEnd(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	p := federated(w, acme)
	w.Commit(func(tx *table.Tx) { // after the domain was read for the sign-in, before its transaction
		tx.Put(table.DomainNameKey(acme.ID, "acme.example"), tenant.Standing{Was: true, Epoch: 4})
		tenant.EndDomain(tx, acme.ID, nil)
	})
	refused(t, w, p.Token, acme.ID, "unauthenticated")
}

func TestASessionByAnIdPAsksOnceWhatHasEnded(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	p := federated(w, acme)
	w.Commit(func(tx *table.Tx) { tenant.EndDomain(tx, acme.ID, nil) })
	for range 2 {
		is(t, w, p.Token, acme.ID, access.Member)
	}
	c, _ := identify(t, w, p.Token, acme.ID)
	if c.Session.SeenDomains != 1 {
		t.Errorf("has seen %d", c.Session.SeenDomains)
	}
}
