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

// ending are the tokens that end, and when.
func (c *Connection) ending() (tokens []Token, ends []ending) {
	for _, one := range c.Tokens {
		if one.EndsAt != 0 {
			tokens, ends = append(tokens, one), append(ends, ending{one.ID, time.Unix(one.EndsAt, 0)})
		}
	}
	return tokens, ends
}

// NextTokenNotice is when the next token is to be told of, the zero time for never.
func (c *Connection) NextTokenNotice(now time.Time) time.Time {
	_, ends := c.ending()
	return c.next(ends, now)
}

// WarnOfTokens has the change tell of the tokens whose end comes near, as Warn does of certificates.
func (r *Registry) WarnOfTokens(tx *table.Tx, c *Connection, act Act) {
	tokens, ends := c.ending()
	for _, i := range c.warn(tx, ends, act.At) {
		r.tell(tx, c, act, mail.TokenExpires, mail.Data{Key: tokens[i].Hint, ExpiresAt: ends[i].at, Why: c.outlook(&tokens[i], act.At)})
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
