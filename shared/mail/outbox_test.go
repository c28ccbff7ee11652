package mail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

// office is an outbox on a real table, with a clock to move and a queue that keeps or loses what it gets.
type office struct {
	*mail.Outbox
	table *table.Table
	now   time.Time
	sent  []queue.Message
	lost  bool
}

func (o *office) Send(_ context.Context, messages ...queue.Message) error {
	if o.lost {
		return errors.New("the queue does not answer")
	}
	o.sent = append(o.sent, messages...)
	return nil
}

func newOffice(t *testing.T) *office {
	o := &office{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return o.now }
	o.table = tabletest.NewAt(t, clock)
	o.Outbox = mail.NewOutbox(o.table, secrettest.Keyring(t), o, clock, slog.New(slog.DiscardHandler))
	return o
}

var invitation = mail.Letter{Kind: mail.Invitation, To: "jo@acme.example", Language: "es",
	Data: mail.Data{Organization: "Acme", By: "Root", Token: "tnt_inv_secret", ExpiresAt: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)}}

func (o *office) post(t *testing.T, letter mail.Letter) {
	t.Helper()
	tx := table.NewTx()
	o.Post(tx, letter)
	if err := o.table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

func (o *office) claim(t *testing.T, message queue.Message) *mail.Claimed {
	t.Helper()
	claimed, err := o.Claim(t.Context(), message.Shard, message.ID)
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

func TestAPostedLetterIsClaimedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, invitation)
	if len(o.sent) != 1 || o.sent[0].Kind != queue.Mail {
		t.Fatalf("messages %+v", o.sent)
	}
	first := o.claim(t, o.sent[0])
	if first == nil || first.Letter != invitation {
		t.Fatalf("claimed %+v", first)
	}
	if again := o.claim(t, o.sent[0]); again != nil {
		t.Fatal("claimed by two at the same time")
	}
	if err := first.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Hour)
	if again := o.claim(t, o.sent[0]); again != nil {
		t.Fatal("claimed after it was done")
	}
}

func TestALetterWaitsForItsChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	taken := problem.New(problem.Conflict, "taken", "Taken.")
	for i, want := range []error{nil, taken} {
		tx := table.NewTx()
		tx.Create(table.OnceKey("change"), struct{}{}, taken)
		o.Post(tx, invitation)
		if err := o.table.Commit(t.Context(), tx); !errors.Is(err, want) {
			t.Fatalf("commit %d: %v", i, err)
		}
	}
	if len(o.sent) != 1 {
		t.Fatalf("%d messages for one change that was done and one that was not", len(o.sent))
	}
}

func TestTheTableDoesNotShowWhatALetterSays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, invitation)
	var row map[string]any
	found, err := o.table.Get(t.Context(), table.OutboxKey(o.sent[0].Shard, o.sent[0].ID), &row)
	if !found || err != nil {
		t.Fatal(found, err)
	}
	for _, private := range []string{"tnt_inv_secret", "jo@acme.example"} {
		if strings.Contains(fmt.Sprint(row), private) {
			t.Errorf("the item shows %s", private)
		}
	}
}

func TestAfterACrashTheLeaseEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, mail.Letter{Kind: mail.KeyMade, Administrators: "org_1"})
	first := o.claim(t, o.sent[0])
	if err := first.Remember(t.Context(), "usr_1"); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(2 * time.Minute)
	second := o.claim(t, o.sent[0])
	if second == nil {
		t.Fatal("still leased when the queue delivers again")
	}
	if !second.SentTo("usr_1") || second.SentTo("usr_2") {
		t.Error("forgot who got it")
	}
}

func TestRememberingDoesNotBringASentMailBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, invitation)
	claimed := o.claim(t, o.sent[0])
	if err := claimed.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := claimed.Remember(t.Context(), "usr_1"); err == nil {
		t.Fatal("remembered on an item that is gone")
	}
	if n := o.sweep(t, 0); n != 0 {
		t.Fatalf("%d mails wait", n)
	}
}

func TestAnOldMailIsNotSentAnyMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, invitation)
	o.now = o.now.Add(4 * 24 * time.Hour)
	if o.claim(t, o.sent[0]) != nil {
		t.Fatal("claimed")
	}
}

func TestClaimRefusesWhatCannotExist(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, message := range []queue.Message{{}, {Shard: -1, ID: "mai_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}, {Shard: 99, ID: "mai_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}, {ID: "usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}} {
		if _, err := o.Claim(t.Context(), message.Shard, message.ID); err == nil {
			t.Errorf("%+v: no error", message)
		}
	}
}

func TestPostRefusesALetterToNobodyAndToBoth(t *testing.T) {
	o := &office{}
	o.Outbox = mail.NewOutbox(nil, nil, o, nil, nil)
	for _, letter := range []mail.Letter{{Kind: mail.KeyMade}, {To: "jo@acme.example"}, {Kind: mail.KeyMade, To: "jo@acme.example", Administrators: "org_1"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was accepted", letter)
				}
			}()
			o.Post(table.NewTx(), letter)
		}()
	}
}

func TestINS6_AMailFromBeforeARestoreIsDropped(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.post(t, invitation)
	o.now = o.now.Add(time.Minute)
	tx := table.NewTx()
	restore.Set(tx, o.now)
	if err := o.table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Second)
	o.post(t, invitation)
	if claimed := o.claim(t, o.sent[0]); claimed != nil {
		t.Errorf("claimed %+v", claimed)
	}
	if claimed := o.claim(t, o.sent[1]); claimed == nil {
		t.Error("a mail of afterwards is not claimed")
	}
	o.now = o.now.Add(time.Hour)
	if n, err := o.Sweep(t.Context()); err != nil || n != 1 {
		t.Errorf("%d mails are left, %v", n, err)
	}
}
