package connection

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// notices are how many days before its end a certificate is told of, and at its end.
func notices() []int { return []int{60, 30, 14, 7, 1, 0} }

const day = 24 * time.Hour

// metadataEvery is how often metadata is read again.
const metadataEvery = day

// setTimers sets what looks after an active connection from now on.
func (c *Connection) setTimers(tx *table.Tx, now time.Time) {
	c.setExpiry(tx, now)
	if c.MetadataURL == "" {
		timer.Cancel(tx, timer.Metadata, c.ID)
		return
	}
	timer.Set(tx, timer.Metadata, c.ID, now.Add(metadataEvery))
}

func (c *Connection) setExpiry(tx *table.Tx, now time.Time) {
	if due := c.NextNotice(now); due.IsZero() {
		timer.Cancel(tx, timer.Certificate, c.ID)
	} else {
		timer.Set(tx, timer.Certificate, c.ID, due)
	}
}

// cancelTimers ends them.
func (c *Connection) cancelTimers(tx *table.Tx) {
	timer.Cancel(tx, timer.Metadata, c.ID)
	timer.Cancel(tx, timer.Certificate, c.ID)
}

// notice is the one of notices that is due for a certificate at that time, -1 for none.
func (one *Certificate) notice(now time.Time) int {
	due, left := -1, clock.Parse(one.NotAfter).Sub(now)
	for _, days := range notices() {
		if left <= time.Duration(days)*day {
			due = days
		}
	}
	return due
}

// NextNotice is when the next certificate is to be told of, the zero time for never.
func (c *Connection) NextNotice(now time.Time) (next time.Time) {
	for _, one := range c.Settings.Certificates {
		if c.told(&one, now) {
			continue
		}
		if one.notice(now) >= 0 {
			return now
		}
	}
	for _, one := range c.Settings.Certificates {
		for _, days := range notices() {
			at := clock.Parse(one.NotAfter).Add(-time.Duration(days) * day)
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next
}

// told tells whether what is due of a certificate was told.
func (c *Connection) told(one *Certificate, now time.Time) bool {
	days, was := c.Warned[one.SHA256]
	return was && days <= one.notice(now)
}

// Warn has the change tell of the certificates whose end comes near, with who could still sign in: of each once for each notice, the
// latest only (SSO-5). It gives them.
func (r *Registry) Warn(tx *table.Tx, c *Connection, still string, act Act) (warned []Certificate) {
	edit := table.Touch(c.Key()).If(heldVersion(c.Version), table.ErrChanged)
	for _, one := range c.Settings.Certificates {
		if due := one.notice(act.At); due >= 0 && !c.told(&one, act.At) {
			edit.Set("warned."+one.SHA256, due)
			warned = append(warned, one)
			r.tell(tx, c, act, mail.CertificateExpires, mail.Data{Record: one.SHA256, ExpiresAt: clock.Parse(one.NotAfter), Why: r.expiry(c, &one, act.At), Still: still})
		}
	}
	if len(warned) > 0 {
		tx.Update(edit)
	}
	return warned
}

// expiry is the word for the letter on what becomes of sign-ins.
func (r *Registry) expiry(c *Connection, one *Certificate, now time.Time) string {
	others := slices.ContainsFunc(c.Settings.Certificates, func(other Certificate) bool {
		return other.SHA256 != one.SHA256 && clock.Parse(other.NotAfter).After(clock.Parse(one.NotAfter))
	})
	switch {
	case others:
		return "replaced"
	case c.OnExpired == GoOn:
		return string(GoOn)
	case now.After(clock.Parse(one.NotAfter)):
		return "refused"
	}
	return string(Refuse)
}

func heldVersion(version int) expression.ConditionBuilder {
	return expression.Name("version").Equal(expression.Value(version))
}
