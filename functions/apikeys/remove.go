package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// remove answers DELETE /v1/organizations/{org}/api-keys/{key}.
func (k *keys) remove(ctx context.Context, c *access.Caller, in *AboutKey, tx *table.Tx) (*Nothing, error) {
	key, err := k.find(ctx, c, in.Key)
	if err != nil {
		return nil, err
	}
	own, its, err := k.roles(ctx, c, key)
	if err != nil {
		return nil, err
	}
	if !its.Within(own) {
		return nil, problem.Refused("The key has rights that you do not have.")
	}
	people.RemoveKey(tx, key)
	event := c.Event("key.deleted", "key", key.ID)
	event.Before = recorded(key)
	k.Trail.Write(tx, event)
	return nil, nil
}

// find reads a key of the organization: Missing where it has none of that id, Forbidden where it is of a part of the tree
// that the caller does not administer.
func (k *keys) find(ctx context.Context, c *access.Caller, key string) (*people.APIKey, error) {
	if !id.Valid(id.APIKey, key) {
		return nil, problem.Missing()
	}
	var stored people.APIKey
	found, err := k.Table.Get(ctx, table.KeyKey(c.Organization.Root, key), &stored)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, problem.Missing()
	case stored.Organization == c.Organization.ID:
		return &stored, nil
	}
	if err := c.Reach(stored.Organization); err != nil {
		return nil, err
	}
	return nil, problem.Missing()
}
