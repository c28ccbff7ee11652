package main

import (
	"context"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// sendReset answers POST .../authentication/users/{user}/password-reset. The worker makes the link, as where its owner asks.
func (f *authentication) sendReset(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	m, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	switch {
	case m.Status != people.Active:
		return nil, problem.New(problem.Conflict, "not-active", "The user is %s: there is no account to set a password for. Invite or activate the user instead.", m.Status)
	case !m.PasswordFor(&m.state):
		return nil, passwordsOff(&m.User)
	case m.Email == "":
		return nil, people.NoAddress()
	}
	var domain tenant.Standing
	if err := f.Table.GetMany(ctx, tenant.WantStanding(m.Root, m.Email, &domain)); err != nil {
		return nil, err
	}
	if err := domain.Refuse(m.Email); err != nil {
		return nil, err
	}
	f.Outbox.Post(tx, m.Letter(mail.ResetRequest, mail.Data{}))
	f.Trail.Write(tx, c.Event("user.password-reset-sent", "user", m.ID))
	return nil, nil
}

// passwordsOff is the answer where the user does not sign in by email and password.
func passwordsOff(u *people.User) error {
	if u.PasswordOff {
		return problem.New(problem.Forbidden, "passwords-off", "Email and password is disabled for this user. Enable it first.")
	}
	return problem.New(problem.Forbidden, "passwords-off", "The organization does not sign in by email and password.")
}

// deletePassword answers DELETE .../authentication/users/{user}/password.
func (f *authentication) deletePassword(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	m, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if err := f.somebodyStays(ctx, c, tx, m, (*lockout.Tree).Cleared); err != nil {
		return nil, err
	}
	f.endSessions(c, tx, &m.User)
	people.RemovePassword(tx, m.ID)
	f.Trail.Write(tx, c.Event("user.password-deleted", "user", m.ID))
	return nil, people.Tell(ctx, f.Table, f.Outbox, tx, &m.User, mail.PasswordRemoved, f.Clock())
}

// resetSecondFactor answers DELETE .../authentication/users/{user}/second-factor.
func (f *authentication) resetSecondFactor(ctx context.Context, c *access.Caller, in *ChangeInput, tx *table.Tx) (*Nothing, error) {
	m, err := f.touch(ctx, c, in)
	if err != nil {
		return nil, err
	}
	f.endSessions(c, tx, &m.User)
	people.RemoveSecondFactor(tx, m.ID)
	f.Trail.Write(tx, c.Event("user.second-factor-reset", "user", m.ID))
	f.Outbox.Post(tx, mail.Letter{Kind: mail.SecondFactorReset, Administrators: m.Root, Data: mail.Data{Organization: m.organization.Name,
		Person: m.Display(), By: c.Display(), At: f.Clock()}})
	return nil, people.Tell(ctx, f.Table, f.Outbox, tx, &m.User, mail.SecondFactorRemoved, f.Clock())
}

// somebodyStays refuses what takes a password from the user, by which the tree becomes another, where no administrator could sign
// in then.
func (f *authentication) somebodyStays(ctx context.Context, c *access.Caller, tx *table.Tx, m *member, become func(*lockout.Tree, string) *lockout.Tree) error {
	if !m.AdministersMain() || m.Status != people.Active {
		return nil
	}
	now, err := f.tree(ctx, c)
	if err != nil {
		return err
	}
	return become(now, m.ID).Keep(tx)
}
