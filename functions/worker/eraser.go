package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// eraser erases all of a closed tree (GEN-6), in the table and in the bucket. How each kind of item is erased is
// said of every key in shared/table/erasure_test.go.
//
// Nobody else writes into the tree any more, so most is deleted outside of the job's transactions, and deleted again where the
// worker was cut off in between. Each stage begins from what is still there; what leads to something else is deleted
// after it. What others may hold or change, claims and keys in other trees, goes with the job's transaction.
type eraser struct {
	*start.Services
	files *blob.Store
}

// erasing is where the erasing of a tree stands: the checkpoint of its job.
type erasing struct {
	Stage        int    `json:"stage"`
	Organization string `json:"organization,omitempty"` // the suborganization that is being erased,
	Cursor       string `json:"cursor,omitempty"`       // and where the next ones are listed
	Month        int    `json:"month,omitempty"`        // of the audit, from the first
}

// erasingPage is one page of it.
type erasingPage struct {
	*job.Page
	at     erasing
	main   tenant.Organization
	erased int
}

// stage erases a page of something of the tree, and tells whether nothing of that is left.
type stage func(context.Context, *erasingPage) (done bool, err error)

// stages are what is done, in this order.
func (e eraser) stages() []stage {
	return []stage{e.jobs, e.syncs, e.timers, e.connections, e.suborganizations, e.mainOrganization, e.keysAbroad, e.mentions, e.people, e.keys, e.mails, e.audit, e.counts, e.tree}
}

// step does a page of a job of kind job.Erase.
func (e eraser) step(ctx context.Context, p *job.Page) error {
	x := &erasingPage{Page: p}
	if _, err := p.Checkpoint(&x.at); err != nil {
		return err
	}
	if found, err := e.Table.Get(ctx, table.OrganizationKey(p.Root), &x.main); err != nil || !found {
		return fmt.Errorf("read the organization that is being erased: found %v, %w", found, err)
	}
	stages := e.stages()
	if x.at.Stage == len(stages) {
		return e.last(ctx, x)
	}
	done, err := stages[x.at.Stage](ctx, x)
	if err != nil {
		return err
	}
	if done {
		x.at = erasing{Stage: x.at.Stage + 1}
	}
	p.Next(x.at, x.erased)
	return nil
}

// pageRows is how many items a page erases.
const pageRows = table.MaxLimit

// clear erases a page of a partition, of the items whose sort key begins with prefix, but for those that are kept, which must
// be few.
func (e eraser) clear(ctx context.Context, x *erasingPage, pk, prefix string, kept ...table.Key) (done bool, err error) {
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: pk, Prefix: prefix, Limit: pageRows}, table.Key{})
	if err != nil {
		return false, err
	}
	return !more, e.erase(ctx, x, keysOf(rows, kept...)...)
}

func (e eraser) erase(ctx context.Context, x *erasingPage, keys ...table.Key) error {
	x.erased += len(keys)
	return e.Table.Erase(ctx, keys...)
}

// keysOf are the keys of the rows but for those that are kept.
func keysOf(rows []table.Row, kept ...table.Key) []table.Key {
	var keys []table.Key
	for _, row := range rows {
		if !slices.Contains(kept, row.Key) {
			keys = append(keys, row.Key)
		}
	}
	return keys
}
