package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// repeat makes calls of the same kind and with as many items as those of a request, on rows of its own. Calls to other services
// are left out.
func (e *emulator) repeat(ctx context.Context, calls []call) error {
	for _, one := range calls {
		var err error
		switch one.Action {
		case "GetItem":
			_, err = e.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &e.table, Key: anyRow(), ConsistentRead: aws.Bool(true)})
		case "BatchGetItem":
			err = e.read(ctx, one.Items)
		case "Query":
			err = e.query(ctx, one)
		case "UpdateItem":
			_, err = e.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &e.table, Key: anyRow(),
				UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}}})
		case "TransactWriteItems":
			err = e.write(ctx, one.Items)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func anyRow() map[string]types.AttributeValue { return key("ROWS", sortKey(pick(rowsThere))) }

func (e *emulator) read(ctx context.Context, items int) error {
	asked := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	first := pick(rowsThere - items)
	for n := range items {
		asked.Keys = append(asked.Keys, key("ROWS", sortKey(first+n)))
	}
	_, err := e.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{e.table: asked}})
	return err
}

func (e *emulator) query(ctx context.Context, asked call) error {
	in := &dynamodb.QueryInput{TableName: &e.table, Limit: aws.Int32(int32(max(asked.ItemsRead, 1))),
		KeyConditionExpression: aws.String("pk = :pk AND sk >= :sk"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text("ROWS"), ":sk": text(sortKey(pick(rowsThere)))}}
	if asked.ofIndex() {
		in.IndexName, in.ConsistentRead = aws.String("gsi1"), nil
		in.KeyConditionExpression = aws.String("gsi1pk = :pk AND gsi1sk >= :sk")
		in.ExpressionAttributeValues[":pk"] = text("LIST")
	}
	_, err := e.client.Query(ctx, in)
	return err
}

func (e *emulator) write(ctx context.Context, items int) error {
	in := &dynamodb.TransactWriteItemsInput{}
	for range items {
		put := types.Put{TableName: &e.table, Item: row("NEW#"+unique(), unique()), ConditionExpression: aws.String("attribute_not_exists(pk)")}
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &put})
	}
	_, err := e.client.TransactWriteItems(ctx, in)
	return err
}
