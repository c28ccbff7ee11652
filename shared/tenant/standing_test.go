package tenant_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestDOM9_OnlyADomainThatTheTreeHasLostIsClosed(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	mine, other := w.Tree(tenant.Client), w.Tree(tenant.Client)
	w.Commit(func(tx *table.Tx) {
		tx.Put(table.DomainNameKey(mine.ID, "lost.example"), tenant.Standing{Was: true, Domain: "dom_1"})
		tx.Put(table.DomainNameKey(mine.ID, "removed.example"), tenant.Standing{Was: true})
		tx.Put(table.DomainNameKey(mine.ID, "xn--bcher-kva.example"), tenant.Standing{Was: true})
		tx.Put(table.DomainNameKey(mine.ID, "held.example"), tenant.Standing{Was: true, Verified: true, Domain: "dom_2"})
		tx.Put(table.DomainNameKey(mine.ID, "new.example"), tenant.Standing{Domain: "dom_3"})
	})
	for address, want := range map[string]bool{
		"a@lost.example": true, "a@LOST.example": true, "a@removed.example": true, "a@bücher.example": true,
		"a@held.example": false, "a@new.example": false, "a@other.example": false, "a@sub.lost.example": false, "nobody": false, "": false,
	} {
		if closed, err := tenant.Closed(t.Context(), w.Table, mine.ID, address); err != nil || closed != want {
			t.Errorf("%q: closed %v, %v", address, closed, err)
		}
		if closed, err := tenant.Closed(t.Context(), w.Table, other.ID, address); err != nil || closed {
			t.Errorf("%q in another tree: closed %v, %v", address, closed, err)
		}
	}
}

func TestDOM6_TheEndOfADomainIsOneStepOfItsTreesEpoch(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	tree := w.Tree(tenant.Client)
	state := func() (a tenant.Access) {
		if _, err := w.Table.Get(t.Context(), table.AccessKey(tree.ID), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	w.Commit(func(tx *table.Tx) { tenant.EndDomain(tx, tree.ID, nil) })
	if got := state(); got.DomainEpoch != 1 || got.Taken != 0 {
		t.Errorf("%+v", got)
	}
	closed := state()
	w.Commit(func(tx *table.Tx) { tenant.Close(tx, tree.ID, &closed, w.Clock(), w.Clock().Add(time.Hour)) })
	w.Commit(func(tx *table.Tx) { tenant.EndDomain(tx, tree.ID, &closed) })
	if got := state(); got.DomainEpoch != 2 || got.Taken != 1 {
		t.Errorf("closed: %+v", got)
	}
	reopened := closed
	w.Commit(func(tx *table.Tx) { tenant.Reopen(tx, tree.ID, &reopened) })
	tx := table.NewTx()
	tenant.EndDomain(tx, tree.ID, &closed)
	if err := w.Table.Commit(t.Context(), tx); !errors.Is(err, table.ErrChanged) {
		t.Errorf("reopened meanwhile: %v", err)
	}
}
