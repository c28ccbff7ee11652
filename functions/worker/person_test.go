package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

func TestGEN7APersonIsErasedButForWhatEndsTheirKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	p := persons{&start.Services{Table: b.table, Outbox: b.outbox}}
	now, by := time.Now(), audit.System("test")
	tx, o := table.NewTx(), &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	tenant.Create(tx, o, by, now)
	_, role := people.NewRoles(tx, o.ID, by, now)
	users := map[string]*people.User{}
	for _, name := range []string{"plain", "maker", "present"} {
		users[name], _ = people.Invite(tx, o.ID, role, people.Person{Name: name, Email: name + "@acme.example"}, by, now)
	}
	commit(t, b.table, tx)
	tx = table.NewTx()
	for _, u := range users {
		tx.Put(people.PasswordKey(u.ID), people.Password{Hash: "hash"})
		tx.Put(table.SessionKey(u.ID, "expired"), people.Session{ExpiresAt: 1})
		tx.Put(table.DepartureKey(u.ID), people.Departure{At: now.Unix()})
		timer.Set(tx, timer.Person, o.ID+"/"+u.ID, now.Add(-time.Minute))
	}
	tx.Put(table.MadeKey(users["maker"].ID, "key_1"), people.Made{Root: o.ID, Key: "key_1"})
	tx.Delete(users["plain"].Key(), 0)
	tx.Delete(users["maker"].Key(), 0)
	commit(t, b.table, tx)

	for shard := range table.TimerShards {
		if more, err := p.handler().Work(t.Context(), b.table, timer.Person, shard, now); more || err != nil {
			t.Fatal(more, err)
		}
	}
	for name, want := range map[string]int{"plain": 0, "maker": 2, "present": 3} {
		rows, _, err := b.table.Rows(t.Context(), table.Question{PK: table.UserPartition(users[name].ID)}, table.Key{})
		if err != nil || len(rows) != want {
			t.Errorf("%s has %d items left, not %d: %v", name, len(rows), want, err)
		}
		var set struct{}
		if found, err := b.table.Get(t.Context(), table.TimerKey(string(timer.Person), o.ID+"/"+users[name].ID), &set); found || err != nil {
			t.Errorf("the timer of %s is still there: %v", name, err)
		}
	}
}

func TestGEN7OneWhoCannotBeErasedKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	config, name := tabletest.Raw(t)
	org := id.New(id.Organization)
	stuck, other := listed(org+"/usr_stuck"), listed(org+"/usr_other")
	_, user, _ := strings.Cut(stuck, "/")
	config.HTTPClient = unwilling{"BatchWriteItem", user, "com.amazon.coral.validate#ValidationException"}
	rows := table.Open(config, name, tabletest.Signer{}, clock.System)
	tx := table.NewTx()
	timer.Set(tx, timer.Person, stuck, time.Now().Add(-time.Hour))
	timer.Set(tx, timer.Person, other, time.Now().Add(-time.Minute))
	tx.Put(table.SessionKey(user, "hash"), people.Session{})
	commit(t, rows, tx)
	p := persons{&start.Services{Table: rows, Outbox: mail.NewOutbox(rows, secrettest.Keyring(t), nil, clock.System, slog.New(slog.DiscardHandler))}}
	if _, err := p.handler().Work(t.Context(), rows, timer.Person, 0, time.Now()); err == nil {
		t.Error("that one failed is not told")
	}
	if left, err := timer.Owners(t.Context(), rows, timer.Person, 0); err != nil || !slices.Equal(left, []string{stuck}) {
		t.Errorf("left: %v, %v", left, err)
	}
}
