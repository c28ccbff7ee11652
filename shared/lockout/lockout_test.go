package lockout_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

const domain = "acme.example" // of everybody's address

// world is a tree with one administrator, who has no password yet.
type world struct {
	*accesstest.World
	t    *testing.T
	acme *accesstest.Organization
	ana  *accesstest.Person
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := accesstest.New(t)
	acme := w.Tree(tenant.Client)
	return &world{w, t, acme, w.Person(acme.Administrator)}
}

// read reads the tree, of an installation with both providers.
func (w *world) read() *lockout.Tree {
	w.t.Helper()
	tree, err := lockout.Read(w.t.Context(), w.Table, w.acme.ID, restore.Mark{}, []people.Method{people.ByMicrosoft, people.ByGoogle}, w.Clock())
	if err != nil {
		w.t.Fatal(err)
	}
	return tree
}

func (w *world) password(p *accesstest.Person) {
	w.Commit(func(tx *table.Tx) {
		tx.Put(people.PasswordKey(p.ID), people.Password{Hash: "h", SetAt: clock.Format(w.Clock())})
	})
}

func (w *world) account(p *accesstest.Person, by people.Method) {
	w.Commit(func(tx *table.Tx) { people.Link(tx, p.User, by, accesstest.Unique(), nil, w.Clock()) })
}

// leads has the domain lead to an active connection of the organization, and gives it.
func (w *world) leads(org string, change func(*connection.Connection)) *connection.Connection {
	c := connection.New(w.acme.ID, org, "Okta", connection.Okta, "https://tenantry.example", audit.Made(audit.System("test"), clock.Format(w.Clock())))
	c.Active, c.SSORequired, c.Domains, c.Leads = true, false, []string{domain}, []string{domain}
	c.Settings.Certificates = []connection.Certificate{{SHA256: "a", NotAfter: clock.Format(w.Clock().Add(time.Hour))}}
	if change != nil {
		change(c)
	}
	w.Commit(func(tx *table.Tx) {
		tx.Put(c.Key(), c)
		tx.Put(table.DomainNameKey(w.acme.ID, domain), tenant.Standing{Organization: org, Domain: "dom_1", Verified: true, Was: true, Connection: c.ID})
	})
	return c
}

// unverified has the domain, which was lost, lead to such a connection as soon as it is verified again.
func (w *world) unverified(change func(*connection.Connection)) *connection.Connection {
	c := w.leads(w.acme.ID, func(c *connection.Connection) {
		if c.Leads = nil; change != nil {
			change(c)
		}
	})
	w.Commit(func(tx *table.Tx) {
		tx.Put(table.DomainNameKey(w.acme.ID, domain), tenant.Standing{Organization: w.acme.ID, Domain: "dom_1", Was: true, Connection: c.ID})
	})
	return c
}

func off(breakGlass ...string) *tenant.Access {
	return &tenant.Access{Type: tenant.Client, PasswordsOff: true, BreakGlass: breakGlass}
}

// ways are how ana can sign in, in one text.
func (w *world) ways(tree *lockout.Tree) string {
	w.t.Helper()
	for _, can := range tree.CanSignIn() {
		if can.UserID == w.ana.ID {
			return strings.Trim(fmt.Sprint(can.Ways), "[]")
		}
	}
	return ""
}

// readdressed is the tree when ana has the address.
func (w *world) readdressed(now *lockout.Tree, address string) *lockout.Tree {
	w.t.Helper()
	then, err := now.Readdressed(w.t.Context(), w.Table, w.ana.ID, address)
	if err != nil {
		w.t.Fatal(err)
	}
	return then
}

