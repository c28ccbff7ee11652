package main

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// This file gives users back to people who came by the SCIM of a connection that was removed, or where it was switched off (SSO-7).

// release gives back a page of users: from then on people edit them. They keep what they have, or are deactivated where that was asked
// for.
func (w cleanings) release(ctx context.Context, p *job.Page, of *connection.Cleaning, at *cleaningAt) error {
	all, more, err := w.documents(ctx, of, id.User, at)
	if err != nil {
		return err
	}
	for _, document := range all {
		if err := w.giveBack(ctx, p, of, at, document.ID); err != nil {
			return err
		}
	}
	at.Given = !more
	p.Next(*at, len(all))
	return nil
}

// documents are a page of those of a kind that come next.
func (w cleanings) documents(ctx context.Context, of *connection.Cleaning, kind id.Kind, at *cleaningAt) (all []*directory.Document, more bool, err error) {
	first, after := table.DocumentKey(of.Connection, string(kind)+"_"), table.Key{}
	if strings.HasPrefix(at.Behind, first.SK) {
		after = table.Key{PK: first.PK, SK: at.Behind}
	}
	rows, more, err := w.Table.Rows(ctx, table.Question{PK: first.PK, Prefix: first.SK, Limit: cleaningPage}, after)
	for _, row := range rows {
		document := &directory.Document{}
		if err := row.Read(document); err != nil {
			return nil, false, err
		}
		all, at.Behind = append(all, document), row.Key.SK
	}
	return all, more, err
}

// dissolveAll takes away a page of groups.
func (w cleanings) dissolveAll(ctx context.Context, p *job.Page, of *connection.Cleaning, at *cleaningAt) error {
	all, more, err := w.documents(ctx, of, id.Group, at)
	if err != nil {
		return err
	}
	for _, group := range all {
		if err := w.dissolve(ctx, group); err != nil {
			return err
		}
	}
	at.Dissolved = !more
	p.Next(*at, len(all))
	return nil
}

// dissolve takes a group away, of whom nobody is a member any more: its mapping, the items that said who was in it, and at last what names
// it, so that a page that is done again does the rest.
func (w cleanings) dissolve(ctx context.Context, group *directory.Document) error {
	if err := directory.Unmap(ctx, w.Table, group.Root, group.ID); err != nil {
		return err
	}
	tx := table.NewTx()
	directory.Drop(tx, group.Connection, group.ID)
	if err := w.Table.Commit(ctx, tx); err != nil {
		return err
	}
	if err := w.Table.ErasePartition(ctx, table.GroupPartition(group.ID)); err != nil {
		return err
	}
	counts := table.CountKeys(group.Root, table.GroupCount(group.ID), table.GroupChanges(group.ID), table.GroupConflicts(group.ID))
	if err := w.Table.Erase(ctx, counts...); err != nil {
		return err
	}
	tx = table.NewTx()
	tx.DeleteIf(table.IntentKey(group.ID), expression.AttributeNotExists(expression.Name("pk")), table.ErrChanged) // of a request that was under way
	tx.Delete(group.Key(), group.Version)
	return w.Table.Commit(ctx, tx)
}

// giveBack gives back one user. Who is nobody's any more stays as that one is, so that a page that is done again does nothing again.
func (w cleanings) giveBack(ctx context.Context, p *job.Page, of *connection.Cleaning, at *cleaningAt, user string) error {
	if of.Deactivate {
		off, skipped, err := w.deactivate(ctx, p, of, user)
		if err != nil {
			return err
		}
		at.Off, at.Skipped = at.Off+off, at.Skipped+skipped
	}
	for range domainTries {
		u, err := people.ReadUser(ctx, w.Table, p.Root, user)
		if problem.Gone(err) || err == nil && u.Connection != of.Connection {
			return nil
		}
		if err != nil {
			return err
		}
		if err = w.Table.Commit(ctx, w.givingBack(p, of, u)); !errors.Is(err, table.ErrChanged) {
			return err
		}
	}
	return table.ErrChanged
}

// givingBack is the change that gives the user back, in no group any more, with the role that one gave. Who never had a role, and so never had access, is removed: no list shows that one.
func (w cleanings) givingBack(p *job.Page, of *connection.Cleaning, u *people.User) *table.Tx {
	tx := table.NewTx()
	tx.Delete(table.DocumentKey(of.Connection, u.ID), 0)
	event := audit.Event{Action: "user.given-back", Root: u.Root, Organization: u.Organization, Actor: p.Owner,
		Target: audit.Target{Type: "user", ID: u.ID}, Before: map[string]any{"connection": of.Connection}}
	if u.Role == "" {
		event.Action, event.Organization = "user.deleted", u.Root
		people.Remove(tx, u, p.Now)
	} else {
		edit := people.Edit(u, p.Owner, p.Now)
		people.TakeOver(edit, u, "", false)
		directory.Release(edit, u, p.Now)
		tx.Update(edit)
	}
	w.Trail.Write(tx, event)
	return tx
}

// released has the page note that all were given back, where the connection is still there.
func (w cleanings) released(ctx context.Context, p *job.Page, of *connection.Cleaning) error {
	if !of.Provisioning {
		return nil
	}
	c, err := connection.Read(ctx, w.Table, of.Connection)
	if problem.Gone(err) {
		return nil
	}
	if err == nil && c.Provisioning != nil && c.Provisioning.Ending == p.Job.ID {
		p.Tx.Update(connection.Released(c.ID, p.Job.ID))
	}
	return err
}
