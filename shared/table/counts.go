package table

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/tenantry/tenantry/shared/clock"
)

// Shards is how many items one count is spread over. A transaction holds its items for some 15 ms, in which every other one
// that writes them conflicts: one item makes 37 % of the requests conflict at 25 a second, 16 items 2 %.
const Shards = 16

// closedFor is how long the shards of something removed refuse to count: far longer than a request that read it as there.
const closedFor = 24 * time.Hour

// restBetween is how long a shard of one's own is left alone after use: DynamoDB may hold what the last transaction wrote.
const restBetween = 25 * time.Millisecond

// lane is the shard that one process writes its counts to. An instance of a function does one request at a time, so as long
// as each keeps to a shard that no other uses, none conflict at all; who meets another one moves on. It is safe for
// concurrent use.
type lane struct {
	mutex sync.Mutex
	shard int
	met   map[int]bool // the shards on which another process was met
	used  time.Time
}

func newLane() *lane { return &lane{shard: rand.N(Shards), met: map[int]bool{}} }

// take is the shard for a change made now: the process's own, or any while that one rests.
func (l *lane) take(now time.Time) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if now.Sub(l.used) < restBetween {
		return rand.N(Shards)
	}
	l.used = now
	return l.shard
}

// leave moves on, since another process was met on the shard: to one where none was met yet.
func (l *lane) leave(shard int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.met[shard] = true; len(l.met) == Shards {
		clear(l.met)
	}
	for l.met[l.shard] || l.shard == shard {
		l.shard, l.used = rand.N(Shards), time.Time{}
	}
}

type countKey struct{ root, name string }

type countDelta struct {
	n    int
	gone error
	at   string // with CountAt
}

// Count adds n to the count called name of the tree root, in this change. gone is the error where the count was closed,
// because what it counts was removed. All counts of a change go to the same shard of theirs.
func (x *Tx) Count(root, name string, n int, gone error) {
	key := countKey{root, name}
	if x.counts[key] == nil {
		x.counts[key] = &countDelta{gone: gone}
	}
	x.counts[key].n += n
}

// CountAt counts as Count does, and writes down when, in the item that is written anyway: CountsAt tells the last time.
func (x *Tx) CountAt(root, name string, n int, gone error, at time.Time) {
	x.Count(root, name, n, gone)
	x.counts[countKey{root, name}].at = clock.Format(at)
}

// SealCount has the change close the count called name as it is, and keep it closed until OpenCount opens it.
func (x *Tx) SealCount(root, name string) {
	for _, key := range CountKeys(root, name) {
		x.Update(Touch(key).Set("closed", true).Remove("expiresAt"))
	}
}

// OpenCount has the change open the count called name again that CloseCount or SealCount closed.
func (x *Tx) OpenCount(root, name string) {
	for i := range Shards {
		x.Update(Touch(countShardKey(root, name, i)).Remove("closed", "expiresAt"))
	}
}

func (x *Tx) countWrites(shard int) []write {
	scratch := NewTx()
	for key, delta := range x.counts {
		if delta.n == 0 {
			continue
		}
		write := Touch(countShardKey(key.root, key.name, shard)).Add("n", delta.n).
			If(expression.AttributeNotExists(expression.Name("closed")), delta.gone)
		if delta.at != "" {
			write.Set("at", delta.at)
		}
		scratch.Update(write)
	}
	return scratch.writes
}

// EndCount has the change close the count called name whatever it is, with what it counts. It is there no more a while later.
func (t *Table) EndCount(x *Tx, root, name string) {
	for _, key := range CountKeys(root, name) {
		x.Update(Touch(key).Set("closed", true).Set("expiresAt", Expiry(t.now().Add(closedFor))))
	}
}

// CountKeys are where counts of the tree root are stored, for who erases what is counted no more.
func CountKeys(root string, names ...string) (keys []Key) {
	for _, name := range names {
		for i := range Shards {
			keys = append(keys, countShardKey(root, name, i))
		}
	}
	return keys
}

type countItem struct {
	SK     string `dynamodbav:"sk"`
	N      *int   `dynamodbav:"n"` // nil: it was closed, or opened, and nothing was ever counted in it
	At     string `dynamodbav:"at"`
	Closed bool   `dynamodbav:"closed"`
}

// name is the count's name: the sort key without its shard.
func (c countItem) name() string { return c.SK[:strings.LastIndexByte(c.SK, '#')] }

// Counts reads, strongly consistent, the counts of the tree root whose names begin with prefix.
func (t *Table) Counts(ctx context.Context, root, prefix string) (map[string]int, error) {
	counts, _, err := t.CountsAt(ctx, root, prefix)
	return counts, err
}

// CountsAt reads counts as Counts does, and when each was counted in last with CountAt, as clock.Format writes it.
func (t *Table) CountsAt(ctx context.Context, root, prefix string) (counts map[string]int, last map[string]string, err error) {
	shards, err := All[countItem](ctx, t, Question{PK: countsPK(root), Prefix: prefix})
	if err != nil {
		return nil, nil, err
	}
	counts, last = map[string]int{}, map[string]string{}
	for _, shard := range shards {
		if name := shard.name(); shard.N != nil {
			counts[name] += *shard.N
			last[name] = max(last[name], shard.At)
		}
	}
	return counts, last, nil
}

// ZeroCount has the change set a sealed count to zero. One in which nothing was ever counted stays so.
func (t *Table) ZeroCount(ctx context.Context, x *Tx, root, name string) error {
	shards, err := All[countItem](ctx, t, Question{PK: countsPK(root), Prefix: name + "#"})
	for _, shard := range shards {
		if shard.N != nil && *shard.N != 0 {
			x.Update(Touch(Key{countsPK(root), shard.SK}).Set("n", 0).If(expression.AttributeExists(expression.Name("closed")), ErrChanged))
		}
	}
	return err
}

// CloseCount has the change close the count called name, so that nobody who read what it counts as there can add to it any
// more. It must be zero in sum: the returned n is what it is otherwise, and then nothing was added to the change. Who
// counts in between fails the commit with ErrChanged. Each shard is zero from then on: closed ones are deleted one by one as
// they expire, and those that OpenCount finds later must make no sum of their own.
func (t *Table) CloseCount(ctx context.Context, x *Tx, root, name string) (n int, err error) {
	shards, err := All[countItem](ctx, t, Question{PK: countsPK(root), Prefix: name + "#"})
	if err != nil {
		return 0, err
	}
	held := map[string]int{}
	for _, shard := range shards {
		if shard.N != nil {
			held[shard.SK] = *shard.N
			n += *shard.N
		}
	}
	if n != 0 {
		return n, nil
	}
	for i := range Shards {
		key := countShardKey(root, name, i)
		same := expression.Name("n").Equal(expression.Value(held[key.SK]))
		if held[key.SK] == 0 {
			same = same.Or(expression.AttributeNotExists(expression.Name("n")))
		}
		x.Update(Touch(key).Set("n", 0).Set("closed", true).Set("expiresAt", Expiry(t.now().Add(closedFor))).If(same, ErrChanged))
	}
	return 0, nil
}
