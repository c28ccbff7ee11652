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

// notice is the one of notices that is due at that time for what ends at end, -1 for none.
func notice(end, now time.Time) int {
	due, left := -1, end.Sub(now)
	for _, days := range notices() {
		if left <= time.Duration(days)*day {
			due = days
		}
	}
	return due
}

// nextNotice is when the next notice of what ends at end falls due after now, the zero time for never.
func nextNotice(end, now time.Time) (next time.Time) {
	for _, days := range notices() {
		if at := end.Add(-time.Duration(days) * day); at.After(now) {
			next = earlier(next, at)
		}
	}
	return next
}

// earlier is the earlier of two times, of which the zero time is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// ending is a certificate or a token that ends; key is how Warned has it.
type ending struct {
	key string
	at  time.Time
}

// toTell is the notice of it that is due and was not told, -1 for none.
func (c *Connection) toTell(one ending, now time.Time) int {
	due := notice(one.at, now)
	if told, was := c.Warned[one.key]; was && told <= due {
		return -1
	}
	return due
}

// next is when the next of them is to be told of, the zero time for never.
func (c *Connection) next(all []ending, now time.Time) (next time.Time) {
	for _, one := range all {
		if c.toTell(one, now) >= 0 {
			return now
		}
		next = earlier(next, nextNotice(one.at, now))
	}
	return next
}

// warn has the change note which of them are told of now, each once for each notice, the latest only. It gives their places.
func (c *Connection) warn(tx *table.Tx, all []ending, now time.Time) (places []int) {
	edit := table.Touch(c.Key()).If(heldVersion(c.Version), table.ErrChanged)
	for i, one := range all {
		if due := c.toTell(one, now); due >= 0 {
			edit.Set("warned."+one.key, due)
			places = append(places, i)
		}
	}
	if len(places) > 0 {
		tx.Update(edit)
	}
	return places
}

func (one *Certificate) end() time.Time { return clock.Parse(one.NotAfter) }

// ends are the ends of the IdP's certificates.
func (s *Settings) ends() []ending {
	all := make([]ending, len(s.Certificates))
	for i, one := range s.Certificates {
		all[i] = ending{one.SHA256, one.end()}
	}
	return all
}

// NextNotice is when the next certificate is to be told of, the zero time for never.
func (c *Connection) NextNotice(now time.Time) time.Time { return c.next(c.Settings.ends(), now) }

// Warn has the change tell of the certificates whose end comes near, with who could still sign in: of each once for each notice, the
// latest only (SSO-5). It gives them.
func (r *Registry) Warn(tx *table.Tx, c *Connection, still string, act Act) (warned []Certificate) {
	for _, i := range c.warn(tx, c.Settings.ends(), act.At) {
		one := c.Settings.Certificates[i]
		warned = append(warned, one)
		r.tell(tx, c, act, mail.CertificateExpires, mail.Data{Record: one.SHA256, ExpiresAt: one.end(), Why: r.expiry(c, &one, act.At), Still: still})
	}
	return warned
}

// expiry is the word for the letter on what becomes of sign-ins.
func (r *Registry) expiry(c *Connection, one *Certificate, now time.Time) string {
	others := slices.ContainsFunc(c.Settings.Certificates, func(other Certificate) bool {
		return other.SHA256 != one.SHA256 && other.end().After(one.end())
	})
	switch {
	case others:
		return "replaced"
	case c.OnExpired == GoOn:
		return string(GoOn)
	case now.After(one.end()):
		return "refused"
	}
	return string(Refuse)
}

// thereIs is the condition that the item has the attribute.
func thereIs(name string) expression.ConditionBuilder {
	return expression.AttributeExists(expression.Name(name))
}

func heldVersion(version int) expression.ConditionBuilder {
	return expression.Name("version").Equal(expression.Value(version))
}

// Accepts tells whether people can sign in by the connection at that time, as far as its certificates go (SSO-5).
func (c *Connection) Accepts(now time.Time) bool {
	return c.OnExpired == GoOn || c.Accepted().After(now)
}

// Accepted is until when the certificates that there are let people sign in, the zero time where there is none.
func (c *Connection) Accepted() (until time.Time) {
	for _, one := range c.Settings.Certificates {
		if end := one.end(); end.After(until) {
			until = end
		}
	}
	return until
}
