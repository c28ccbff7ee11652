package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/timer"
)

// A turn that finds the table busy is not over: it falls due again when its lease ends, and not a day later.
func TestSYN5_ATurnThatFindsTheTableBusyIsNotOver(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	free := table.Open(config, name, tabletest.Signer{}, clock.System)
	config.HTTPClient = unwilling{"", "RUNLOCK", "com.amazonaws.dynamodb.v20120810#ThrottlingException"}
	nowhere := "http://127.0.0.1:1/"
	unreachable := aws.Config{Region: "us-east-1", BaseEndpoint: &nowhere, RetryMaxAttempts: 1}
	busy := table.Open(config, name, tabletest.Signer{}, clock.System)
	root, owner, now := id.New(id.Organization), id.New(id.Connection), time.Now()
	tx := table.NewTx()
	tx.Put(table.ConnectionKey(owner), connection.Connection{ID: owner, Root: root, Organization: root, Provisioning: &connection.Provisioning{}})
	tx.Put(table.MappingsKey(root), directory.Mappings{List: []directory.Mapped{{Group: "grp_a", Organization: root, Role: "rol_a"}}})
	timer.Set(tx, timer.Sync, owner, now.Add(-time.Minute))
	commit(t, free, tx)

	turn := func(from *table.Table, within time.Duration, at time.Time) error {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		w := syncing{&start.Services{Table: from, Work: queue.New(unreachable, nowhere), Clock: clock.System, Log: slog.New(slog.DiscardHandler)}}
		h := w.handler()
		h.Needs = 0
		var failed error
		for shard := range table.TimerShards {
			_, err := h.Work(ctx, free, timer.Sync, shard, at)
			failed = errors.Join(failed, err)
		}
		return failed
	}
	due := func() string {
		var set struct {
			Due string `dynamodbav:"due"`
		}
		if _, err := free.Get(t.Context(), table.TimerKey(string(timer.Sync), owner), &set); err != nil {
			t.Fatal(err)
		}
		return set.Due
	}
	was := due()
	if err := turn(busy, 2*time.Second, now); problem.As(err) == nil || due() != was {
		t.Errorf("the busy table: %v; due at %s, not at %s", err, due(), was)
	}
	if err := turn(free, time.Minute, now.Add(2*time.Minute)); err != nil || due() < clock.Format(now.Add(20*time.Hour)) {
		t.Errorf("when it is free again: %v; due at %s", err, due())
	}
}
