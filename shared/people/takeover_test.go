package people_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// takeover is somebody of one tree who signs in by an address, and another tree where somebody is invited to it.
type takeover struct {
	*accesstest.World
	t       *testing.T
	owner   *accesstest.Person
	heir    *accesstest.Organization
	invited *people.User
}

func newTakeover(t *testing.T) *takeover {
	t.Helper()
	w := accesstest.New(t)
	x := &takeover{World: w, t: t, owner: w.Person(w.Tree(tenant.Client).Administrator), heir: w.Tree(tenant.Client)}
	x.invited = x.invites(x.heir)
	return x
}

func (x *takeover) invites(to *accesstest.Organization) (u *people.User) {
	x.Commit(func(tx *table.Tx) {
		u, _ = people.Invite(tx, to.ID, to.User, people.Person{Name: "Heir", Email: x.owner.Email}, x.owner.CreatedBy, x.Clock())
	})
	return u
}

// stands says what the tree knows of the domain of the address.
func (x *takeover) stands(of *accesstest.Organization, standing tenant.Standing) {
	x.Commit(func(tx *table.Tx) { tx.Put(table.DomainNameKey(of.ID, domainname.Of(x.owner.Email)), standing) })
}

func verified(of *accesstest.Organization) tenant.Standing {
	return tenant.Standing{Organization: of.ID, Domain: "dom_" + of.ID, Verified: true, Was: true}
}

// prove has the user prove the address, as it was read.
func (x *takeover) prove(u *people.User, held *people.Holder) error {
	trail := audit.Trail{Keep: time.Hour, Clock: x.Clock}
	outbox := x.Outbox()
	tx, edit := table.NewTx(), people.Edit(u, x.owner.CreatedBy, x.Clock())
	people.Activate(tx, edit, u, held, x.Clock())
	tx.Update(edit)
	held.Tell(tx, trail, outbox, u, x.Clock())
	return x.Table.Commit(x.t.Context(), tx)
}

func (x *takeover) held(root string) *people.Holder {
	x.t.Helper()
	held, err := people.ReadHolder(x.t.Context(), x.Table, root, x.owner.Email)
	if err != nil {
		x.t.Fatal(err)
	}
	return held
}

// signsIn is who signs in by the address.
func (x *takeover) signsIn() string {
	x.t.Helper()
	var claim people.Claim
	if _, err := x.Table.Get(x.t.Context(), table.EmailKey(x.owner.Email), &claim); err != nil {
		x.t.Fatal(err)
	}
	return claim.User
}

func TestLOG10_TheTreeThatVerifiedTheDomainTakesTheAddress(t *testing.T) {
	t.Parallel()
	x := newTakeover(t)
	x.stands(x.heir, verified(x.heir))
	x.Commit(func(tx *table.Tx) {
		tx.Put(people.ResetLinkKey(x.owner.ID), people.ResetLink{Hash: "h", ExpiresAt: table.Expiry(x.Clock().Add(time.Hour))})
	})
	if err := x.prove(x.invited, x.held(x.heir.ID)); err != nil {
		t.Fatal(err)
	}
	var u people.User
	var link people.ResetLink
	var claim people.Claim
	reset, inTree := table.Want(people.ResetLinkKey(x.owner.ID), &link), table.Want(table.AddressKey(x.owner.Root, x.owner.Email), &claim)
	if err := x.Table.GetMany(t.Context(), table.Want(x.owner.Key(), &u), reset, inTree); err != nil {
		t.Fatal(err)
	}
	if x.signsIn() != x.invited.ID || u.Email != "" || u.Proved || u.Status != people.Active || u.Epoch != x.owner.Epoch || reset.Found || inTree.Found {
		t.Errorf("signs in: %s; left: %+v, a link %t, a claim %t", x.signsIn(), u, reset.Found, inTree.Found)
	}
	counts, err := x.Table.Counts(t.Context(), x.owner.Root, "DOMAIN#")
	if n := counts[table.AddressesCount(domainname.Of(x.owner.Email))]; err != nil || n != 0 {
		t.Errorf("%d addresses are counted, %v", n, err)
	}

	// Without an address one is deactivated, active again, and removed like everybody; and gets another one.
	other := x.Person(x.Tree(tenant.Client).User) // whom nothing of it concerns
	email := "another-" + accesstest.Unique() + "@beta.example"
	p := &accesstest.Person{User: &u}
	x.Commit(func(tx *table.Tx) { tx.Update(table.Touch(table.AdministratorsKey(u.Root)).Include("users", other.ID)) }) // so that one stays
	x.Change(p, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, &u, x.Clock()) })
	x.Change(p, func(tx *table.Tx, edit *table.Change) { people.Activate(tx, edit, &u, nil, x.Clock()) })
	x.Change(p, func(tx *table.Tx, edit *table.Change) { people.Readdress(tx, edit, &u, email, nil, x.Clock()) })
	held, err := people.ReadHolder(t.Context(), x.Table, "", email)
	if err != nil || held == nil || held.User != u.ID || !u.Proved {
		t.Errorf("with another address: %+v, %v", held, err)
	}
}

