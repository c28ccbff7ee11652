package table_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestAPI3_OfManyWritersWithOneVersionOneWins(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 1)
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			err := change(tab, func(tx *table.Tx) { tx.Update(table.Edit(key(0), 1).Set("name", "mine")) })
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, table.ErrChanged):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || lost.Load() != 31 {
		t.Errorf("%d won, %d lost", won.Load(), lost.Load())
	}
}

func TestTransactionsAreAllOrNothing(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 2)
	err := change(tab, func(tx *table.Tx) {
		tx.Update(table.Edit(key(0), 1).Set("name", "changed"))
		tx.Create(key(1), thing{Name: "again"}, errTaken)
	})
	if !errors.Is(err, errTaken) {
		t.Fatalf("answered %v", err)
	}
	var got thing
	if _, err := tab.Get(context.Background(), key(0), &got); err != nil || got.Name != "n0" || got.Version != 1 {
		t.Errorf("a part of a refused change was made: %+v %v", got, err)
	}
}

func TestINS5_EditsKeepWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	type later struct {
		thing
		Novelty string `dynamodbav:"novelty"`
	}
	keep(t, tab, func(tx *table.Tx) { tx.Put(key(0), later{thing{Name: "old", Version: 1}, "of the next release"}) })
	keep(t, tab, func(tx *table.Tx) { tx.Update(table.Edit(key(0), 1).Set("name", "new")) })
	var got later
	if _, err := tab.Get(context.Background(), key(0), &got); err != nil || got.Novelty != "of the next release" || got.Name != "new" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestDeleteExistingNeedsTheItem(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	things(t, tab, 1)
	use := func() error {
		return change(tab, func(tx *table.Tx) { tx.DeleteExisting(key(0), problem.Missing()) })
	}
	if err := use(); err != nil {
		t.Fatal(err)
	}
	if err := use(); !errors.Is(err, problem.Missing()) {
		t.Errorf("the second use answered %v", err)
	}
}

// faulty answers the first calls of an action itself, in the ways that AWS fails.
type faulty struct {
	action string
	times  int32
	how    func(r *http.Request) (*http.Response, error)
	calls  atomic.Int32
}

func (f *faulty) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), f.action) && f.calls.Add(1) <= f.times {
		return f.how(r)
	}
	return http.DefaultClient.Do(r)
}

func refuse(kind, rest string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		body := `{"__type":"com.amazonaws.dynamodb.v20120810#` + kind + `","message":"injected"` + rest + `}`
		return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func cutBefore(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") }

func cutAfter(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	return nil, errors.New("connection reset after the call was done")
}

func TestContentionIsWaitedOutAndNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*http.Request) (*http.Response, error){
		"throttled":      refuse("ProvisionedThroughputExceededException", ""),
		"conflict":       refuse("TransactionCanceledException", `,"CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]`),
		"in progress":    refuse("TransactionInProgressException", ""),
		"cut before":     cutBefore,
		"cut after":      cutAfter,
		"internal error": refuse("InternalServerError", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, tableName := tabletest.Raw(t)
			fault := &faulty{action: "TransactWriteItems", times: 3, how: how}
			config.HTTPClient = fault
			tab := table.Open(config, tableName, tabletest.Signer{}, clock.System)
			keep(t, tab, func(tx *table.Tx) {
				tx.Create(key(0), thing{Name: "made", Version: 1}, errTaken)
				tx.Count("org_1", "THINGS", +1, errTaken)
			})
			counts, err := tab.Counts(context.Background(), "org_1", "THINGS")
			if err != nil || counts["THINGS"] != 1 {
				t.Errorf("counted %v, %v", counts, err)
			}
			if fault.calls.Load() != 4 {
				t.Errorf("%d calls", fault.calls.Load())
			}
		})
	}
}

func TestASingleItemIsPutWithoutATransaction(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	puts := &faulty{action: "PutItem", times: 2, how: cutAfter}
	config.HTTPClient = puts
	tab := table.Open(config, name, tabletest.Signer{}, clock.System)
	woken := 0
	keep(t, tab, func(tx *table.Tx) {
		tx.Put(key(0), thing{Name: "put"})
		tx.After(func(context.Context) { woken++ })
	})
	var got thing
	if found, err := tab.Get(context.Background(), key(0), &got); !found || err != nil || got.Name != "put" || woken != 1 {
		t.Errorf("%v %v %+v, woken %d times", found, err, got, woken)
	}
	keep(t, tab, func(tx *table.Tx) { tx.Create(key(1), thing{}, errTaken) }) // on a condition: a repetition must not take itself for another
	if calls := puts.calls.Load(); calls != 3 {
		t.Errorf("put in %d calls", calls)
	}
}

func TestACutReadIsRepeated(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	config.HTTPClient = &faulty{action: "GetItem", times: 2, how: cutBefore}
	tab := table.Open(config, name, tabletest.Signer{}, clock.System)
	things(t, tab, 1)
	var got thing
	if found, err := tab.Get(context.Background(), key(0), &got); !found || err != nil {
		t.Errorf("%v %v", found, err)
	}
}

