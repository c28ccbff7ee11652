package timer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/oklog/ulid/v2"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/table"
)

// Handler works on the timers of a kind.
type Handler struct {
	// Lease is how long a claimed timer is its holder's: what dies with the holder falls due again then. Two who work on the
	// same timer begin at least this long apart.
	Lease time.Duration

	// Page is how many are claimed at once, at most table.MaxWrites: what a killed worker leaves to wait for the end of the lease.
	Page int

	// Needs is the time that a page takes at most; one that would be cut off is not begun.
	Needs time.Duration

	// Do works on a page: it moves or ends each timer in the change that holds its outcome. now is the run's time. What it
	// leaves alone falls due again when the lease ends.
	Do func(ctx context.Context, now time.Time, page []Claimed) error
}

// claims is how often a page is read again when somebody else claims from it at the same time.
const claims = 3

// Work has the handler work on what has fallen due at now of a kind in a shard, page by page, until nothing is left or the
// time of ctx does not suffice for another page: more tells that something may be left. A page that fails keeps no later one
// from being worked on, since what fails always would do so always.
func (h Handler) Work(ctx context.Context, t *table.Table, kind Kind, shard int, now time.Time) (more bool, err error) {
	next := question(kind, shard, now, h.Page)
	var failed []error
	for {
		if !h.enough(ctx) {
			return true, errors.Join(failed...)
		}
		page, err := table.List[item](ctx, t, next)
		if err != nil {
			return true, errors.Join(append(failed, err)...)
		}
		claimed, err := h.claim(ctx, t, page.Items, now)
		if err != nil {
			return true, errors.Join(append(failed, fmt.Errorf("claim timers of kind %s: %w", kind, err))...)
		}
		if len(claimed) > 0 {
			if err := h.Do(ctx, now, claimed); err != nil {
				failed = append(failed, fmt.Errorf("timers of kind %s: %w", kind, err))
			}
		}
		if next.Cursor = page.Next; next.Cursor == "" {
			return len(failed) > 0, errors.Join(failed...)
		}
	}
}

func (h Handler) enough(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > h.Needs
}

// claim claims those of the timers that are due and nobody else's, all in one transaction. Where another worker is at the
// same page it looks again at what is left for it, and leaves the page alone in the end.
func (h Handler) claim(ctx context.Context, t *table.Table, found []item, now time.Time) ([]Claimed, error) {
	for range claims {
		found = slices.DeleteFunc(found, func(one item) bool { return !one.free(now) })
		if len(found) == 0 {
			return nil, nil
		}
		token, tx := ulid.Make().String(), table.NewTx()
		claimed := make([]Claimed, len(found))
		for i, one := range found {
			claimed[i] = h.take(tx, one, token, now)
		}
		err := t.Commit(ctx, tx)
		if err == nil {
			return claimed, nil
		}
		if !errors.Is(err, table.ErrChanged) {
			return nil, err
		}
		if found, err = again(ctx, t, found); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// free tells whether the timer is due and nobody works on it.
func (i item) free(now time.Time) bool {
	return i.Due != "" && i.Due <= clock.Format(now) && i.ClaimedUntil <= now.Unix()
}

func (h Handler) take(tx *table.Tx, one item, token string, now time.Time) Claimed {
	c := Claimed{Kind: one.Kind, Owner: one.Owner, claim: token}
	c.Due, _ = time.Parse(time.RFC3339, one.Due) // as Set wrote it
	free := expression.Name("claimedUntil").AttributeNotExists().Or(expression.Name("claimedUntil").LessThanEqual(expression.Value(now.Unix())))
	tx.Update(table.Touch(c.key()).If(expression.Name("due").Equal(expression.Value(one.Due)).And(free), table.ErrChanged).
		Set("claim", token).Set("claimedUntil", now.Add(h.Lease).Unix()))
	return c
}

// again reads the timers as they are now.
func again(ctx context.Context, t *table.Table, found []item) ([]item, error) {
	fresh := make([]item, len(found))
	wants := make([]*table.Wanted, len(found))
	for i, one := range found {
		wants[i] = table.Want(table.TimerKey(string(one.Kind), one.Owner), &fresh[i])
	}
	return fresh, t.GetMany(ctx, wants...)
}
