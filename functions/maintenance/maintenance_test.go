package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

// testMaintenance gives the function on a real table, and what SQS, played over HTTP, got.
func testMaintenance(t *testing.T) (maintenance, *strings.Builder) {
	t.Helper()
	var got strings.Builder
	sqs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(&got, r.Body)
		_, _ = io.WriteString(w, `{"Successful": [], "Failed": []}`)
	}))
	t.Cleanup(sqs.Close)
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &sqs.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	return maintenance{&start.Services{Table: tabletest.New(t), Keyring: secrettest.Keyring(t), Queue: queue.New(config, sqs.URL), Work: queue.New(config, sqs.URL),
		Clock: clock.System, Log: slog.New(slog.DiscardHandler)}}, &got
}

// input as a schedule sends it, some time from now.
func scheduled(t *testing.T, raw string) (in input) {
	t.Helper()
	if err := json.Unmarshal([]byte(raw), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestTheSweepDecidesByTheTimeOfTheEvent(t *testing.T) {
	t.Parallel()
	m, got := testMaintenance(t)
	tx := table.NewTx()
	row := map[string]int64{"created": 1_800_000_000} // 2027-01-15T08:00:00Z
	tx.Put(table.OutboxKey(2, "mai_1"), row)
	if err := m.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{"2027-01-15T08:00:59Z": false, "2027-01-15T08:01:00Z": true} {
		got.Reset()
		if _, err := m.run(t.Context(), scheduled(t, `{"task": "sweep", "time": "`+at+`"}`)); err != nil {
			t.Fatal(err)
		}
		if woken := strings.Contains(got.String(), `mai_1`); woken != want {
			t.Errorf("at %s: woken %t", at, woken)
		}
	}
}

func TestTheSweepMakesMessagesThatTheWorkerReads(t *testing.T) {
	t.Parallel()
	m, got := testMaintenance(t)
	tx := table.NewTx()
	outbox := mail.NewOutbox(m.Table, m.Keyring, m.Queue, clock.System, m.Log)
	outbox.Post(tx, mail.Letter{Kind: mail.KeyMade, To: "jo@acme.example"})
	if err := m.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	first := body(t, got.String())
	got.Reset()
	if _, err := m.run(t.Context(), scheduled(t, `{"task": "sweep", "time": "2999-01-01T00:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	if again := body(t, got.String()); again != first {
		t.Errorf("woken for %+v, posted %+v", again, first)
	}
}

func body(t *testing.T, request string) queue.Message {
	t.Helper()
	var in struct {
		Entries []struct{ MessageBody string }
	}
	if err := json.Unmarshal([]byte(request), &in); err != nil || len(in.Entries) != 1 {
		t.Fatalf("request %q, %v", request, err)
	}
	message, err := queue.Parse(in.Entries[0].MessageBody)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func TestWhatIsNotKnownIsAnError(t *testing.T) {
	t.Parallel()
	m, _ := testMaintenance(t)
	for _, raw := range []string{`{}`, `{"task": "sweep"}`, `{"time": "2027-01-15T08:00:00Z"}`, `{"task": "Sweep", "time": "2027-01-15T08:00:00Z"}`} {
		if _, err := m.run(t.Context(), scheduled(t, raw)); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
}
