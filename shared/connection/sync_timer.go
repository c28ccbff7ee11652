package connection

import (
	"hash/fnv"
	"time"

	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/timer"
)

// SyncEvery is how often the roles of a tree are synced by themselves, for each connection that provisions (SYN-5).
const SyncEvery = 24 * time.Hour

// setSyncTimer sets when the roles are synced first: each connection has a time of the day of its own, so that they are spread over it.
func (c *Connection) setSyncTimer(tx *table.Tx, now time.Time) {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(c.ID)) // never fails
	timer.Set(tx, timer.Sync, c.ID, now.Add(time.Duration(sum.Sum32()%uint32(SyncEvery/time.Second))*time.Second))
}
