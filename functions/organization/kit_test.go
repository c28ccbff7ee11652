package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/access/accesstest"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/start/web"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// world is an installation with this function in front of it.
type world struct {
	*accesstest.World
	t        *testing.T
	server   http.Handler
	platform *accesstest.Organization
	root     *accesstest.Person // administers the platform
	posted   int                // mails so far
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: accesstest.New(t), t: t}
	log := slog.New(slog.DiscardHandler)
	keyring := secrettest.Keyring(t)
	services := &start.Services{Table: w.Table, Clock: w.Clock, Log: log, Keyring: keyring,
		Config: start.Config{PublicURL: "http://localhost:8080", SessionIdle: time.Hour, SessionAdministrator: 8 * time.Hour, SessionMember: 24 * time.Hour, ErasedAfter: 30 * 24 * time.Hour},
		Trail:  audit.Trail{Keep: 24 * time.Hour, Clock: w.Clock},
		Outbox: mail.NewOutbox(w.Table, keyring, w, w.Clock, log)}
	server := web.NewServer(services)
	mount(server, &organizations{services})
	w.server = server
	w.platform = w.Tree(tenant.Platform)
	w.root = w.Person(w.platform.Administrator)
	return w
}

// Send takes what would wake the worker.
func (w *world) Send(context.Context, ...queue.Message) error {
	w.posted++
	return nil
}

// answer is an answer, with its body read.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   map[string]any
	raw    string
}

// call sends a request as the person; headers are pairs of name and value.
func (w *world) call(p *accesstest.Person, method, path string, body any, headers ...string) *answer {
	w.t.Helper()
	return w.bearer(p.Token, method, path, body, headers...)
}

func (w *world) bearer(token, method, path string, body any, headers ...string) *answer {
	w.t.Helper()
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			w.t.Fatal(err)
		}
	}
	request := httptest.NewRequest(method, path, &content)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, request)
	a := &answer{t: w.t, status: recorder.Code, header: recorder.Header(), body: map[string]any{}, raw: recorder.Body.String()}
	if a.raw != "" {
		if err := json.Unmarshal(recorder.Body.Bytes(), &a.body); err != nil {
			w.t.Fatalf("%s %s answered %d %q: %v", method, path, a.status, a.raw, err)
		}
	}
	return a
}

// is expects a status.
func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("answered %d, not %d: %s", a.status, status, a.raw)
	}
	return a
}

// refused expects a problem by its status and name.
func (a *answer) refused(status int, slug string) *answer {
	a.t.Helper()
	a.is(status)
	if a.body["type"] != "urn:tenantry:problem:"+slug {
		a.t.Fatalf("answered %v, not %s", a.body["type"], slug)
	}
	return a
}

// field is where the first faulty field of a problem is.
func (a *answer) field() any {
	errors, _ := a.body["errors"].([]any)
	if len(errors) == 0 {
		return nil
	}
	return errors[0].(map[string]any)["location"]
}

// text is a field of the body.
func (a *answer) text(name string) string {
	value, _ := a.body[name].(string)
	return value
}

// has expects fields of the body; nil: that there is none.
func (a *answer) has(fields map[string]any) *answer {
	a.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		want := fields[name]
		if n, ok := want.(int); ok {
			want = float64(n)
		}
		if a.body[name] != want {
			a.t.Errorf("%s is %v, not %v", name, a.body[name], want)
		}
	}
	return a
}

// names are those of a list's items.
func (a *answer) names() []string {
	a.t.Helper()
	a.is(http.StatusOK)
	names := []string{}
	for _, item := range a.body["items"].([]any) {
		names = append(names, item.(map[string]any)["name"].(string))
	}
	return names
}

// trail are the events of an organization, the newest first.
func (w *world) trail(org string) []audit.Event {
	w.t.Helper()
	page, err := table.List[audit.Event](w.t.Context(), w.Table, table.Question{Index: 1, PK: table.AuditOf(org, "").PK, Descending: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}

// mails are the kinds of the mails that wait.
func (w *world) mails() []string {
	w.t.Helper()
	kinds := []string{}
	for shard := range table.OutboxShards {
		all, err := table.All[struct {
			Kind string `dynamodbav:"kind"`
		}](w.t.Context(), w.Table, table.Question{PK: table.OutboxPartition(shard)})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, one := range all {
			kinds = append(kinds, one.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// path is the address of an organization, or of something in it.
func path(org *accesstest.Organization, rest string) string { return all + "/" + org.ID + rest }

type fields = map[string]any
