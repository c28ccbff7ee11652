package directory

import (
	"context"
	"time"

	"github.com/tenantry/tenantry/shared/table"
)

// anchorLasts is for how long the beginnings of pages are remembered: whoever walks asks for the next page sooner.
const anchorLasts = 2 * time.Hour

// Named gives the id of the document whose name is this one, empty for none.
func Named(ctx context.Context, t *table.Table, kind Kind, connection, name string) (string, error) {
	var named reference
	_, err := t.Get(ctx, table.DirectoryNameKey(connection, string(kind), name), &named)
	return named.ID, err
}

// LookedUp gives the ids of the documents that have the value at the attribute, at most so many; more tells that there may be others.
func LookedUp(ctx context.Context, t *table.Table, kind Kind, connection string, by Lookup, most int) (ids []string, more bool, err error) {
	first := table.DirectoryLookupKey(connection, string(kind)+"."+by.Attribute, by.Value, "")
	rows, more, err := collect(ctx, t, table.Question{PK: first.PK, Prefix: first.SK}, table.Key{}, most)
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids, more, err
}

// Step is a document in the order in which they came.
type Step struct{ ID, Place string }

// Walk gives the documents behind a place, empty for the first ones, at most so many, in the order in which they came. It holds while
// others come and go: nobody who stays is passed over or comes twice.
func Walk(ctx context.Context, t *table.Table, kind Kind, connection, behind string, most int) (steps []Step, more bool, err error) {
	after := table.Key{}
	if behind != "" {
		after = table.DirectoryPlaceKey(connection, string(kind), behind)
	}
	begin := table.DirectoryPlaceKey(connection, string(kind), "")
	rows, more, err := collect(ctx, t, table.Question{PK: begin.PK, Prefix: begin.SK}, after, most)
	for _, row := range rows {
		steps = append(steps, Step{row.ID, row.sk[len(begin.SK):]})
	}
	return steps, more, err
}

type placed struct {
	reference
	sk string
}

func collect(ctx context.Context, t *table.Table, q table.Question, after table.Key, most int) (found []placed, more bool, err error) {
	for more = true; more && len(found) < most; {
		q.Limit = min(table.MaxLimit, most-len(found))
		var rows []table.Row
		if rows, more, err = t.Rows(ctx, q, after); err != nil {
			return nil, false, err
		}
		for _, row := range rows {
			one := placed{sk: row.SK}
			if err := row.Read(&one.reference); err != nil {
				return nil, false, err
			}
			found, after = append(found, one), row.Key
		}
	}
	return found, more, nil
}

// Page gives the ids of a page of the documents, in the order in which they came, and the cursor of the next one; as table.List does.
func Page(ctx context.Context, t *table.Table, kind Kind, connection string, limit int, cursor string) (ids []string, next string, err error) {
	begin := table.DirectoryPlaceKey(connection, string(kind), "")
	page, err := table.List[reference](ctx, t, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: limit, Cursor: cursor})
	for _, one := range page.Items {
		ids = append(ids, one.ID)
	}
	return ids, page.Next, err
}

// Count tells how many documents of the kind there are.
func Count(ctx context.Context, t *table.Table, kind Kind, root, connection string) (int, error) {
	name := table.DirectoryCount(connection, string(kind))
	counts, err := t.Counts(ctx, root, name)
	return counts[name], err
}

// Anchor gives the place behind which the page from start begins, where the walker was there; found is false otherwise. Each walker goes on
// behind the own page: what went and came before another's is not passed over.
func Anchor(ctx context.Context, t *table.Table, kind Kind, connection, walker string, start int) (behind string, found bool, err error) {
	var at reference
	found, err = t.Get(ctx, table.DirectoryAnchorKey(connection, string(kind), walker, start), &at)
	return at.ID, found, err
}

// Remember writes down where the page from start begins for the walker.
func Remember(ctx context.Context, t *table.Table, kind Kind, connection, walker string, start int, behind string, now time.Time) error {
	tx := table.NewTx()
	tx.Put(table.DirectoryAnchorKey(connection, string(kind), walker, start), reference{ID: behind, ExpiresAt: table.Expiry(now.Add(anchorLasts))})
	return t.Commit(ctx, tx)
}
