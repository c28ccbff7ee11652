package main

import (
	"context"
	"slices"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// passage is the way of a tree from one policy to another.
type passage struct {
	tx         *table.Tx
	from, to   tenant.Access
	now, after *lockout.Tree // which administrators can sign in under them
}

// off tells whether email and password go off by it.
func (p *passage) off() bool { return p.to.PasswordsOff && !p.from.PasswordsOff }

// pass puts into the change what follows from the policy: the credentials of those who are and were named, the job that
// removes what has become void, the trail and the letter.
func (f *authentication) pass(ctx context.Context, c *access.Caller, p *passage) (*ShownPolicy, error) {
	if p.off() {
		if err := f.keep(ctx, c, p); err != nil {
			return nil, err
		}
	} else if p.to.PasswordsOff {
		if err := f.discard(ctx, c, p); err != nil {
			return nil, err
		}
	}
	answer := show(c, &p.to, p.after)
	if p.off() {
		cleaning := &job.Job{Root: c.Organization.Root, Organization: c.Organization.ID, Kind: job.ClearCredentials}
		job.Start(p.tx, cleaning, f.Work, c.Actor, f.Clock())
		answer.Body.Cleaning = cleaning.ID
	}
	event := c.Event("authentication.changed", "organization", c.Organization.ID)
	event.Before, event.After = recorded(&p.from), recorded(&p.to)
	f.Trail.Write(p.tx, event)
	f.Outbox.Post(p.tx, mail.Letter{Kind: mail.PolicyChanged, Administrators: c.Organization.Root, Data: mail.Data{
		Organization: c.Organization.Name, By: c.Display(), Why: p.why(), At: f.Clock()}})
	return answer, nil
}

// why is the word by which the letter says what has changed.
func (p *passage) why() string {
	switch {
	case p.off():
		return "passwords-off"
	case p.from.PasswordsOff && !p.to.PasswordsOff:
		return "passwords-on"
	case !slices.Equal(p.from.BreakGlass, p.to.BreakGlass):
		return "break-glass"
	}
	return "second-factor"
}

// keep takes the credentials of break-glass administrators into the new generation. That their sessions end keeps whoever
// changes a credential of theirs at this moment from doing so in the old one.
func (f *authentication) keep(ctx context.Context, c *access.Caller, p *passage) error {
	for _, u := range p.now.Users() {
		if !u.BreaksGlass(&p.to) {
			continue
		}
		held, err := people.ReadCredentials(ctx, f.Table, u.ID, &p.from, c.Restored)
		if err != nil {
			return err
		}
		held.Keep(p.tx, u.ID, &p.to)
		f.endSessions(c, p.tx, u)
	}
	return nil
}

// discard removes the credentials of those who are not named any more while email and password is off: they are of the present
// generation, and would come back with it.
func (f *authentication) discard(ctx context.Context, c *access.Caller, p *passage) error {
	for _, id := range p.from.BreakGlass {
		if slices.Contains(p.to.BreakGlass, id) {
			continue
		}
		var u people.User
		found, err := f.Table.Get(ctx, table.UserKey(c.Organization.Root, id), &u)
		if err != nil {
			return err
		}
		people.Discard(p.tx, id)
		if found {
			f.endSessions(c, p.tx, &u)
		}
	}
	return nil
}

func (f *authentication) endSessions(c *access.Caller, tx *table.Tx, u *people.User) {
	edit := people.Edit(u, c.Actor, f.Clock())
	people.EndSessions(edit, u)
	tx.Update(edit)
}

// recorded is what the audit keeps of a policy.
func recorded(a *tenant.Access) map[string]any {
	return map[string]any{"emailPassword": !a.PasswordsOff, "secondFactor": string(a.SecondFactor), "breakGlassUserIds": a.BreakGlass}
}