func TestPER5_WhichWaysRemain(t *testing.T) {
	t.Parallel()
	expired := func(c *connection.Connection) { c.Settings.Certificates[0].NotAfter = "2020-01-01T00:00:00Z" }
	gaining := func(_ *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree {
		led := *c
		led.Leads = []string{domain}
		return now.Gaining(domain, &led)
	}
	cases := map[string]struct {
		has   func(w *world) *connection.Connection
		then  func(w *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree
		left  string
		first string
	}{
		"a new password by mail": {first: "password"},
		"no password where none may be mailed": {has: func(w *world) *connection.Connection {
			w.Commit(func(tx *table.Tx) { tx.Put(table.DomainNameKey(w.acme.ID, domain), tenant.Standing{Was: true}) })
			return nil
		}},
		"the password there is, where none may be mailed": {has: func(w *world) *connection.Connection {
			w.password(w.ana)
			w.Commit(func(tx *table.Tx) { tx.Put(table.DomainNameKey(w.acme.ID, domain), tenant.Standing{Was: true}) })
			return nil
		}, first: "password", left: "", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
			return now.Cleared(w.ana.ID)
		}},
		"AUT2 passwords off": {has: func(w *world) *connection.Connection {
			w.password(w.ana)
			w.account(w.ana, people.ByMicrosoft)
			return nil
		},
			first: "password microsoft", left: "microsoft", then: func(_ *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree { return now.Under(off()) }},
		"AUT2 passwords off, break-glass": {has: func(w *world) *connection.Connection { w.password(w.ana); return nil },
			first: "password", left: "password", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return now.Under(off(w.ana.ID))
			}},
		"AUT2 passwords off, break-glass without one": {
			first: "password", left: "", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return now.Under(off(w.ana.ID))
			}},
		"AUT2 passwords off, single sign-on": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "saml", then: func(_ *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree { return now.Under(off()) }},
		"AUT5 email and password disabled": {has: func(w *world) *connection.Connection { w.account(w.ana, people.ByGoogle); return nil },
			first: "password google", left: "google", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return now.WithoutPassword(w.ana.ID)
			}},
		"SSO9 required": {has: func(w *world) *connection.Connection {
			w.password(w.ana)
			w.account(w.ana, people.ByGoogle)
			return w.leads(w.acme.ID, func(c *connection.Connection) { c.SSORequired = true })
		}, first: "saml", left: "password google", then: func(_ *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree { return now.Off(c) }},
		"SSO9 required, break-glass": {has: func(w *world) *connection.Connection {
			w.password(w.ana)
			return w.leads(w.acme.ID, func(c *connection.Connection) { c.SSORequired = true })
		}, first: "saml", left: "password saml", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
			return now.Under(off(w.ana.ID))
		}},
		"SSO9 becomes required": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "saml", then: func(_ *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree {
				after := *c
				after.SSORequired = true
				return now.Leading(&after, c.Leads)
			}},
		"a suborganization's connection": {has: func(w *world) *connection.Connection {
			return w.leads(w.Under(w.acme).ID, func(c *connection.Connection) { c.SSORequired = true })
		}, first: "password"},
		"SSO5 the certificate has expired": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, expired) }, first: "password"},
		"SSO5 the certificate has expired and may": {has: func(w *world) *connection.Connection {
			return w.leads(w.acme.ID, func(c *connection.Connection) { expired(c); c.OnExpired = connection.GoOn })
		}, first: "password saml"},
		"DOM6 the domain is lost": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "", then: func(_ *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree { return now.Losing(domain) }},
		"DOM4 the domain is verified": {has: func(w *world) *connection.Connection {
			w.Commit(func(tx *table.Tx) { tx.Put(table.AccessKey(w.acme.ID), off()) })
			return w.unverified(nil)
		}, first: "", left: "saml", then: gaining},
		"DOM4 the domain is verified, and the certificate has expired": {has: func(w *world) *connection.Connection {
			w.password(w.ana)
			return w.unverified(func(c *connection.Connection) { expired(c); c.SSORequired = true })
		}, first: "password", left: "", then: gaining},
		"DOM9 the domain is verified, and links are mailed again": {has: func(w *world) *connection.Connection { return w.unverified(expired) },
			first: "", left: "password", then: gaining},
		"LOG9 another address": {has: func(w *world) *connection.Connection {
			return w.leads(w.acme.ID, func(c *connection.Connection) { c.SSORequired = true })
		}, first: "saml", left: "password", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
			return w.readdressed(now, "ana@elsewhere.example")
		}},
		"LOG9 another address, passwords off": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return w.readdressed(now.Under(off()), "ana@elsewhere.example")
			}},
		"LOG9 an address that leads to the IdP": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "saml", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return w.readdressed(w.readdressed(now.Under(off()), "ana@elsewhere.example"), "other@"+domain)
			}},
		"LOG10 no address, which another tree took over": {has: func(w *world) *connection.Connection { w.password(w.ana); return nil },
			first: "password", left: "", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
				return w.readdressed(now, "")
			}},
		"SSO5 before its certificate had ended": {has: func(w *world) *connection.Connection {
			w.Commit(func(tx *table.Tx) { tx.Put(table.AccessKey(w.acme.ID), off()) })
			return w.leads(w.acme.ID, expired)
		}, first: "", left: "saml", then: func(_ *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree {
			return now.At(c.Accepted().Add(-time.Second))
		}},
		"SSO8 handed over to another": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "saml", then: func(w *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree {
				to := *c
				to.ID, to.Leads, to.SSORequired = "con_2", nil, true
				return now.HandedOver(c, &to)
			}},
		"SSO8 the domain leads to another": {has: func(w *world) *connection.Connection { return w.leads(w.acme.ID, nil) },
			first: "password saml", left: "password", then: func(_ *world, now *lockout.Tree, c *connection.Connection) *lockout.Tree {
				return now.Leading(c, []string{"other.example"})
			}},
		"PER5 the administrator leaves": {first: "password", left: "", then: func(w *world, now *lockout.Tree, _ *connection.Connection) *lockout.Tree {
			return now.Without(w.ana.ID)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var by *connection.Connection
			if c.has != nil {
				by = c.has(w)
			}
			now := w.read()
			if got := w.ways(now); got != c.first {
				t.Errorf("before: %q, not %q", got, c.first)
			}
			if c.then == nil {
				return
			}
			then := c.then(w, now, by)
			if got := w.ways(then); got != c.left {
				t.Errorf("after: %q, not %q", got, c.left)
			}
			if got := w.ways(now); got != c.first {
				t.Errorf("what was read became %q", got)
			}
			refused := problem.As(then.Keep(table.NewTx()))
			if (refused != nil) != (c.left == "") || refused != nil && refused.Slug != "last-administrator" {
				t.Errorf("kept: %v", refused)
			}
		})
	}
}

