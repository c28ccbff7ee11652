package main

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

func TestINS6_TheAdministratorsOfEveryTreeAreToldOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, "no-reply@tenantry.example")
	const trees = 2*restoresPage + 3
	for i := range trees {
		tx := table.NewTx()
		tenant.Create(tx, &tenant.Organization{Type: tenant.Client, Name: fmt.Sprint("Acme ", i)}, audit.System("test"), time.Now())
		commit(t, b.table, tx)
	}
	mark := restore.Mark{At: b.now.Add(-time.Minute).UnixMilli()}
	telling := &job.Job{Root: "org_platform", Organization: "org_platform", Kind: job.TellOfRestore}
	telling.Give(mark)
	tx := table.NewTx()
	job.Start(tx, telling, b, audit.System("test"), time.Now())
	commit(t, b.table, tx)
	services := &start.Services{Table: b.table, Outbox: b.outbox}
	runner := &job.Runner{Table: b.table, Queue: b, Clock: clock.System, Log: slog.New(slog.DiscardHandler), Steps: steps(services)}
	for range 2 { // the second message of one that is over
		if err := runner.Run(t.Context(), telling.Root, telling.ID); err != nil {
			t.Fatal(err)
		}
	}
	told := map[string]int{}
	for _, message := range b.messages {
		if message.Kind != "mail" {
			continue
		}
		letter, err := b.outbox.Claim(t.Context(), message.Shard, message.ID)
		if err != nil || letter == nil || letter.Kind != mail.Restored || !letter.Data.At.Equal(mark.Time()) {
			t.Fatalf("letter %+v, %v", letter, err)
		}
		told[letter.Administrators]++
	}
	over, err := job.Read(t.Context(), b.table, telling.Root, telling.ID)
	if len(told) != trees || err != nil || over.Status != job.Succeeded || over.Done != trees || over.Step != 3 {
		t.Errorf("%d of %d trees are told; the job is %+v, %v", len(told), trees, over, err)
	}
}
