package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/start"
)

// newBatch is the table of what the worker does: a handler for each kind of message, and a task for each kind of letter that
// is not sent as it is.
func newBatch(s *start.Services) *batch {
	mails := &delivery{
		outbox: s.Outbox,
		table:  s.Table,
		writer: newWriter(s.Config.PublicURL),
		sender: newSender(s.AWS, s.Config.MailFrom, s.Log),
		tasks:  map[mail.Kind]task{mail.ResetRequest: resets{s}.prepare},
		log:    s.Log,
	}
	return &batch{log: s.Log, handlers: map[queue.Kind]func(context.Context, queue.Message) error{
		queue.Mail: mails.deliver,
	}}
}
