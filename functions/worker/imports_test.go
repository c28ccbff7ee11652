package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/intake"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// silent is a queue that nobody reads.
type silent struct{}

func (silent) Send(context.Context, ...queue.Message) error { return nil }

// port is where files come in.
type port struct {
	*accesstest.World
	t     *testing.T
	acme  *accesstest.Organization
	admin *accesstest.Person
	job.Runner
}

func newPort(t *testing.T) *port {
	t.Helper()
	w := accesstest.New(t)
	p := &port{World: w, t: t, acme: w.Tree(tenant.Client)}
	p.admin = w.Person(p.acme.Administrator)
	s := &start.Services{Table: w.Table, Clock: w.Clock, Trail: audit.Trail{Keep: 100 * day, Clock: w.Clock},
		Outbox: mail.NewOutbox(w.Table, secrettest.Keyring(t), silent{}, w.Clock, slog.New(slog.DiscardHandler))}
	p.Runner = job.Runner{Table: w.Table, Queue: silent{}, Clock: w.Clock, Log: slog.New(slog.DiscardHandler), Steps: map[job.Kind]job.Step{job.ImportUsers: imports{s}.step}}
	return p
}

// file is so many new people with the role.
func (p *port) file(n int, role *people.Role) []intake.Person {
	var all []intake.Person
	for i := range n {
		all = append(all, intake.Person{Line: i + 2, Name: "New", Email: fmt.Sprintf("n%d-%s@d%d.example", i, accesstest.Unique(), i), Language: "en", Organization: role.Organization, Role: role.ID})
	}
	return all
}

// begin begins to invite the people by the administrator.
func (p *port) begin(all []intake.Person) *job.Job {
	p.t.Helper()
	begun := &job.Job{Root: p.acme.ID, Organization: p.acme.ID, Kind: job.ImportUsers}
	begun.Give(intake.Input{People: len(all), Existing: 2, By: intake.Authority{Actor: audit.Actor{Type: audit.ByUser, ID: p.admin.ID}, Tree: p.acme.ID,
		Organization: p.admin.Organization, Role: p.admin.Role}})
	p.Commit(func(tx *table.Tx) {
		job.Start(tx, begun, silent{}, audit.System("test"), p.World.Clock())
		intake.Keep(tx, begun.ID, all, "Ada", p.World.Clock())
	})
	return begun
}

// end runs the job, and gives it with what came of it.
func (p *port) end(begun *job.Job) (done *job.Job, out intake.Outcome) {
	p.t.Helper()
	if err := p.Run(p.t.Context(), p.acme.ID, begun.ID); err != nil {
		p.t.Fatal(err)
	}
	done, err := job.Read(p.t.Context(), p.World.Table, p.acme.ID, begun.ID)
	if err == nil {
		_, err = done.Result(&out)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return done, out
}

func TestUSR1_AnImportInvitesEverybodyOfAllItsParts(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	all := append(p.file(intake.PartRows+1, p.acme.User), p.file(3*importPage, p.acme.Administrator)...)
	begun := p.begin(all)
	done, out := p.end(begun)
	if done.Status != job.Succeeded || out.Invited != len(all) || out.Existing != 2 || out.Failed != 0 || done.Done != len(all) {
		t.Fatalf("%+v %+v", done, out)
	}
	for n := range intake.Parts(len(all)) {
		if left, _, err := intake.Page(t.Context(), p.World.Table, begun.ID, n*intake.PartRows, 1); len(left) != 0 || err != nil {
			t.Errorf("part %d is left: %v %v", n, left, err)
		}
	}
	if _, out = p.end(p.begin(all)); out.Invited != 0 || out.Existing != 2+len(all) {
		t.Errorf("again: %+v", out)
	}
}

func TestUSR1_WhatChangedSinceAFileWasCheckedKeepsNobodyElseOut(t *testing.T) {
	t.Parallel()
	p := newPort(t)
	all := p.file(4, p.acme.User)
	all[0].Role = id.New(id.Role)
	all[1].Organization = p.Tree(tenant.Client).ID
	begun := p.begin(all)
	p.Commit(func(tx *table.Tx) {
		tx.Put(table.DomainNameKey(p.acme.ID, "d2.example"), tenant.Standing{Was: true})
	})
	done, out := p.end(begun)
	if done.Status != job.Succeeded || out.Invited != 1 || out.Failed != 3 || len(out.Failures) != 3 || out.Failures[2].Line != 4 || out.Failures[2].Why == "" {
		t.Errorf("%+v %+v", done, out)
	}
}

func TestPER1_AnImportGoesOnOnlyWhileItsRightsStand(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(p *port){
		"demoted": func(p *port) { p.assign(p.acme.User) },
		"deactivated": func(p *port) {
			p.Change(p.admin, func(tx *table.Tx, edit *table.Change) { people.Deactivate(tx, edit, p.admin.User, p.World.Clock()) })
		},
		"the tree is closed": func(p *port) {
			p.Commit(func(tx *table.Tx) {
				tx.Update(table.Touch(table.AccessKey(p.acme.ID)).Set("closedAt", "2026-11-27T00:00:00.000Z"))
			})
		},
		"restored from a backup": func(p *port) { p.Restore() },
		"the tree is suspended": func(p *port) {
			p.Commit(func(tx *table.Tx) { tx.Update(table.Touch(table.AccessKey(p.acme.ID)).Set("suspended", true)) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPort(t)
			p.Person(p.acme.Administrator) // who stays
			begun := p.begin(p.file(3, p.acme.User))
			end(p)
			if done, _ := p.end(begun); done.Status != job.Failed || done.Done != 0 || done.Problem == "" {
				t.Errorf("%+v", done)
			}
		})
	}
}

func (p *port) assign(role *people.Role) {
	p.Change(p.admin, func(tx *table.Tx, edit *table.Change) { people.Assign(tx, edit, p.admin.User, role, p.World.Clock()) })
}
