package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Question is a Query: the items of one partition, or of one list of an index, in the order of their sort key.
type Question struct {
	Index      int    // 0: the table itself, strongly consistent; 1, 2: an index, some moments behind
	PK         string // the partition
	Prefix     string // how the sort key begins; empty: any
	Before     string // only sort keys below it; empty: any. With Prefix it is not used
	From       string // only sort keys above it; empty: any. With Prefix it is not used. With Before, neither is a sort key, and From the lower
	Descending bool
	Limit      int    // how many items a page holds, 1 to 200; 0 means 50
	Cursor     string // NextCursor of the page before; empty: from the beginning
	About      string // what else the cursor is bound to: the filters, the caller's organization
}

// Page is a part of a list. Next is the cursor of the page after it, empty on the last one.
type Page[T any] struct {
	Items []T
	Next  string
}

// Limits of a page (API-4).
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// List answers one page of the question, each item read into a T. Items of index 2 are completed from the table. Expired
// items are left out, so a page may be short: Next alone says whether there is more. A cursor that is not one of this
// question's is refused as invalid.
func List[T any](ctx context.Context, t *Table, q Question) (Page[T], error) {
	start, err := t.start(ctx, q)
	if err != nil {
		return Page[T]{}, err
	}
	items, last, err := t.query(ctx, q, start)
	if err != nil {
		return Page[T]{}, err
	}
	page := Page[T]{Items: make([]T, 0, len(items)), Next: t.cursor(q, last)}
	if q.Index == 2 {
		return page, complete(ctx, t, items, &page.Items)
	}
	for _, item := range items {
		var one T
		want := Want(keyOf(item), &one)
		if err := t.decode(item, want); err != nil {
			return Page[T]{}, err
		}
		if want.Found {
			page.Items = append(page.Items, one)
		}
	}
	return page, nil
}

// All answers the whole list, page by page: for lists whose length the product bounds.
func All[T any](ctx context.Context, t *Table, q Question) ([]T, error) {
	var all []T
	q.Limit = MaxLimit
	for {
		page, err := List[T](ctx, t, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all, nil
		}
	}
}

// complete reads the items that an index of keys names; what has gone since the index was written is left out.
func complete[T any](ctx context.Context, t *Table, keys []Item, into *[]T) error {
	found := make([]T, len(keys))
	wants := make([]*Wanted, len(keys))
	for i, key := range keys {
		wants[i] = Want(keyOf(key), &found[i])
	}
	if err := t.GetMany(ctx, wants...); err != nil {
		return err
	}
	for i, want := range wants {
		if want.Found {
			*into = append(*into, found[i])
		}
	}
	return nil
}

// SortKeys gives, strongly consistent, the sort keys of a partition that begin as that of begin does, behind the one that goes on with
// behind, at most so many; more tells whether there may be others. It is for the very many of which nothing else is asked: it reads a
// megabyte a round trip, expired ones included.
func (t *Table) SortKeys(ctx context.Context, begin Key, behind string, most int) (keys []string, more bool, err error) {
	built, err := expression.NewBuilder().WithKeyCondition(expression.Key("pk").Equal(expression.Value(begin.PK)).
		And(expression.Key("sk").BeginsWith(begin.SK))).WithProjection(expression.NamesList(expression.Name("sk"))).Build()
	if err != nil {
		return nil, false, fmt.Errorf("query %s: %w", begin.PK, err)
	}
	in := &dynamodb.QueryInput{TableName: &t.name, KeyConditionExpression: built.KeyCondition(), ProjectionExpression: built.Projection(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(), ConsistentRead: aws.Bool(true)}
	if behind != "" {
		in.ExclusiveStartKey = Key{begin.PK, begin.SK + behind}.attributes()
	}
	for more = true; more && len(keys) < most; {
		in.Limit = aws.Int32(int32(most - len(keys)))
		var out *dynamodb.QueryOutput
		err := t.retry(ctx, "Query", func(ctx context.Context) (err error) {
			out, err = t.client.Query(ctx, in)
			return err
		})
		if err != nil {
			return nil, false, err
		}
		for _, item := range out.Items {
			keys = append(keys, textOf(item["sk"]))
		}
		in.ExclusiveStartKey, more = out.LastEvaluatedKey, out.LastEvaluatedKey != nil
	}
	return keys, more, nil
}

func (t *Table) query(ctx context.Context, q Question, start Item) (items []Item, last Item, err error) {
	condition := expression.Key(q.attribute("pk")).Equal(expression.Value(q.PK))
	switch {
	case q.Prefix != "":
		condition = condition.And(expression.Key(q.attribute("sk")).BeginsWith(q.Prefix))
	case q.From != "" && q.Before != "":
		condition = condition.And(expression.Key(q.attribute("sk")).Between(expression.Value(q.From), expression.Value(q.Before)))
	case q.From != "":
		condition = condition.And(expression.Key(q.attribute("sk")).GreaterThan(expression.Value(q.From)))
	case q.Before != "":
		condition = condition.And(expression.Key(q.attribute("sk")).LessThan(expression.Value(q.Before)))
	}
	built, err := expression.NewBuilder().WithKeyCondition(condition).Build()
	if err != nil {
		return nil, nil, fmt.Errorf("query %s: %w", q.PK, err)
	}
	in := &dynamodb.QueryInput{TableName: &t.name, KeyConditionExpression: built.KeyCondition(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(), ExclusiveStartKey: start,
		ScanIndexForward: aws.Bool(!q.Descending), Limit: aws.Int32(int32(q.limit())), ConsistentRead: aws.Bool(q.Index == 0)}
	if q.Index != 0 {
		in.IndexName = aws.String(fmt.Sprintf("gsi%d", q.Index))
	}
	err = t.retry(ctx, "Query", func(ctx context.Context) error {
		out, err := t.client.Query(ctx, in)
		if err == nil {
			items, last = out.Items, out.LastEvaluatedKey
		}
		return err
	})
	return items, last, err
}

func (q Question) limit() int {
	if q.Limit <= 0 {
		return DefaultLimit
	}
	return min(q.Limit, MaxLimit)
}

// attribute is the name of a part of the key that the question asks by.
func (q Question) attribute(part string) string {
	if q.Index == 0 {
		return part
	}
	return fmt.Sprintf("gsi%d%s", q.Index, part)
}

// identity is what a cursor is bound to: everything of the question but where it stands and how much it takes. A cursor that one
// release gave is taken by the next (INS-5): what questions get later counts only where it is used.
func (q Question) identity() []byte {
	parts := []string{fmt.Sprint(q.Index), q.PK, q.Prefix, fmt.Sprint(q.Descending), q.About}
	if q.Before != "" || q.From != "" {
		parts = append(parts, q.Before)
	}
	if q.From != "" {
		parts = append(parts, q.From)
	}
	return []byte(strings.Join(parts, "\x00"))
}

// Read decodes an item that a failed condition or Apply answered with.
func Read(item Item, into any) error { return attributevalue.UnmarshalMap(item, into) }
