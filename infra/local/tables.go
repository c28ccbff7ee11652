package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/infra/local/template"
)

// createTable makes the table as the template has it, unless it is there, and reports whether it was made. A table that is there
// with other keys or indexes is an error: the stack does not change tables that hold data.
func createTable(ctx context.Context, client *dynamodb.Client, table template.Table) (made bool, err error) {
	existing, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name})
	if err == nil {
		return false, sameShape(table, existing.Table)
	}
	if missing := new(types.ResourceNotFoundException); !errors.As(err, &missing) {
		return false, fmt.Errorf("look for table %s: %w", table.Name, err)
	}
	if _, err := client.CreateTable(ctx, createInput(table)); err != nil {
		return false, fmt.Errorf("create table %s: %w", table.Name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 20 * time.Millisecond })
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table.Name}, time.Minute); err != nil {
		return false, fmt.Errorf("wait for table %s: %w", table.Name, err)
	}
	if table.TTLAttribute == "" {
		return true, nil
	}
	_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &table.Name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &table.TTLAttribute, Enabled: aws.Bool(true)},
	})
	if err != nil {
		return false, fmt.Errorf("set the time to live of table %s: %w", table.Name, err)
	}
	return true, nil
}

// sameShape compares the keys of a table that is there with the template's.
func sameShape(table template.Table, existing *types.TableDescription) error {
	want, have := map[string]string{"": keyText(keySchema(table.Key))}, map[string]string{"": keyText(existing.KeySchema)}
	for _, index := range table.Indexes {
		want[index.Name] = keyText(keySchema(index.Key)) + " " + index.Projection
	}
	for _, index := range existing.GlobalSecondaryIndexes {
		have[aws.ToString(index.IndexName)] = keyText(index.KeySchema) + " " + string(index.Projection.ProjectionType)
	}
	for name := range want {
		if want[name] != have[name] {
			return fmt.Errorf("table %s is there with other keys or indexes than the template's (index %q: %q, not %q): "+
				"remove the data folder, or name another with DATA_DIR", table.Name, name, have[name], want[name])
		}
	}
	return nil
}

func createInput(table template.Table) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{
		TableName: &table.Name, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema(table.Key),
	}
	for name, kind := range table.Attributes {
		input.AttributeDefinitions = append(input.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	for _, index := range table.Indexes {
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index.Name, KeySchema: keySchema(index.Key),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(index.Projection), NonKeyAttributes: index.NonKey},
		})
	}
	return input
}

func keySchema(parts []template.KeyPart) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	for _, part := range parts {
		schema = append(schema, types.KeySchemaElement{AttributeName: &part.Name, KeyType: types.KeyType(part.Type)})
	}
	return schema
}

func keyText(schema []types.KeySchemaElement) string {
	text := ""
	for _, element := range schema {
		text += fmt.Sprintf("%s %s ", aws.ToString(element.AttributeName), element.KeyType)
	}
	return text
}
