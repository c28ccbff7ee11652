package main

import (
	"context"
	"strings"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// connections erases the SSO connections of the tree, with what belongs to each: tests, who signed in by it, its log. Where they lead
// from is erased with the domains.
func (e eraser) connections(ctx context.Context, x *erasingPage) (done bool, err error) {
	question := connection.Listed(x.Root, "")
	question.Limit = pagePeople
	page, err := table.List[connection.Connection](ctx, e.Table, question)
	if err != nil {
		return false, err
	}
	for _, of := range page.Items {
		if emptied, err := e.connection(ctx, x, &of); err != nil || !emptied {
			return false, err
		}
	}
	return page.Next == "" && len(page.Items) == 0, nil
}

// connection erases a page of what belongs to a connection, and at last itself.
func (e eraser) connection(ctx context.Context, x *erasingPage, of *connection.Connection) (emptied bool, err error) {
	if none, err := e.groups(ctx, x, of.ID); err != nil || !none {
		return false, err
	}
	for _, pk := range []string{table.ConnectionLogPartition(of.ID), table.DirectoryLogPartition(of.ID), table.DirectoryPartition(of.ID)} {
		if none, err := e.clear(ctx, x, pk, ""); err != nil || !none {
			return false, err
		}
	}
	if none, err := e.clear(ctx, x, table.ConnectionPartition(of.ID), "", of.Key()); err != nil || !none {
		return false, err
	}
	for _, kind := range []timer.Kind{timer.Metadata, timer.Certificate, timer.Token, timer.Sync} {
		timer.Cancel(x.Tx, kind, of.ID)
	}
	return true, e.erase(ctx, x, of.Key())
}

// groups erases who is in the groups of a connection, those too whose members were being taken out, and each group after its members.
func (e eraser) groups(ctx context.Context, x *erasingPage, of string) (done bool, err error) {
	for _, begin := range []table.Key{table.DocumentKey(of, string(id.Group)+"_"), table.GroupGoneKey(of, "")} {
		rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pagePeople}, table.Key{})
		if err != nil {
			return false, err
		}
		for _, row := range rows {
			group := row.SK[strings.IndexByte(row.SK, '#')+1:]
			if none, err := e.clear(ctx, x, table.GroupPartition(group), ""); err != nil || !none {
				return false, err
			}
			if err := e.erase(ctx, x, row.Key, table.TimerKey(string(timer.Members), directory.IntentOwner(of, group))); err != nil {
				return false, err
			}
		}
		if more {
			return false, nil
		}
	}
	return true, nil
}
