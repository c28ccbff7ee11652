package table_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

// entry is an element of a list that another release knows more of.
type entry struct {
	ID   string      `dynamodbav:"id"`
	Note string      `dynamodbav:"note,omitempty"`
	Rest *table.Rest `dynamodbav:"-"`
}

type asEntry entry

func (e *entry) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	e.Rest, err = table.ReadWhole(value, (*asEntry)(e))
	return err
}

func (e entry) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return table.WriteWhole(asEntry(e), e.Rest)
}

func TestINS5_ElementsKeepWhatThisReleaseDoesNotKnow(t *testing.T) {
	t.Parallel()
	type later struct {
		ID    string            `dynamodbav:"id"`
		Note  string            `dynamodbav:"note,omitempty"`
		Later map[string]string `dynamodbav:"later,omitempty"`
	}
	rows, key := tabletest.New(t), table.Key{PK: "TEST", SK: "TEST"}
	write := func(list any) {
		tx := table.NewTx()
		tx.Put(key, map[string]any{"list": list})
		if err := rows.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	write([]later{{"a", "was", map[string]string{"b": "c"}}, {"b", "", nil}})
	var read struct {
		List []entry `dynamodbav:"list"`
	}
	if _, err := rows.Get(t.Context(), key, &read); err != nil || len(read.List) != 2 || read.List[1].Rest != nil {
		t.Fatal(read, err)
	}
	read.List[0].Note = ""
	write([]entry{read.List[1], read.List[0], {ID: "c"}})
	var got struct {
		List []later `dynamodbav:"list"`
	}
	if _, err := rows.Get(t.Context(), key, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]later{{"b", "", nil}, {"a", "", map[string]string{"b": "c"}}, {"c", "", nil}}, got.List); diff != "" {
		t.Error(diff)
	}
}
