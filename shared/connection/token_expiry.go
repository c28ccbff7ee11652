package connection

import (
	"slices"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// setTokenTimer sets what tells of tokens that end.
func (c *Connection) setTokenTimer(tx *table.Tx, now time.Time) {
	if due := c.NextTokenNotice(now); due.IsZero() {
		timer.Cancel(tx, timer.Token, c.ID)
	} else {
		timer.Set(tx, timer.Token, c.ID, due)
	}
}

// end is when the token ends, the zero time for never.
func (t *Token) end() time.Time {
	if t.EndsAt == 0 {
		return time.Time{}
	}
	return time.Unix(t.EndsAt, 0)
}

// ending are the tokens that end.
func (c *Connection) ending() (all []Token) {
	for _, one := range c.Tokens {
		if one.EndsAt != 0 {
			all = append(all, one)
		}
	}
	return all
}

// NextTokenNotice is when the next token is to be told of, the zero time for never.
func (c *Connection) NextTokenNotice(now time.Time) (next time.Time) {
	for _, one := range c.ending() {
		if notice(one.end(), now) >= 0 && !c.told(one.ID, one.end(), now) {
			return now
		}
		next = earlier(next, nextNotice(one.end(), now))
	}
	return next
}

// WarnOfTokens has the change tell of the tokens whose end comes near: of each once for each notice, the latest only.
func (r *Registry) WarnOfTokens(tx *table.Tx, c *Connection, act Act) {
	edit, some := table.Touch(c.Key()).If(heldVersion(c.Version), table.ErrChanged), false
	for _, one := range c.ending() {
		due := notice(one.end(), act.At)
		if due < 0 || c.told(one.ID, one.end(), act.At) {
			continue
		}
		some = true
		edit.Set("warned."+one.ID, due)
		r.tell(tx, c, act, mail.TokenExpires, mail.Data{Key: one.Hint, ExpiresAt: one.end(), Why: c.outlook(&one, act.At)})
	}
	if some {
		tx.Update(edit)
	}
}

// outlook is the word for the letter on what becomes of provisioning.
func (c *Connection) outlook(one *Token, now time.Time) string {
	later := func(other Token) bool {
		return other.ID != one.ID && (other.EndsAt == 0 || other.EndsAt > one.EndsAt)
	}
	switch {
	case slices.ContainsFunc(c.Tokens, later):
		return "replaced"
	case one.Ended(now):
		return "over"
	}
	return "alone"
}
