package e2e

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// This file has a later release keep something of its own in every item (INS-5): whatever is done to an item afterwards, that
// is still there.

// laterRelease is the attribute that no operation knows.
const laterRelease = "laterRelease"

// replaced are the items that an operation puts anew and does not edit, by the operation and the sort key: what another release
// kept of the former password, link or set of codes goes with it. So are timers, whoever sets them: each is another appointment.
var replaced = map[string]string{
	"change-own-password":      "CREDENTIAL#password",
	"reset-password":           "CREDENTIAL#password",
	"renew-own-recovery-codes": "CREDENTIAL#recovery",
}

// nested are the lists whose elements a later release keeps something of its own in, with what an element is known by.
var nested = map[string]string{"tokens": "id", "list": "group"}

// element is one of a nested list, and where it is.
type element struct {
	path  string
	value map[string]any
}

// elements are those of the item's nested lists, by what they are known by.
func elements(item row) map[string]element {
	all := map[string]element{}
	for name, by := range nested {
		list, _ := item[name].([]any)
		for at, one := range list {
			if one, ok := one.(map[string]any); ok && one[by] != nil {
				all[fmt.Sprint(name, " ", one[by])] = element{fmt.Sprintf("#%s[%d].", name, at), one}
			}
		}
	}
	return all
}

type key struct{ pk, sk string }

// everything is the whole table, which only a test with a stack of its own may ask for.
func (o owned) everything(t testing.TB) map[key]row {
	t.Helper()
	all := map[key]row{}
	pages := dynamodb.NewScanPaginator(o.client, &dynamodb.ScanInput{TableName: &o.name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			one := asRow(t, item)
			all[key{one.text("pk"), one.text("sk")}] = one
		}
	}
	return all
}

// keep writes the attribute into every item that has none, and gives the items that have it then.
func (o owned) keep(t testing.TB) map[key]row {
	t.Helper()
	all := o.everything(t)
	for k, item := range all {
		set, names := "SET ", map[string]string{}
		without := map[string]element{"": {"", item}}
		maps.Copy(without, elements(item))
		for _, one := range without {
			if one.value[laterRelease] != nil {
				continue
			}
			if name, _, nested := strings.Cut(one.path, "["); nested {
				names[name] = name[1:]
			}
			set += one.path + laterRelease + " = :kept, "
			one.value[laterRelease] = "kept"
		}
		if set == "SET " {
			continue
		}
		if len(names) == 0 {
			names = nil
		}
		at, _ := attributevalue.MarshalMap(map[string]string{"pk": k.pk, "sk": k.sk})
		_, err := o.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &o.name, Key: at,
			UpdateExpression: aws.String(strings.TrimSuffix(set, ", ")), ExpressionAttributeNames: names,
			ConditionExpression:       aws.String("attribute_exists(pk)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":kept": &types.AttributeValueMemberS{Value: "kept"}}})
		var gone *types.ConditionalCheckFailedException
		switch {
		case errors.As(err, &gone):
			delete(all, k)
		case err != nil:
			t.Fatal(err)
		}
	}
	return all
}

func TestINS5_WhatALaterReleaseKeepsInAnItemSurvivesEveryChange(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree, edited := newTree(t), map[string]bool{}
	for _, operation := range slices.Sorted(maps.Keys(changes())) {
		t.Run(operation, func(t *testing.T) {
			tree.Partner = nil // another one each time: it may be closed
			s := changes()[operation](t, tree)
			stack.Local(t, "POST", "queues/idle", nil)
			o, err := openTable()
			if err != nil {
				t.Fatal(err)
			}
			before := o.keep(t)
			if answer := s.send(t, unique(), ""); answer.Status >= 300 || !s.New(t) {
				t.Fatalf("with what a later release keeps: %d %s", answer.Status, answer.Body)
			}
			stack.Local(t, "POST", "queues/idle", nil)
			for k, after := range o.everything(t) {
				was, there := before[k]
				switch {
				case !there:
				case after[laterRelease] == nil && replaced[operation] != k.sk && k.sk != "TIMER":
					t.Errorf("%s %s lost it", k.pk, k.sk)
				case lost(was, after) != "":
					t.Errorf("%s %s lost it in %s", k.pk, k.sk, lost(was, after))
				case !same(was, after):
					edited[kindOf(k)] = true
				}
			}
		})
	}
	t.Logf("edited were %v", slices.Sorted(maps.Keys(edited)))
	if len(edited) < 8 {
		t.Errorf("only %d kinds of items were edited: %v", len(edited), edited)
	}
}

// lost is an element that is there still, without what a later release kept in it; empty: none is.
func lost(was, is row) string {
	kept := elements(was)
	for known, after := range elements(is) {
		if kept[known].value[laterRelease] != nil && after.value[laterRelease] == nil {
			return known
		}
	}
	return ""
}

// same tells whether an item is as it was, but for what a later release keeps.
func same(was, is row) bool {
	was, is = maps.Clone(was), maps.Clone(is)
	delete(was, laterRelease)
	delete(is, laterRelease)
	return cmp.Equal(was, is)
}

// kindOf is what a key's item is: the words of the key without ids.
func kindOf(k key) string {
	word := func(s string) string { name, _, _ := strings.Cut(s, "#"); return name }
	return word(k.pk) + " " + word(k.sk)
}
