package export

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// place is where a walk through a tree stands: first its people and keys, then its organizations, their SSO connections, and
// the months of its audit.
type place struct {
	Part   part   `json:"part"`
	Prefix string `json:"prefix,omitempty"` // of the tree: the kind that is read, empty for the first one
	Org    string `json:"org,omitempty"`    // of organizations: the one that is read
	Subs   string `json:"subs,omitempty"`   // and where the list of those that follow goes on
	Last   bool   `json:"last,omitempty"`   // and whether none follows
	Month  string `json:"month,omitempty"`  // of the audit: the one that is read, as 2006-01
	Cursor string `json:"cursor,omitempty"` // within the partition
}

// part is a part of a walk.
type part string

const (
	tree          part = "" // where a walk begins: what belongs to the tree as a whole
	organizations part = "organizations"
	connections   part = "connections"
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

// question asks for what is read now. A tree's partition holds much that is not exported, an address for each of its people
// among it, so each kind is asked for by itself.
func (w *walk) question() table.Question {
	q := table.Question{Limit: table.MaxLimit, Cursor: w.Cursor}
	switch w.Part {
	case organizations:
		q.PK = table.OrganizationPartition(w.Org)
	case connections:
		list := table.ConnectionsOf(w.root, "", "")
		q.Index, q.PK = list.Index, list.PK
	case trail:
		at, _ := time.Parse(month, w.Month) // as forward wrote it
		q.PK = table.AuditKey(w.root, at, "").PK
	default:
		q.PK, q.Prefix = table.TreePartition(w.root), w.Prefix
		if w.Prefix == "" {
			q.Prefix = prefixes()[0]
		}
	}
	return q
}

// prefixes are those of the kinds that belong to a tree as a whole, in the order in which they are read.
func prefixes() (all []string) {
	for _, one := range kinds {
		if one.in == tree {
			all = append(all, one.prefix)
		}
	}
	return all
}

// next reads the next page and goes on behind it.
func (w *walk) next(ctx context.Context) ([]map[string]any, error) {
	q := w.question()
	page, err := table.List[map[string]any](ctx, w.table, q)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", q.PK, q.Prefix, err)
	}
	if w.Cursor = page.Next; w.Cursor != "" {
		return page.Items, nil
	}
	return page.Items, w.forward(ctx)
}

// forward goes on to the next partition.
func (w *walk) forward(ctx context.Context) error {
	switch w.Part {
	case tree:
		w.nextKind()
		return nil
	case organizations:
		return w.nextOrganization(ctx)
	case connections:
		return w.firstMonth(ctx)
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

// nextKind goes on to the next kind of the tree, and from the last one to the main organization.
func (w *walk) nextKind() {
	all := prefixes()
	if at := max(slices.Index(all, w.Prefix), 0) + 1; at < len(all) {
		w.Prefix = all[at]
		return
	}
	w.Part, w.Prefix, w.Org = organizations, "", w.root
}

// nextOrganization goes on to the next suborganization, and from the last one to the connections. Only a client has suborganizations: a partner has its clients in that list, which are trees of
// their own.
func (w *walk) nextOrganization(ctx context.Context) error {
	main, err := tenant.Read(ctx, w.table, w.root)
	if err != nil {
		return err
	}
	for main.Type == tenant.Client && !w.Last {
		list := table.OrganizationsUnder(w.root, "", "")
		page, err := table.List[tenant.Organization](ctx, w.table, table.Question{Index: list.Index, PK: list.PK, Limit: 1, Cursor: w.Subs})
		if err != nil {
			return err
		}
		if w.Subs, w.Last = page.Next, page.Next == ""; len(page.Items) > 0 {
			w.Org = page.Items[0].ID
			return nil
		}
	}
	w.Part = connections
	return nil
}

// firstMonth goes on to the first month of the audit: that in which the main organization was made.
func (w *walk) firstMonth(ctx context.Context) error {
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
