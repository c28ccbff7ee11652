// Package table is the product's one DynamoDB table: keys, strongly consistent reads, transactions that are retried with
// one token, pages with cursors, and counts that many can change at once. Every key and access pattern stands in keys.go.
//
//	tx := table.NewTx()
//	tx.Create(table.RoleKey(org, role.ID), role, problem.New(problem.Conflict, "name-in-use", "..."))
//	tx.Count(root, table.MembersCount(org, role.ID), +1, gone)
//	err := t.Commit(ctx, tx)
//
// The package refuses to scan, to read what decides from an index, to write without a condition where a version is at
// stake, and to show an item past its expiresAt, which DynamoDB deletes days late
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html).
package table

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/clock"
)

// Item is an item as the table holds it.
type Item = map[string]types.AttributeValue

// Key names one item.
type Key struct{ PK, SK string }

func (k Key) attributes() Item {
	return Item{"pk": text(k.PK), "sk": text(k.SK)}
}

// Signer proves that a cursor is one of ours; secret.Keyring is one.
type Signer interface {
	MAC(purpose string, data ...[]byte) []byte
	VerifyMAC(ctx context.Context, purpose string, mac []byte, data ...[]byte) (bool, error)
}

// Table is the table of one installation. It is safe for concurrent use.
type Table struct {
	client *dynamodb.Client
	name   string
	signer Signer
	now    clock.Clock
	lane   *lane
}

// Open gives the table called name, reached with the AWS configuration. The SDK's own retries are off: this package
// retries with one token over all attempts (see Commit).
func Open(config aws.Config, name string, signer Signer, now clock.Clock) *Table {
	client := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
	})
	return &Table{client: client, name: name, signer: signer, now: now, lane: newLane()}
}

// Get reads one item, strongly consistent, into the struct that into points to. found is false where there is none or
// only an expired one.
func (t *Table) Get(ctx context.Context, key Key, into any) (found bool, err error) {
	want := Want(key, into)
	if err := t.GetMany(ctx, want); err != nil {
		return false, err
	}
	return want.Found, nil
}

// Wanted is one item of a GetMany; Found tells afterwards whether it was there.
type Wanted struct {
	Key   Key
	Found bool
	into  any
}

// Want asks for the item at key to be read into the struct that into points to. The zero Key is never found, so that a
// caller who does not need one of the items keeps the shape of its request.
func Want(key Key, into any) *Wanted { return &Wanted{Key: key, into: into} }

// batchSize is what BatchGetItem takes at most.
const batchSize = 100

// GetMany reads up to any number of items, strongly consistent, a hundred a round trip. A key asked for twice is read
// once. Unprocessed keys are asked for again; it fails rather than to answer with less than what was asked.
func (t *Table) GetMany(ctx context.Context, wants ...*Wanted) error {
	byKey := map[Key][]*Wanted{}
	var keys []Key
	for _, want := range wants {
		if want.Key == (Key{}) {
			continue
		}
		if byKey[want.Key] == nil {
			keys = append(keys, want.Key)
		}
		byKey[want.Key] = append(byKey[want.Key], want)
	}
	for len(keys) > 0 {
		batch := keys[:min(batchSize, len(keys))]
		keys = keys[len(batch):]
		items, err := t.readBatch(ctx, batch)
		if err != nil {
			return err
		}
		for _, item := range items {
			for _, want := range byKey[keyOf(item)] {
				if err := t.decode(item, want); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *Table) readBatch(ctx context.Context, keys []Key) ([]Item, error) {
	if len(keys) == 1 {
		return t.readOne(ctx, keys[0])
	}
	pending := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, key := range keys {
		pending.Keys = append(pending.Keys, key.attributes())
	}
	var items []Item
	err := t.retry(ctx, "BatchGetItem", func(ctx context.Context) error {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: pending}})
		if err != nil {
			return err
		}
		items = append(items, out.Responses[t.name]...)
		if rest := out.UnprocessedKeys[t.name]; len(rest.Keys) > 0 {
			pending.Keys = rest.Keys
			return errUnprocessed
		}
		return nil
	})
	return items, err
}

func (t *Table) readOne(ctx context.Context, key Key) ([]Item, error) {
	var items []Item
	err := t.retry(ctx, "GetItem", func(ctx context.Context) error {
		out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &t.name, Key: key.attributes(), ConsistentRead: aws.Bool(true)})
		if err == nil && out.Item != nil {
			items = []Item{out.Item}
		}
		return err
	})
	return items, err
}

func (t *Table) decode(item Item, want *Wanted) error {
	if t.expired(item) {
		return nil
	}
	if err := attributevalue.UnmarshalMap(item, want.into); err != nil {
		return fmt.Errorf("read item %s %s: %w", want.Key.PK, want.Key.SK, err)
	}
	want.Found = true
	return nil
}

func (t *Table) expired(item Item) bool {
	n, ok := item["expiresAt"].(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	at, err := strconv.ParseInt(n.Value, 10, 64)
	return err == nil && at <= t.now().Unix()
}

// Expiry is the value of expiresAt for an item that ends at that time.
func Expiry(at time.Time) int64 { return at.Unix() }

func keyOf(item Item) Key { return Key{PK: textOf(item["pk"]), SK: textOf(item["sk"])} }

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func textOf(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}