func TestPER5_WhereNobodyCouldSignInNothingIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := w.read()
	nobody := now.Under(off())
	if err := nobody.KeepFrom(table.NewTx(), now); problem.As(err) == nil {
		t.Errorf("the last way was taken: %v", err)
	}
	if err := nobody.KeepFrom(table.NewTx(), nobody); err != nil {
		t.Error(err)
	}
}

// TestPER5_WhatAWayStandsOnStays changes, between the reading and the commit, each thing that the one who is counted on needs.
func TestPER5_WhatAWayStandsOnStays(t *testing.T) {
	t.Parallel()
	saml := func(w *world) { w.leads(w.acme.ID, func(c *connection.Connection) { c.SSORequired = true }) }
	touch := func(key func(w *world) table.Key, change func(*table.Change)) func(w *world) {
		return func(w *world) {
			w.Commit(func(tx *table.Tx) {
				edit := table.Touch(key(w))
				change(edit)
				tx.Update(edit)
			})
		}
	}
	user := func(w *world) table.Key { return w.ana.Key() }
	state := func(w *world) table.Key { return table.AccessKey(w.acme.ID) }
	name := func(w *world) table.Key { return table.DomainNameKey(w.acme.ID, domain) }
	for what, c := range map[string]struct{ has, meanwhile func(w *world) }{
		"the person":   {func(*world) {}, touch(user, func(e *table.Change) { e.Add("version", 1) })},
		"the policy":   {func(*world) {}, touch(state, func(e *table.Change) { e.Add("policyVersion", 1) })},
		"the domain":   {saml, touch(name, func(e *table.Change) { e.Remove("verified") })},
		"where it led": {saml, touch(name, func(e *table.Change) { e.Set("connection", "con_2") })},
		"the connection": {saml, func(w *world) {
			to := table.ConnectionKey(w.standing().Connection)
			w.Commit(func(tx *table.Tx) { tx.Update(table.Touch(to).Add("version", 1)) })
		}},
		"the password": {func(w *world) { w.password(w.ana) }, func(w *world) { w.Commit(func(tx *table.Tx) { people.RemovePassword(tx, w.ana.ID) }) }},
		"the account": {func(w *world) {
			w.account(w.ana, people.ByGoogle)
			w.Change(w.ana, func(_ *table.Tx, edit *table.Change) { edit.Set("passwordOff", true) })
		}, func(w *world) { w.Commit(func(tx *table.Tx) { tx.Delete(table.AccountKey(w.ana.ID, "google"), 0) }) }},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.has(w)
			tx := table.NewTx()
			if err := w.read().Keep(tx); err != nil {
				t.Fatal(err)
			}
			c.meanwhile(w)
			if err := w.Table.Commit(t.Context(), tx); !errors.Is(err, table.ErrChanged) {
				t.Errorf("committed: %v", err)
			}
		})
	}
}

