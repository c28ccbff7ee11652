package wire

import (
	"encoding/json"
	"fmt"
	"slices"
)

// output is the part of a DynamoDB answer that is counted, of all operations together.
type output struct {
	Item             item
	Count            int
	ScannedCount     int
	Responses        json.RawMessage // BatchGetItem: lists by table; TransactGetItems: one list
	ConsumedCapacity json.RawMessage // one, or a list
}

// measure counts the answer's items and capacity in the call's record, and takes the capacity out where the caller did
// not ask for it.
func measure(c *call, a answer, wanted bool) (answer, error) {
	var out output
	if err := json.Unmarshal(a.body, &out); err != nil {
		return answer{}, fmt.Errorf("read the answer to %s: %w", c.action, err)
	}
	if err := countItems(c, out); err != nil {
		return answer{}, fmt.Errorf("count the items of %s: %w", c.action, err)
	}
	units, err := capacityUnits(out.ConsumedCapacity)
	if err != nil {
		return answer{}, fmt.Errorf("count the capacity of %s: %w", c.action, err)
	}
	switch c.action {
	case "GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan":
		c.record.ReadUnits = units
	default:
		c.record.WriteUnits = units
	}
	if !wanted {
		a.body = withField(a.body, "ConsumedCapacity", nil)
		a = a.summed()
	}
	return a, nil
}

func countItems(c *call, out output) error {
	record, elements := &c.record, len(c.dynamo.elements)
	switch c.action {
	case "GetItem":
		record.Items, record.ItemsRead = 1, 1
		if out.Item != nil {
			record.ItemsReturned = 1
		}
	case "BatchGetItem":
		var lists map[string][]item
		if err := json.Unmarshal(out.Responses, &lists); err != nil {
			return err
		}
		record.Items, record.ItemsRead = elements, elements
		for _, list := range lists {
			record.ItemsReturned += len(list)
		}
	case "TransactGetItems":
		var list []output
		if err := json.Unmarshal(out.Responses, &list); err != nil {
			return err
		}
		record.Items, record.ItemsRead = elements, elements
		for _, got := range list {
			if got.Item != nil {
				record.ItemsReturned++
			}
		}
	case "Query", "Scan":
		record.Items, record.ItemsRead, record.ItemsReturned = out.Count, out.ScannedCount, out.Count
	default:
		record.Items = elements
	}
	return nil
}

// capacityUnits sums what an answer says was consumed.
func capacityUnits(raw json.RawMessage) (float64, error) {
	if len(raw) == 0 {
		return 0, nil
	}
	if raw[0] == '{' {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	var list []struct{ CapacityUnits float64 }
	err := json.Unmarshal(raw, &list)
	sum := 0.0
	for _, c := range list {
		sum += c.CapacityUnits
	}
	return sum, err
}
