// Package starttest is what a function is tested with as a whole: its services on a table of its own, with a clock that the test
// moves, and an ear at the table.
//
//	h := starttest.New(t)
//	d := &door{Services: h.Services, server: web.NewServer(h.Services)}
//	h.Wait(time.Minute)
//
// It refuses to send anything: what is posted waits in the outbox.
package starttest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
)

// House is the services of one function under test.
type House struct {
	Services *start.Services

	mutex sync.Mutex
	now   time.Time
	calls []string // to the table, since they were last taken
}

type asleep struct{}

func (asleep) Send(context.Context, ...queue.Message) error { return nil }

// New opens a house. Its clock begins a minute after an hour: windows of rates begin and end outside of a test.
func New(t testing.TB) *House {
	t.Helper()
	h := &House{now: time.Now().UTC().Truncate(time.Hour).Add(time.Minute)}
	config, name := tabletest.Raw(t)
	config.HTTPClient = &listener{house: h, next: http.DefaultClient}
	keyring, log := secrettest.Keyring(t), slog.New(slog.DiscardHandler)
	opened := table.Open(config, name, keyring, h.Time)
	h.Services = &start.Services{Table: opened, Keyring: keyring, Passwords: &secret.Passwords{}, Clock: h.Time, Log: log,
		Trail: audit.Trail{Keep: time.Hour, Clock: h.Time}, Outbox: mail.NewOutbox(opened, keyring, asleep{}, h.Time, log),
		Config: start.Config{PublicURL: "https://settings.example.com", SessionIdle: time.Hour, SessionAdministrator: 8 * time.Hour, SessionMember: 24 * time.Hour}}
	return h
}

// Time is what the clock says.
func (h *House) Time() time.Time {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.now
}

// Wait moves the clock.
func (h *House) Wait(d time.Duration) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.now = h.now.Add(d)
}

// listener notes the calls that reach the table.
type listener struct {
	house *House
	next  aws.HTTPClient
}

func (l *listener) Do(r *http.Request) (*http.Response, error) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	l.house.mutex.Lock()
	l.house.calls = append(l.house.calls, action)
	l.house.mutex.Unlock()
	return l.next.Do(r)
}

// Taken are the calls of the table since it was asked last.
func (h *House) Taken() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

// Commit makes a change.
func (h *House) Commit(t testing.TB, tx *table.Tx) {
	t.Helper()
	if err := h.Services.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

// User reads the user as it is now.
func (h *House) User(t testing.TB, u *people.User) *people.User {
	t.Helper()
	now, err := people.ReadUser(t.Context(), h.Services.Table, u.Root, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// Edit changes the user as an administrator would.
func (h *House) Edit(t testing.TB, u *people.User, change func(*table.Tx, *table.Change, *people.User)) {
	t.Helper()
	tx, now := table.NewTx(), h.User(t, u)
	edit := people.Edit(now, audit.System("test"), h.Time())
	change(tx, edit, now)
	tx.Update(edit)
	h.Commit(t, tx)
}
