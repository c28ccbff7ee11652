package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/directory"
	"github.com/tenantry/tenantry/shared/job"
	"github.com/tenantry/tenantry/shared/lockout"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
)

// cleanings clean up behind SSO connections that were removed (SSO-7): who signed in by one is deactivated where that was asked
// for, and what belonged to it is erased.
type cleanings struct{ *start.Services }

// cleaningPage is how many who signed in by the connection are deactivated in a page, each in a transaction of its own.
const cleaningPage = 10

// cleaningAt is where a job stands: its checkpoint.
type cleaningAt struct {
	Sealed    bool   `json:"sealed,omitempty"`    // nobody can come by SCIM any more
	Done      bool   `json:"done,omitempty"`      // with the people who signed in
	Given     bool   `json:"given,omitempty"`     // with those who came by SCIM
	Dissolved bool   `json:"dissolved,omitempty"` // with the groups
	Behind    string `json:"behind,omitempty"`    // the sort key that the next page begins behind
	Off       int    `json:"off,omitempty"`       // how many were deactivated
	Skipped   int    `json:"skipped,omitempty"`
}

// Cleaned is what came of it.
type Cleaned struct {
	Deactivated int `json:"deactivated"`
	Skipped     int `json:"skipped"` // the last administrators
}

// step does a page of a job of kind job.CleanConnection: first the people, then what belonged to the connection. A request that was let in
// before is in nobody's way: nobody comes any more when the first one is given back, and nobody is left to join a group when these go.
func (w cleanings) step(ctx context.Context, p *job.Page) error {
	var of connection.Cleaning
	var at cleaningAt
	if _, err := p.Given(&of); err != nil {
		return err
	}
	if _, err := p.Checkpoint(&at); err != nil {
		return err
	}
	switch {
	case of.Seals() && !at.Sealed:
		directory.Seal(p.Tx, p.Root, of.Connection)
		at.Sealed = true
		p.Next(at, 0)
		return nil
	case of.Deactivate && !at.Done:
		return w.people(ctx, p, &of, &at)
	case !at.Given:
		return w.release(ctx, p, &of, &at)
	case !at.Dissolved:
		return w.dissolveAll(ctx, p, &of, &at)
	}
	return w.erase(ctx, p, &of, &at)
}

// erase erases a page of what is left.
func (w cleanings) erase(ctx context.Context, p *job.Page, of *connection.Cleaning, at *cleaningAt) error {
	for _, pk := range of.Partitions() {
		rows, more, err := w.Table.Rows(ctx, table.Question{PK: pk, Limit: pageRows}, table.Key{})
		if err == nil {
			err = w.Table.Erase(ctx, keysOf(rows)...)
		}
		if err != nil {
			return err
		}
		if more {
			p.Next(*at, len(rows))
			return nil
		}
	}
	if err := directory.Clear(ctx, w.Table, p.Tx, p.Root, of.Connection); err != nil {
		return err
	}
	if err := w.released(ctx, p, of); err != nil {
		return err
	}
	p.Finish(Cleaned{at.Off, at.Skipped}, 0)
	return nil
}

// people deactivates a page of those who signed in by the connection.
func (w cleanings) people(ctx context.Context, p *job.Page, of *connection.Cleaning, at *cleaningAt) error {
	pk := table.ConnectionPartition(of.Connection)
	after := table.Key{}
	if at.Behind != "" {
		after = table.Key{PK: pk, SK: at.Behind}
	}
	rows, more, err := w.Table.Rows(ctx, table.Question{PK: pk, Prefix: table.ConnectionNameKey(of.Connection, "").SK, Limit: cleaningPage}, after)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var to connection.Link
		if err := row.Read(&to); err != nil {
			return err
		}
		off, skipped, err := w.deactivate(ctx, p, of, to.User)
		if err != nil {
			return err
		}
		at.Behind, at.Off, at.Skipped = row.Key.SK, at.Off+off, at.Skipped+skipped
	}
	if at.Done = !more; at.Done {
		at.Behind = ""
	}
	p.Next(*at, len(rows))
	return nil
}

// deactivate deactivates somebody who signed in by the connection, but for the last administrator who can sign in. Who is not active stays as that
// one is, so that a page that is done again does nothing again.
func (w cleanings) deactivate(ctx context.Context, p *job.Page, of *connection.Cleaning, user string) (off, skipped int, err error) {
	for range domainTries {
		u, err := people.ReadUser(ctx, w.Table, p.Root, user)
		if problem.Gone(err) || err == nil && u.Status != people.Active {
			return 0, 0, nil
		}
		if err != nil {
			return 0, 0, err
		}
		tx := table.NewTx()
		if err := w.somebodyStays(ctx, tx, u, p.Now); nobodyWouldStay(err) {
			return 0, 1, nil
		} else if err != nil {
			return 0, 0, err
		}
		edit := people.Edit(u, p.Owner, p.Now)
		people.Deactivate(tx, edit, u, p.Now)
		tx.Update(edit)
		if err := u.TellOfKeys(ctx, w.Table, w.Outbox, tx); err != nil {
			return 0, 0, err
		}
		w.Trail.Write(tx, audit.Event{Action: "user.deactivated", Root: u.Root, Organization: u.Organization, Actor: p.Owner,
			Target: audit.Target{Type: "user", ID: u.ID}, After: map[string]any{"connection": of.Connection}})
		err = w.Table.Commit(ctx, tx)
		if nobodyWouldStay(err) {
			return 0, 1, nil
		}
		if !errors.Is(err, table.ErrChanged) {
			return 1, 0, err
		}
	}
	return 0, 0, table.ErrChanged
}

// nobodyWouldStay tells whether a change was refused since no administrator who can sign in would be left.
func nobodyWouldStay(err error) bool {
	e := problem.As(err)
	return e != nil && strings.HasPrefix(e.Slug, "last-administrator")
}

// somebodyStays refuses where the user is an administrator without whom none could sign in (PER-5).
func (w cleanings) somebodyStays(ctx context.Context, tx *table.Tx, u *people.User, at time.Time) error {
	if !u.AdministersMain() {
		return nil
	}
	now, err := lockout.Now(ctx, w.Table, u.Root, w.Config.Social(), at)
	if err != nil {
		return err
	}
	return now.Without(u.ID).Keep(tx)
}
