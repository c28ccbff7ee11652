package queue

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

func send(t *testing.T, s *Service, body string) string {
	t.Helper()
	out, err := s.send(s.queue("Jobs"), sending{MessageBody: body})
	if err != nil {
		t.Fatal(err)
	}
	return out.MessageId
}

// take receives what is there now.
func take(t *testing.T, s *Service, name string) []message {
	t.Helper()
	q := s.queue(name)
	batch, err := s.receive(t.Context(), q, request{max: 10, visibility: q.VisibilityTimeout})
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func TestAMessageNotDeletedComesBackAndEndsAsDeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", jobs(nil))
		send(t, s, "x")
		for want := 1; want <= 2; want++ {
			batch := take(t, s, "Jobs")
			if len(batch) != 1 || batch[0].Receives != want {
				t.Fatalf("delivery %d: %+v", want, batch)
			}
			time.Sleep(59 * time.Second)
			if len(take(t, s, "Jobs")) != 0 {
				t.Fatal("received before its visibility time-out was over")
			}
			time.Sleep(time.Second)
		}
		if len(take(t, s, "Jobs")) != 0 {
			t.Fatal("received more often than maxReceiveCount")
		}
		if state := s.Snapshot(); state[0].Dead != 1 || state[1].Waiting != 1 {
			t.Fatalf("no dead letter: %+v", state)
		}
		if err := s.Idle(t.Context()); err != nil {
			t.Errorf("dead letters count as work: %v", err)
		}
		if n, err := s.Redrive("Jobs"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if batch := take(t, s, "Jobs"); len(batch) != 1 || batch[0].Receives != 1 {
			t.Errorf("not received afresh: %+v", batch)
		}
	})
}

func TestWhatIsOnDiskOutlivesTheStack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "queues")
	first := open(t, folder, jobs(nil))
	send(t, first, "worked on")
	if len(take(t, first, "Jobs")) != 1 {
		t.Fatal("not received")
	}
	send(t, first, "waiting")
	done := send(t, first, "done")
	for _, m := range take(t, first, "Jobs") {
		if m.ID == done {
			if err := first.delete(first.queue("Jobs"), m.handle()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "torn.next"), []byte(`{"ID"`), 0o600); err != nil { // killed while writing
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, m := range take(t, open(t, folder, jobs(nil)), "Jobs") {
		counts[m.Body] = m.Receives
	}
	if len(counts) != 2 || counts["worked on"] != 2 || counts["waiting"] != 2 {
		t.Errorf("after the restart: %v", counts)
	}
	if _, err := New(folder, nil, time.Now); err == nil || !strings.Contains(err.Error(), "queue Jobs, which the template does not have") {
		t.Errorf("a queue that is gone: %v", err)
	}
}

func TestADelayedMessageIsReceivedWhenItsDelayIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", jobs(func(q *template.Queue) { q.Delay = time.Minute }))
		send(t, s, "x")
		if state := s.Snapshot()[0]; state.Delayed != 1 || state.Messages[0].State != "delayed" {
			t.Errorf("%+v", state)
		}
		start := time.Now()
		batch, err := s.receive(t.Context(), s.queue("Jobs"), request{max: 1, wait: -1})
		if len(batch) != 1 || err != nil || time.Since(start) != time.Minute {
			t.Errorf("%v %v after %v", batch, err, time.Since(start))
		}
	})
}

func TestAMessageTooOldIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", jobs(nil))
		send(t, s, "x")
		time.Sleep(time.Hour + time.Second)
		if len(take(t, s, "Jobs")) != 0 || s.Snapshot()[0].Waiting != 0 {
			t.Error("it is still there")
		}
	})
}

func TestAnOldHandleDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", jobs(nil))
		send(t, s, "x")
		old := take(t, s, "Jobs")[0]
		time.Sleep(time.Minute)
		latest := take(t, s, "Jobs")[0]
		if err := s.delete(s.queue("Jobs"), old.handle()); err != nil {
			t.Fatal(err)
		}
		if s.queue("Jobs").Len() != 1 {
			t.Fatal("the handle of an earlier delivery ended the message")
		}
		if err := s.delete(s.queue("Jobs"), latest.handle()); err != nil || s.queue("Jobs").Len() != 0 {
			t.Fatal("the latest handle did not end the message", err)
		}
	})
}

func TestDuplicates(t *testing.T) {
	deliveries := func(t *testing.T, s *Service) (count int) {
		for batch := take(t, s, "Jobs"); len(batch) > 0; batch = take(t, s, "Jobs") {
			count++
			if err := s.delete(s.queue("Jobs"), batch[0].handle()); err != nil {
				t.Fatal(err)
			}
		}
		return count
	}
	t.Run("of every message", func(t *testing.T) {
		s := open(t, "", jobs(nil))
		s.DeliverTwice(true)
		send(t, s, "x")
		if got := deliveries(t, s); got != 2 {
			t.Errorf("%d deliveries", got)
		}
	})
	t.Run("of one that waits", func(t *testing.T) {
		s := open(t, "", jobs(nil))
		if err := s.Duplicate(send(t, s, "x")); err != nil {
			t.Fatal(err)
		}
		if got := deliveries(t, s); got != 2 {
			t.Errorf("%d deliveries", got)
		}
	})
	t.Run("of one being worked on", func(t *testing.T) {
		s := open(t, "", jobs(nil))
		id := send(t, s, "x")
		first := take(t, s, "Jobs")[0]
		if err := s.Duplicate(id); err != nil {
			t.Fatal(err)
		}
		second := take(t, s, "Jobs")[0]
		for _, m := range []message{first, second} {
			if err := s.delete(s.queue("Jobs"), m.handle()); err != nil {
				t.Fatal(err)
			}
		}
		if got := deliveries(t, s); got != 0 {
			t.Errorf("%d further deliveries", got)
		}
	})
	t.Run("of one that is gone", func(t *testing.T) {
		if err := open(t, "", jobs(nil)).Duplicate("x"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestIdleWaitsForTheLastMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "", jobs(nil))
		send(t, s, "x")
		m := take(t, s, "Jobs")[0]
		go func() {
			time.Sleep(time.Second)
			_ = s.delete(s.queue("Jobs"), m.handle())
		}()
		start := time.Now()
		if err := s.Idle(t.Context()); err != nil || time.Since(start) != time.Second {
			t.Error(err, time.Since(start))
		}
		send(t, s, "y")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Idle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
