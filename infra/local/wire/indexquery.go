package wire

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// indexQuery is a query of an index whose answer is corrected to what the index showed a while ago: items that changed
// since are taken out, and put back where they stood before, within the page that DynamoDB answered.
//
// It refuses a FilterExpression, and a ProjectionExpression with anything but names of whole attributes. Items of equal
// sort keys are taken to come in the order of the table's key.
type indexQuery struct {
	table     template.Table
	index     template.Index
	query     []comparison
	start     item // where the page begins, exclusive; nil: at the beginning
	backward  bool
	limit     int      // 0: none
	projected []string // attributes asked for, nil: all that the index has
	countOnly bool
}

// page is the answer to a query.
type page struct {
	Items            []item          `json:"Items,omitempty"`
	Count            int             `json:"Count"`
	ScannedCount     int             `json:"ScannedCount"`
	LastEvaluatedKey item            `json:"LastEvaluatedKey,omitempty"`
	ConsumedCapacity json.RawMessage `json:"ConsumedCapacity,omitempty"`
}

func (d *dynamoDB) queryIndex(ctx context.Context, c *call) (answer, error) {
	q, refused := d.indexQuery(c)
	if refused != nil {
		return d.refuse(*refused), nil
	}
	asked := *c
	asked.body = q.widened(c)
	a, err := d.backend.forward(ctx, &asked)
	if err != nil {
		return answer{}, err
	}
	c.record = asked.record
	if a.status != http.StatusOK {
		return a, nil
	}
	var p page
	if err := json.Unmarshal(a.body, &p); err != nil {
		return answer{}, fmt.Errorf("read the answer to a query of %s: %w", q.index.Name, err)
	}
	q.correct(&p, d.lag.hidden(q.table.Name))
	c.record.Items, c.record.ItemsReturned = p.Count, p.Count
	return q.answer(p), nil
}

var attributeName = regexp.MustCompile(`^#?[A-Za-z0-9_-]+$`)

func (d *dynamoDB) indexQuery(c *call) (indexQuery, *refusal) {
	in := &c.dynamo.input
	q := indexQuery{
		table: d.table(in.TableName), index: *c.dynamo.index, query: c.dynamo.query, start: in.ExclusiveStartKey,
		backward: in.ScanIndexForward != nil && !*in.ScanIndexForward, limit: in.Limit, countOnly: in.Select == "COUNT",
	}
	if in.FilterExpression != "" {
		return q, invalid("The local stack refuses FilterExpression on an index query (index %s): it could not apply it to what the index showed a while ago.", q.index.Name)
	}
	if in.ProjectionExpression == "" {
		return q, nil
	}
	for path := range strings.SplitSeq(in.ProjectionExpression, ",") {
		path = strings.TrimSpace(path)
		if !attributeName.MatchString(path) {
			return q, invalid("The local stack refuses the path %q in the ProjectionExpression of an index query: it takes whole attributes only.", path)
		}
		if name, ok := in.ExpressionAttributeNames[path]; ok {
			path = name
		}
		q.projected = append(q.projected, path)
	}
	return q, nil
}

// widened is the call's body asking for whole items where the caller asked for less than their keys.
func (q indexQuery) widened(c *call) []byte {
	body := c.body
	if q.countOnly {
		body = withField(body, "Select", nil)
	}
	if q.projected == nil {
		return body
	}
	in := c.dynamo.input
	expression, aliases := in.ProjectionExpression, map[string]string{}
	for alias, name := range in.ExpressionAttributeNames {
		aliases[alias] = name
	}
	for i, name := range q.keyNames() {
		if !slices.Contains(q.projected, name) {
			alias := fmt.Sprintf("#wireKey%d", i)
			expression, aliases[alias] = expression+", "+alias, name
		}
	}
	return withField(withField(body, "ProjectionExpression", expression), "ExpressionAttributeNames", aliases)
}

// keyNames are the attributes of the index's and the table's keys, each once.
func (q indexQuery) keyNames() []string {
	all := names(q.index.Key)
	for _, name := range names(q.table.Key) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// correct makes the page what the index showed before the hidden changes.
func (q indexQuery) correct(p *page, hidden map[itemKey]item) {
	p.Items = slices.DeleteFunc(p.Items, func(i item) bool {
		key, _ := keyOf(q.table, i)
		_, changed := hidden[key]
		return changed
	})
	for _, before := range hidden {
		if entry, ok := q.entry(before); ok && q.within(entry, p.LastEvaluatedKey) {
			p.Items = append(p.Items, entry)
		}
	}
	slices.SortStableFunc(p.Items, q.compare)
	if q.limit > 0 && len(p.Items) > q.limit {
		p.Items = p.Items[:q.limit]
		p.LastEvaluatedKey = p.Items[q.limit-1].pick(q.keyNames())
	}
	p.Count = len(p.Items)
	p.ScannedCount = p.Count
}

// entry is what the index holds of an item, and whether the query asks for it. An item without all of the index's key
// is not in the index.
func (q indexQuery) entry(i item) (item, bool) {
	for _, name := range names(q.index.Key) {
		if _, ok := i[name]; !ok {
			return nil, false
		}
	}
	for _, c := range q.query {
		if !c.holds(i) {
			return nil, false
		}
	}
	switch q.index.Projection {
	case "KEYS_ONLY":
		i = i.pick(q.keyNames())
	case "INCLUDE":
		i = i.pick(append(q.keyNames(), q.index.NonKey...))
	}
	return i, true
}

// within tells whether the entry stands after the page's start and not after its last key.
func (q indexQuery) within(entry, last item) bool {
	return (q.start == nil || q.compare(entry, q.start) > 0) && (last == nil || q.compare(entry, last) <= 0)
}

// compare orders two entries, or keys of entries, as the query answers them.
func (q indexQuery) compare(a, b item) int {
	order := 0
	for _, name := range q.keyNames() {
		order = cmp.Or(order, compareScalars(a[name], b[name]))
	}
	if q.backward {
		return -order
	}
	return order
}

// answer writes the page as the caller asked for it.
func (q indexQuery) answer(p page) answer {
	if q.projected != nil {
		for at, i := range p.Items {
			p.Items[at] = i.pick(q.projected)
		}
	}
	if q.countOnly {
		p.Items = nil
		return jsonAnswer("1.0", http.StatusOK, p)
	}
	return jsonAnswer("1.0", http.StatusOK, struct {
		page
		Items []item
	}{p, append([]item{}, p.Items...)})
}
