package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/tenantry/tenantry/shared/clock"
	mapping "github.com/tenantry/tenantry/shared/directory"
)

// aSCIMGroup is what these tests read of a group.
type aSCIMGroup struct {
	ID, DisplayName, ExternalID string
	Schemas                     []string
	Members                     []struct{ Value, Type string }
	Meta                        struct{ ResourceType, Location, Version string }
}

// group makes a group with these members.
func (i *idp) group(t testing.TB, name string, members ...string) (g aSCIMGroup) {
	t.Helper()
	body := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": name}
	if members != nil {
		body["members"] = values(members)
	}
	i.call(t, "POST", "/Groups", asText(t, body)).Expect(t, 201).JSON(t, &g)
	return g
}

func values(ids []string) []map[string]string {
	all := make([]map[string]string, len(ids))
	for i, id := range ids {
		all[i] = map[string]string{"value": id}
	}
	return all
}

// regroup patches a group.
func (i *idp) regroup(t testing.TB, id, operations string, headers ...string) Answer {
	t.Helper()
	return i.call(t, "PATCH", "/Groups/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`, headers...)
}

// adding and removing are operations on members.
func adding(t testing.TB, users ...string) string {
	return asText(t, map[string]any{"op": "Add", "path": "members", "value": values(users)})
}

func removing(t testing.TB, users ...string) string {
	return asText(t, map[string]any{"op": "Remove", "path": "members", "value": values(users)})
}

// members are the ids of the members of a group as it is answered, in order.
func (i *idp) members(t testing.TB, id string) (ids []string) {
	t.Helper()
	var g aSCIMGroup
	i.call(t, "GET", "/Groups/"+id, "").Expect(t, 200).JSON(t, &g)
	for _, m := range g.Members {
		ids = append(ids, m.Value)
	}
	slices.Sort(ids)
	return ids
}

// hasMembers expects exactly these members, in what is answered, in the users, in the counts.
func (i *idp) hasMembers(t testing.TB, group string, users ...string) {
	t.Helper()
	want := slices.Sorted(slices.Values(users))
	if got := i.members(t, group); !slices.Equal(got, want) {
		t.Errorf("the members are %v, not %v", got, want)
	}
	for _, user := range want {
		if groups, _ := i.stored(t, user)["groups"].([]string); !slices.Contains(groups, group) {
			t.Errorf("%s does not name the group: %v", user, i.stored(t, user)["groups"])
		}
	}
	counted := 0
	for key, row := range rawTable(t).partition(t, "COUNTS#"+i.tree.Org) {
		if n, _ := row["n"].(float64); strings.HasPrefix(key, "GROUP#"+group+"#MEMBERS#") {
			counted += int(n)
		}
	}
	if counted != len(want) {
		t.Errorf("%d members are counted, not %d", counted, len(want))
	}
}

// people brings so many users, and gives their ids.
func (i *idp) people(t testing.TB, prefix string, n int) (ids []string) {
	t.Helper()
	for k := range n {
		ids = append(ids, i.bring(t, prefix+"-"+string(rune('a'+k/26))+string(rune('a'+k%26))+"@"+i.domain).ID)
	}
	return ids
}

func (i *idp) listGroups(t testing.TB, query string) (list struct {
	TotalResults int
	NextCursor   string
	Resources    []aSCIMGroup
}) {
	t.Helper()
	i.call(t, "GET", "/Groups"+query, "").Expect(t, 200).JSON(t, &list)
	return list
}

func (i *idp) groupsBy(t testing.TB, filter string) []aSCIMGroup {
	t.Helper()
	return i.listGroups(t, "?excludedAttributes=members&filter="+url.QueryEscape(filter)).Resources
}

// maps has groups give roles, in the order of their ranks, as they stand in the table.
func (i *idp) maps(t testing.TB, list ...mapping.Mapped) {
	t.Helper()
	item, err := attributevalue.MarshalMap(mapping.Mappings{Root: i.tree.Org, Version: 1, List: list})
	if err != nil {
		t.Fatal(err)
	}
	item["pk"], item["sk"] = &types.AttributeValueMemberS{Value: "TREE#" + i.tree.Org}, &types.AttributeValueMemberS{Value: "MAPPINGS"}
	o := rawTable(t)
	if _, err := o.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.name, Item: item}); err != nil {
		t.Fatal(err)
	}
}

// emptied waits until nobody is in a group that was deleted.
func emptied(t testing.TB, group string) {
	t.Helper()
	comesTrue(t, "the members of the deleted group are out of it", func() bool { return len(rawTable(t).partition(t, "GROUP#"+group)) == 0 })
}

// fallsDue has a timer fall due at that time.
func (o owned) fallsDue(t testing.TB, pk string, at time.Time) {
	t.Helper()
	timer := o.item(t, pk, "TIMER")
	before, then := timer.text("due"), clock.Format(at)
	if before == "" {
		t.Fatalf("there is no timer %s", pk)
	}
	timer["due"], timer["gsi2sk"] = then, strings.Replace(timer.text("gsi2sk"), before, then, 1)
	o.write(t, []map[string]any{timer})
}
