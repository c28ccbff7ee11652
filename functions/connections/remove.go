package main

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// RemoveInput is the input of DELETE /v1/organizations/{org}/sso-connections/{connection}.
type RemoveInput struct {
	ChangeInput
	httpapi.Confirmation
	Users string `query:"users" enum:"keep,hand-over,deactivate" default:"keep" doc:"What becomes of the people who signed in by it: they stay and sign in by other ways, their domains lead to the connection of to, or they are deactivated"`
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

// concerned says whom the removal concerns, and how: the users of its domains.
func (f *connections) concerned(ctx context.Context, of, to *connection.Connection, fate connection.Fate) (int, []string, error) {
	affected, consequences, err := f.leaving(ctx, of)
	if err != nil {
		return 0, nil, err
	}
	if !of.Active {
		return affected, []string{"Nobody signs in by the connection. It is removed with its settings, tests and log."}, nil
	}
	switch fate {
	case connection.HandOver:
		consequences = append(consequences, fmt.Sprintf("They sign in by the connection %q from then on.", to.Name))
	case connection.Deactivate:
		consequences = append(consequences, "Whoever of them has signed in by it is deactivated, but for the last administrator.")
	default:
		consequences = append(consequences, theyStay)
	}
	return affected, append(consequences, "Its settings, tests and log are removed."), nil
}

// theyStay is said of users who lose a connection to sign in by, and nothing else.
const theyStay = "They stay, and sign in by other ways."

// leaving says whose sessions end where nobody signs in by the connection any more: the users of its domains.
func (f *connections) leaving(ctx context.Context, of *connection.Connection) (int, []string, error) {
	affected, err := f.users(ctx, of.Root, of.Leads)
	users := "1 user has"
	if affected != 1 {
		users = fmt.Sprintf("%d users have", affected)
	}
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
