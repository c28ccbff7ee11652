package mail

import (
	"context"
	"fmt"

	"github.com/tenantry/tenantry/shared/table"
)

// Forget takes the mails out of the outbox that wait for somebody who is erased: those whose owner is one. It reads all that
// waits, so it is for many at once, and answers how many it took. One that a worker is sending at that moment is sent.
func (o *Outbox) Forget(ctx context.Context, erased func(owner string) bool) (int, error) {
	taken := 0
	for shard := range table.OutboxShards {
		keys, err := o.owned(ctx, shard, erased)
		if err == nil {
			err = o.table.Erase(ctx, keys...)
		}
		if err != nil {
			return taken, fmt.Errorf("forget mails in shard %d of the outbox: %w", shard, err)
		}
		taken += len(keys)
	}
	return taken, nil
}

// owned are the mails of a shard whose owner is one of those.
func (o *Outbox) owned(ctx context.Context, shard int, one func(owner string) bool) (keys []table.Key, err error) {
	var after table.Key
	for more := true; more; {
		var rows []table.Row
		rows, more, err = o.table.Rows(ctx, table.Question{PK: table.OutboxPartition(shard), Limit: table.MaxLimit}, after)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			var w waiting
			if err := row.Read(&w); err != nil {
				return nil, err
			}
			if after = row.Key; w.Owner != "" && one(w.Owner) {
				keys = append(keys, row.Key)
			}
		}
	}
	return keys, nil
}
