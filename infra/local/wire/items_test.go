package wire

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// record is an item of strings, written "pk=a sk=b".
func record(text string) map[string]types.AttributeValue {
	i := map[string]types.AttributeValue{}
	for field := range strings.FieldsSeq(text) {
		name, v, _ := strings.Cut(field, "=")
		i[name] = &types.AttributeValueMemberS{Value: v}
	}
	return i
}

// text is the value of a string attribute.
func text(i map[string]types.AttributeValue, name string) string {
	if s, ok := i[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func (k *kit) put(client *dynamodb.Client, fields string) error {
	_, err := client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &k.table.Name, Item: record(fields)})
	return err
}

func (k *kit) mustPut(client *dynamodb.Client, fields ...string) {
	k.t.Helper()
	for _, f := range fields {
		if err := k.put(client, f); err != nil {
			k.t.Fatalf("put %s: %v", f, err)
		}
	}
}

func (k *kit) get(client *dynamodb.Client, key string) (map[string]types.AttributeValue, error) {
	out, err := client.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &k.table.Name, Key: record(key)})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

// transact puts the items in one transaction; token may be empty.
func (k *kit) transact(client *dynamodb.Client, token string, puts ...string) error {
	in := &dynamodb.TransactWriteItemsInput{}
	if token != "" {
		in.ClientRequestToken = &token
	}
	for _, fields := range puts {
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: &k.table.Name, Item: record(fields)}})
	}
	_, err := client.TransactWriteItems(context.Background(), in)
	return err
}

// remove deletes an item.
func (k *kit) remove(client *dynamodb.Client, key string) error {
	_, err := client.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: &k.table.Name, Key: record(key)})
	return err
}

// check makes a transaction of a condition only, that the item exists.
func (k *kit) check(client *dynamodb.Client, key string) error {
	_, err := client.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{
		ConditionCheck: &types.ConditionCheck{TableName: &k.table.Name, Key: record(key), ConditionExpression: aws.String("attribute_exists(pk)")}}}})
	return err
}
