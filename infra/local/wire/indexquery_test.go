package wire

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// list asks an index for a partition, page by page, and returns the attribute of each item; adjust may be nil.
func (k *kit) list(index, partition, attribute string, adjust func(*dynamodb.QueryInput)) string {
	k.t.Helper()
	in := &dynamodb.QueryInput{TableName: &k.table.Name, IndexName: &index, KeyConditionExpression: aws.String("#p = :p"),
		ExpressionAttributeNames: map[string]string{"#p": index + "pk"}, ExpressionAttributeValues: record(":p=" + partition)}
	if adjust != nil {
		adjust(in)
	}
	var found []string
	for {
		out, err := k.db().Query(context.Background(), in)
		if err != nil {
			k.t.Fatal(err)
		}
		if int(out.Count) != len(out.Items) || in.Limit != nil && out.Count > *in.Limit {
			k.t.Errorf("a page of %d says %d", len(out.Items), out.Count)
		}
		for _, i := range out.Items {
			found = append(found, text(i, attribute))
		}
		if out.LastEvaluatedKey == nil {
			return strings.Join(found, " ")
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func (k *kit) wantList(index, partition, attribute, want string, adjust func(*dynamodb.QueryInput)) {
	k.t.Helper()
	if got := k.list(index, partition, attribute, adjust); got != want {
		k.t.Errorf("%s of %s in %s: %q, want %q", attribute, partition, index, got, want)
	}
}

func TestIndexShowsAnItemOnlyAfterTheLag(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.db(), "pk=a sk=1 gsi1pk=L gsi1sk=x")
	k.wantList("gsi1", "L", "sk", "", nil)
	k.clock.move(Lag - 1)
	k.wantList("gsi1", "L", "sk", "", nil)
	k.clock.move(1)
	k.wantList("gsi1", "L", "sk", "1", nil)
}

func TestIndexShowsTheOldImageOfWhatChanged(t *testing.T) {
	changes := map[string]func(k *kit) error{
		"put": func(k *kit) error { return k.put(k.db(), "pk=a sk=2 gsi1pk=L gsi1sk=z v=new") },
		"update": func(k *kit) error {
			_, err := k.db().UpdateItem(context.Background(), &dynamodb.UpdateItemInput{TableName: &k.table.Name, Key: record("pk=a sk=2"),
				UpdateExpression: aws.String("SET gsi1sk = :s, v = :v"), ExpressionAttributeValues: record(":s=z :v=new")})
			return err
		},
		"transaction": func(k *kit) error { return k.transact(k.db(), "", "pk=a sk=2 gsi1pk=L gsi1sk=z v=new", "pk=a sk=9") },
		"batch": func(k *kit) error {
			_, err := k.db().BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				k.table.Name: {{PutRequest: &types.PutRequest{Item: record("pk=a sk=2 gsi1pk=L gsi1sk=z v=new")}}}}})
			return err
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			k := newKit(t, nil)
			k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m v=old", "pk=a sk=2 gsi1pk=L gsi1sk=n v=old", "pk=a sk=3 gsi1pk=L gsi1sk=o v=old")
			if err := change(k); err != nil {
				t.Fatal(err)
			}
			k.wantList("gsi1", "L", "sk", "1 2 3", nil)
			k.wantList("gsi1", "L", "v", "old old old", nil)
			k.clock.move(Lag)
			k.wantList("gsi1", "L", "sk", "1 3 2", nil)
			k.wantList("gsi1", "L", "v", "old old new", nil)
		})
	}
}

func TestDeletedItemStaysInItsIndexForAWhile(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m gsi2pk=M gsi2sk=m v=old")
	if err := k.remove(k.db(), "pk=a sk=1"); err != nil {
		t.Fatal(err)
	}
	k.wantList("gsi1", "L", "v", "old", nil)
	k.wantList("gsi2", "M", "sk", "1", nil)
	k.wantList("gsi2", "M", "v", "", nil) // KEYS_ONLY
	k.clock.move(Lag)
	k.wantList("gsi1", "L", "v", "", nil)
}

func TestSeveralChangesShowOneAfterTheOther(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m v=0")
	for _, v := range []string{"1", "2"} {
		k.mustPut(k.db(), "pk=a sk=1 gsi1pk=L gsi1sk=m v="+v)
		k.clock.move(Lag / 2)
	}
	k.wantList("gsi1", "L", "v", "1", nil)
	k.clock.move(Lag / 2)
	k.wantList("gsi1", "L", "v", "2", nil)
}

func TestRefusedWriteHidesNothing(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m v=old")
	_, err := k.db().PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &k.table.Name, Item: record("pk=a sk=1"),
		ConditionExpression: aws.String("attribute_not_exists(pk)")})
	if code(err) != "ConditionalCheckFailedException" {
		t.Fatal(err)
	}
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m v=new")
	k.wantList("gsi1", "L", "v", "new", nil)
}

