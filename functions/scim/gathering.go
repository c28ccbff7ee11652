package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/scim"
	"github.com/tenantry/tenantry/shared/table"
)

// mostGroups is how many groups a user is in at most (SCI-10): they stand in the user, whose item has a bound.
const mostGroups = 2_000

// gathering is a request that changes who is in a group.
type gathering struct {
	*door
	idp      *caller
	by       directory.Request
	group    *directory.Document
	mappings *directory.Mappings

	moved    []string // who was moved in the one transaction
	intended bool     // more are to be moved than one transaction takes
}

// requestOf is what a request is recorded with.
func requestOf(ctx context.Context, idp *caller) directory.Request {
	call := httpapi.CallOf(ctx)
	return directory.Request{By: idp.actor(), Address: call.Address, ID: call.ID}
}

func (d *door) groupEvent(ctx context.Context, idp *caller, action string, g *directory.Document) audit.Event {
	call := httpapi.CallOf(ctx)
	return audit.Event{Action: action, Root: idp.Root, Organization: idp.Root, Actor: idp.actor(), Target: audit.Target{Type: "group", ID: g.ID},
		After: groupRecorded(g), Address: call.Address, Request: call.ID}
}

// groupRecorded is what the audit keeps of a group.
func groupRecorded(g *directory.Document) map[string]any { return map[string]any{"name": g.Name} }

// commit makes the change, as often as others were first, and then does what is intended. Once that is written down it will be done: where
// the request's time does not suffice, whoever changes the group next goes on with it, or the worker.
func (c *gathering) commit(ctx context.Context, do func(tx *table.Tx) error) error {
	err := directory.Again(ctx, func() error {
		c.moved, c.intended = nil, false
		tx := table.NewTx()
		if err := do(tx); err != nil {
			return err
		}
		return c.Table.Commit(ctx, tx)
	})
	switch {
	case errors.Is(err, errGroupGone):
		return missing(ofGroups())
	case err != nil:
		return err
	case c.intended:
		if err := c.settler.Finish(ctx, c.group.ID); err != nil && problem.As(err) == nil {
			return err
		} else if err != nil {
			c.Log.WarnContext(ctx, "the members of a group are changed later", "connection", c.idp.ID, "group", c.group.ID, "error", err)
		}
	case len(c.moved) > 0:
		return c.bringInLine(ctx, c.intent(), c.moved...)
	}
	return nil
}

func (c *gathering) intent() directory.Intent {
	return directory.Intent{Root: c.idp.Root, Connection: c.idp.ID, Group: c.group.ID, Request: c.by, Mappings: c.mappings.Version}
}

// bringInLine has users whom a change moved follow the mappings, now or later.
func (d *door) bringInLine(ctx context.Context, in directory.Intent, users ...string) error {
	late, err := d.settler.Follow(ctx, in, users...)
	if late != nil {
		d.Log.WarnContext(ctx, "who was moved is brought in line with the mappings later", "connection", in.Connection, "group", in.Group, "error", late)
	}
	return err
}

// errGroupGone tells that the group was deleted meanwhile.
var errGroupGone = errors.New("the group was deleted meanwhile")

// take has the change move who joins and leaves: one in this change, more by an intent. Who is in it already, or not in it, is no change.
func (c *gathering) take(ctx context.Context, tx *table.Tx, m scim.Members) error {
	if m.None() {
		return nil
	}
	joins, leaves, err := c.differences(ctx, m)
	if err != nil {
		return err
	}
	switch len(joins) + len(leaves) {
	case 0:
		return nil
	case 1:
		for _, u := range slices.Concat(joins, leaves) {
			c.moved = append(c.moved, u.ID)
			if err := c.settler.Move(ctx, tx, c.by, &u, directory.Member{Group: c.group.ID, Joins: len(joins) > 0}, c.mappings, errGroupGone); err != nil {
				return err
			}
		}
		return nil
	}
	c.intended = true
	c.settler.Intend(tx, c.intent(), idsOf(joins), idsOf(leaves))
	return nil
}

func idsOf(users []people.User) []string {
	ids := make([]string, len(users))
	for i := range users {
		ids[i] = users[i].ID
	}
	return ids
}

// differences are who joins and who leaves. Somebody who is not of the connection cannot join, and nothing is changed then; that such a
// one leaves is no change. Who is listed and is a member already is not read: an IdP that sends the whole list sends very many of them.
func (c *gathering) differences(ctx context.Context, m scim.Members) (joins, leaves []people.User, err error) {
	if m.All {
		if m.Added, m.Removed, err = c.rest(ctx, m.Added); err != nil {
			return nil, nil, err
		}
	}
	if len(m.Added)+len(m.Removed) > scim.MostMemberChanges {
		return nil, nil, scim.TooManyMembers()
	}
	added, err := c.read(ctx, m.Added)
	if err != nil {
		return nil, nil, err
	}
	if err := c.known(m.Added, added); err != nil {
		return nil, nil, err
	}
	removed, err := c.read(ctx, m.Removed)
	if err != nil {
		return nil, nil, err
	}
	in := func(u people.User) bool { return directory.In(&u, c.group.ID) }
	joins = slices.DeleteFunc(added, in)
	if full := slices.IndexFunc(joins, func(u people.User) bool { return len(u.Groups) >= mostGroups }); full >= 0 {
		return nil, nil, scim.Bad(scim.InvalidValue, "The user %s is in %d groups already, which is the most. Take the user out of others first, or have fewer groups pushed. Nothing was changed.", joins[full].ID, mostGroups)
	}
	leaves = slices.DeleteFunc(removed, func(u people.User) bool { return u.Connection != c.idp.ID || !in(u) })
	return joins, leaves, nil
}

// rest compares all who are listed with the members: added are those of the users who are none, removed the members who are not listed.
func (c *gathering) rest(ctx context.Context, users []string) (added, removed []string, err error) {
	listed, met := map[string]bool{}, map[string]bool{}
	for _, user := range users {
		listed[user] = true
	}
	for behind, more := "", true; more; {
		var page []string
		if page, more, err = directory.Members(ctx, c.Table, c.group.ID, behind, mostMembers); err != nil {
			return nil, nil, err
		}
		for _, user := range page {
			if behind = user; listed[user] {
				met[user] = true
			} else {
				removed = append(removed, user)
			}
		}
		if len(removed) > scim.MostMemberChanges {
			return nil, nil, scim.TooManyMembers()
		}
	}
	for _, user := range users {
		if !met[user] {
			added = append(added, user)
		}
	}
	return added, removed, nil
}

// read reads users by ids that can be anything; one who is not there is empty.
func (c *gathering) read(ctx context.Context, ids []string) ([]people.User, error) {
	return people.ReadUsers(ctx, c.Table, c.idp.Root, ids)
}

// known refuses users who are not of the connection, and groups.
func (c *gathering) known(ids []string, users []people.User) error {
	var unknown []string
	for i := range users {
		if id.Valid(id.Group, ids[i]) {
			return scim.NestedGroup(ids[i])
		}
		if users[i].Connection != c.idp.ID {
			unknown = append(unknown, ids[i])
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	named := strings.Join(unknown[:min(len(unknown), 5)], ", ")
	return scim.Bad(scim.InvalidValue, "%d of the members are no users of this connection: %.300q. Create them first, or leave them out. Nothing was changed.", len(unknown), named)
}
