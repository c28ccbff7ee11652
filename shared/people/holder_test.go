package people_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// Somebody of an open tree proves an address of a closed one while that one is reopened, again and again: either the address is
// taken, its user inactive and the loss counted, or it stays. In both cases exactly one signs in by it.
func TestGEN6_TakingAnAddressAndReopeningHaveOneWinner(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	heir := w.Tree(tenant.Client)
	taken := 0
	for range 30 {
		old := w.Tree(tenant.Client)
		owner := w.Person(old.Administrator)
		state := &tenant.Access{}
		w.Commit(func(tx *table.Tx) { tenant.Close(tx, old.ID, state, w.Clock(), w.Clock().Add(time.Hour)) })
		var u *people.User
		w.Commit(func(tx *table.Tx) {
			u, _ = people.Invite(tx, heir.ID, heir.User, people.Person{Name: "Heir", Email: owner.Email}, owner.CreatedBy, w.Clock())
		})
		held, err := people.ReadHolder(t.Context(), w.Table, heir.ID, owner.Email)
		if err != nil || held.Keeps() || !held.Loses() {
			t.Fatalf("holder %+v, %v", held, err)
		}
		var take, reopen error
		var both sync.WaitGroup
		both.Go(func() {
			tx, edit := table.NewTx(), people.Edit(u, owner.CreatedBy, w.Clock())
			people.Activate(tx, edit, u, held, w.Clock())
			tx.Update(edit)
			take = w.Table.Commit(t.Context(), tx)
		})
		both.Go(func() {
			tx := table.NewTx()
			tenant.Reopen(tx, old.ID, state)
			reopen = w.Table.Commit(t.Context(), tx)
		})
		both.Wait()
		if reopen != nil || take != nil && !errors.Is(take, table.ErrChanged) {
			t.Fatalf("take: %v, reopen: %v", take, reopen)
		}
		var claim people.Claim
		var before people.User
		if err := w.Table.GetMany(t.Context(), table.Want(table.EmailKey(owner.Email), &claim), table.Want(owner.Key(), &before)); err != nil {
			t.Fatal(err)
		}
		if took := take == nil; took != (claim.User == u.ID) || took == (before.Status == people.Active) || took == before.Proved {
			t.Errorf("take: %v; claim %+v, user %+v", take, claim, before)
		}
		if take == nil {
			taken++
		}
	}
	t.Logf("taken %d times of 30", taken)
}

func TestAnAddressOfAnOpenTreeIsKept(t *testing.T) {
	t.Parallel()
	w := accesstest.New(t)
	owner, heir := w.Person(w.Tree(tenant.Client).Administrator), w.Tree(tenant.Client)
	held, err := people.ReadHolder(t.Context(), w.Table, heir.ID, owner.Email)
	if err != nil || !held.Keeps() || held.Loses() {
		t.Fatalf("holder %+v, %v", held, err)
	}
	var u *people.User
	w.Commit(func(tx *table.Tx) {
		u, _ = people.Invite(tx, heir.ID, heir.User, people.Person{Name: "Heir", Email: owner.Email}, owner.CreatedBy, w.Clock())
	})
	tx, edit := table.NewTx(), people.Edit(u, owner.CreatedBy, w.Clock())
	people.Activate(tx, edit, u, held, w.Clock())
	tx.Update(edit)
	if err := w.Table.Commit(t.Context(), tx); slugOf(err) != "address-in-use" {
		t.Errorf("committed with %v", err)
	}
}

func TestNobodysAddressHasNoHolder(t *testing.T) {
	t.Parallel()
	held, err := people.ReadHolder(t.Context(), accesstest.New(t).Table, "", "nobody@acme.example")
	if err != nil || held != nil || held.Keeps() || held.Loses() {
		t.Errorf("holder %+v, %v", held, err)
	}
}
