package wire

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/infra/local/template"
)

func TestPatternsMatchAsInIAM(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"ORG#*", "ORG#1", true}, {"ORG#*", "ORG#", true}, {"ORG#*", "XORG#1", false}, {"*", "", true},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"*#b*d", "a#bcd#bd", true}, {"*ab", "aab", true},
		{"*ab", "aba", false}, {"", "a", false}, {"a*", "A1", false}, {"a.c", "abc", false},
	} {
		if got := matches(c.pattern, c.text, equal); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestConditionsOnLeadingKeys(t *testing.T) {
	for _, c := range []struct {
		operator    string
		values      string
		keys        string
		holds, know bool
	}{
		{"ForAllValues:StringLike", "ORG#* TREE#*", "ORG#1 TREE#2", true, true},
		{"ForAllValues:StringLike", "ORG#*", "ORG#1 TREE#2", false, true},
		{"ForAllValues:StringLike", "ORG#*", "", true, true},
		{"ForAllValues:StringEquals", "ORG#*", "ORG#1", false, true},
		{"ForAllValues:StringEquals", "ORG#1", "ORG#1", true, true},
		{"StringLike", "ORG#*", "", false, true},
		{"StringLike", "ORG#*", "ORG#1", true, true},
		{"StringEquals", "ORG#1", "ORG#2", false, true},
		{"ForAnyValue:StringLike", "ORG#*", "ORG#1", false, false},
	} {
		condition := template.Condition{Operator: c.operator, Key: "dynamodb:LeadingKeys", Values: strings.Fields(c.values)}
		if got, known := holds(condition, strings.Fields(c.keys)); got != c.holds || known != c.know {
			t.Errorf("%s %q on %q: holds %v, known %v", c.operator, c.values, c.keys, got, known)
		}
	}
	if _, known := holds(template.Condition{Operator: "StringEquals", Key: "aws:SourceIp"}, nil); known {
		t.Error("a condition on another key counts as known")
	}
}

// keysAllowed is a statement on the kit's table under partition keys.
func keysAllowed(k *kit, effect string, keys []string, actions ...string) template.Statement {
	return template.Statement{Effect: effect, Actions: actions, Resources: []string{k.table.ARN}, Conditions: []template.Condition{
		{Operator: "ForAllValues:StringLike", Key: "dynamodb:LeadingKeys", Values: keys},
	}}
}

func TestPolicyDecidesByActionResourceAndLeadingKeys(t *testing.T) {
	k := newKit(t, nil)
	k.allow(
		keysAllowed(k, "Allow", []string{"ORG#*"}, "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"),
		template.Statement{Effect: "Allow", Actions: []string{"dynamodb:Query"}, Resources: []string{k.table.ARN + "/index/gsi1"}},
		keysAllowed(k, "Deny", []string{"ORG#secret"}, "dynamodb:GetItem"),
	)
	ctx, db, table := context.Background(), k.db(), &k.table.Name
	query := func(index, condition string) func() error {
		return func() error {
			in := &dynamodb.QueryInput{TableName: table, KeyConditionExpression: &condition, ExpressionAttributeValues: record(":o=ORG#1 :t=TREE#1")}
			in.ExpressionAttributeNames = map[string]string{"#p": "pk"}
			if index != "" {
				in.IndexName, in.ExpressionAttributeNames = &index, nil
			}
			if strings.Contains(condition, ":o") {
				delete(in.ExpressionAttributeValues, ":t")
			} else {
				delete(in.ExpressionAttributeValues, ":o")
			}
			_, err := db.Query(ctx, in)
			return err
		}
	}
	batch := func(keys ...string) func() error {
		return func() error {
			var list []map[string]types.AttributeValue
			for _, key := range keys {
				list = append(list, record(key))
			}
			_, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{*table: {Keys: list}}})
			return err
		}
	}
	get := func(key string) func() error { return func() error { _, err := k.get(db, key); return err } }
	for name, c := range map[string]struct {
		call    func() error
		allowed bool
	}{
		"get":                            {get("pk=ORG#1 sk=a"), true},
		"get another key":                {get("pk=TREE#1 sk=a"), false},
		"get what a statement denies":    {get("pk=ORG#secret sk=a"), false},
		"query":                          {query("", "#p = :o"), true},
		"query another key":              {query("", "(#p = :t)"), false},
		"query the index":                {query("gsi1", "gsi1pk = :t"), true},
		"query another index":            {query("gsi2", "gsi2pk = :o"), false},
		"batch":                          {batch("pk=ORG#1 sk=a", "pk=ORG#2 sk=a"), true},
		"batch with another key":         {batch("pk=ORG#1 sk=a", "pk=TREE#2 sk=a"), false},
		"delete":                         {func() error { return k.remove(db, "pk=ORG#1 sk=a") }, false},
		"transaction":                    {func() error { return k.transact(db, "", "pk=ORG#1 sk=a", "pk=ORG#2 sk=a") }, true},
		"transaction with another key":   {func() error { return k.transact(db, "", "pk=ORG#1 sk=a", "pk=TREE#2 sk=a") }, false},
		"transaction of another action":  {func() error { return k.check(db, "pk=ORG#1 sk=a") }, false},
		"an action the stack never does": {func() error { _, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: table}); return err }, false},
	} {
		k.clock.move(Hold)
		err := c.call()
		if denied := code(err) == "AccessDeniedException"; denied == c.allowed || c.allowed && err != nil && code(err) != "TransactionCanceledException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDenialReadsAsOnAWS(t *testing.T) {
	k := newKit(t, nil)
	k.allow()
	_, err := k.get(k.db(), "pk=a sk=b")
	var api smithy.APIError
	want := "User: arn:aws:sts::000000000000:assumed-role/organization/organization is not authorized to perform: dynamodb:GetItem on resource: " +
		k.table.ARN + " because no identity-based policy allows the dynamodb:GetItem action"
	if !errors.As(err, &api) || api.ErrorMessage() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestConditionThatCannotBeEvaluatedCountsAgainstTheCaller(t *testing.T) {
	k := newKit(t, nil)
	odd := []template.Condition{{Operator: "IpAddress", Key: "aws:SourceIp", Values: []string{"*"}}}
	anything := template.Statement{Effect: "Allow", Actions: []string{"*"}, Resources: []string{"*"}}
	for name, statements := range map[string][]template.Statement{
		"allow": {{Effect: "Allow", Actions: []string{"*"}, Resources: []string{"*"}, Conditions: odd}},
		"deny":  {anything, {Effect: "Deny", Actions: []string{"*"}, Resources: []string{"*"}, Conditions: odd}},
	} {
		k.allow(statements...)
		if _, err := k.get(k.db(), "pk=a sk=b"); code(err) != "AccessDeniedException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPartiQLIsRefused(t *testing.T) {
	k := newKit(t, nil)
	_, err := k.db().ExecuteStatement(context.Background(), &dynamodb.ExecuteStatementInput{Statement: aws.String(`SELECT * FROM "x"`)})
	if code(err) != "ValidationException" || !strings.Contains(err.Error(), "PartiQL") {
		t.Errorf("got %v", err)
	}
}

func TestUsedTellsWhichStatementsDecided(t *testing.T) {
	k := newKit(t, nil)
	k.allow(
		keysAllowed(k, "Allow", []string{"TREE#*"}, "dynamodb:*"),
		keysAllowed(k, "Allow", []string{"ORG#*"}, "dynamodb:GetItem", "dynamodb:PutItem"),
		keysAllowed(k, "Allow", []string{"ORG#*"}, "dynamodb:GetItem"),
	)
	for _, key := range []string{"pk=ORG#1 sk=a", "pk=ORG#2 sk=a", "pk=USER#2 sk=a"} {
		_, _ = k.get(k.db(), key)
	}
	want := []Use{
		{Function: "organization", Action: "dynamodb:GetItem", Resource: k.table.ARN, Statement: -1, Allowed: false, Count: 1},
		{Function: "organization", Action: "dynamodb:GetItem", Resource: k.table.ARN, Statement: 1, Key: "ORG#*", Allowed: true, Count: 2},
	}
	if diff := cmp.Diff(want, k.Used()); diff != "" {
		t.Error(diff)
	}
}
