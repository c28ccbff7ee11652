package export

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// place is where a walk through a tree stands: first its people and keys, then its organizations, then the months of its audit.
type place struct {
	Part   part   `json:"part"`
	Org    string `json:"org,omitempty"`    // of organizations: the one that is read
	Subs   string `json:"subs,omitempty"`   // and where the list of those that follow goes on
	Last   bool   `json:"last,omitempty"`   // and whether none follows
	Month  string `json:"month,omitempty"`  // of the audit: the one that is read, as 2006-01
	Cursor string `json:"cursor,omitempty"` // within the partition
}

// part is a part of a walk.
type part string

const (
	people        part = "" // where a walk begins
	organizations part = "organizations"
	trail         part = "trail"
	end           part = "end"
)

// walk reads a tree, a page of a partition at a time.
type walk struct {
	table *table.Table
	root  string
	now   time.Time
	place
}

// month is how a month is written.
const month = "2006-01"

// partition is the one that is read now.
func (w *walk) partition() string {
	switch w.Part {
	case organizations:
		return table.OrganizationPartition(w.Org)
	case trail:
		at, _ := time.Parse(month, w.Month) // as forward wrote it
		return table.AuditKey(w.root, at, "").PK
	}
	return table.AccessKey(w.root).PK
}

// next reads the next page and goes on behind it.
func (w *walk) next(ctx context.Context) ([]map[string]any, error) {
	page, err := table.List[map[string]any](ctx, w.table, table.Question{PK: w.partition(), Limit: table.MaxLimit, Cursor: w.Cursor})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", w.partition(), err)
	}
	if w.Cursor = page.Next; w.Cursor != "" {
		return page.Items, nil
	}
	return page.Items, w.forward(ctx)
}

// forward goes on to the next partition.
func (w *walk) forward(ctx context.Context) error {
	switch w.Part {
	case people:
		w.Part, w.Org = organizations, w.root
		return nil
	case organizations:
		return w.nextOrganization(ctx)
	}
	at, err := time.Parse(month, w.Month)
	if err != nil {
		return err
	}
	if at = at.AddDate(0, 1, 0); at.After(w.now) {
		w.Part = end
	}
	w.Month = at.Format(month)
	return nil
}

// nextOrganization goes on to the next suborganization, and from the last one to the first month of the audit: that in which the
// main organization was made.
func (w *walk) nextOrganization(ctx context.Context) error {
	if !w.Last {
		list := table.OrganizationsUnder(w.root, "", "")
		page, err := table.List[tenant.Organization](ctx, w.table, table.Question{Index: list.Index, PK: list.PK, Limit: 1, Cursor: w.Subs})
		if err != nil {
			return err
		}
		w.Subs, w.Last = page.Next, page.Next == ""
		if len(page.Items) > 0 && page.Items[0].Root == w.root { // a partner's list is of its clients, which are trees of their own
			w.Org = page.Items[0].ID
			return nil
		}
		if !w.Last {
			return w.nextOrganization(ctx)
		}
	}
	main, err := tenant.Read(ctx, w.table, w.root)
	if err != nil {
		return err
	}
	made, err := time.Parse(time.RFC3339, main.CreatedAt)
	if err != nil {
		return fmt.Errorf("read when %s was made: %w", w.root, err)
	}
	w.Part, w.Month = trail, made.UTC().Format(month)
	return nil
}
