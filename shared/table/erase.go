package table

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// writeSize is what BatchWriteItem takes at most.
const writeSize = 25

// Erase deletes items outside a transaction, 25 a round trip; those that are gone already count as deleted. It is for what
// nobody changes any more. What the table leaves unprocessed is sent again.
func (t *Table) Erase(ctx context.Context, keys ...Key) error {
	for len(keys) > 0 {
		n := min(writeSize, len(keys))
		if err := t.eraseBatch(ctx, keys[:n]); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// ErasePartition erases all items of a partition, page by page: of one that is bounded, since it ends with the last of them.
func (t *Table) ErasePartition(ctx context.Context, pk string) error {
	for more := true; more; {
		rows, others, err := t.Rows(ctx, Question{PK: pk, Limit: MaxLimit}, Key{})
		if err != nil {
			return err
		}
		keys := make([]Key, len(rows))
		for i, row := range rows {
			keys[i] = row.Key
		}
		if err := t.Erase(ctx, keys...); err != nil {
			return err
		}
		more = others
	}
	return nil
}

func (t *Table) eraseBatch(ctx context.Context, keys []Key) error {
	pending := make([]types.WriteRequest, len(keys))
	for i, key := range keys {
		pending[i].DeleteRequest = &types.DeleteRequest{Key: key.attributes()}
	}
	return t.retry(ctx, "BatchWriteItem", func(ctx context.Context) error {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: pending}})
		if err != nil {
			return err
		}
		if pending = out.UnprocessedItems[t.name]; len(pending) > 0 {
			return errUnprocessed
		}
		return nil
	})
}

// Row is an item as whoever erases sees it: one that has expired is there until DynamoDB deletes it.
type Row struct {
	Key
	item Item
}

// Read reads the item into the struct that into points to.
func (r Row) Read(into any) error { return Read(r.item, into) }

// Rows reads, strongly consistent, the items of a partition behind the key after (the zero Key: from the first), at most
// q.Limit of them, expired ones included. more tells whether there may be others.
func (t *Table) Rows(ctx context.Context, q Question, after Key) (rows []Row, more bool, err error) {
	var start Item
	if after != (Key{}) {
		start = after.attributes()
	}
	items, last, err := t.query(ctx, q, start)
	for _, item := range items {
		rows = append(rows, Row{keyOf(item), item})
	}
	return rows, last != nil, err
}
