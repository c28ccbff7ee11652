package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// RemoveInput is the input of DELETE /v1/organizations/{org}/sso-connections/{connection}.
type RemoveInput struct {
	ChangeInput
	httpapi.Confirmation
	Users string `query:"users" enum:"keep,hand-over,deactivate" default:"keep" doc:"What becomes of the people who signed in by it or came by its SCIM: they stay and sign in by other ways, their domains lead to the connection of to, or they are deactivated"`
	To    string `query:"to" doc:"With hand-over: the id of an active connection of the organization"`
}

// remove answers DELETE /v1/organizations/{org}/sso-connections/{connection} (SSO-7).
func (f *connections) remove(ctx context.Context, c *access.Caller, in *RemoveInput, tx *table.Tx) (*Nothing, error) {
	of, err := f.changing(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	to, err := f.successor(ctx, c, of, in)
	if err != nil {
		return nil, err
	}
	reach, err := connection.ReadReach(ctx, f.Table, of)
	if err != nil {
		return nil, err
	}
	affected, consequences, err := f.concerned(ctx, of, to, connection.Fate(in.Users))
	if err != nil {
		return nil, err
	}
	still, err := f.without(ctx, c, tx, of, to)
	if err != nil {
		return nil, err
	}
	if err := in.Confirmed(affected, append(consequences, still...)...); err != nil {
		return nil, err
	}
	f.registry.Remove(tx, of, reach, to, connection.Fate(in.Users), f.Work, f.act(c))
	return nil, nil
}

// successor is the connection that takes over the domains, nil where none does.
func (f *connections) successor(ctx context.Context, c *access.Caller, of *connection.Connection, in *RemoveInput) (*connection.Connection, error) {
	if (in.Users == string(connection.HandOver)) != (in.To != "") {
		return nil, problem.Invalid("query.to", "goes with users=hand-over, and that with it", in.To)
	}
	if in.To == "" {
		return nil, nil
	}
	to, err := f.find(ctx, c, in.To)
	switch {
	case err != nil:
		return nil, err
	case to.ID == of.ID || !to.Active:
		return nil, problem.Invalid("query.to", "must be another connection of the organization that is active", in.To)
	case len(to.Leads)+len(of.Leads) > connection.MostDomains:
		return nil, problem.Invalid("query.to", "would have too many domains", in.To)
	}
	return to, nil
}

// concerned says whom the removal concerns, and how: the users of its domains, those who signed in by it, and whom its IdP provisions. Many
// are the same ones, so that it concerns as many as are the most of these.
func (f *connections) concerned(ctx context.Context, of, to *connection.Connection, fate connection.Fate) (int, []string, error) {
	affected, consequences, err := f.leaving(ctx, of)
	if err != nil {
		return 0, nil, err
	}
	switch {
	case !of.Active:
		consequences = []string{"Nobody signs in by the connection, which is inactive: no session ends."}
	case fate == connection.HandOver:
		consequences = append(consequences, fmt.Sprintf("They sign in by the connection %q from then on.", to.Name))
	case fate == connection.Keep:
		consequences = append(consequences, theyStay)
	}
	if fate == connection.Deactivate {
		off, sentence, err := f.signedIn(ctx, of)
		if err != nil {
			return 0, nil, err
		}
		affected, consequences = max(affected, off), append(consequences, sentence)
	}
	if of.Provisioning != nil {
		brought, sentences, err := f.givenBack(ctx, of, fate)
		if err != nil {
			return 0, nil, err
		}
		affected, consequences = max(affected, brought), append(consequences, sentences...)
	}
	return affected, append(consequences, "Its settings, tests and log are removed."), nil
}

// mostCounted is how many name ids are read to count who signed in by a connection.
const mostCounted = 2_000

// signedIn counts those who signed in by the connection at some time, whom the removal deactivates.
func (f *connections) signedIn(ctx context.Context, of *connection.Connection) (int, string, error) {
	users, after, read, more := map[string]bool{}, table.Key{}, 0, true
	question := table.Question{PK: table.ConnectionPartition(of.ID), Prefix: table.ConnectionNameKey(of.ID, "").SK, Limit: table.MaxLimit}
	for more && read < mostCounted {
		var rows []table.Row
		var err error
		if rows, more, err = f.Table.Rows(ctx, question, after); err != nil {
			return 0, "", err
		}
		for _, row := range rows {
			var to connection.Link
			if err := row.Read(&to); err != nil {
				return 0, "", err
			}
			users[to.User], after = true, row.Key
		}
		read += len(rows)
	}
	so := problem.Amount{N: len(users), One: "user", Many: "users"}.String()
	if more {
		so = fmt.Sprintf("More than %d users", len(users))
	}
	return len(users), so + " signed in by it at some time: whoever of them is active is deactivated, but for the last administrator.", nil
}

// givenBack says what becomes of what the connection's IdP brought by SCIM, which goes on until then also where nobody signs in by it.
func (f *connections) givenBack(ctx context.Context, of *connection.Connection, fate connection.Fate) (users int, sentences []string, err error) {
	users, err = directory.Count(ctx, f.Table, directory.OfUser, of.Root, of.ID)
	if err != nil {
		return 0, nil, err
	}
	groups, err := directory.Count(ctx, f.Table, directory.OfGroup, of.Root, of.ID)
	if err != nil {
		return 0, nil, err
	}
	mappings, err := directory.ReadMappings(ctx, f.Table, of.Root)
	if err != nil {
		return 0, nil, err
	}
	become := "they keep the role that they have, and administrators manage them; those without a role are deleted."
	if fate == connection.Deactivate {
		become = "they are deactivated, but for the last administrator; those without a role are deleted."
	}
	return users, []string{fmt.Sprintf("SCIM ends, which provisions %s: %s", problem.Amount{N: users, One: "user", Many: "users"}, become),
		fmt.Sprintf("%s and %s to roles are removed.", problem.Amount{N: groups, One: "group", Many: "groups"},
			problem.Amount{N: mappings.By(of.ID), One: "mapping", Many: "mappings"})}, nil
}

// theyStay is said of users who lose a connection to sign in by, and nothing else.
const theyStay = "They stay, and sign in by other ways."

// leaving says whose sessions end where nobody signs in by the connection any more: the users of its domains.
func (f *connections) leaving(ctx context.Context, of *connection.Connection) (int, []string, error) {
	affected, err := f.users(ctx, of.Root, of.Leads)
	users := problem.Amount{N: affected, One: "user has", Many: "users have"}
	return affected, []string{fmt.Sprintf("%s an address of %s: their sessions by the connection end.", users, connection.Shown(of.Leads))}, err
}

// without says who can still sign in without the connection, a sentence each, and refuses where nobody can (PER-5).
func (f *connections) without(ctx context.Context, c *access.Caller, tx *table.Tx, of, to *connection.Connection) ([]string, error) {
	if !of.Active {
		return nil, nil
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return nil, err
	}
	then := now.Off(of)
	if to != nil {
		then = now.HandedOver(of, to)
	}
	return then.Sentences(), then.KeepFrom(tx, now)
}