func TestTableItselfDoesNotLag(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.db(), "pk=a sk=1 gsi1pk=L gsi1sk=m")
	out, err := k.db().Query(context.Background(), &dynamodb.QueryInput{TableName: &k.table.Name,
		KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: record(":p=a")})
	if err != nil || out.Count != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
}

// Pages over an index in which items moved, came and went must show each item of the old state once, in order, whatever
// the page's limit and direction.
func TestPagesOverALaggingIndex(t *testing.T) {
	k := newKit(t, nil)
	var want []string
	for i := range 12 {
		k.mustPut(k.owner(), fmt.Sprintf("pk=a sk=%02d gsi1pk=L gsi1sk=n%02d", i, i/2)) // pairs of equal sort keys
		want = append(want, fmt.Sprintf("%02d", i))
	}
	k.mustPut(k.db(), "pk=a sk=00 gsi1pk=L gsi1sk=n99", "pk=a sk=11 gsi1pk=L gsi1sk=n00", "pk=a sk=05 gsi1pk=OTHER gsi1sk=n05",
		"pk=a sk=50 gsi1pk=L gsi1sk=n03", "pk=a sk=06")
	if err := k.remove(k.db(), "pk=a sk=07"); err != nil {
		t.Fatal(err)
	}
	for limit := int32(1); limit <= 13; limit++ {
		k.wantList("gsi1", "L", "sk", strings.Join(want, " "), func(in *dynamodb.QueryInput) { in.Limit = &limit })
	}
	slices.Reverse(want)
	for limit := int32(1); limit <= 13; limit++ {
		k.wantList("gsi1", "L", "sk", strings.Join(want, " "), func(in *dynamodb.QueryInput) {
			in.Limit, in.ScanIndexForward = &limit, aws.Bool(false)
		})
	}
}

func TestQueryOfALaggingIndexKeepsItsTerms(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=ab v=1", "pk=a sk=2 gsi1pk=L gsi1sk=ac v=2", "pk=a sk=3 gsi1pk=L gsi1sk=b v=3")
	for _, key := range []string{"pk=a sk=1", "pk=a sk=3"} {
		if err := k.remove(k.db(), key); err != nil {
			t.Fatal(err)
		}
	}
	for condition, want := range map[string]string{
		"begins_with(gsi1sk, :from)": "1 2", "gsi1sk BETWEEN :from AND :to": "1 2 3", "gsi1sk > :from": "1 2 3", "gsi1sk <= :to": "1 2 3", "gsi1sk >= :to": "3",
	} {
		k.wantList("gsi1", "L", "sk", want, func(in *dynamodb.QueryInput) {
			in.KeyConditionExpression = aws.String("#p = :p AND " + condition)
			for name, v := range record(":from=a :to=b") {
				if strings.Contains(condition, name) {
					in.ExpressionAttributeValues[name] = v
				}
			}
		})
	}
	k.wantList("gsi1", "L", "v", "1 2 3", func(in *dynamodb.QueryInput) {
		in.ProjectionExpression = aws.String("#v, sk")
		in.ExpressionAttributeNames["#v"] = "v"
	})
	k.wantList("gsi1", "L", "pk", "  ", func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("v") })
}

func TestCountOfALaggingIndex(t *testing.T) {
	k := newKit(t, nil)
	k.mustPut(k.owner(), "pk=a sk=1 gsi1pk=L gsi1sk=m")
	k.mustPut(k.db(), "pk=a sk=2 gsi1pk=L gsi1sk=m")
	out, err := k.db().Query(context.Background(), &dynamodb.QueryInput{TableName: &k.table.Name, IndexName: aws.String("gsi1"), Select: types.SelectCount,
		KeyConditionExpression: aws.String("gsi1pk = :p"), ExpressionAttributeValues: record(":p=L")})
	if err != nil || out.Count != 1 || out.Items != nil {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestWhatAnIndexQueryCannotAnswerIsRefused(t *testing.T) {
	k := newKit(t, nil)
	for _, adjust := range []func(*dynamodb.QueryInput){
		func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("attribute_exists(v)") },
		func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("v.name") },
	} {
		in := &dynamodb.QueryInput{TableName: &k.table.Name, IndexName: aws.String("gsi1"), KeyConditionExpression: aws.String("gsi1pk = :p"), ExpressionAttributeValues: record(":p=L")}
		adjust(in)
		if _, err := k.db().Query(context.Background(), in); code(err) != "ValidationException" || !strings.Contains(err.Error(), "local stack refuses") {
			t.Errorf("got %v", err)
		}
	}
}

func TestWithoutLagIndexesAreCurrent(t *testing.T) {
	k := newKit(t, func(c *Config) { c.Lag = 0 })
	k.mustPut(k.db(), "pk=a sk=1 gsi1pk=L gsi1sk=x")
	k.wantList("gsi1", "L", "sk", "1", nil)
}
