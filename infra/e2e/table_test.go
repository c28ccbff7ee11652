package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/domainname"
	"github.com/tenantry/tenantry/shared/table"
)

// This file looks into the table itself, past the product: what an operation left behind is checked on what is stored.

// owned is the table as its owner reaches it.
type owned struct {
	client *dynamodb.Client
	name   string
	table  *table.Table // the same, as the product writes it; it makes no cursors
}

func rawTable(t testing.TB) owned {
	t.Helper()
	o, err := ownerTable()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var ownerTable = sync.OnceValues(openTable)

func openTable() (owned, error) {
	o, err := readOwner()
	if err != nil {
		return owned{}, err
	}
	return owned{dynamodb.NewFromConfig(o.config()), o.Table, table.Open(o.config(), o.Table, nil, clock.System)}, nil
}

// owner is who may do everything with what the stack keeps.
type owner struct{ Endpoint, AccessKeyID, SecretAccessKey, Table, Bucket string }

// readOwner asks the stack that runs now for its owner, who is another with each start.
func readOwner() (o owner, err error) {
	answer, err := stack.send(context.Background(), "GET", "/_local/owner", nil, nil)
	if err == nil {
		err = decode(answer, &o)
	}
	return o, err
}

func (o *owner) config() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &o.Endpoint, Credentials: credentials.NewStaticCredentialsProvider(o.AccessKeyID, o.SecretAccessKey, "")}
}

// row is an item with its values as Go's own.
type row map[string]any

func (r row) text(name string) string {
	value, _ := r[name].(string)
	return value
}

// item is one item, nil where there is none.
func (o owned) item(t testing.TB, pk, sk string) row {
	t.Helper()
	out, err := o.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &o.name, ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}})
	if err != nil {
		t.Fatalf("read the item %s %s: %v", pk, sk, err)
	}
	if out.Item == nil {
		return nil
	}
	return asRow(t, out.Item)
}

// partition is everything of a partition, by sort key.
func (o owned) partition(t testing.TB, pk string) map[string]row {
	t.Helper()
	rows := map[string]row{}
	for _, one := range o.query(t, &dynamodb.QueryInput{TableName: &o.name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}}}) {
		rows[one.text("sk")] = one
	}
	return rows
}

// list is a list of an index, from where its sort key begins with prefix. The owner's view of an index is up to date.
func (o owned) list(t testing.TB, index int, pk, prefix string) []row {
	t.Helper()
	in := &dynamodb.QueryInput{TableName: &o.name, IndexName: aws.String(fmt.Sprintf("gsi%d", index)),
		KeyConditionExpression:    aws.String(fmt.Sprintf("gsi%dpk = :pk", index)),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}}}
	if prefix != "" {
		*in.KeyConditionExpression += fmt.Sprintf(" AND begins_with(gsi%dsk, :sk)", index)
		in.ExpressionAttributeValues[":sk"] = &types.AttributeValueMemberS{Value: prefix}
	}
	return o.query(t, in)
}

func (o owned) query(t testing.TB, in *dynamodb.QueryInput) []row {
	t.Helper()
	var rows []row
	pages := dynamodb.NewQueryPaginator(o.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("query %v: %v", in.ExpressionAttributeValues, err)
		}
		for _, item := range page.Items {
			rows = append(rows, asRow(t, item))
		}
	}
	return rows
}

// set gives an item's attribute another number.
func (o owned) set(t testing.TB, pk, sk, name string, n int64) {
	t.Helper()
	_, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &o.name,
		Key:                       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
		UpdateExpression:          aws.String("SET #name = :n"),
		ExpressionAttributeNames:  map[string]string{"#name": name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(n)}}})
	if err != nil {
		t.Fatal(err)
	}
}

// remove deletes an item.
func (o owned) remove(t testing.TB, pk, sk string) {
	t.Helper()
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
	if _, err := o.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &o.name, Key: key}); err != nil {
		t.Fatal(err)
	}
}

// write puts items, 25 at a time.
func (o owned) write(t testing.TB, items []map[string]any) {
	t.Helper()
	for some := range slices.Chunk(items, 25) {
		var puts []types.WriteRequest
		for _, one := range some {
			item, err := attributevalue.MarshalMap(one)
			if err != nil {
				t.Fatal(err)
			}
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		for left := map[string][]types.WriteRequest{o.name: puts}; len(left) > 0; {
			out, err := o.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: left})
			if err != nil {
				t.Fatalf("write %d items: %v", len(puts), err)
			}
			left = out.UnprocessedItems
		}
	}
}

func asRow(t testing.TB, item map[string]types.AttributeValue) row {
	t.Helper()
	one := row{}
	if err := attributevalue.UnmarshalMap(item, &one); err != nil {
		t.Fatal(err)
	}
	return one
}

