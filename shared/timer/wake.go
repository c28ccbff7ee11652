package timer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
)

// Wake sends a message for every kind and shard of timers of which one has fallen due at now, and answers how many. It is
// for the schedule: what one run does not wake, because it was cut off, the next one does. A list that cannot be read keeps no
// other from being woken for.
func Wake(ctx context.Context, t *table.Table, to queue.Sender, now time.Time) (woken int, err error) {
	var failed []error
	for _, kind := range Kinds() {
		for shard := range table.TimerShards {
			due, err := wake(ctx, t, to, kind, shard, now)
			if failed = append(failed, err); due {
				woken++
			}
		}
	}
	return woken, errors.Join(failed...)
}

func wake(ctx context.Context, t *table.Table, to queue.Sender, kind Kind, shard int, now time.Time) (due bool, err error) {
	page, err := table.List[item](ctx, t, question(kind, shard, now, 1))
	if err != nil {
		return false, fmt.Errorf("look for timers of kind %s in shard %d: %w", kind, shard, err)
	}
	if len(page.Items) == 0 && page.Next == "" {
		return false, nil
	}
	err = to.Send(ctx, queue.Message{Kind: queue.Due, ID: string(kind), Shard: shard, At: now})
	return err == nil, err
}

// question asks for the timers of a kind and shard that have fallen due at now, the longest due first.
func question(kind Kind, shard int, now time.Time, limit int) table.Question {
	list := table.TimersDue(string(kind), shard, "", "")
	return table.Question{Index: list.Index, PK: list.PK, Before: clock.Format(now.Add(time.Millisecond)), Limit: limit}
}

// Owners are those of all timers of a kind in a shard, due or not. It is for kinds whose timers are few at any time.
func Owners(ctx context.Context, t *table.Table, kind Kind, shard int) ([]string, error) {
	list := table.TimersDue(string(kind), shard, "", "")
	all, err := table.All[item](ctx, t, table.Question{Index: list.Index, PK: list.PK})
	if err != nil {
		return nil, fmt.Errorf("list timers of kind %s in shard %d: %w", kind, shard, err)
	}
	owners := make([]string, len(all))
	for i, one := range all {
		owners[i] = one.Owner
	}
	return owners, nil
}
