// Package restore is what holds after the table was restored from a backup (INS-6): the installation has a mark of when that
// was, and what was made before proves nothing any more. Sessions, links, challenges and codes that had been used or ended
// since the backup would stand again otherwise, and so would people who have left.
//
//	err := table.GetMany(ctx, table.Want(restore.Key(root), &mark), ...)
//	if mark.Voids(time.Unix(session.CreatedAt, 0)) { ... }
//
// The mark is kept as equal items, one for each shard, and read along with what it decides about. The package refuses to
// know what is void by it: that is with whoever reads.
package restore

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/table"
)

// Mark is when the installation was restored last. The zero Mark, of one that never was, voids nothing.
type Mark struct {
	At int64 `dynamodbav:"at" json:"at"` // Unix milliseconds
}

// Voids tells whether something that was made at that time is void. The zero time, of what does not say when it was made, is
// before every mark. A time that is known to the second only is void through the whole second of the mark.
func (m Mark) Voids(madeAt time.Time) bool { return m.At != 0 && madeAt.UnixMilli() <= m.At }

// Time is when the installation was restored, the zero time where it never was.
func (m Mark) Time() time.Time {
	if m.At == 0 {
		return time.Time{}
	}
	return time.UnixMilli(m.At).UTC()
}

// Key is the mark as it is read for a tree, a user or whatever else there are many of: each has its shard, so that no
// partition takes the reads of the whole installation.
func Key(subject string) table.Key { return table.RestoredKey(subject) }

// Read reads the mark for what is decided without a batch.
func Read(ctx context.Context, t *table.Table, subject string) (Mark, error) {
	var m Mark
	_, err := t.Get(ctx, Key(subject), &m)
	return m, err
}

// Set puts a mark of that time into the change, in all shards. The commit fails with table.ErrChanged where a later one is
// there.
func Set(tx *table.Tx, at time.Time) Mark {
	m := Mark{At: at.UnixMilli()}
	earlier := expression.AttributeNotExists(expression.Name("at")).Or(expression.Name("at").LessThan(expression.Value(m.At)))
	for shard := range table.RestoredShards {
		tx.Update(table.Touch(table.RestoredShard(shard)).If(earlier, table.ErrChanged).Set("at", m.At))
	}
	return m
}
