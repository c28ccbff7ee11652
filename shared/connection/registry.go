package connection

import (
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
)

// Registry changes connections and tells of it: in the audit, and to the administrators by mail (PER-7).
type Registry struct {
	Trail  audit.Trail
	Outbox *mail.Outbox
}

// Act is who changes a connection, when, and how that one is named.
type Act struct {
	Event        audit.Event // who and from where; what and of which connection is filled in
	Organization string      // the name of the connection's organization, for mails
	By           string      // who, for mails; empty where it is the product itself
	At           time.Time
	Quiet        bool // nobody is left to be told
}

// Finish puts the outcome of a test into the change, once: the commit fails with table.ErrChanged where the test is not waiting
// any more, or the connection has changed. One that succeeded with the settings that the connection has now counts from then on
// (SSO-4): a draft can be activated, and settings that waited for it go live.
func (r *Registry) Finish(tx *table.Tx, c *Connection, test *Test, act Act) {
	tx.Update(test.finish(act.At))
	if test.Outcome != Succeeded || test.Fingerprint != c.Testing().Fingerprint() || c.Testing().Certificate(test.Certificate) == nil {
		return
	}
	c.Passed = &Passed{Test: test.ID, At: clock.Format(act.At), Fingerprint: test.Fingerprint, Certificate: test.Certificate}
	edit, live := c.edit(act).Set("passed", c.Passed), c.Pending != nil
	r.settle(edit, c)
	tx.Update(edit)
	r.record(tx, c, act, "connection.tested", nil, map[string]any{"test": test.ID, "live": live})
	if live {
		c.setExpiry(tx, act.At)
		r.tell(tx, c, act, mail.ConnectionChanged, mail.Data{})
	}
}

// edit begins a versioned change of the connection.
func (c *Connection) edit(act Act) *table.Change {
	edit := table.Edit(c.Key(), c.Version).Set("updatedAt", clock.Format(act.At)).Set("updatedBy", act.Event.Actor)
	c.Version++
	c.UpdatedAt, c.UpdatedBy = clock.Format(act.At), act.Event.Actor
	return edit
}

// Use is the note that a certificate signed what somebody signed in by. It is applied outside of transactions, every five minutes
// at most (UseDue), and touches no version.
func (c *Connection) Use(certificate string, now time.Time) *table.Change {
	return table.Touch(c.Key()).IfThere(table.ErrChanged).Set("used."+certificate, clock.Format(now))
}

// useEvery is how often the use of a certificate is noted at most.
const useEvery = 5 * time.Minute

// UseDue tells whether the use of a certificate is to be noted.
func (c *Connection) UseDue(certificate string, now time.Time) bool {
	return now.Sub(clock.Parse(c.Used[certificate])) > useEvery
}

// record writes what happened to the connection into the audit of its organization.
func (r *Registry) record(tx *table.Tx, c *Connection, act Act, action string, before, after map[string]any) {
	event := act.Event
	event.Action, event.Root, event.Organization = action, c.Root, c.Organization
	event.Target = audit.Target{Type: "connection", ID: c.ID}
	event.Before, event.After = before, after
	r.Trail.Write(tx, event)
}
