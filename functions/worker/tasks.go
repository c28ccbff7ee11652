package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/blob"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/export"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/rolesync"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/timer"
)

// pageTime is what a page of long work may take: a job's step, or a page of timers.
const pageTime = 10 * time.Second

// newBatch is the table of what the worker does: a handler for each kind of message, a task for each kind of letter that is
// not sent as it is, a step for each kind of job, a handler for each kind of timer.
func newBatch(s *start.Services) (*batch, error) {
	sso, err := newConnections(s)
	if err != nil {
		return nil, err
	}
	mails := &delivery{
		outbox: s.Outbox,
		table:  s.Table,
		writer: newWriter(s.Config.PublicURL),
		sender: newSender(s.AWS, s.Config, s.Log),
		tasks:  map[mail.Kind]task{mail.ResetRequest: resets{s}.prepare, mail.Leaver: leavers{s}.tell},
		before: map[mail.Kind]task{mail.AddressLost: dispossessed{s, newNotice(s)}.tell},
		log:    s.Log,
	}
	runner := &job.Runner{Table: s.Table, Queue: s.Work, Clock: s.Clock, Needs: pageTime, Log: s.Log, Steps: steps(s)}
	due := &due{s, handlers(s, runner, sso)}
	return &batch{log: s.Log, handlers: map[queue.Kind]func(context.Context, queue.Message) error{
		queue.Mail: mails.deliver,
		queue.Due:  due.work,
		queue.Job:  func(ctx context.Context, m queue.Message) error { return runner.Run(ctx, m.Tree, m.ID) },
	}}, nil
}

// steps are what the kinds of jobs do.
func steps(s *start.Services) map[job.Kind]job.Step {
	return map[job.Kind]job.Step{
		job.Export:           (&export.Writer{Table: s.Table, Store: blob.Open(s.AWS, s.Config.Bucket)}).Step,
		job.ClearCredentials: cleaning{s}.clear,
		job.Erase:            eraser{s, blob.Open(s.AWS, s.Config.Bucket)}.step,
		job.TellOfRestore:    restores{s}.tell,

		job.ApplyMapping:    newSettler(s).Apply,
		job.SyncRoles:       (&rolesync.Syncer{Settler: newSettler(s)}).Step,
		job.ImportUsers:     imports{s}.step,
		job.CleanConnection: cleanings{s}.step,
		job.EmptyGroup:      newMembers(s).empty,
	}
}

// newSettler is what gives and takes the roles that follow from groups.
func newSettler(s *start.Services) *directory.Settler {
	return directory.NewSettler(s.Table, s.Trail, s.Outbox, s.Config.KeyGrace, s.Config.Social())
}

// newNotice is what tells where nobody is left who can sign in.
func newNotice(s *start.Services) *lockout.Notice {
	return lockout.NewNotice(s.Table, s.Trail, s.Outbox, s.Config.Social())
}

// handlers are what is done about timers that fall due, one for each of timer.Kinds.
func handlers(s *start.Services, runner *job.Runner, sso *connections) map[timer.Kind]timer.Handler {
	return map[timer.Kind]timer.Handler{
		timer.Job:     runner.Watch(),
		timer.Erasure: erasures{s}.handler(),
		timer.Person:  persons{s}.handler(),
		timer.Domain:  newRechecks(s).handler(),

		timer.Metadata:    sso.metadata(),
		timer.Certificate: sso.certificates(),
		timer.Token:       sso.tokens(),
		timer.Sync:        syncing{s}.handler(),
		timer.Members:     newMembers(s).handler(),
		timer.Files:       (&files{s.Table, blob.Open(s.AWS, s.Config.Bucket), s.Clock, s.Log}).handler(),
	}
}

// due works on timers that have fallen due.
type due struct {
	*start.Services
	handlers map[timer.Kind]timer.Handler
}

// work works on those of the message's kind and shard, and hands on what it has no time for. Their time is that of the
// schedule's run, or the clock's where the message comes late.
func (d *due) work(ctx context.Context, message queue.Message) error {
	kind := timer.Kind(message.ID)
	handler, known := d.handlers[kind]
	if !known {
		return fmt.Errorf("timers of the unknown kind %.40q", message.ID)
	}
	now := d.Clock()
	if message.At.After(now) {
		now = message.At
	}
	more, err := handler.Work(ctx, d.Table, kind, message.Shard, now)
	if err == nil && more {
		err = d.Work.Send(ctx, message)
	}
	return err
}
