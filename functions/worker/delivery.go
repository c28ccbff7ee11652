package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// task does what a letter of its kind asks for where that is not to be sent as it is. It may run more than once.
type task func(context.Context, *mail.Claimed) error

// delivery empties the outbox.
type delivery struct {
	outbox *mail.Outbox
	table  *table.Table
	writer *writer
	sender *sender
	tasks  map[mail.Kind]task
	before map[mail.Kind]task // what is done before a letter of its kind is sent
	log    *slog.Logger
}

// deliver sends the mail of a message to everyone it is for and takes it out of the outbox. What is sent already, or being
// sent by another worker, is left alone. After an error the mail waits for the next delivery of the message.
func (d *delivery) deliver(ctx context.Context, message queue.Message) error {
	claimed, err := d.outbox.Claim(ctx, message.Shard, message.ID)
	if err != nil {
		return err
	}
	if claimed == nil {
		d.log.InfoContext(ctx, "mail sent or being sent already", "mail", message.ID)
		return nil
	}
	if err := d.work(ctx, claimed); err != nil {
		return err
	}
	d.log.InfoContext(ctx, "mail done", "mail", claimed.ID, "kind", claimed.Kind)
	return claimed.Done(ctx)
}

func (d *delivery) work(ctx context.Context, claimed *mail.Claimed) error {
	if do, found := d.tasks[claimed.Kind]; found {
		return do(ctx, claimed)
	}
	if do, found := d.before[claimed.Kind]; found {
		if err := do(ctx, claimed); err != nil {
			return err
		}
	}
	if claimed.Administrators != "" {
		return d.sendToAdministrators(ctx, claimed)
	}
	if lost, err := d.lost(ctx, claimed); lost || err != nil {
		return err
	}
	return d.send(ctx, claimed, claimed.To, claimed.Language)
}

// lost tells whether a mail goes to an address of a domain that its owner's tree has lost since it was written, which may be
// three days ago: somebody else may read it by now (DOM-9).
func (d *delivery) lost(ctx context.Context, claimed *mail.Claimed) (bool, error) {
	root, _, known := strings.Cut(claimed.Owner, "/")
	if !known {
		return false, nil
	}
	return tenant.Closed(ctx, d.table, root, claimed.To)
}

func (d *delivery) send(ctx context.Context, claimed *mail.Claimed, to, language string) error {
	words, err := d.writer.write(claimed.Letter, language)
	if err != nil {
		return err
	}
	return d.sender.send(ctx, claimed.ID, to, words)
}
