package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// EditInput is the input of PATCH .../authentication/users/{user}.
type EditInput struct {
	ChangeInput
	Body struct {
		EmailPassword       *bool `json:"emailPassword,omitempty" doc:"Whether the user may sign in by email and password, where the tree's policy lets people"`
		RequireSecondFactor *bool `json:"requireSecondFactor,omitempty" doc:"Whether the user has to have a second factor, whatever the tree's policy"`
	}
}

// edit answers PATCH .../authentication/users/{user}.
func (f *authentication) edit(ctx context.Context, c *access.Caller, in *EditInput, tx *table.Tx) (*Shown, error) {
	m, err := f.touch(ctx, c, &in.ChangeInput)
	if err != nil {
		return nil, err
	}
	if in.Body.RequireSecondFactor != nil {
		if err := c.May(access.EditPolicy); err != nil {
			return nil, err
		}
	}
	off, factor := m.PasswordOff, m.NeedsFactor
	if in.Body.EmailPassword != nil {
		off = !*in.Body.EmailPassword
	}
	if in.Body.RequireSecondFactor != nil {
		factor = *in.Body.RequireSecondFactor
	}
	if off == m.PasswordOff && factor == m.NeedsFactor {
		return f.show(ctx, c, m)
	}
	if off && !m.PasswordOff {
		if err := f.somebodyStays(ctx, c, tx, m, (*lockout.Tree).WithoutPassword); err != nil {
			return nil, err
		}
	}
	event := c.Event("user.sign-in-changed", "user", m.ID)
	event.Before = marks(&m.User)
	edit := people.Edit(&m.User, c.Actor, f.Clock()).Set("passwordOff", off).Set("needsFactor", factor)
	if off && !m.PasswordOff {
		people.EndSessions(edit, &m.User)
	}
	m.PasswordOff, m.NeedsFactor = off, factor
	tx.Update(edit)
	event.After = marks(&m.User)
	f.Trail.Write(tx, event)
	return f.show(ctx, c, m)
}

// marks are what the audit keeps of how a user may sign in.
func marks(u *people.User) map[string]any {
	return map[string]any{"emailPassword": !u.PasswordOff, "requireSecondFactor": u.NeedsFactor}
}
