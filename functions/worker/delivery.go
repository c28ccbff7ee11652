package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// task does what a letter of its kind asks for where that is not to be sent as it is. It may run more than once.
type task func(context.Context, mail.Letter) error

// delivery empties the outbox.
type delivery struct {
	outbox *mail.Outbox
	table  *table.Table
	writer *writer
	sender *sender
	tasks  map[mail.Kind]task
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
		return do(ctx, claimed.Letter)
	}
	if claimed.Administrators == "" {
		return d.send(ctx, claimed, claimed.To, claimed.Language)
	}
	return d.sendToAdministrators(ctx, claimed)
}

func (d *delivery) send(ctx context.Context, claimed *mail.Claimed, to, language string) error {
	words, err := d.writer.write(claimed.Letter, language)
	if err != nil {
		return err
	}
	return d.sender.send(ctx, claimed.ID, to, words)
}

// sendToAdministrators sends to each who did not get it in an earlier try. One who cannot be reached does not keep it from
// the others.
func (d *delivery) sendToAdministrators(ctx context.Context, claimed *mail.Claimed) error {
	administrators, err := d.administrators(ctx, claimed.Administrators)
	if err != nil {
		return err
	}
	var failed []error
	for _, user := range administrators {
		if claimed.SentTo(user.ID) {
			continue
		}
		err := d.send(ctx, claimed, user.Email, user.Language)
		if err == nil {
			err = claimed.Remember(ctx, user.ID)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// administrators are the people of the tree's set of administrators, as they are now.
func (d *delivery) administrators(ctx context.Context, root string) ([]people.User, error) {
	var set tenant.Administrators
	if _, err := d.table.Get(ctx, table.AdministratorsKey(root), &set); err != nil {
		return nil, err
	}
	users := make([]people.User, len(set.Users))
	wants := make([]*table.Wanted, len(set.Users))
	for i, user := range set.Users {
		wants[i] = table.Want(table.UserKey(root, user), &users[i])
	}
	if err := d.table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	active := users[:0]
	for _, user := range users {
		if user.Status == people.Active {
			active = append(active, user)
		}
	}
	return active, nil
}
