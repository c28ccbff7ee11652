package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// bench is a delivery on a real table, with SES played over HTTP and a queue that keeps its messages.
type bench struct {
	*delivery
	now      time.Time
	messages []queue.Message
	subjects map[string][]string // by address
	headers  []string
	refuse   map[string]string // by address: the error of SES
	log      strings.Builder
}

func (b *bench) Send(_ context.Context, messages ...queue.Message) error {
	b.messages = append(b.messages, messages...)
	return nil
}

func newBench(t *testing.T, from string) *bench {
	t.Helper()
	b := &bench{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), subjects: map[string][]string{}, refuse: map[string]string{}}
	ses := httptest.NewServer(http.HandlerFunc(b.serveSES))
	t.Cleanup(ses.Close)
	clock := func() time.Time { return b.now }
	log := slog.New(slog.NewTextHandler(&b.log, nil))
	rows := tabletest.NewAt(t, clock)
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &ses.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	b.delivery = &delivery{table: rows, writer: testWriter(t), sender: newSender(config, start.Config{MailFrom: from, MailConfiguration: set}, log), log: log, tasks: map[mail.Kind]task{},
		outbox: mail.NewOutbox(rows, secrettest.Keyring(t), b, clock, log)}
	return b
}

func (b *bench) serveSES(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ConfigurationSetName string
		Destination          struct{ ToAddresses []string }
		Content              struct {
			Simple struct {
				Subject struct{ Data string }
				Headers []struct{ Name, Value string }
			}
		}
	}
	raw, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(raw, &in)
	to := in.Destination.ToAddresses[0]
	if code := b.refuse[to]; code != "" {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"message": "no mail to `+to+`"}`)
		return
	}
	if in.ConfigurationSetName != set {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.subjects[to] = append(b.subjects[to], in.Content.Simple.Subject.Data)
	for _, header := range in.Content.Simple.Headers {
		b.headers = append(b.headers, header.Name+": "+header.Value)
	}
	_, _ = io.WriteString(w, `{"MessageId": "1"}`)
}

func (b *bench) post(t *testing.T, letter mail.Letter) queue.Message {
	t.Helper()
	tx := table.NewTx()
	b.outbox.Post(tx, letter)
	if err := b.table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return b.messages[len(b.messages)-1]
}

// administrators makes the people of a tree's set of administrators.
func (b *bench) administrators(t *testing.T, root string, users ...people.User) {
	t.Helper()
	tx, set := table.NewTx(), tenant.Administrators{}
	for _, user := range users {
		tx.Put(table.UserKey(root, user.ID), user)
		set.Users = append(set.Users, user.ID)
	}
	tx.Put(table.AdministratorsKey(root), set)
	if err := b.table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

const (
	from = "Tenantry <no-reply@example.com>"
	set  = "counted"
)

func TestAMailIsSentOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	message := b.post(t, sample(mail.Invitation))
	for range 3 {
		if err := b.deliver(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string][]string{"jo@acme.example": {"You are invited to Acme & Co"}}
	if diff := cmp.Diff(want, b.subjects); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(b.headers, []string{"Auto-Submitted: auto-generated"}) {
		t.Errorf("headers %q", b.headers)
	}
}

func TestDOM9AMailThatWaitedWhileItsDomainWasLostIsNotSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	letter := sample(mail.Invitation)
	letter.Owner = "org_1/usr_1"
	waiting := b.post(t, letter)
	b.refuse["jo@acme.example"] = "TooManyRequestsException"
	if err := b.deliver(t.Context(), waiting); err == nil {
		t.Fatal("it was sent")
	}
	delete(b.refuse, "jo@acme.example")
	tx := table.NewTx()
	tx.Put(table.DomainNameKey("org_1", "acme.example"), tenant.Standing{Was: true})
	commit(t, b.table, tx)
	b.now = b.now.Add(2 * time.Minute)
	if err := b.deliver(t.Context(), waiting); err != nil || len(b.subjects) != 0 {
		t.Errorf("sent %v, %v", b.subjects, err)
	}
	b.now = b.now.Add(2 * time.Minute)
	if claimed, err := b.outbox.Claim(t.Context(), waiting.Shard, waiting.ID); claimed != nil || err != nil {
		t.Errorf("still waiting: %v, %v", claimed, err)
	}
}

func TestAdministratorsGetItEachInTheirLanguage(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	b.administrators(t, "org_1",
		people.User{ID: "usr_1", Email: "ana@acme.example", Language: "es", Status: people.Active},
		people.User{ID: "usr_2", Email: "bo@acme.example", Language: "pt-BR", Status: people.Active},
		people.User{ID: "usr_3", Email: "gone@acme.example", Status: people.Inactive})
	letter := sample(mail.KeyMade)
	letter.To, letter.Administrators = "", "org_1"
	if err := b.deliver(t.Context(), b.post(t, letter)); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"ana@acme.example": {"Nueva clave de API en Acme & Co"}, "bo@acme.example": {"New API key in Acme & Co"}}
	if diff := cmp.Diff(want, b.subjects); diff != "" {
		t.Error(diff)
	}
}

func TestOneWhoCannotBeReachedIsTriedAgainWithoutTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	b.administrators(t, "org_1",
		people.User{ID: "usr_1", Email: "ana@acme.example", Status: people.Active},
		people.User{ID: "usr_2", Email: "bo@acme.example", Status: people.Active})
	letter := sample(mail.KeyMade)
	letter.To, letter.Administrators = "", "org_1"
	message := b.post(t, letter)
	b.refuse["ana@acme.example"] = "TooManyRequestsException"
	if err := b.deliver(t.Context(), message); err == nil {
		t.Fatal("no error: the message would not be delivered again")
	}
	delete(b.refuse, "ana@acme.example")
	b.now = b.now.Add(2 * time.Minute)
	if err := b.deliver(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if len(b.subjects["ana@acme.example"]) != 1 || len(b.subjects["bo@acme.example"]) != 1 {
		t.Errorf("sent %v", b.subjects)
	}
}

func TestAMailRefusedForGoodIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	b.refuse["jo@acme.example"] = "MessageRejected"
	message := b.post(t, sample(mail.Invitation))
	if err := b.deliver(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(time.Hour)
	if claimed, err := b.outbox.Claim(t.Context(), message.Shard, message.ID); claimed != nil || err != nil {
		t.Errorf("still waiting: %v, %v", claimed, err)
	}
	if log := b.log.String(); !strings.Contains(log, "MessageRejected") || strings.Contains(log, "jo@acme.example") {
		t.Errorf("log: %s", log)
	}
}

func TestErrorsDoNotHoldTheAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	b.refuse["jo@acme.example"] = "SendingPausedException"
	err := b.deliver(t.Context(), b.post(t, sample(mail.Invitation)))
	if err == nil || strings.Contains(err.Error(), "jo@acme.example") || !strings.Contains(err.Error(), "SendingPaused") {
		t.Errorf("error %v", err)
	}
}

func TestWithoutASenderNoMailLeaves(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	message := b.post(t, sample(mail.Invitation))
	if err := b.deliver(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	if len(b.subjects) != 0 || strings.Contains(b.log.String(), "jo@acme.example") || !strings.Contains(b.log.String(), "no sender") {
		t.Errorf("sent %v, log %s", b.subjects, b.log.String())
	}
}

func TestATaskIsDoneInsteadOfSent(t *testing.T) {
	t.Parallel()
	b := newBench(t, from)
	failure, runs := errors.New("not now"), 0
	b.tasks[mail.ResetRequest] = func(_ context.Context, letter *mail.Claimed) error {
		runs++
		if letter.To != "jo@acme.example" {
			t.Errorf("letter %+v", letter.Letter)
		}
		return failure
	}
	message := b.post(t, mail.Letter{Kind: mail.ResetRequest, To: "jo@acme.example"})
	if err := b.deliver(t.Context(), message); !errors.Is(err, failure) {
		t.Fatalf("error %v", err)
	}
	failure = nil
	for range 2 {
		b.now = b.now.Add(2 * time.Minute)
		if err := b.deliver(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if runs != 2 || len(b.subjects) != 0 {
		t.Errorf("%d runs, sent %v", runs, b.subjects)
	}
}
