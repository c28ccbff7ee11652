package queue

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tenantry/tenantry/infra/local/template"
)

func TestAMessageThatCannotBeKeptIsNotAccepted(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "queues")
	s := open(t, folder, jobs(nil))
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if out, err := s.send(s.queue("Jobs"), sending{MessageBody: "x"}); err == nil || s.queue("Jobs").Len() != 0 {
		t.Errorf("sent %+v without having written it, error %v", out, err)
	}
}

func TestAPollerOutlivesATroubleOfTheDisk(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "queues")
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t, folder, jobs(nil)), &worker{}
		send(t, s, "before")
		if err := os.Rename(folder, folder+".away"); err != nil {
			t.Fatal(err)
		}
		poll(t, s, w, func(q *template.QueueSource, _ *Poller) { q.MaximumConcurrency = 1 })
		if got := w.seen(); len(got) != 1 {
			t.Fatalf("what can be received is not handed out: %v", got)
		}
		if err := os.Rename(folder+".away", folder); err != nil {
			t.Fatal(err)
		}
		send(t, s, "after")
		time.Sleep(time.Second)
		if got := w.seen(); len(got) != 2 || got[1][0] != "after" {
			t.Errorf("the poller has ended: %v", got)
		}
	})
}

func TestASourceWithoutItsQueueStopsTheStart(t *testing.T) {
	functions := []template.Function{{ID: "Worker", Queues: []template.QueueSource{{QueueARN: "arn:nope"}}}}
	if _, err := NewPoller(open(t, "", jobs(nil)), functions, &worker{}, nil); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
