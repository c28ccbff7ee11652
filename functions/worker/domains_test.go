package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/domain"
	"github.com/tenantry/tenantry/shared/domain/domaintest"
	"github.com/tenantry/tenantry/shared/domainproof"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
	"github.com/tenantry/tenantry/shared/timer"
)

// watch is the looking again at the domains of one organization, with a DNS that the test writes.
type watch struct {
	*rechecks
	*accesstest.World
	t    *testing.T
	org  *accesstest.Organization
	now  time.Time
	fail map[string]bool // names whose look-ups fail

	mutex  sync.Mutex
	values map[string]string // by host
	asked  map[string]int    // how often, by host
	posted int
}

const day = 24 * time.Hour

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{World: accesstest.New(t), t: t, values: map[string]string{}, asked: map[string]int{}, fail: map[string]bool{}}
	w.now = w.Clock().Add(day)
	log := slog.New(slog.DiscardHandler)
	s := &start.Services{Table: w.World.Table, Clock: w.Clock, Log: log, Trail: audit.Trail{Keep: 100 * day, Clock: w.Clock},
		Outbox: mail.NewOutbox(w.World.Table, secrettest.Keyring(t), w, w.Clock, log), Config: start.Config{DomainGrace: 14 * day}}
	w.rechecks = newRechecks(s)
	w.rechecks.resolver = w
	w.org = w.Tree(tenant.Client)
	return w
}

// Send takes what would wake the worker.
func (w *watch) Send(context.Context, ...queue.Message) error {
	w.posted++
	return nil
}

// TXT answers what the test wrote.
func (w *watch) TXT(_ context.Context, host string) (domainproof.Answer, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.asked[host]++
	if w.fail[host] {
		return domainproof.Answer{}, &domainproof.Failure{Kind: domainproof.ServerFailed, Host: host, Err: errors.New("SERVFAIL")}
	}
	if value, there := w.values[host]; there {
		return domainproof.Answer{Exists: true, Values: []string{value}}, nil
	}
	return domainproof.Answer{}, nil
}

// verified gives the organization a verified domain that is due now, with its record in DNS.
func (w *watch) verified(name string) *domain.Domain {
	w.t.Helper()
	var d *domain.Domain
	w.Commit(func(tx *table.Tx) {
		d = domaintest.Verified(tx, w.org.ID, w.org.ID, name, w.Clock(), w.now)
	})
	w.values[d.Record().Host] = d.Record().Value
	return d
}

func (w *watch) hide(d *domain.Domain) { delete(w.values, d.Record().Host) }

