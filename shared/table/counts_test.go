package table_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

var errGone = problem.New(problem.Conflict, "gone", "It was removed.")

func TestGEN3_CountsAreRightAfterConcurrentChanges(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for j := range 8 {
				n := 1
				if (i+j)%4 == 0 {
					n = -1
				}
				if err := change(tab, func(tx *table.Tx) { tx.Count("org_1", "ORG#a#MEMBERS#r", n, errGone) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	counts, err := tab.Counts(context.Background(), "org_1", "ORG#a#")
	if err != nil || counts["ORG#a#MEMBERS#r"] != 64 {
		t.Errorf("counted %v, %v", counts, err)
	}
}

func TestCountsOfOneChangeAreAddedUp(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	keep(t, tab, func(tx *table.Tx) {
		tx.Count("org_1", "A", +1, errGone)
		tx.Count("org_1", "A", +1, errGone)
		tx.Count("org_1", "B", -1, errGone)
		tx.Count("org_1", "B", +1, errGone)
	})
	counts, err := tab.Counts(context.Background(), "org_1", "")
	if err != nil || counts["A"] != 2 || counts["B"] != 0 {
		t.Errorf("counted %v, %v", counts, err)
	}
}

func closeCount(tab *table.Table) (left int, err error) {
	tx := table.NewTx()
	if left, err = tab.CloseCount(context.Background(), tx, "org_1", "A"); err != nil || left != 0 {
		return left, err
	}
	return 0, tab.Commit(context.Background(), tx)
}

func TestAClosedCountTakesNoMore(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	add := func(n int) error { return change(tab, func(tx *table.Tx) { tx.Count("org_1", "A", n, errGone) }) }
	for range 5 { // in several shards, so that the sum is zero and the shards are not
		if err := errors.Join(add(+1), add(-1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(+1); err != nil {
		t.Fatal(err)
	}
	if left, err := closeCount(tab); left != 1 || err != nil {
		t.Fatalf("closing what is in use: %d left, %v", left, err)
	}
	if err := add(-1); err != nil {
		t.Fatal(err)
	}
	if left, err := closeCount(tab); left != 0 || err != nil {
		t.Fatalf("closing what is empty: %d left, %v", left, err)
	}
	if err := add(+1); !errors.Is(err, errGone) {
		t.Errorf("counted on what is closed: %v", err)
	}
}

func TestASealedCountTakesNothingUntilItIsOpened(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	add := func(name string, n int) error {
		return change(tab, func(tx *table.Tx) { tx.Count("org_1", name, n, errGone) })
	}
	if err := errors.Join(add("A", +3), add("A", -1)); err != nil {
		t.Fatal(err)
	}
	keep(t, tab, func(tx *table.Tx) {
		tx.SealCount("org_1", "A")
		tx.SealCount("org_1", "B")
	})
	if err := add("A", -1); !errors.Is(err, errGone) {
		t.Errorf("counted on what is sealed: %v", err)
	}
	expect := func(n int) {
		t.Helper()
		counts, err := tab.Counts(t.Context(), "org_1", "")
		if _, begun := counts["B"]; counts["A"] != n || begun || err != nil {
			t.Errorf("counted %v, %v", counts, err)
		}
	}
	expect(2)
	keep(t, tab, func(tx *table.Tx) {
		if err := errors.Join(tab.ZeroCount(t.Context(), tx, "org_1", "A"), tab.ZeroCount(t.Context(), tx, "org_1", "B")); err != nil {
			t.Fatal(err)
		}
	})
	expect(0)
	keep(t, tab, func(tx *table.Tx) {
		tx.OpenCount("org_1", "A")
		tx.OpenCount("org_1", "B")
	})
	expect(0)
	if err := add("A", +1); err != nil {
		t.Error(err)
	}
	expect(1)
}

func TestACountIsNeverClosedOverSomebodyWhoCame(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	for round := range 20 {
		root := "org_" + string(rune('a'+round))
		var came, closed atomic.Bool
		var both sync.WaitGroup
		both.Go(func() {
			came.Store(change(tab, func(tx *table.Tx) { tx.Count(root, "A", +1, errGone) }) == nil)
		})
		both.Go(func() {
			tx := table.NewTx()
			left, err := tab.CloseCount(context.Background(), tx, root, "A")
			closed.Store(err == nil && left == 0 && tab.Commit(context.Background(), tx) == nil)
		})
		both.Wait()
		if came.Load() == closed.Load() {
			t.Errorf("round %d: came %v, closed %v", round, came.Load(), closed.Load())
		}
	}
}

func TestACountThatIsOpenedAgainIsZeroWhateverOfItHasExpired(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	unlike := func() (rows []table.Row) { // the shards that are not zero by themselves
		all, _, err := tab.Rows(t.Context(), table.Question{PK: table.CountsPartition("org_1")}, table.Key{})
		for _, row := range all {
			var shard struct{ N int }
			if err == nil {
				err = row.Read(&shard)
			}
			if shard.N != 0 {
				rows = append(rows, row)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for n := 1; len(unlike()) == 0; n = -n {
		for range 6 {
			keep(t, tab, func(tx *table.Tx) { tx.Count("org_1", "A", n, errGone) })
		}
		for range 6 {
			keep(t, tab, func(tx *table.Tx) { tx.Count("org_1", "A", -n, errGone) })
		}
	}
	early := unlike()[0].Key
	if left, err := closeCount(tab); left != 0 || err != nil {
		t.Fatal(left, err)
	}
	if err := tab.Erase(t.Context(), early); err != nil { // DynamoDB deletes what has expired in no order
		t.Fatal(err)
	}
	keep(t, tab, func(tx *table.Tx) { tx.OpenCount("org_1", "A") })
	if counts, err := tab.Counts(t.Context(), "org_1", "A"); counts["A"] != 0 || err != nil {
		t.Errorf("counted %v, %v", counts, err)
	}
}
