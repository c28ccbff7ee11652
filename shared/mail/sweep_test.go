package mail_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/table"
)

// sweep moves the clock, sweeps and answers how many messages it made.
func (o *office) sweep(t *testing.T, later time.Duration) int {
	t.Helper()
	o.now, o.sent, o.lost = o.now.Add(later), nil, false
	n, err := o.Sweep(t.Context())
	if err != nil || n != len(o.sent) {
		t.Fatalf("swept %d with %d messages, %v", n, len(o.sent), err)
	}
	return n
}

func TestTheSweepFindsWhatTheQueueLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lost = true
	o.post(t, invitation)
	if n := o.sweep(t, 30*time.Second); n != 0 {
		t.Fatalf("%d woken before a minute", n)
	}
	if n := o.sweep(t, 30*time.Second); n != 1 {
		t.Fatalf("%d woken after a minute, want 1", n)
	}
	if claimed := o.claim(t, o.sent[0]); claimed == nil || claimed.Letter != invitation {
		t.Fatalf("claimed %+v", claimed)
	}
	if n := o.sweep(t, 2*time.Minute); n != 0 {
		t.Fatalf("%d woken while the queue delivers again", n)
	}
	if n := o.sweep(t, 35*time.Minute); n != 1 {
		t.Fatalf("%d woken when the queue gave up, want 1", n)
	}
}

func TestTheSweepReadsEveryShard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var want []queue.Message
	for shard := range table.OutboxShards {
		want = append(want, o.forget(t, shard, 1)...)
	}
	o.sweep(t, time.Hour)
	if diff := cmp.Diff(want, o.sent); diff != "" {
		t.Fatal(diff)
	}
}

func TestTheSweepReadsEveryPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.forget(t, 5, table.MaxLimit+30)
	if n := o.sweep(t, time.Hour); n != table.MaxLimit+30 {
		t.Fatalf("%d woken", n)
	}
}

// forget writes n mails into a shard without waking anybody.
func (o *office) forget(t *testing.T, shard, n int) (messages []queue.Message) {
	t.Helper()
	tx := table.NewTx()
	for i := range n {
		message := queue.Message{Kind: queue.Mail, Shard: shard, ID: id.New(id.Mail)}
		messages = append(messages, message)
		tx.Put(table.OutboxKey(shard, message.ID), map[string]int64{"created": o.now.Unix()})
		if (i+1)%table.MaxWrites == 0 || i == n-1 {
			if err := o.table.Commit(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			tx = table.NewTx()
		}
	}
	return messages
}

func TestTheSweepFailsWithTheQueue(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.lost = true
	o.post(t, invitation)
	o.now = o.now.Add(time.Hour)
	if _, err := o.Sweep(t.Context()); err == nil {
		t.Fatal("no error, so the schedule would not try again")
	}
}
