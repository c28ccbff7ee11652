package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/httpapi"
	"github.com/tenantry/tenantry/shared/id"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// now is the time of every test here: ten seconds into a minute, so that a window of rates has 50 seconds left.
var now = time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)

const publicURL = "https://settings.example.com"

// logs is what all tests wrote to the log; each looks for its request's id in it.
var logs safeBuffer

type safeBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

// of gives the lines about a request.
func (b *safeBuffer) of(request string) string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var lines []string
	for line := range strings.Lines(b.text.String()) {
		if strings.Contains(line, request) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewJSONHandler(&logs, nil)))
	os.Exit(m.Run())
}

// house is a client with one administrator, the administrator's session and key, and a function that keeps things.
type house struct {
	tab          *table.Table
	server       *httpapi.Server
	org, user    string
	session, key string
	rates        *access.Rates
	reading      func() // what happens between a change's reading and its commit
}

// open makes a house; change, if there is one, adapts its configuration.
func open(t testing.TB, change ...func(*httpapi.Config)) *house {
	t.Helper()
	tab := tabletest.NewAt(t, clock.At(now))
	h := &house{tab: tab, org: id.New(id.Organization), user: id.New(id.User), reading: func() {}}
	h.rates = &access.Rates{Table: tab, Clock: clock.At(now), PublicPerMinute: 1e6, CallerPerMinute: 1e6, TreePerMinute: 1e6}
	config := httpapi.Config{PublicURL: publicURL, CDNSecret: "of-the-cdn", Table: tab, Rates: h.rates, Clock: clock.At(now),
		Trail: audit.Trail{Keep: time.Hour, Clock: clock.At(now)},
		Gate: &access.Gate{Table: tab, Clock: clock.At(now), KeyGrace: time.Hour,
			Lifetimes: people.Lifetimes{Idle: time.Hour, Administrator: time.Hour, Member: time.Hour}}}
	for _, do := range change {
		do(&config)
	}
	h.furnish(t)
	h.server = httpapi.New(config)
	h.operations()
	return h
}

func (h *house) furnish(t testing.TB) {
	tx := table.NewTx()
	tx.Put(table.AccessKey(h.org), tenant.Access{Type: tenant.Client})
	tx.Put(table.OrganizationKey(h.org), tenant.Organization{ID: h.org, Root: h.org, Type: tenant.Client, Name: "Acme"})
	user := people.User{ID: h.user, Root: h.org, Organization: h.org, Role: id.New(id.Role), Portal: people.AdministratorAccess, Status: people.Active}
	tx.Put(user.Key(), user)
	var hash string
	h.session, hash = secret.New(secret.Session, h.org, h.user)
	tx.Put(table.SessionKey(h.user, hash), people.Session{User: h.user, Method: people.ByPassword, CreatedAt: now.Unix(),
		AuthenticatedAt: now.Unix(), LastSeen: now.Unix(), ExpiresAt: now.Add(time.Hour).Unix()})
	key := people.APIKey{ID: id.New(id.APIKey), Root: h.org, Organization: h.org, Portal: people.AdministratorAccess, LastUsedAt: clock.Format(now)}
	h.key, key.Hash = secret.New(secret.Key, h.org, h.user, key.ID)
	tx.Put(key.Key(), key)
	if err := h.tab.Commit(context.Background(), tx); err != nil {
		t.Fatal(err)
	}
}

// thing is what the house keeps.
type thing struct {
	Name    string `dynamodbav:"name"`
	Version int    `dynamodbav:"version"`
}

type thingOut struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     *struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Secret string `json:"secret,omitempty"`
	}
}

// Forget removes the secret.
func (o *thingOut) Forget() { o.Body.Secret = "" }

func (h *house) show(id string, of thing) *thingOut {
	out := &thingOut{ETag: httpapi.ETag(of.Version), Location: "/v1/organizations/" + h.org + "/things/" + id}
	out.Body = &struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Secret string `json:"secret,omitempty"`
	}{ID: id, Name: of.Name}
	return out
}

type createThing struct {
	Org     string `path:"org"`
	Confirm int    `query:"confirm"`
	Body    struct {
		Name string `json:"name" minLength:"1" maxLength:"20"`
	}
}

type editThing struct {
	httpapi.Match
	Org   string `path:"org"`
	Thing string `path:"thing"`
	Body  struct {
		Name string `json:"name" minLength:"1" maxLength:"20"`
	}
}

type readThing struct {
	Org   string `path:"org"`
	Thing string `path:"thing"`
}

func (h *house) operations() {
	const things = "/v1/organizations/{org}/things"
	httpapi.Change(h.server, httpapi.Operation{ID: "create-thing", Method: "POST", Path: things, Status: 201, Needs: access.EditSettings}, h.create)
	httpapi.Read(h.server, httpapi.Operation{ID: "get-thing", Method: "GET", Path: things + "/{thing}", Needs: access.ReadSettings}, h.get)
	httpapi.Change(h.server, httpapi.Operation{ID: "edit-thing", Method: "PATCH", Path: things + "/{thing}", Needs: access.EditSettings}, h.edit)
	httpapi.Change(h.server, httpapi.Operation{ID: "delete-thing", Method: "DELETE", Path: things + "/{thing}", Status: 204, Needs: access.EditSettings, Delicate: true}, h.remove)
	httpapi.Read(h.server, httpapi.Operation{ID: "forbidden", Method: "GET", Path: "/v1/organizations/{org}/forbidden", Needs: "something.new"},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) { return nil, nil })
	httpapi.Read(h.server, httpapi.Operation{ID: "break", Method: "GET", Path: "/v1/break", Needs: access.Public},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) {
			return nil, errors.New("table tenantry at 10.1.2.3 is on fire")
		})
	httpapi.Read(h.server, httpapi.Operation{ID: "panic", Method: "GET", Path: "/v1/panic", Needs: access.Public},
		func(context.Context, *access.Caller, *struct{}) (*struct{}, error) {
			panic("the programmer was wrong at 10.1.2.3")
		})
}

