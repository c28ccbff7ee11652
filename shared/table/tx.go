package table

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MaxWrites is how many items one transaction can write, counts and audit included
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
const MaxWrites = 100

// ErrChanged is the failure of a condition on a version: another writer was first. The one who read runs again from its
// reading; shared/httpapi does so for every operation.
var ErrChanged = errors.New("the item changed since it was read")

// Tx is one change of the table, all or nothing. It is built by one goroutine and committed once.
type Tx struct {
	writes []write
	counts map[countKey]*countDelta
	after  []func(context.Context)
}

type write struct {
	key    Key
	item   types.TransactWriteItem
	failed func(old Item) error
	err    error
}

// NewTx begins an empty change.
func NewTx() *Tx { return &Tx{counts: map[countKey]*countDelta{}} }

// Empty tells whether the change writes nothing.
func (x *Tx) Empty() bool { return len(x.writes) == 0 && len(x.counts) == 0 }

// After has do run once the change is committed: for what may be lost without harm, such as waking a worker that a
// schedule would wake anyway.
func (x *Tx) After(do func(context.Context)) { x.after = append(x.after, do) }

// Place puts an item into the list of an index (1 or 2).
type Place struct {
	Index  int
	PK, SK string
}

func (p Place) names() (pk, sk string) {
	return fmt.Sprintf("gsi%dpk", p.Index), fmt.Sprintf("gsi%dsk", p.Index)
}

// Create writes an item that must not be there yet (an expired one is not). item is a struct with dynamodbav tags, without
// its key; taken is the error where there is one.
func (x *Tx) Create(key Key, item any, taken error, places ...Place) {
	vacant := expression.AttributeNotExists(expression.Name("pk")).
		Or(expression.Name("expiresAt").LessThan(expression.Value(nowMarker{})))
	x.put(key, item, &vacant, taken, places)
}

// Put writes an item whatever was there before. It is for items that only one writer has, such as an audit event.
func (x *Tx) Put(key Key, item any, places ...Place) { x.put(key, item, nil, nil, places) }

func (x *Tx) put(key Key, item any, condition *expression.ConditionBuilder, taken error, places []Place) {
	row, err := attributevalue.MarshalMap(item)
	if err != nil {
		x.writes = append(x.writes, write{key: key, err: fmt.Errorf("write item %s %s: %w", key.PK, key.SK, err)})
		return
	}
	for name, value := range key.attributes() {
		row[name] = value
	}
	for _, place := range places {
		pk, sk := place.names()
		row[pk], row[sk] = text(place.PK), text(place.SK)
	}
	built, err := build(nil, condition)
	x.writes = append(x.writes, write{key: key, err: err, failed: answer(taken), item: types.TransactWriteItem{Put: &types.Put{
		Item: row, ConditionExpression: built.Condition(), ExpressionAttributeNames: built.Names(),
		ExpressionAttributeValues: built.Values(), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}})
}

// Update changes the item of u; see Change.
func (x *Tx) Update(u *Change) {
	built, err := build(&u.update, u.condition)
	x.writes = append(x.writes, write{key: u.key, err: err, failed: u.failed, item: types.TransactWriteItem{Update: &types.Update{
		Key: u.key.attributes(), UpdateExpression: built.Update(), ConditionExpression: built.Condition(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}})
}

// Delete removes an item. With a version other than 0 it must still be that one, otherwise ErrChanged.
func (x *Tx) Delete(key Key, version int) {
	var condition *expression.ConditionBuilder
	if version != 0 {
		same := expression.Name("version").Equal(expression.Value(version))
		condition = &same
	}
	x.deleteIf(key, condition, ErrChanged)
}

// DeleteExisting removes an item that must be there; missing is the error where it is not.
func (x *Tx) DeleteExisting(key Key, missing error) {
	there := expression.AttributeExists(expression.Name("pk"))
	x.deleteIf(key, &there, missing)
}

// DeleteIf removes an item on a condition; failed is the error where it does not hold.
func (x *Tx) DeleteIf(key Key, condition expression.ConditionBuilder, failed error) {
	x.deleteIf(key, &condition, failed)
}

// Require has the change fail with failed where the condition on an item does not hold; it writes nothing there. Two changes that
// require something of the same item at the same time are in each other's way like two that write it: it is for what is rare.
func (x *Tx) Require(key Key, condition expression.ConditionBuilder, failed error) {
	built, err := build(nil, &condition)
	x.writes = append(x.writes, write{key: key, err: err, failed: answer(failed), item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		Key: key.attributes(), ConditionExpression: built.Condition(), ExpressionAttributeNames: built.Names(),
		ExpressionAttributeValues: built.Values(), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}})
}

func (x *Tx) deleteIf(key Key, condition *expression.ConditionBuilder, failed error) {
	built, err := build(nil, condition)
	x.writes = append(x.writes, write{key: key, err: err, failed: answer(failed), item: types.TransactWriteItem{Delete: &types.Delete{
		Key: key.attributes(), ConditionExpression: built.Condition(), ExpressionAttributeNames: built.Names(),
		ExpressionAttributeValues: built.Values(), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}}})
}