// groupsInOrder checks that who is in a group stands there too, and adds how many groups each connection has.
func groupsInOrder(t testing.TB, counted, there map[string]int) {
	t.Helper()
	for name := range counted {
		parts := strings.Split(name, "#")
		switch {
		case parts[0] == "SCIM" && parts[2] == "GROUP":
			for sk := range rawTable(t).partition(t, "SCIM#"+parts[1]) {
				if strings.HasPrefix(sk, "DOC#grp_") {
					there[name]++
				}
			}
		case parts[0] == "GROUP" && parts[2] == "MEMBERS":
			items := 0
			for sk := range rawTable(t).partition(t, "GROUP#"+parts[1]) {
				if strings.HasPrefix(sk, "USER#") {
					items++
				}
			}
			if items != there[name] {
				t.Errorf("%d users are in the group %s, %d items say so", there[name], parts[1], items)
			}
		}
	}
}

// counted reads a tree with its counts, of one moment: what the worker does in between would show in one of the two only.
func (o owned) counted(t testing.TB, root string) (tree, counts map[string]row) {
	t.Helper()
	counts = o.partition(t, "COUNTS#"+root)
	for range 100 {
		tree = o.partition(t, "TREE#"+root)
		before := counts
		if counts = o.partition(t, "COUNTS#"+root); cmp.Equal(before, counts) {
			return tree, counts
		}
	}
	t.Fatal("the tree does not come to rest")
	return nil, nil
}

// inOrder checks what must hold of a tree whatever happened to it: the counts are those of the users, keys and domains that are
// there, the set of administrators is that of the active ones, and every address is claimed by exactly who has it.
func inOrder(t testing.TB, root string) {
	t.Helper()
	o := rawTable(t)
	tree, counts := o.counted(t, root)
	members, administrators, addresses := map[string]int{}, []string{}, map[string]string{}
	for sk, item := range tree {
		switch {
		case strings.HasPrefix(sk, "USER#"):
			if item.text("role") != "" {
				members[fmt.Sprintf("ORG#%s#MEMBERS#%s", item.text("organization"), item.text("role"))]++
			} else {
				members["WITHOUT-ROLE"]++
			}
			if by := item.text("connection"); by != "" {
				members["SCIM#"+by+"#USER"]++
			}
			for count, name := range map[string]string{"#MEMBERS": "groups", "#CONFLICTS": "conflicts"} {
				groups, _ := item[name].([]string)
				for _, group := range groups {
					members["GROUP#"+group+count]++
				}
			}
			if address := item.text("email"); address != "" { // which another tree may have taken over
				addresses[strings.ToLower(address)] = item.text("id")
				members["DOMAIN#"+domainname.Of(address)]++
			}
			if item.text("status") == "active" && item.text("portal") == "administrator" && item.text("organization") == root {
				administrators = append(administrators, item.text("id"))
			}
		case strings.HasPrefix(sk, "KEY#"):
			members[fmt.Sprintf("ORG#%s#KEYS#%s", item.text("organization"), item.text("role"))]++
		}
	}
	maps.Copy(members, domainsInOrder(t, tree, root))
	counted := map[string]int{}
	for sk, item := range counts {
		name := sk[:strings.LastIndexByte(sk, '#')]
		n, _ := item["n"].(float64)
		closed, _ := item["closed"].(bool)
		if !uncounted(name) && !closed {
			counted[name] += int(n)
		}
	}
	groupsInOrder(t, counted, members)
	if diff := cmp.Diff(members, settle(counted)); diff != "" {
		t.Errorf("the counts of %s are not what is there (-there +counted):\n%s", root, diff)
	}
	held, _ := tree["ADMINS"]["users"].([]string)
	slices.Sort(held)
	slices.Sort(administrators)
	if !slices.Equal(held, administrators) {
		t.Errorf("the administrators of %s are %v, its set says %v", root, administrators, held)
	}
	claims := map[string]string{}
	for sk, item := range tree {
		if address, found := strings.CutPrefix(sk, "ADDRESS#"); found {
			claims[address] = item.text("user")
		}
	}
	if !maps.Equal(claims, addresses) {
		t.Errorf("the addresses of %s are claimed otherwise: %s", root, cmp.Diff(addresses, claims))
	}
}

// uncounted tells of a count that inOrder does not compare: of what is not in the tree's own partition.
func uncounted(name string) bool {
	return slices.ContainsFunc([]string{"#SUBORGANIZATIONS", "#CLIENTS", "#GROUP", "#CHANGES"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

// settle drops counts that are zero in sum.
func settle(counts map[string]int) map[string]int {
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	return counts
}