func (h *house) create(_ context.Context, _ *access.Caller, in *createThing, tx *table.Tx) (*thingOut, error) {
	h.reading()
	made := thing{Name: in.Body.Name, Version: 1}
	out := h.show(id.New(id.Role), made)
	out.Body.Secret = "only once"
	tx.Create(table.RoleKey(in.Org, "name "+made.Name), made, problem.New(problem.Conflict, "name-in-use", "The name is in use."))
	tx.Create(table.RoleKey(in.Org, out.Body.ID), made, table.ErrChanged)
	tx.Count(h.org, "THINGS", 1, nil)
	return out, nil
}

func (h *house) get(ctx context.Context, _ *access.Caller, in *readThing) (*thingOut, error) {
	of, err := h.read(ctx, in.Org, in.Thing)
	return h.show(in.Thing, of), err
}

func (h *house) read(ctx context.Context, org, name string) (of thing, err error) {
	found, err := h.tab.Get(ctx, table.RoleKey(org, name), &of)
	if err == nil && !found {
		err = problem.Missing()
	}
	return of, err
}

func (h *house) edit(ctx context.Context, _ *access.Caller, in *editThing, tx *table.Tx) (*thingOut, error) {
	of, err := h.read(ctx, in.Org, in.Thing)
	if err != nil {
		return nil, err
	}
	if err := in.Check(of.Version); err != nil {
		return nil, err
	}
	h.reading()
	tx.Update(table.Edit(table.RoleKey(in.Org, in.Thing), of.Version).Set("name", in.Body.Name))
	return h.show(in.Thing, thing{in.Body.Name, of.Version + 1}), nil
}

func (h *house) remove(_ context.Context, _ *access.Caller, in *readThing, tx *table.Tx) (*struct{}, error) {
	tx.DeleteExisting(table.RoleKey(in.Org, in.Thing), problem.Missing())
	return nil, nil
}

// count is how many things were made.
func (h *house) count(t testing.TB) int {
	t.Helper()
	counts, err := h.tab.Counts(context.Background(), h.org, "THINGS")
	if err != nil {
		t.Fatal(err)
	}
	return counts["THINGS"]
}

// request is an event in the making.
type request struct {
	method, path, query, body string
	headers                   map[string]string
	cookies                   []string
	base64                    bool
	address                   string
}

func (r request) event() events.APIGatewayV2HTTPRequest {
	event := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: "$default", RawPath: r.path, RawQueryString: r.query, Body: r.body,
		IsBase64Encoded: r.base64, Cookies: r.cookies, Headers: map[string]string{"host": "settings.example.com", "content-type": "application/json"}}
	maps.Copy(event.Headers, r.headers)
	event.RequestContext.DomainName = "settings.example.com"
	event.RequestContext.RequestID = id.New(id.Request)
	event.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: r.method, Path: r.path, SourceIP: r.address}
	if r.address == "" {
		event.RequestContext.HTTP.SourceIP = "192.0.2.7"
	}
	return event
}

// answer is what came back.
type answer struct {
	status  int
	headers map[string]string
	cookies []string
	body    string
	problem httpapi.Details
	request string // its id, as API Gateway gave it
}

// slug is the problem's, without what all types begin with.
func (a answer) slug() string { return strings.TrimPrefix(a.problem.Type, "urn:tenantry:problem:") }

func (h *house) send(t testing.TB, r request) answer {
	t.Helper()
	event := r.event()
	got, err := h.server.Event(context.Background(), event)
	if err != nil {
		t.Fatalf("%s %s: the function failed: %v", r.method, r.path, err)
	}
	a := answer{status: got.StatusCode, headers: got.Headers, cookies: got.Cookies, body: got.Body, request: event.RequestContext.RequestID}
	if strings.HasPrefix(a.headers["Content-Type"], "application/problem+json") {
		if err := json.Unmarshal([]byte(a.body), &a.problem); err != nil || a.problem.Status != a.status || a.problem.Title != http.StatusText(a.status) {
			t.Errorf("%s %s: %d with problem %s (%v)", r.method, r.path, a.status, a.body, err)
		}
	} else if a.status >= 400 {
		t.Errorf("%s %s: %d without a problem document: %s", r.method, r.path, a.status, a.body)
	}
	return a
}

// signed is a request of the administrator by session, to a path below the organization.
func (h *house) signed(method, path, body string, headers ...string) request {
	r := request{method: method, path: "/v1/organizations/" + h.org + path, body: body, cookies: []string{"__Host-tenantry=" + h.session}, headers: map[string]string{}}
	for i := 0; i+1 < len(headers); i += 2 {
		r.headers[headers[i]] = headers[i+1]
	}
	return r
}

// thing makes one and gives its id.
func (h *house) thing(t testing.TB, name string) string {
	t.Helper()
	made := h.send(t, h.signed("POST", "/things", fmt.Sprintf(`{"name": %q}`, name)))
	if made.status != 201 {
		t.Fatalf("make a thing: %d %s", made.status, made.body)
	}
	var body struct{ ID string }
	if err := json.Unmarshal([]byte(made.body), &body); err != nil {
		t.Fatal(err)
	}
	return body.ID
}