func TestLastingContentionAnswersInTime(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	config.HTTPClient = &faulty{action: "TransactWriteItems", times: 1 << 20, how: refuse("ThrottlingException", "")}
	tab := table.Open(config, name, tabletest.Signer{}, clock.System)
	ctx, cancel := context.WithTimeout(context.Background(), 1200*time.Millisecond)
	defer cancel()
	tx := table.NewTx()
	tx.Create(key(0), thing{}, errTaken)
	err := tab.Commit(ctx, tx)
	if e := problem.As(err); e == nil || e.Code != problem.Unavailable || e.RetryAfter == 0 {
		t.Errorf("answered %v", err)
	}
	if ctx.Err() != nil {
		t.Error("nothing of the time was left for the answer")
	}
}

func TestAFailedConditionIsNotRepeated(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	count := &faulty{action: "TransactWriteItems"}
	config.HTTPClient = count
	tab := table.Open(config, name, tabletest.Signer{}, clock.System)
	things(t, tab, 1)
	before := count.calls.Load()
	if err := change(tab, func(tx *table.Tx) { tx.Create(key(0), thing{}, errTaken) }); !errors.Is(err, errTaken) {
		t.Fatal(err)
	}
	if err := change(tab, func(tx *table.Tx) { tx.Update(table.Edit(key(0), 7)) }); !errors.Is(err, table.ErrChanged) {
		t.Fatal(err)
	}
	if calls := count.calls.Load() - before; calls != 2 {
		t.Errorf("%d calls for two changes", calls)
	}
}

func TestAfterRunsOnceCommittedOnly(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	woken := 0
	make := func() error {
		return change(tab, func(tx *table.Tx) {
			tx.Create(key(0), thing{}, errTaken)
			tx.After(func(context.Context) { woken++ })
		})
	}
	first, second := make(), make()
	if first != nil || second == nil || woken != 1 {
		t.Errorf("first %v, second %v, woken %d times", first, second, woken)
	}
}

func TestTooLargeAChangeIsRefusedWhole(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	err := change(tab, func(tx *table.Tx) {
		for i := range table.MaxWrites + 1 {
			tx.Put(key(i), thing{})
		}
	})
	if err == nil {
		t.Fatal("accepted")
	}
	if page, err := table.List[thing](context.Background(), tab, table.Question{PK: "ORG#1"}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d items written, %v", len(page.Items), err)
	}
}

func TestWhatIsRequiredOfAnItemThatIsWrittenTooIsACondition(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(tx *table.Tx, before bool){
		"before an edit": func(tx *table.Tx, holds bool) {
			tx.Require(key(0), named(holds), table.ErrChanged)
			tx.Update(table.Edit(key(0), 1).Set("name", "changed"))
		},
		"after an edit": func(tx *table.Tx, holds bool) {
			tx.Update(table.Edit(key(0), 1).Set("name", "changed"))
			tx.Require(key(0), named(holds), table.ErrChanged)
		},
		"of a write without a condition": func(tx *table.Tx, holds bool) {
			tx.Put(key(0), thing{Name: "changed"})
			tx.Require(key(0), named(holds), table.ErrChanged)
		},
		"of a removal": func(tx *table.Tx, holds bool) {
			tx.Require(key(0), named(holds), table.ErrChanged)
			tx.Delete(key(0), 1)
		},
		"twice": func(tx *table.Tx, holds bool) {
			tx.Require(key(0), named(true), table.ErrChanged)
			tx.Require(key(0), named(holds), table.ErrChanged)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab := tabletest.New(t)
			things(t, tab, 1)
			if err := change(tab, func(tx *table.Tx) { write(tx, false) }); !errors.Is(err, table.ErrChanged) {
				t.Errorf("where it does not hold: %v", err)
			}
			var got thing
			if _, err := tab.Get(context.Background(), key(0), &got); err != nil || got.Name != "n0" {
				t.Errorf("%+v %v", got, err)
			}
			if err := change(tab, func(tx *table.Tx) { write(tx, true) }); err != nil {
				t.Errorf("where it holds: %v", err)
			}
		})
	}
}

// named is a condition that holds of the first thing, or does not.
func named(holds bool) expression.ConditionBuilder {
	return expression.Name("name").Equal(expression.Value(map[bool]string{true: "n0", false: "other"}[holds]))
}

func TestOfSeveralValuesOfAnAttributeTheLastCounts(t *testing.T) {
	t.Parallel()
	tab, key := tabletest.New(t), table.UserKey("org_1", "usr_1")
	commit := func(do func(tx *table.Tx)) {
		t.Helper()
		tx := table.NewTx()
		do(tx)
		if err := tab.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	commit(func(tx *table.Tx) { tx.Put(key, map[string]string{"a": "old", "b": "old", "c": "old"}) })
	commit(func(tx *table.Tx) {
		tx.Update(table.Touch(key).Set("a", "first").Set("a", "last").Set("b", "first").Remove("b").Remove("c").SetIfAbsent("c", "ignored").Set("c", "last"))
	})
	var got struct {
		A string `dynamodbav:"a"`
		B string `dynamodbav:"b"`
		C string `dynamodbav:"c"`
	}
	if _, err := tab.Get(t.Context(), key, &got); err != nil || got.A != "last" || got.B != "" || got.C != "last" {
		t.Errorf("%+v, %v", got, err)
	}
}
