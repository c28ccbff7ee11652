package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// persons erases what is left of people who were deleted (GEN-7): their address and name went with them; what goes here is
// their credentials, sessions and sign-ins, and the mails that wait for them.
type persons struct{ *start.Services }

// handler works on the timers of kind timer.Person.
func (p persons) handler() timer.Handler {
	return timer.Handler{Lease: time.Minute, Page: 25, Needs: pageTime, Do: p.erase}
}

func (p persons) erase(ctx context.Context, _ time.Time, page []timer.Claimed) error {
	gone, err := p.gone(ctx, page)
	if err != nil {
		return err
	}
	if _, err := p.Outbox.Forget(ctx, func(owner string) bool { return gone[owner] }); err != nil {
		return err
	}
	tx, failed := table.NewTx(), []error(nil)
	for _, claimed := range page {
		if gone[claimed.Owner] {
			if err := p.eraseOne(ctx, claimed.Owner); err != nil {
				failed = append(failed, err) // and its timer stays, alone
				continue
			}
		}
		claimed.Done(tx)
	}
	if err := p.Table.Commit(ctx, tx); !errors.Is(err, table.ErrChanged) { // otherwise they fall due again
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// gone tells which of the owners are people who are not there. One who is, is in a table that was restored.
func (p persons) gone(ctx context.Context, page []timer.Claimed) (map[string]bool, error) {
	wants := make([]*table.Wanted, len(page))
	for i, claimed := range page {
		root, user, _ := strings.Cut(claimed.Owner, "/")
		wants[i] = table.Want(table.UserKey(root, user), &people.User{})
	}
	if err := p.Table.GetMany(ctx, wants...); err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for i, claimed := range page {
		gone[claimed.Owner] = !wants[i].Found
	}
	return gone, nil
}

// eraseOne erases the partition of somebody who is gone. As long as there are keys that the person made, they and the time of
// leaving stay, which end them and tell whose they were: ids, and no name.
func (p persons) eraseOne(ctx context.Context, owner string) error {
	_, user, _ := strings.Cut(owner, "/")
	var keys []table.Key
	for after, more := (table.Key{}), true; more; {
		rows, others, err := p.Table.Rows(ctx, table.Question{PK: table.UserPartition(user), Limit: table.MaxLimit}, after)
		if err != nil {
			return err
		}
		for _, row := range rows {
			keys, after = append(keys, row.Key), row.Key
		}
		more = others
	}
	made := func(key table.Key) bool { return strings.HasPrefix(key.SK, table.MadeKey(user, "").SK) }
	if slices.ContainsFunc(keys, made) {
		keys = slices.DeleteFunc(keys, func(key table.Key) bool { return made(key) || key == table.DepartureKey(user) })
	}
	tx := table.NewTx()
	if err := people.Unlink(ctx, p.Table, tx, user); err != nil {
		return err
	}
	if err := p.Table.Commit(ctx, tx); err != nil {
		return err
	}
	return p.Table.Erase(ctx, keys...)
}
