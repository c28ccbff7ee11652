package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// lag remembers what items looked like before they changed, so that indexes can show them as they were: on AWS an index
// follows its table after a while, in an emulator at once. It is safe for concurrent use.
type lag struct {
	delay time.Duration
	now   func() time.Time

	mu    sync.Mutex
	items map[itemKey][]*change // oldest first
	swept time.Time
}

func newLag(delay time.Duration, now func() time.Time) *lag {
	return &lag{delay: delay, now: now, items: map[itemKey][]*change{}}
}

// change is one write to an item.
type change struct {
	key    itemKey
	before item      // nil where there was no item
	done   time.Time // zero while the write is under way
}

func (l *lag) on() bool { return l.delay > 0 }

// note says that writes are about to be made.
func (l *lag) note(changes []*change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
	for _, c := range changes {
		l.items[c.key] = append(l.items[c.key], c)
	}
}

// settle says that the writes have been made, or refused.
func (l *lag) settle(changes []*change, refused bool) {
	if len(changes) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range changes {
		c.done = l.now()
		if refused {
			l.items[c.key] = slices.DeleteFunc(l.items[c.key], func(other *change) bool { return other == c })
		}
	}
}

// hidden returns the items of a table that changed too lately for an index to show it, as they were before.
func (l *lag) hidden(table string) map[itemKey]item {
	l.mu.Lock()
	defer l.mu.Unlock()
	hidden := map[itemKey]item{}
	for key, history := range l.items {
		if key.table != table {
			continue
		}
		if at := slices.IndexFunc(history, l.fresh); at >= 0 {
			hidden[key] = history[at].before
		}
	}
	return hidden
}

func (l *lag) fresh(c *change) bool {
	return c.done.IsZero() || l.now().Sub(c.done) < l.delay
}

// sweep forgets what indexes show by now.
func (l *lag) sweep() {
	now := l.now()
	if now.Sub(l.swept) < l.delay {
		return
	}
	l.swept = now
	for key, history := range l.items {
		history = slices.DeleteFunc(history, func(c *change) bool { return !l.fresh(c) })
		if len(history) == 0 {
			delete(l.items, key)
			continue
		}
		l.items[key] = history
	}
}

// remember reads the items that a call is about to change, in tables that have indexes, and notes the changes.
func (d *dynamoDB) remember(ctx context.Context, c *call) ([]*change, error) {
	if !d.lag.on() {
		return nil, nil
	}
	var noted []*change
	keys := map[string][]item{}
	for _, e := range c.dynamo.elements {
		key, ok := keyOf(e.table, e.key)
		known := slices.ContainsFunc(noted, func(other *change) bool { return other.key == key })
		if !e.writes || len(e.table.Indexes) == 0 || !ok || known {
			continue
		}
		noted = append(noted, &change{key: key})
		keys[e.table.Name] = append(keys[e.table.Name], e.key.pick(names(e.table.Key)))
	}
	if len(noted) == 0 {
		return nil, nil
	}
	images, err := d.images(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read the items before %s: %w", c.action, err)
	}
	for _, n := range noted {
		n.before = images[n.key]
	}
	d.lag.note(noted)
	return noted, nil
}

// images reads items, by the table's name, strongly consistent. Keys that DynamoDB refuses have no image: it refuses the
// write too.
func (d *dynamoDB) images(ctx context.Context, keys map[string][]item) (map[itemKey]item, error) {
	type request struct {
		Keys           []item
		ConsistentRead bool
	}
	pending := map[string]request{}
	for table, list := range keys {
		pending[table] = request{list, true}
	}
	images := map[itemKey]item{}
	for len(pending) > 0 {
		body, err := json.Marshal(map[string]any{"RequestItems": pending})
		if err != nil {
			return nil, err
		}
		a, err := d.backend.send(ctx, "BatchGetItem", body)
		if err != nil || a.status != http.StatusOK {
			return images, err
		}
		var got struct {
			Responses       map[string][]item
			UnprocessedKeys map[string]request
		}
		if err := json.Unmarshal(a.body, &got); err != nil {
			return nil, err
		}
		for table, items := range got.Responses {
			for _, i := range items {
				if key, ok := keyOf(d.tables[table], i); ok {
					images[key] = i
				}
			}
		}
		pending = got.UnprocessedKeys
	}
	return images, nil
}
