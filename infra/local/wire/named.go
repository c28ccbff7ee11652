package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// dynamoCall is what a DynamoDB call names.
type dynamoCall struct {
	input    input
	elements []element // the items named, in the call's order
	query    []comparison
	index    *template.Index // the index queried, nil for the table itself
}

// element is one item that a call names, and what the call does to it.
type element struct {
	action string // of the policy, such as dynamodb:PutItem
	table  template.Table
	key    item // at least the attributes of the table's key
	writes bool
}

// input is the part of a DynamoDB request's body that the wire looks at, of all operations together.
type input struct {
	TableName                 string
	IndexName                 string
	Key                       item
	Item                      item
	KeyConditionExpression    string
	KeyConditions             json.RawMessage
	FilterExpression          string
	QueryFilter               json.RawMessage
	ProjectionExpression      string
	AttributesToGet           json.RawMessage
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]value
	ExclusiveStartKey         item
	ScanIndexForward          *bool
	Limit                     int
	Select                    string
	ConsistentRead            bool
	ClientRequestToken        string
	ReturnConsumedCapacity    string
	RequestItems              map[string]json.RawMessage
	TransactItems             []transactItem
}

type transactItem struct{ Get, Put, Update, Delete, ConditionCheck *tableItem }

type tableItem struct {
	TableName string
	Key, Item item
}

// invalid is DynamoDB's refusal of a request that says something wrong.
func invalid(format string, arguments ...any) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", fmt.Sprintf(format, arguments...)}
}

// name reads what the call names. Tables that the template does not have are named with no key: what a call does to
// them the policy decides by its ARN.
func (d *dynamoDB) name(c *call) *refusal {
	named := &dynamoCall{}
	c.dynamo = named
	if err := json.Unmarshal(c.body, &named.input); err != nil {
		return &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	in := &named.input
	switch c.action {
	case "GetItem":
		named.elements = []element{{"dynamodb:GetItem", d.table(in.TableName), in.Key, false}}
	case "PutItem":
		named.elements = []element{{"dynamodb:PutItem", d.table(in.TableName), in.Item, true}}
	case "UpdateItem", "DeleteItem":
		named.elements = []element{{"dynamodb:" + c.action, d.table(in.TableName), in.Key, true}}
	case "BatchGetItem":
		return d.nameBatchGet(named)
	case "BatchWriteItem":
		return d.nameBatchWrite(named)
	case "TransactGetItems", "TransactWriteItems":
		return d.nameTransaction(named)
	case "Query":
		return d.nameQuery(named)
	case "Scan":
		if in.IndexName != "" {
			return invalid("The local stack refuses Scan of an index: it could not hide what changed lately.")
		}
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		return invalid("The local stack refuses PartiQL: it could not tell what a statement touches.")
	}
	return nil
}

func (d *dynamoDB) nameBatchGet(named *dynamoCall) *refusal {
	for _, table := range sortedKeys(named.input.RequestItems) {
		var request struct{ Keys []item }
		if err := json.Unmarshal(named.input.RequestItems[table], &request); err != nil {
			return &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
		}
		for _, key := range request.Keys {
			named.elements = append(named.elements, element{"dynamodb:BatchGetItem", d.table(table), key, false})
		}
	}
	return nil
}

func (d *dynamoDB) nameBatchWrite(named *dynamoCall) *refusal {
	for _, table := range sortedKeys(named.input.RequestItems) {
		var requests []struct {
			PutRequest    struct{ Item item }
			DeleteRequest struct{ Key item }
		}
		if err := json.Unmarshal(named.input.RequestItems[table], &requests); err != nil {
			return &refusal{http.StatusBadRequest, "SerializationException", err.Error()}
		}
		for _, r := range requests {
			key := r.DeleteRequest.Key
			if key == nil {
				key = r.PutRequest.Item
			}
			named.elements = append(named.elements, element{"dynamodb:BatchWriteItem", d.table(table), key, true})
		}
	}
	return nil
}

func (d *dynamoDB) nameTransaction(named *dynamoCall) *refusal {
	for _, t := range named.input.TransactItems {
		var e element
		switch {
		case t.Get != nil:
			e = element{"dynamodb:GetItem", d.table(t.Get.TableName), t.Get.Key, false}
		case t.Put != nil:
			e = element{"dynamodb:PutItem", d.table(t.Put.TableName), t.Put.Item, true}
		case t.Update != nil:
			e = element{"dynamodb:UpdateItem", d.table(t.Update.TableName), t.Update.Key, true}
		case t.Delete != nil:
			e = element{"dynamodb:DeleteItem", d.table(t.Delete.TableName), t.Delete.Key, true}
		case t.ConditionCheck != nil:
			e = element{"dynamodb:ConditionCheckItem", d.table(t.ConditionCheck.TableName), t.ConditionCheck.Key, false}
		default:
			return invalid("TransactItems can only contain one of Check, Put, Update or Delete")
		}
		named.elements = append(named.elements, e)
	}
	return nil
}

func (d *dynamoDB) nameQuery(named *dynamoCall) (refused *refusal) {
	in := &named.input
	if in.KeyConditions != nil || in.QueryFilter != nil || in.AttributesToGet != nil {
		return invalid("The local stack refuses the legacy KeyConditions, QueryFilter and AttributesToGet: use expressions.")
	}
	var err error
	named.query, err = keyCondition(in.KeyConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return invalid("Invalid KeyConditionExpression: %v", err)
	}
	if in.IndexName == "" {
		return nil
	}
	table := d.table(in.TableName)
	at := slices.IndexFunc(table.Indexes, func(i template.Index) bool { return i.Name == in.IndexName })
	if at < 0 {
		return invalid("The table does not have the specified index: %s", in.IndexName)
	}
	named.index = &table.Indexes[at]
	return nil
}

// queryKeys returns the partition key that a query names.
func (d *dynamoDB) queryKeys(named *dynamoCall) []string {
	key := d.table(named.input.TableName).Key
	if named.index != nil {
		key = named.index.Key
	}
	equals := item{}
	for _, c := range named.query {
		if c.operator == "=" {
			equals[c.name] = c.values[0]
		}
	}
	if leading, ok := partition(key, equals); ok {
		return []string{leading}
	}
	return nil
}

// table returns the template's table of a name or ARN, or one without key and indexes.
func (d *dynamoDB) table(name string) template.Table {
	if _, after, isARN := strings.Cut(name, ":table/"); isARN {
		name = after
	}
	if table, ok := d.tables[name]; ok {
		return table
	}
	return template.Table{Name: name, ARN: tableARN(name)}
}

func tableARN(name string) string {
	return fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", template.Partition, template.Region, template.Account, name)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