// run works on all that is due.
func (w *watch) run() {
	w.t.Helper()
	for shard := range table.TimerShards {
		if _, err := w.handler().Work(w.t.Context(), w.World.Table, timer.Domain, shard, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

// at is a domain as it is now, with what its tree knows of the name.
func (w *watch) at(d *domain.Domain) (now domain.Domain, standing tenant.Standing, claimed, timed bool) {
	w.t.Helper()
	claim, due := table.Want(table.DomainClaimKey(d.Name), &domain.Claim{}), table.Want(table.TimerKey(string(timer.Domain), d.Owner()), &struct{}{})
	if err := w.World.Table.GetMany(w.t.Context(), table.Want(d.Key(), &now), table.Want(table.DomainNameKey(d.Root, d.Name), &standing), claim, due); err != nil {
		w.t.Fatal(err)
	}
	return now, standing, claim.Found, due.Found
}

// events are the actions of the audit about domains, the oldest first.
func (w *watch) events() []string {
	w.t.Helper()
	list := table.AuditOf(w.org.ID, "")
	all, err := table.All[audit.Event](w.t.Context(), w.World.Table, table.Question{Index: list.Index, PK: list.PK})
	if err != nil {
		w.t.Fatal(err)
	}
	actions := []string{}
	for _, event := range all {
		if event.Target.Type == "domain" {
			actions = append(actions, event.Action)
			if event.Actor != audit.System("domains") {
				w.t.Errorf("%s by %+v", event.Action, event.Actor)
			}
		}
	}
	return actions
}

func TestDOM7_ARecordThatStandsIsLookedAtDaily(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	d := w.verified("acme.example")
	host := d.Record().Host
	for i := range 3 {
		w.run()
		w.now = w.now.Add(23 * time.Hour)
		w.run()
		w.now = w.now.Add(time.Hour)
		if w.asked[host] != i+1 {
			t.Fatalf("looked up %d times in %d days", w.asked[host], i+1)
		}
	}
	now, _, _, _ := w.at(d)
	if !now.Verified || now.Version != d.Version || now.LastCheck.Outcome != domainproof.Found || len(w.events()) != 0 || w.posted != 0 {
		t.Errorf("%+v, events %v, %d mails", now, w.events(), w.posted)
	}
}

func TestDOM7_TheFourteenDays(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	lost, kept := w.verified("lost.example"), w.verified("kept.example")
	w.hide(lost)
	told := map[int]int{}
	for i := range 16 {
		before := w.posted
		w.run()
		told[i] = w.posted - before
		if i == 5 { // a day on which the resolver fails
			w.fail[lost.Record().Host] = true
			w.now = w.now.Add(day)
			w.run()
			delete(w.fail, lost.Record().Host)
			now, _, _, _ := w.at(lost)
			if now.Misses != 6 || now.LastCheck.Outcome != domainproof.Failed || !now.Verified {
				t.Fatalf("after a failure: %+v", now)
			}
			w.now = w.now.Add(-day)
		}
		now, standing, claimed, timed := w.at(lost)
		if held := i < 14; now.Verified != held || standing.Verified != held || claimed != held || timed != held || !standing.Was {
			t.Fatalf("day %d: %+v %+v claimed %v timed %v", i, now, standing, claimed, timed)
		}
		w.now = w.now.Add(day)
		if i == 5 {
			w.now = w.now.Add(2 * time.Hour) // when the failing look-up is repeated
		}
	}
	for i, want := range map[int]int{0: 1, 3: 1, 7: 1, 13: 1, 14: 1} {
		if told[i] != want {
			t.Errorf("day %d: told %d times; in all %v", i, told[i], told)
		}
	}
	if got := w.events(); !slices.Equal(got, []string{"domain.at-risk", "domain.lost"}) || w.posted != 5 {
		t.Errorf("events %v, %d mails", got, w.posted)
	}
	now, standing, _, _ := w.at(lost)
	if standing.Epoch != 1 || standing.Domain != lost.ID || now.AtRiskSince != 0 || now.VerifiedAt != "" || now.LastCheck.Slip != domainproof.NoDomain {
		t.Errorf("lost: %+v %+v", now, standing)
	}
	var access tenant.Access
	if _, err := w.World.Table.Get(t.Context(), table.AccessKey(w.org.ID), &access); err != nil || access.DomainEpoch != 1 {
		t.Errorf("access %+v, %v", access, err)
	}
	if now, _, claimed, timed := w.at(kept); !now.Verified || !claimed || !timed || now.AtRiskSince != 0 {
		t.Errorf("the other domain: %+v", now)
	}
}

func TestDOM7_ARecordThatComesBackInTimeEndsTheRisk(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	d := w.verified("acme.example")
	w.hide(d)
	w.run()
	w.values[d.Record().Host] = d.Record().Value
	w.now = w.now.Add(day)
	w.run()
	if now, _, _, _ := w.at(d); now.AtRiskSince != 0 || now.Misses != 0 || !now.Verified {
		t.Errorf("%+v", now)
	}
	if got := w.events(); !slices.Equal(got, []string{"domain.at-risk", "domain.recovered"}) {
		t.Errorf("events %v", got)
	}
}

func TestDOM7_AFailingResolverIsAskedAgainSoon(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	d := w.verified("acme.example")
	host := d.Record().Host
	w.fail[host] = true
	w.run()
	w.now = w.now.Add(time.Hour)
	w.run()
	if w.asked[host] != 1 {
		t.Errorf("within the hour asked %d times", w.asked[host])
	}
	w.now = w.now.Add(15 * time.Minute)
	w.run()
	if now, _, _, _ := w.at(d); w.asked[host] != 2 || !now.Verified || now.Misses != 0 || now.LastCheck.Slip != domainproof.ResolverFails {
		t.Errorf("asked %d times: %+v", w.asked[host], now)
	}
}

func TestDOM8_EachIsLookedUpOnceHoweverOftenTheWorkerIsKilled(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	var all []*domain.Domain
	for i := range 200 {
		all = append(all, w.verified(fmt.Sprintf("d%03d.example", i)))
	}
	h, died := w.handler(), errors.New("killed")
	pages := 0
	h.Do = func(ctx context.Context, now time.Time, page []timer.Claimed) error {
		if pages++; pages%3 == 0 { // after the look-ups, before anything is written
			due, err := w.read(ctx, page)
			if err == nil {
				w.look(ctx, due)
				err = died
			}
			return err
		}
		return w.page(ctx, now, page)
	}
	begin := w.now
	for ; w.now.Before(begin.Add(3 * time.Hour)); w.now = w.now.Add(5 * time.Minute) {
		for shard := range table.TimerShards {
			if _, err := h.Work(t.Context(), w.World.Table, timer.Domain, shard, w.now); err != nil && !errors.Is(err, died) {
				t.Fatal(err)
			}
		}
		if w.now.Before(begin.Add(61 * time.Minute)) {
			for host, n := range w.asked {
				if n > 1 {
					t.Fatalf("%s was looked up %d times within %v", host, n, w.now.Sub(begin))
				}
			}
		}
	}
	for _, d := range all {
		if now, _, _, _ := w.at(d); now.LastCheck == nil || now.LastCheck.Outcome != domainproof.Found {
			t.Errorf("%s was not looked at: %+v", d.Name, now.LastCheck)
		}
	}
}

func TestDOM8_WhatChangesMeanwhileKeepsNoOtherFromBeingLookedAt(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	removed, checked, kept := w.verified("removed.example"), w.verified("checked.example"), w.verified("kept.example")
	var page []timer.Claimed
	h := w.handler()
	h.Do = func(_ context.Context, _ time.Time, claimed []timer.Claimed) error {
		page = append(page, claimed...)
		return nil
	}
	for shard := range table.TimerShards {
		if _, err := h.Work(t.Context(), w.World.Table, timer.Domain, shard, w.now); err != nil {
			t.Fatal(err)
		}
	}
	due, err := w.read(t.Context(), page)
	if err != nil || len(due) != 3 {
		t.Fatalf("%d due, %v", len(due), err)
	}
	w.look(t.Context(), due)
	act := domain.BySystem("Acme", w.now)
	w.Commit(func(tx *table.Tx) {
		w.registry.Remove(tx, removed, &tenant.Standing{Was: true}, act)
		w.registry.Note(tx, checked, domainproof.Finding{Outcome: domainproof.NotFound}, act)
	})
	plain, single := w.sort(due, w.now)
	if len(single) != 0 {
		t.Fatal("the test is of those that are written together")
	}
	if err := w.noteAll(t.Context(), plain, w.now); !errors.Is(err, table.ErrChanged) {
		t.Fatalf("written together: %v", err)
	}
	if err := w.noteEach(t.Context(), due, w.now); err != nil {
		t.Fatal(err)
	}
	if now, _, claimed, timed := w.at(removed); now.ID != "" || claimed || timed {
		t.Errorf("the removed one: %+v, timer %v", now, timed)
	}
	if now, _, _, _ := w.at(checked); now.AtRiskSince != 0 || now.LastCheck.Outcome != domainproof.Found {
		t.Errorf("the one that was looked at meanwhile: %+v", now)
	}
	if now, _, _, timed := w.at(kept); now.LastCheck == nil || !timed {
		t.Errorf("the other: %+v", now)
	}
}

func TestDOM8_ATimerWithoutAVerifiedDomainEnds(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	w.Commit(func(tx *table.Tx) { timer.Set(tx, timer.Domain, w.org.ID+"/dom_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", w.now) })
	w.run()
	if page, err := table.List[struct{}](t.Context(), w.World.Table, table.Question{PK: table.TimerKey(string(timer.Domain), w.org.ID+"/dom_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW").PK}); err != nil || len(page.Items) != 0 {
		t.Errorf("%d timers left, %v", len(page.Items), err)
	}
}

func TestDOM9_NothingIsMailedToADomainThatIsLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	const root = "org_1"
	b.administrators(t, root, people.User{ID: "usr_1", Email: "a@lost.example", Status: people.Active}, people.User{ID: "usr_2", Email: "b@kept.example", Status: people.Active})
	tx := table.NewTx()
	tx.Put(table.DomainNameKey(root, "lost.example"), tenant.Standing{Was: true})
	tx.Put(table.DomainNameKey(root, "kept.example"), tenant.Standing{Was: true, Verified: true})
	commit(t, b.table, tx)
	told := func(kind mail.Kind, domain, why string) int {
		clear(b.subjects)
		letter := sample(kind)
		letter.To, letter.Administrators, letter.Data.Domain, letter.Data.Why = "", root, domain, why
		if err := b.deliver(t.Context(), b.post(t, letter)); err != nil {
			t.Fatal(err)
		}
		if len(b.subjects["b@kept.example"]) != 1 {
			t.Errorf("%s: %v", kind, b.subjects)
		}
		return len(b.subjects["a@lost.example"])
	}
	for _, letter := range []struct {
		kind        mail.Kind
		domain, why string
	}{{mail.KeyMade, "", ""}, {mail.DomainLost, "lost.example", "missing"}, {mail.DomainRemoved, "lost.example", ""}, {mail.DomainRemoved, "kept.example", "removed"}} {
		if told(letter.kind, letter.domain, letter.why) != 0 {
			t.Errorf("%+v was sent", letter)
		}
	}
	if told(mail.DomainRemoved, "lost.example", "removed") != 1 { // they read mail there until then
		t.Error("that their domain was removed is not told")
	}
}

func TestGEN6_AClosedTreeLosesNoDomainByTime(t *testing.T) {
	t.Parallel()
	w := newWatch(t)
	d := w.verified("acme.example")
	var state tenant.Access
	if _, err := w.World.Table.Get(t.Context(), table.AccessKey(w.org.ID), &state); err != nil {
		t.Fatal(err)
	}
	w.Commit(func(tx *table.Tx) { tenant.Close(tx, w.org.ID, &state, w.now, w.now.Add(30*day)) })
	w.hide(d)
	for range 20 {
		w.run()
		w.now = w.now.Add(day)
	}
	if now, _, claimed, timed := w.at(d); !now.Verified || !claimed || !timed || now.AtRiskSince != 0 || w.posted != 0 {
		t.Errorf("%+v, claimed %v, timed %v, %d mails", now, claimed, timed, w.posted)
	}
	w.Commit(func(tx *table.Tx) { tenant.Reopen(tx, w.org.ID, &state) })
	w.run()
	if now, _, _, _ := w.at(d); now.AtRiskSince == 0 || w.posted != 1 {
		t.Errorf("reopened: %+v, %d mails", now, w.posted)
	}
}
