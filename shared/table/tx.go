package table

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

	update    *expression.UpdateBuilder // what the item was built of, for what is required of the same one
	condition *expression.ConditionBuilder
}

// NewTx begins an empty change.
func NewTx() *Tx { return &Tx{counts: map[countKey]*countDelta{}} }

// Empty tells whether the change writes nothing.
func (x *Tx) Empty() bool { return len(x.writes) == 0 && len(x.counts) == 0 }

// Size is how many items the change writes so far, of MaxWrites.
func (x *Tx) Size() int {
	n := len(x.writes)
	for _, delta := range x.counts {
		if delta.n != 0 {
			n++
		}
	}
	return n
}

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
	x.add(write{key: key, failed: answer(taken), condition: condition, item: types.TransactWriteItem{Put: &types.Put{Item: row}}})
}

// Update changes the item of u; see Change.
func (x *Tx) Update(u *Change) {
	x.add(write{key: u.key, failed: u.failed, update: u.update(), condition: u.condition, item: types.TransactWriteItem{Update: &types.Update{Key: u.key.attributes()}}})
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
// require something of the same item at the same time are in each other's way like two that write it: it is for what is rare. Of
// an item that the change writes too, it becomes a condition of that write.
func (x *Tx) Require(key Key, condition expression.ConditionBuilder, failed error) {
	x.add(write{key: key, failed: answer(failed), condition: &condition, item: types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{Key: key.attributes()}}})
}

func (x *Tx) deleteIf(key Key, condition *expression.ConditionBuilder, failed error) {
	x.add(write{key: key, failed: answer(failed), condition: condition, item: types.TransactWriteItem{Delete: &types.Delete{Key: key.attributes()}}})
}

// add puts a write into the change. A transaction has one of each item, so what is only required of one joins what is written of it.
func (x *Tx) add(w write) {
	i := slices.IndexFunc(x.writes, func(old write) bool {
		return old.key == w.key && (old.item.ConditionCheck != nil || w.item.ConditionCheck != nil)
	})
	if i < 0 {
		x.writes = append(x.writes, w.built())
		return
	}
	x.writes[i] = x.writes[i].joined(w).built()
}

// joined is the write and what is required of its item in one, whichever of the two is which. Where one of their conditions fails
// it is not known which one: with ErrChanged among their errors, whoever read runs again and finds out.
func (w write) joined(other write) write {
	if w.item.ConditionCheck != nil {
		w, other = other, w
	}
	if w.condition == nil {
		w.condition, w.failed = other.condition, other.failed
		return w
	}
	both, first, second := w.condition.And(*other.condition), w.failed, other.failed
	w.condition = &both
	w.failed = func(old Item) error {
		if err := second(old); errors.Is(err, ErrChanged) {
			return err
		}
		return first(old)
	}
	return w
}

// built is the write with its expressions.
func (w write) built() write {
	built, err := build(w.update, w.condition)
	if err != nil {
		w.err = err
		return w
	}
	const old = types.ReturnValuesOnConditionCheckFailureAllOld
	switch item := &w.item; {
	case item.Put != nil:
		item.Put.ConditionExpression, item.Put.ExpressionAttributeNames, item.Put.ExpressionAttributeValues = built.Condition(), built.Names(), built.Values()
		item.Put.ReturnValuesOnConditionCheckFailure = old
	case item.Update != nil:
		item.Update.UpdateExpression, item.Update.ConditionExpression = built.Update(), built.Condition()
		item.Update.ExpressionAttributeNames, item.Update.ExpressionAttributeValues = built.Names(), built.Values()
		item.Update.ReturnValuesOnConditionCheckFailure = old
	case item.Delete != nil:
		item.Delete.ConditionExpression, item.Delete.ExpressionAttributeNames, item.Delete.ExpressionAttributeValues = built.Condition(), built.Names(), built.Values()
		item.Delete.ReturnValuesOnConditionCheckFailure = old
	case item.ConditionCheck != nil:
		item.ConditionCheck.ConditionExpression, item.ConditionCheck.ExpressionAttributeNames = built.Condition(), built.Names()
		item.ConditionCheck.ExpressionAttributeValues, item.ConditionCheck.ReturnValuesOnConditionCheckFailure = built.Values(), old
	}
	return w
}
