package table_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

func TestErasingTakesEverythingExpiredItemsToo(t *testing.T) {
	t.Parallel()
	tab := tabletest.New(t)
	tx := table.NewTx()
	for i := range 61 {
		tx.Put(table.Key{PK: "A", SK: fmt.Sprintf("%02d", i)}, map[string]any{"n": i, "expiresAt": time.Now().Add(-time.Hour).Unix()})
	}
	tx.Put(table.Key{PK: "B", SK: "00"}, map[string]any{"n": 1})
	if err := tab.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	var keys []table.Key
	for after, more := (table.Key{}), true; more; {
		rows, others, err := tab.Rows(t.Context(), table.Question{PK: "A", Limit: 25}, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			var one struct {
				N int `dynamodbav:"n"`
			}
			if err := row.Read(&one); err != nil || fmt.Sprintf("%02d", one.N) != row.SK {
				t.Errorf("%s read as %d, %v", row.SK, one.N, err)
			}
			keys, after = append(keys, row.Key), row.Key
		}
		more = others
	}
	if len(keys) != 61 {
		t.Fatalf("%d rows", len(keys))
	}
	for range 2 { // what is gone already is no error
		if err := tab.Erase(t.Context(), keys...); err != nil {
			t.Fatal(err)
		}
	}
	for pk, want := range map[string]int{"A": 0, "B": 1} {
		if rows, more, err := tab.Rows(t.Context(), table.Question{PK: pk}, table.Key{}); len(rows) != want || more || err != nil {
			t.Errorf("%s has %d rows left, %v", pk, len(rows), err)
		}
	}
}
