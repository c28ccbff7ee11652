package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// lastSeen is when somebody with one session was last seen in it.
func lastSeen(t testing.TB, p Person) time.Time {
	t.Helper()
	seen, _ := rawTable(t).item(t, "USER#"+p.ID, sessionRow(t, p))["lastSeen"].(float64)
	return time.Unix(int64(seen), 0)
}

// sessionRow is the sort key of somebody's one session.
func sessionRow(t testing.TB, p Person) (found string) {
	t.Helper()
	for sk := range rawTable(t).partition(t, "USER#"+p.ID) {
		if strings.HasPrefix(sk, "SESSION#") {
			found = sk
		}
	}
	return found
}

// unseenFor makes as if the session's owner had not been there for so long.
func unseenFor(t testing.TB, p Person, long time.Duration) {
	t.Helper()
	set(t, "USER#"+p.ID, sessionRow(t, p), "lastSeen", time.Now().Add(-long))
}

// set changes a time of an item past the product.
func set(t testing.TB, pk, sk, name string, at time.Time) {
	t.Helper()
	o := rawTable(t)
	value, err := attributevalue.Marshal(at.Unix())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &o.name,
		Key:              map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}},
		UpdateExpression: aws.String("SET #n = :v"), ExpressionAttributeNames: map[string]string{"#n": name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":v": value}}); err != nil {
		t.Fatal(err)
	}
}

func TestLOG6_ASessionGoesOnWhileItIsUsedAndEndsWhenIdle(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	own := "/v1/organizations/" + tree.Org
	for function, path := range map[string]string{
		"organization": own, "users": own + "/users", "apikeys": own + "/api-keys", "domains": own + "/domains", "connections": own + "/sso-connections", "provisioning": own + "/provisioning/groups", "branding": own + "/branding", "authentication": own + "/authentication",
		"jobs": jobPath(tree.Org, anyJob(t, tree, tree.Org, "failed")), "me": "/v1/me", "session": "/v1/session",
	} {
		t.Run(function, func(t *testing.T) {
			unseenFor(t, tree.Admin, 59*time.Minute)
			tree.Admin.Do(t, "GET", path, nil).Expect(t, 200)
			if ago := time.Since(lastSeen(t, tree.Admin)); ago > time.Minute {
				t.Errorf("last seen %v ago", ago)
			}
		})
	}
	unseenFor(t, tree.Admin, 61*time.Minute)
	tree.Admin.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	tree.Admin.DoWithKey(t, "GET", own, nil).Expect(t, 200)
}

func TestPER6_WhatIsDelicateTakesASignInOfTheLastTenMinutes(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	set(t, "USER#"+tree.Admin.ID, sessionRow(t, tree.Admin), "authenticated", time.Now().Add(-11*time.Minute))
	key := map[string]any{"name": "Late", "roleId": tree.Roles[tree.Org].User}
	refused := tree.Admin.Do(t, "POST", keysOf(tree.Org), key)
	refusedAs(t, refused, 403, "reauthentication-required")
	if !strings.Contains(string(refused.Body), `"ways":["password"]`) || len(eventsOfRequest(t, refused)) != 1 {
		t.Errorf("answered %s and left %v", refused.Body, eventsOfRequest(t, refused))
	}
	tree.Admin.Do(t, "POST", "/v1/session/reauthenticate", map[string]string{"password": password}).Expect(t, 403) // the second factor too
	tree.Admin.Do(t, "POST", "/v1/session/reauthenticate", map[string]string{"password": password, "code": nextCode(t, tree.Admin)}).Expect(t, 204)
	tree.Admin.Do(t, "POST", keysOf(tree.Org), key).Expect(t, 201)
}
