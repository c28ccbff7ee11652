package main

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// This file erases what belongs to the tree as a whole, and at last the tree.

// jobs erases the other jobs of the tree, so that nobody goes on with one.
func (e eraser) jobs(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.JobKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pageRows}, table.Key{})
	if err != nil {
		return false, err
	}
	keys := keysOf(rows, x.Key())
	for _, key := range keys {
		keys = append(keys, table.TimerKey(string(timer.Job), x.Root+"/"+strings.TrimPrefix(key.SK, begin.SK)))
	}
	return !more, e.erase(ctx, x, keys...)
}

// syncs erases what Sync assigned roles found and did, run by run, and the runs.
func (e eraser) syncs(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.SyncRunKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pagePeople}, table.Key{})
	if err != nil {
		return false, err
	}
	for _, key := range keysOf(rows) {
		if none, err := e.clear(ctx, x, table.SyncPartition(strings.TrimPrefix(key.SK, begin.SK)), ""); err != nil || !none {
			return false, err
		}
		if err := e.erase(ctx, x, key); err != nil {
			return false, err
		}
	}
	return !more, nil
}

// timers erases the timers that look after files and after people who were deleted. They end by themselves soon, so those of
// the whole installation are few; those of domains, of which there are many, are erased with each domain.
func (e eraser) timers(ctx context.Context, x *erasingPage) (done bool, err error) {
	for _, kind := range []timer.Kind{timer.Files, timer.Person} {
		for shard := range table.TimerShards {
			owners, err := timer.Owners(ctx, e.Table, kind, shard)
			if err == nil {
				err = e.timersOf(ctx, x, kind, owners)
			}
			if err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// timersOf erases those of the timers whose owner is of the tree.
func (e eraser) timersOf(ctx context.Context, x *erasingPage, kind timer.Kind, owners []string) error {
	of, wants := make([]tenant.Organization, len(owners)), make([]*table.Wanted, len(owners))
	for i, owner := range owners {
		org, _, _ := strings.Cut(owner, "/")
		wants[i] = table.Want(tenant.KeyOf(org), &of[i])
	}
	if err := e.Table.GetMany(ctx, wants...); err != nil {
		return err
	}
	var keys []table.Key
	for i, owner := range owners {
		if of[i].Root == x.Root {
			keys = append(keys, table.TimerKey(string(kind), owner))
		}
	}
	return e.erase(ctx, x, keys...)
}

// mails takes the mails out of the outbox that wait for somebody of the tree.
func (e eraser) mails(ctx context.Context, x *erasingPage) (done bool, err error) {
	n, err := e.Outbox.Forget(ctx, func(owner string) bool { return owner == x.Root || strings.HasPrefix(owner, x.Root+"/") })
	x.erased += n
	return true, err
}

// mentions takes a partner's id out of what other trees' audits say of it.
func (e eraser) mentions(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.MentionKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pageRows}, table.Key{})
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		var of tenant.Mention
		if err := row.Read(&of); err != nil {
			return false, err
		}
		event := table.Key{PK: of.In, SK: strings.TrimPrefix(row.SK, begin.SK)}
		for _, name := range []string{"before.partner", "after.partner"} {
			other := problem.Missing() // the event is gone, or names another one there
			_, err := e.Table.Apply(ctx, table.Touch(event).If(expression.Name(name).Equal(expression.Value(x.Root)), other).Set(name, "erased"))
			if err != nil && problem.As(err) != other {
				return false, err
			}
		}
	}
	return !more, e.erase(ctx, x, keysOf(rows)...)
}

// audit erases the trail, month by month, and what partners remember of being named in it.
func (e eraser) audit(ctx context.Context, x *erasingPage) (done bool, err error) {
	months := e.months(x)
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: months[x.at.Month], Limit: pageRows}, table.Key{})
	if err != nil {
		return false, err
	}
	var keys []table.Key
	for _, row := range rows {
		var event audit.Event
		if err := row.Read(&event); err != nil {
			return false, err
		}
		for _, partner := range tenant.Named(event) {
			keys = append(keys, table.MentionKey(partner, event.ID))
		}
	}
	if err := e.erase(ctx, x, append(keys, keysOf(rows)...)...); err != nil || more {
		return false, err
	}
	x.at.Month++
	return x.at.Month == len(months), nil
}

// months are the partitions of the trail since the organization was made.
func (e eraser) months(x *erasingPage) []string {
	made, _ := time.Parse(time.RFC3339, x.main.CreatedAt) // as clock.Format wrote it
	return table.AuditPartitions(x.Root, made, x.Now)
}

// counts erases the counts of the tree.
func (e eraser) counts(ctx context.Context, x *erasingPage) (done bool, err error) {
	return e.clear(ctx, x, table.CountsPartition(x.Root), "")
}

// tree erases what else is in the tree's own partition, but for its state and this job.
func (e eraser) tree(ctx context.Context, x *erasingPage) (done bool, err error) {
	return e.clear(ctx, x, table.TreePartition(x.Root), "", table.AccessKey(x.Root), x.Key())
}

// last erases the organization itself with the state of its tree, the timer and this job, and notes in the platform's audit that
// something was erased, not what. Where there is something left yet, it begins anew.
func (e eraser) last(ctx context.Context, x *erasingPage) error {
	left, err := e.left(ctx, x)
	if err != nil || left {
		x.Next(erasing{}, 0)
		return err
	}
	platform, err := tenant.ReadPlatform(ctx, e.Table)
	if err != nil {
		return err
	}
	if platform != nil {
		e.Trail.Write(x.Tx, audit.Event{Action: "organization.erased", Root: platform.ID, Organization: platform.ID, Actor: erased(),
			Target: audit.Target{Type: "organization", ID: "erased"}, After: map[string]any{"type": x.main.Type}, Count: x.Done})
	}
	x.Tx.Delete(x.main.Key(), 0)
	x.Tx.Delete(table.AccessKey(x.Root), 0)
	timer.Cancel(x.Tx, timer.Erasure, x.Root)
	tenant.CountClient(x.Tx, x.main.Partner, -1)
	x.Vanish()
	return nil
}

// left tells whether anything is left that was written late.
func (e eraser) left(ctx context.Context, x *erasingPage) (bool, error) {
	months := e.months(x)
	for pk, kept := range map[string]int{table.TreePartition(x.Root): 2, table.OrganizationPartition(x.Root): 1, table.CountsPartition(x.Root): 0, months[len(months)-1]: 0} {
		rows, _, err := e.Table.Rows(ctx, table.Question{PK: pk, Limit: kept + 1}, table.Key{})
		if err != nil || len(rows) > kept {
			return true, err
		}
	}
	return false, nil
}
