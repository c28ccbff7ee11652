package access

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// Rates bounds how often something is asked (PER-8): for what is public per address, otherwise per key or session and per
// organization. What is counted stands in the table, so that many instances count together.
type Rates struct {
	Table *table.Table
	Clock clock.Clock

	// PublicPerMinute, CallerPerMinute and TreePerMinute are the limits.
	PublicPerMinute, CallerPerMinute, TreePerMinute int

	mutex sync.Mutex
	local map[string]int       // requests of this instance that were not written yet, by subject
	over  map[string]time.Time // who is over a limit, and when the window ends
}

// share is the part of a limit that an instance collects before it writes: a limit is exceeded by no more than that part for
// each instance, and a request in share costs a write instead of every one. Once an instance was told that a subject is over its limit it
// refuses all of the window.
const share = 20

// mostHeld is how many subjects an instance holds something of. Beyond, it forgets: who is over the limit is told so by the table again.
const mostHeld = 10_000

type rateItem struct {
	N int `dynamodbav:"n"`
}

// Public counts a request that nobody signed in for, of the address's network; each one is written, so that all cost the same.
func (r *Rates) Public(ctx context.Context, address string) error {
	return r.Count(ctx, "public/"+Network(address), 1, r.PublicPerMinute, time.Minute)
}

// Network is what one customer of a provider has, and so could send from without end: an IPv4 address, or the first 64 bits
// of an IPv6 address. What is no address stays as it is.
func Network(address string) string {
	at, err := netip.ParseAddr(address)
	if err != nil || at.Unmap().Is4() {
		return address
	}
	prefix, err := at.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// Visitor counts a request that nobody signed in for, of the address's network, where its cost need not be the same each time:
// most cost no write. within names what else is counted, such as a connection, with the limit of all its visitors;
// empty: nothing.
func (r *Rates) Visitor(ctx context.Context, address, within string, limit int) error {
	if err := r.collect(ctx, "visitor/"+Network(address), r.PublicPerMinute); err != nil {
		return err
	}
	if within == "" {
		return nil
	}
	return r.Within(ctx, within, limit)
}

// Within counts a request of all those of a thing that has a limit of its own, such as a connection.
func (r *Rates) Within(ctx context.Context, what string, limit int) error {
	return r.collect(ctx, what, limit)
}

// Caller counts a request of a key or a session, and of its organization's tree.
func (r *Rates) Caller(ctx context.Context, c *Caller) error {
	if err := r.collect(ctx, "caller/"+c.ID(), r.CallerPerMinute); err != nil {
		return err
	}
	return r.collect(ctx, "tree/"+c.Root, r.TreePerMinute)
}

func (r *Rates) collect(ctx context.Context, subject string, limit int) error {
	step, now := max(limit/share, 1), r.Clock()
	due, over := r.due(subject, step, now)
	if over != nil || !due {
		return over
	}
	ends, err := r.count(ctx, subject, step, limit, time.Minute, now)
	if !ends.IsZero() {
		r.refuse(subject, ends, now)
	}
	return err
}

// due adds one request to what the instance holds, and tells whether it is time to write step of them; over is the refusal of who is
// known to be over the limit.
func (r *Rates) due(subject string, step int, now time.Time) (due bool, over error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if ends, known := r.over[subject]; known && now.Before(ends) {
		return false, tooMany(ends.Sub(now))
	}
	if r.local == nil || len(r.local) > mostHeld {
		r.local = map[string]int{}
	}
	r.local[subject]++
	if r.local[subject] < step {
		return false, nil
	}
	delete(r.local, subject)
	return true, nil
}

// refuse has the instance refuse the subject until the window ends.
func (r *Rates) refuse(subject string, ends, now time.Time) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	maps.DeleteFunc(r.over, func(_ string, ends time.Time) bool { return !now.Before(ends) })
	if r.over == nil || len(r.over) >= mostHeld {
		r.over = map[string]time.Time{}
	}
	r.over[subject] = ends
}

// Count adds n to what the subject did in the present window, and answers Limited with the rest of the window where that is
// over the limit. Subjects of different kinds begin with different words.
func (r *Rates) Count(ctx context.Context, subject string, n, limit int, window time.Duration) error {
	_, err := r.count(ctx, subject, n, limit, window, r.Clock())
	return err
}

// count does what Count does; ends is when the present window does, of who is over the limit only.
func (r *Rates) count(ctx context.Context, subject string, n, limit int, window time.Duration, now time.Time) (ends time.Time, err error) {
	number := now.UnixNano() / int64(window)
	end := time.Unix(0, (number+1)*int64(window))
	after, err := r.Table.Apply(ctx, table.Touch(table.RateKey(subject, number)).Add("n", n).Set("expiresAt", table.Expiry(end.Add(time.Minute))))
	if err != nil {
		return ends, err
	}
	var item rateItem
	if err := table.Read(after, &item); err != nil || item.N <= limit {
		return ends, err
	}
	return end, tooMany(end.Sub(now))
}

func tooMany(wait time.Duration) error {
	return problem.TooMany(wait, "Too many requests. Wait, then go on.")
}
