package main

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// closings is an installation in which trees are closed and fall due to be erased.
type closings struct {
	*accesstest.World
	erasures
	t *testing.T
}

func newClosings(t *testing.T) *closings {
	t.Helper()
	w := accesstest.New(t)
	nowhere := "http://127.0.0.1:1" // a message that is lost is made up for by the job's watch
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &nowhere, Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return &closings{World: w, t: t, erasures: erasures{&start.Services{Table: w.Table, Clock: w.Clock, Work: queue.New(config, nowhere), Log: slog.New(slog.DiscardHandler)}}}
}

// closed is a client that was closed, until an hour from now.
func (c *closings) closed() *accesstest.Organization {
	c.t.Helper()
	org, ends := c.World.Tree(tenant.Client), c.World.Clock().Add(time.Hour)
	c.Commit(func(tx *table.Tx) {
		tenant.Close(tx, org.ID, &tenant.Access{}, c.World.Clock(), ends)
		timer.Set(tx, timer.Erasure, org.ID, ends)
	})
	return org
}

// run has whatever has fallen due by then be worked on.
func (c *closings) run(now time.Time) {
	for shard := range table.TimerShards {
		if _, err := c.handler().Work(c.t.Context(), c.World.Table, timer.Erasure, shard, now); err != nil {
			c.t.Error(err)
		}
	}
}

func (c *closings) state(org *accesstest.Organization) *tenant.Access {
	c.t.Helper()
	state := &tenant.Access{}
	if _, err := c.World.Table.Get(c.t.Context(), table.AccessKey(org.ID), state); err != nil {
		c.t.Fatal(err)
	}
	return state
}

func (c *closings) jobs(org *accesstest.Organization) []job.Job {
	c.t.Helper()
	begin := table.JobKey(org.ID, "")
	all, err := table.All[job.Job](c.t.Context(), c.World.Table, table.Question{PK: begin.PK, Prefix: begin.SK})
	if err != nil {
		c.t.Fatal(err)
	}
	return all
}

func TestGEN6TheErasingBeginsWhenItsTimeHasComeAndWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	c := newClosings(t)
	org := c.closed()
	due := c.World.Clock().Add(time.Hour)
	c.run(due.Add(-time.Second))
	if c.state(org).Erasing {
		t.Fatal("it began before its time")
	}
	c.run(due)
	if state := c.state(org); !state.Erasing || state.Erasure != "" {
		t.Fatalf("announced: %+v", state)
	}
	c.run(due.Add(stillFor - time.Second))
	if n := len(c.jobs(org)); n != 0 {
		t.Fatalf("%d jobs while others may still write", n)
	}
	c.run(due.Add(stillFor))
	c.run(due.Add(stillFor))
	begun := c.jobs(org)
	if len(begun) != 1 || begun[0].Kind != job.Erase || begun[0].ID != c.state(org).Erasure || begun[0].Owner != audit.System("erasure") {
		t.Fatalf("begun: %+v", begun)
	}

	c.run(due.Add(stillFor + guardEvery)) // it goes on, so nothing is begun anew
	if n := len(c.jobs(org)); n != 1 {
		t.Fatalf("%d jobs", n)
	}
	c.Commit(func(tx *table.Tx) { tx.Update(table.Touch(begun[0].Key()).Set("status", job.Failed)) })
	c.run(due.Add(stillFor + 2*guardEvery))
	if again := c.jobs(org); len(again) != 2 || c.state(org).Erasure == begun[0].ID {
		t.Errorf("after the job failed: %+v", again)
	}
}

func TestGEN6WhatWasReopenedIsNotErased(t *testing.T) {
	t.Parallel()
	c := newClosings(t)
	org := c.closed()
	c.Commit(func(tx *table.Tx) { tenant.Reopen(tx, org.ID, c.state(org)) }) // and the timer is still there
	c.run(c.World.Clock().Add(time.Hour))
	if state := c.state(org); state.Erasing || state.Closed() {
		t.Errorf("%+v", state)
	}
}

func TestGEN6ReopeningAndTheBeginningOfErasingHaveOneWinner(t *testing.T) {
	t.Parallel()
	c := newClosings(t)
	reopened := 0
	for i := range 20 {
		org := c.closed()
		state := c.state(org)
		var reopen error
		var both sync.WaitGroup
		both.Go(func() { c.run(c.World.Clock().Add(time.Hour)) })
		both.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond) // the erasing looks through its lists first
			tx := table.NewTx()
			tenant.Reopen(tx, org.ID, state)
			timer.Cancel(tx, timer.Erasure, org.ID)
			reopen = c.World.Table.Commit(t.Context(), tx)
		})
		both.Wait()
		if reopen != nil && !errors.Is(reopen, table.ErrChanged) {
			t.Fatal(reopen)
		}
		if after := c.state(org); after.Erasing == (reopen == nil) || after.Closed() != after.Erasing {
			t.Fatalf("reopen: %v; %+v", reopen, after)
		}
		if reopen == nil {
			reopened++
		}
	}
	t.Logf("reopened %d times of 20", reopened)
}
