package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// This file erases people and API keys.

// pagePeople is how many people, domains or keys of the tree a page erases, of which each takes a few writes of the page's transaction.
const pagePeople = 20

// pageKeysAbroad is how many keys of other trees a page deletes. Each takes five writes: itself, with its maker, with the
// partner, in its count and in the audit of its tree.
const pageKeysAbroad = job.PageWrites / 5

// people erases the users, with what belongs to each of them alone.
func (e eraser) people(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.UserKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pagePeople}, table.Key{})
	if err != nil {
		return false, err
	}
	users, claims := make([]people.User, len(rows)), make([]people.Claim, len(rows))
	wants := make([]*table.Wanted, len(rows))
	for i, row := range rows {
		if err := row.Read(&users[i]); err != nil {
			return false, err
		}
		wants[i] = table.Want(table.EmailKey(users[i].Email), &claims[i])
	}
	if err := e.Table.GetMany(ctx, wants...); err != nil {
		return false, err
	}
	for i := range users {
		if err := e.person(ctx, x, &users[i], claims[i]); err != nil {
			return false, err
		}
	}
	return !more, nil
}

// person erases a user. An address that somebody else took meanwhile is that one's.
func (e eraser) person(ctx context.Context, x *erasingPage, u *people.User, claim people.Claim) error {
	if err := e.unlink(ctx, u.ID); err != nil {
		return err
	}
	for emptied := false; !emptied; {
		var err error
		if emptied, err = e.clear(ctx, x, table.UserPartition(u.ID), ""); err != nil {
			return err
		}
	}
	if claim.User == u.ID { // the address
		same := expression.Name("user").Equal(expression.Value(u.ID))
		x.Tx.DeleteIf(table.EmailKey(u.Email), same, table.ErrChanged)
		x.erased++
	}
	x.Tx.Delete(u.Key(), 0)
	x.erased++
	return nil
}

// unlink erases what says whose the accounts of the user with providers are, before the accounts: a page that is done again finds
// both, or neither.
func (e eraser) unlink(ctx context.Context, user string) error {
	tx := table.NewTx()
	if err := people.Unlink(ctx, e.Table, tx, user); err != nil {
		return err
	}
	return e.Table.Commit(ctx, tx)
}

// keys erases the API keys of the tree, whoever made them.
func (e eraser) keys(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.KeyKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pagePeople}, table.Key{})
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		var key people.APIKey
		if err := row.Read(&key); err != nil {
			return false, err
		}
		if err := e.unmake(ctx, x, &key); err != nil {
			return false, err
		}
		if key.Partner != "" {
			if err := e.erase(ctx, x, table.AbroadKey(key.Partner, key.ID)); err != nil {
				return false, err
			}
		}
	}
	return !more, e.erase(ctx, x, keysOf(rows)...)
}

// unmake erases what remembers the key with its maker. Of one who has left, and has no other key, nothing is needed any more.
func (e eraser) unmake(ctx context.Context, x *erasingPage, key *people.APIKey) error {
	if key.Maker == "" {
		return nil
	}
	if err := e.erase(ctx, x, table.MadeKey(key.Maker, key.ID)); err != nil {
		return err
	}
	rest, _, err := e.Table.Rows(ctx, table.Question{PK: table.UserPartition(key.Maker), Limit: 2}, table.Key{})
	if err == nil && len(rest) == 1 && rest[0].Key == table.DepartureKey(key.Maker) {
		err = e.erase(ctx, x, rest[0].Key)
	}
	return err
}

// keysAbroad deletes the keys that a partner's people made in other trees. They hold no more, and would name the partner.
func (e eraser) keysAbroad(ctx context.Context, x *erasingPage) (done bool, err error) {
	begin := table.AbroadKey(x.Root, "")
	rows, more, err := e.Table.Rows(ctx, table.Question{PK: begin.PK, Prefix: begin.SK, Limit: pageKeysAbroad}, table.Key{})
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		var made people.Made
		var key people.APIKey
		if err := row.Read(&made); err != nil {
			return false, err
		}
		found, err := e.Table.Get(ctx, table.KeyKey(made.Root, made.Key), &key)
		if err != nil {
			return false, err
		}
		if x.erased++; !found {
			x.Tx.Delete(row.Key, 0)
			continue
		}
		if err := e.unmake(ctx, x, &key); err != nil {
			return false, err
		}
		people.RemoveKey(x.Tx, &key)
		e.Trail.Write(x.Tx, audit.Event{Action: "key.deleted", Root: key.Root, Organization: key.Organization, Actor: erased(),
			Target: audit.Target{Type: "key", ID: key.ID}, Before: map[string]any{"name": key.Name, "roleId": key.Role}})
	}
	return !more, nil
}
