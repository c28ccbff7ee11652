package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// wantConflictAt checks for a cancelled transaction with a conflict at the position only.
func wantConflictAt(t *testing.T, err error, position int) {
	t.Helper()
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		t.Fatalf("got %v, want a cancelled transaction", err)
	}
	for i, reason := range cancelled.CancellationReasons {
		want := "None"
		if i == position {
			want = "TransactionConflict"
		}
		if got := aws.ToString(reason.Code); got != want {
			t.Errorf("reason %d: %s, want %s", i, got, want)
		}
	}
}

func TestTransactionsThatOverlapAreRefusedUntilTheHoldIsOver(t *testing.T) {
	k := newKit(t, nil)
	db := k.db()
	if err := k.transact(db, "", "pk=a sk=1", "pk=a sk=2"); err != nil {
		t.Fatal(err)
	}
	k.clock.move(Hold - 1)
	wantConflictAt(t, k.transact(db, "", "pk=a sk=3", "pk=a sk=2"), 1)
	if err := k.transact(db, "", "pk=a sk=3", "pk=a sk=4"); err != nil {
		t.Errorf("a refused transaction holds items: %v", err)
	}
	var conflict *types.TransactionConflictException
	if err := k.put(db, "pk=a sk=1 v=2"); !errors.As(err, &conflict) {
		t.Errorf("single write: %v", err)
	}
	if _, err := k.get(db, "pk=a sk=1"); err != nil {
		t.Errorf("plain read: %v", err)
	}
	_, err := db.TransactGetItems(context.Background(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: &k.table.Name, Key: record("pk=b sk=1")}}, {Get: &types.Get{TableName: &k.table.Name, Key: record("pk=a sk=1")}}}})
	wantConflictAt(t, err, 1)
	k.clock.move(1)
	if err := k.transact(db, "", "pk=a sk=1", "pk=a sk=2"); err != nil {
		t.Errorf("after the hold: %v", err)
	}
}

func TestBatchGivesBackWhatATransactionHolds(t *testing.T) {
	k := newKit(t, nil)
	if err := k.transact(k.db(), "", "pk=a sk=1"); err != nil {
		t.Fatal(err)
	}
	out, err := k.db().BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		k.table.Name: {{PutRequest: &types.PutRequest{Item: record("pk=a sk=1 v=2")}}}}})
	if err != nil || len(out.UnprocessedItems[k.table.Name]) != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestSingleWritesDoNotConflictAmongThemselves(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.db(), "pk=a sk=1 v=1", "pk=a sk=1 v=2")
	if err := k.transact(k.db(), "", "pk=a sk=1 v=3"); err != nil {
		t.Errorf("a transaction after single writes that are done: %v", err)
	}
}

// paused makes calls of the action wait before they reach the emulator. arrived tells that one waits; closing resume
// lets all go on.
func (k *kit) paused(action string) (arrived <-chan struct{}, resume chan<- struct{}) {
	waiting, gate := make(chan struct{}, 8), make(chan struct{})
	client := k.services["dynamodb"].(*dynamoDB).backend.client
	transport := client.Transport
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810."+action {
			waiting <- struct{}{}
			<-gate
		}
		return transport.RoundTrip(r)
	})
	return waiting, gate
}

func TestTransactionMeetsASingleWriteUnderWay(t *testing.T) {
	k := newKit(t, nil)
	arrived, resume := k.paused("PutItem")
	done := make(chan error)
	go func() { done <- k.put(k.db(), "pk=a sk=1") }()
	<-arrived
	wantConflictAt(t, k.transact(k.db(), "", "pk=b sk=1", "pk=a sk=1"), 1)
	close(resume)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTokenRepeatedWhileItsTransactionRunsIsRefused(t *testing.T) {
	k, token := newKit(t, nil), rand.Text()
	arrived, resume := k.paused("TransactWriteItems")
	done := make(chan error)
	go func() { done <- k.transact(k.db(), token, "pk=a sk=1") }()
	<-arrived
	k.clock.move(Hold * 2)
	var running *types.TransactionInProgressException
	if err := k.transact(k.db(), token, "pk=a sk=1"); !errors.As(err, &running) {
		t.Errorf("the same token: %v", err)
	}
	wantConflictAt(t, k.transact(k.db(), rand.Text(), "pk=a sk=1"), 0)
	close(resume)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := k.transact(k.db(), token, "pk=a sk=1"); err != nil {
		t.Errorf("the same token afterwards: %v", err)
	}
}

func TestTokenRepeatedAtOnceAfterSuccessIsAnsweredAgain(t *testing.T) {
	k, token := newKit(t, nil), rand.Text()
	for range 2 {
		if err := k.transact(k.db(), token, "pk=a sk=1"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWithoutHoldNothingConflicts(t *testing.T) {
	k := newKit(t, func(c *Config) { c.Hold = 0 })
	for range 2 {
		if err := k.transact(k.db(), "", "pk=a sk=1"); err != nil {
			t.Fatal(err)
		}
	}
}

// A call that the emulator answers with an error leaves nothing under way.
func TestFailedWritesLetGo(t *testing.T) {
	k := newKit(t, nil)
	client := k.services["dynamodb"].(*dynamoDB).backend.client
	transport := client.Transport
	client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.PutItem" {
			return &http.Response{StatusCode: 500, Body: io.NopCloser(bytes.NewReader([]byte(`{"__type":"InternalServerError"}`)))}, nil
		}
		return transport.RoundTrip(r)
	})
	if err := k.put(k.db(), "pk=a sk=1"); err == nil {
		t.Fatal("the write succeeded")
	}
	if err := k.transact(k.db(), "", "pk=a sk=1"); err != nil {
		t.Error(err)
	}
}