func (w *world) standing() (s tenant.Standing) {
	w.t.Helper()
	if _, err := w.Table.Get(w.t.Context(), table.DomainNameKey(w.acme.ID, domain), &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// TestPER5_OfTwoWhoTakeEachOthersLastWayOneFails has ana's connection be switched off at the moment at which bo's password goes.
func TestPER5_OfTwoWhoTakeEachOthersLastWayOneFails(t *testing.T) {
	t.Parallel()
	for range 20 {
		w := newWorld(t)
		c := w.leads(w.acme.ID, nil)
		bo := w.Person(w.acme.Administrator)
		w.Change(bo, func(_ *table.Tx, edit *table.Change) { edit.Set("email", "bo@other.example") })
		w.password(bo)
		w.Commit(func(tx *table.Tx) {
			tx.Update(table.Touch(table.AccessKey(w.acme.ID)).Set("passwordsOff", true).SetTexts("breakGlass", bo.ID))
		})
		changes := []func(tx *table.Tx) error{
			func(tx *table.Tx) error {
				tx.Update(table.Edit(c.Key(), c.Version).Set("active", false))
				tx.Update(table.Touch(table.DomainNameKey(w.acme.ID, domain)).Remove("connection"))
				return w.read().Off(c).Keep(tx)
			},
			func(tx *table.Tx) error {
				people.RemovePassword(tx, bo.ID)
				return w.read().Cleared(bo.ID).Keep(tx)
			},
		}
		if n := w.atOnce(changes); n != 1 {
			t.Errorf("%d of two went through", n)
		}
	}
}

// atOnce makes the changes at the same moment, each as an operation does: again where something was changed meanwhile. It counts those
// that were made.
func (w *world) atOnce(changes []func(tx *table.Tx) error) (made int) {
	errs := make([]error, len(changes))
	var all sync.WaitGroup
	for i, change := range changes {
		all.Go(func() {
			for errs[i] = table.ErrChanged; errors.Is(errs[i], table.ErrChanged); {
				tx := table.NewTx()
				if errs[i] = change(tx); errs[i] == nil {
					errs[i] = w.Table.Commit(w.t.Context(), tx)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err == nil {
			made++
		} else if e := problem.As(err); e == nil || e.Slug != "last-administrator" {
			w.t.Error(err)
		}
	}
	return made
}
