package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// unwatched takes no message: the test goes on with its jobs itself.
type unwatched struct{}

func (unwatched) Send(context.Context, ...queue.Message) error { return nil }

// wholeStage has a job of the tree do one stage of erasing, page by page, until it says that nothing is left.
func wholeStage(t *testing.T, w *accesstest.World, root string, do stage) {
	t.Helper()
	step := func(ctx context.Context, p *job.Page) error {
		x := &erasingPage{Page: p}
		done, err := do(ctx, x)
		if p.Next(x.at, x.erased); done {
			p.Finish(nil, 0)
		}
		return err
	}
	runner := job.Runner{Table: w.Table, Clock: w.Clock, Log: slog.New(slog.DiscardHandler), Steps: map[job.Kind]job.Step{job.Erase: step}}
	erase := &job.Job{Root: root, Organization: root, Kind: job.Erase}
	w.Commit(func(tx *table.Tx) { job.Start(tx, erase, unwatched{}, erased(), w.Clock()) })
	if err := runner.Run(t.Context(), root, erase.ID); err != nil {
		t.Fatal(err)
	}
}

func TestGEN6APartnerIsErasedWhosePeopleMadeKeysInManyTrees(t *testing.T) {
	t.Parallel()
	const clients = 45
	w := accesstest.New(t)
	partner := w.Tree(tenant.Partner)
	maker := w.Person(partner.Administrator)
	var made []*people.APIKey
	for range clients { // each has its own count of keys, and its own audit
		client := w.Tree(tenant.Client)
		w.Key(maker, client.User, func(key *people.APIKey) {
			key.Root, key.Partner = client.ID, partner.ID
			made = append(made, key)
		})
		key := made[len(made)-1]
		w.Commit(func(tx *table.Tx) {
			tx.Put(table.AbroadKey(partner.ID, key.ID), people.Made{Root: key.Root, Organization: key.Organization, Key: key.ID})
			tx.Put(table.MadeKey(maker.ID, key.ID), people.Made{Root: key.Root, Organization: key.Organization, Key: key.ID})
			tx.Count(key.Root, table.KeysCount(key.Organization, key.Role), +1, problem.Missing())
		})
	}

	e := eraser{Services: &start.Services{Table: w.Table, Clock: w.Clock, Trail: audit.Trail{Keep: time.Hour, Clock: w.Clock}}}
	wholeStage(t, w, partner.ID, e.keysAbroad)

	for _, key := range made {
		var left people.APIKey
		if found, err := w.Table.Get(t.Context(), key.Key(), &left); found || err != nil {
			t.Fatalf("a key abroad is still there: %v", err)
		}
		counts, err := w.Table.Counts(t.Context(), key.Root, table.KeysCount(key.Organization, ""))
		if n := counts[table.KeysCount(key.Organization, key.Role)]; n != 0 || err != nil {
			t.Fatalf("%d keys are counted: %v", n, err)
		}
	}
	begin := table.AbroadKey(partner.ID, "")
	if rows, _, err := w.Table.Rows(t.Context(), table.Question{PK: begin.PK, Prefix: begin.SK}, table.Key{}); len(rows) != 0 || err != nil {
		t.Errorf("%d keys abroad are remembered: %v", len(rows), err)
	}
}
