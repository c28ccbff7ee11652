package table

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"
)

// Commit does the whole change or nothing. A failed condition answers with the error its write was given; contention is
// waited out.
func (t *Table) Commit(ctx context.Context, x *Tx) error {
	if x.Empty() {
		return nil
	}
	if err := t.do(ctx, x); err != nil {
		return err
	}
	for _, do := range x.after {
		do(ctx)
	}
	return nil
}

// do writes what stands in the change. A single item that is written whatever was there needs no transaction, which would cost it double
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html, Capacity management): done twice, it is the same.
func (t *Table) do(ctx context.Context, x *Tx) error {
	a, err := t.attempt(x)
	if err != nil {
		return err
	}
	if lone := a.items[0].Put; len(a.items) == 1 && lone != nil && lone.ConditionExpression == nil {
		return t.retry(ctx, "PutItem", func(ctx context.Context) error {
			_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: lone.TableName, Item: lone.Item})
			return err
		})
	}
	refused := true
	return t.retry(ctx, "TransactWriteItems", func(ctx context.Context) error {
		_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: a.items, ClientRequestToken: &a.token})
		explained := explain(err, a.writes)
		if refused = refused && contended(err); refused {
			t.lane.leave(a.shard)
			if a, err = t.attempt(x); err != nil {
				return err
			}
		}
		return explained
	})
}

// attempt is a change as it is sent. One ClientRequestToken stands over all times that it is sent, so that one that was
// done but whose answer was lost is not done again and is not taken for somebody else's
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, Idempotency). Another attempt,
// on another shard, is made only as long as every answer said that nothing was done.
type attempt struct {
	shard  int
	token  string
	writes []write
	items  []types.TransactWriteItem
}

func (t *Table) attempt(x *Tx) (a attempt, err error) {
	a.shard, a.token = t.lane.take(t.now()), ulid.Make().String()
	a.writes = slices.Concat(x.writes, x.countWrites(a.shard))
	a.items, err = t.items(a.writes)
	return a, err
}

func (t *Table) items(writes []write) ([]types.TransactWriteItem, error) {
	if len(writes) > MaxWrites {
		return nil, fmt.Errorf("a change of %d items is more than a transaction's %d", len(writes), MaxWrites)
	}
	items := make([]types.TransactWriteItem, len(writes))
	for i, w := range writes {
		if w.err != nil {
			return nil, w.err
		}
		items[i] = w.item
		switch {
		case items[i].Put != nil:
			items[i].Put.TableName = &t.name
			t.setNow(items[i].Put.ExpressionAttributeValues)
		case items[i].Update != nil:
			items[i].Update.TableName = &t.name
			t.setNow(items[i].Update.ExpressionAttributeValues)
		case items[i].Delete != nil:
			items[i].Delete.TableName = &t.name
		case items[i].ConditionCheck != nil:
			items[i].ConditionCheck.TableName = &t.name
			t.setNow(items[i].ConditionCheck.ExpressionAttributeValues)
		}
	}
	return items, nil
}

// explain turns a cancelled transaction into the error that its failed write was given. ErrChanged goes before all others: what
// they say may follow from a reading that is out of date.
func explain(err error, writes []write) error {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return err
	}
	var said error
	for i, reason := range cancelled.CancellationReasons {
		if code(reason) != "ConditionalCheckFailed" || i >= len(writes) || writes[i].failed == nil {
			continue
		}
		if next := writes[i].failed(reason.Item); said == nil || errors.Is(next, ErrChanged) {
			said = next
		}
	}
	if said == nil {
		return err
	}
	return verdict{said}
}

// answer makes the error of a failed condition. A condition without an error of its own is one that cannot fail.
func answer(err error) func(Item) error {
	if err == nil {
		err = errors.New("a condition failed that was given no error")
	}
	return func(Item) error { return err }
}

// nowMarker stands in a condition for the time of the commit, which a Tx does not know.
type nowMarker struct{}

const nowText = "\x00now"

// MarshalDynamoDBAttributeValue writes the marker that setNow replaces.
func (nowMarker) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return text(nowText), nil
}

func (t *Table) setNow(values Item) {
	for name, value := range values {
		if textOf(value) == nowText {
			values[name] = &types.AttributeValueMemberN{Value: fmt.Sprint(t.now().Unix())}
		}
	}
}

func build(update *expression.UpdateBuilder, condition *expression.ConditionBuilder) (expression.Expression, error) {
	if update == nil && condition == nil {
		return expression.Expression{}, nil
	}
	builder := expression.NewBuilder()
	if update != nil {
		builder = builder.WithUpdate(*update)
	}
	if condition != nil {
		builder = builder.WithCondition(*condition)
	}
	return builder.Build()
}

// Apply does a single change outside a transaction, for what may be lost or done twice without harm: a last use, a rate.
// It is tried again where the table is busy. A failed condition answers with the change's error.
func (t *Table) Apply(ctx context.Context, u *Change) (Item, error) {
	built, err := build(u.update(), u.condition)
	if err != nil {
		return nil, err
	}
	values := built.Values()
	t.setNow(values)
	var after Item
	err = t.retry(ctx, "UpdateItem", func(ctx context.Context) error {
		out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &t.name, Key: u.key.attributes(),
			UpdateExpression: built.Update(), ConditionExpression: built.Condition(), ExpressionAttributeNames: built.Names(),
			ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew})
		var failed *types.ConditionalCheckFailedException
		if errors.As(err, &failed) && u.failed != nil {
			return verdict{u.failed(failed.Item)}
		}
		if err == nil {
			after = out.Attributes
		}
		return err
	})
	return after, err
}

// Remove deletes a single item outside a transaction; that it is gone already is no error.
func (t *Table) Remove(ctx context.Context, key Key) error {
	return t.retry(ctx, "DeleteItem", func(ctx context.Context) error {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(t.name), Key: key.attributes()})
		return err
	})
}