func TestLOG10_AnAddressGoesOverToNobodyElse(t *testing.T) {
	t.Parallel()
	lost := tenant.Standing{Organization: "org", Domain: "dom_1", Was: true}
	for name, stands := range map[string]func(x *takeover){
		"no domain":                     func(*takeover) {},
		"a domain that is not verified": func(x *takeover) { x.stands(x.heir, tenant.Standing{Organization: x.heir.ID, Domain: "dom_1"}) },
		"a domain that was lost":        func(x *takeover) { x.stands(x.heir, lost) },
		"the holder's tree has it": func(x *takeover) {
			x.stands(&accesstest.Organization{Organization: &tenant.Organization{ID: x.owner.Root}}, verified(x.heir))
		},
		"the holder's has what was heirs": func(x *takeover) {
			x.stands(x.heir, lost)
			x.stands(&accesstest.Organization{Organization: &tenant.Organization{ID: x.owner.Root}}, verified(x.heir))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newTakeover(t)
			stands(x)
			if err := x.prove(x.invited, x.held(x.heir.ID)); slugOf(err) != "address-in-use" {
				t.Errorf("proved: %v", err)
			}
			if x.signsIn() != x.owner.ID {
				t.Error("the address has moved")
			}
		})
	}
}

func TestLOG10_ADomainThatIsLostMeanwhileTakesNothing(t *testing.T) {
	t.Parallel()
	x := newTakeover(t)
	x.stands(x.heir, verified(x.heir))
	held := x.held(x.heir.ID)
	gone := verified(x.heir)
	gone.Verified, gone.Epoch = false, 1
	x.stands(x.heir, gone)
	if err := x.prove(x.invited, held); !errors.Is(err, table.ErrChanged) || x.signsIn() != x.owner.ID {
		t.Errorf("proved: %v", err)
	}
}

// Two trees that both say to have verified the domain, which no two have at a time, and whoever reads at the same moment.
func TestLOG10_OfTwoWhoTakeAnAddressOneGetsIt(t *testing.T) {
	t.Parallel()
	for range 20 {
		x := newTakeover(t)
		second := x.Tree(tenant.Client)
		both := []*accesstest.Organization{x.heir, second}
		users := []*people.User{x.invited, x.invites(second)}
		helds := make([]*people.Holder, 2)
		for i, of := range both {
			x.stands(of, verified(of))
			helds[i] = x.held(of.ID)
		}
		errs := make([]error, 2)
		var together sync.WaitGroup
		for i := range both {
			together.Go(func() { errs[i] = x.prove(users[i], helds[i]) })
		}
		together.Wait()
		won := 0
		for i, err := range errs {
			if err == nil {
				won++
				if x.signsIn() != users[i].ID {
					t.Error("the winner does not sign in by it")
				}
			} else if !errors.Is(err, table.ErrChanged) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
	}
}
