package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/pquerna/otp/totp"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/mail"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/queue"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/secret/secrettest"
	"github.com/tenantry/tenantry/shared/start"
	"github.com/tenantry/tenantry/shared/start/web"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/table/tabletest"
	"github.com/tenantry/tenantry/shared/tenant"
)

// password is everybody's, until it is changed.
const password = "velvet-otter-harbour-93"

// house is the function on a table of its own, with a clock that the test moves.
type house struct {
	*door
	mutex sync.Mutex
	now   time.Time
	calls []string // to the table, since they were last taken
}

type asleep struct{}

func (asleep) Send(context.Context, ...queue.Message) error { return nil }

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Now().UTC().Truncate(time.Hour).Add(time.Minute)} // windows of rates begin and end outside of a test
	config, name := tabletest.Raw(t)
	config.HTTPClient = &listener{house: h, next: http.DefaultClient}
	keyring, log := secrettest.Keyring(t), slog.New(slog.DiscardHandler)
	opened := table.Open(config, name, keyring, h.time)
	services := &start.Services{Table: opened, Keyring: keyring, Passwords: &secret.Passwords{}, Clock: h.time, Log: log,
		Trail: audit.Trail{Keep: time.Hour, Clock: h.time}, Outbox: mail.NewOutbox(opened, keyring, asleep{}, h.time, log),
		Config: start.Config{PublicURL: "https://settings.example.com", SessionIdle: time.Hour, SessionAdministrator: 8 * time.Hour, SessionMember: 24 * time.Hour}}
	h.door = &door{Services: services, server: web.NewServer(services), rates: &access.Rates{Table: opened, Clock: h.time}}
	h.mount()
	return h
}

func (h *house) time() time.Time {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.now
}

func (h *house) wait(d time.Duration) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.now = h.now.Add(d)
}

// listener notes the calls that reach the table.
type listener struct {
	house *house
	next  aws.HTTPClient
}

func (l *listener) Do(r *http.Request) (*http.Response, error) {
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	l.house.mutex.Lock()
	l.house.calls = append(l.house.calls, action)
	l.house.mutex.Unlock()
	return l.next.Do(r)
}

func (h *house) taken() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

// tree is a client with its two roles.
type tree struct {
	root                string
	administrator, user *people.Role
}

func (h *house) tree(t *testing.T) *tree {
	t.Helper()
	tx, o := table.NewTx(), &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	tenant.Create(tx, o, audit.System("test"), h.time())
	made := &tree{root: o.ID}
	made.administrator, made.user = people.NewRoles(tx, o.ID, audit.System("test"), h.time())
	h.commit(t, tx)
	return made
}

func (h *house) commit(t *testing.T, tx *table.Tx) {
	t.Helper()
	if err := h.Table.Commit(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

// invited invites somebody and gives the token of the invitation.
func (h *house) invited(t *testing.T, tree *tree, role *people.Role, email string) (*people.User, string) {
	t.Helper()
	tx := table.NewTx()
	u, token := people.Invite(tx, tree.root, role, people.Person{Name: "Pat Doe", Email: email, Language: "en"}, audit.System("test"), h.time())
	h.commit(t, tx)
	return u, token
}

// member makes somebody without a second factor who has accepted, and gives the session's cookie.
func (h *house) member(t *testing.T, tree *tree, email string) (*people.User, string) {
	t.Helper()
	u, token := h.invited(t, tree, tree.user, email)
	return h.user(t, u), h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(204).cookie("tenantry")
}

// protected makes an administrator with a second factor, and gives its secret and the session's cookie.
func (h *house) protected(t *testing.T, tree *tree, email string) (u *people.User, totpSecret, session string) {
	t.Helper()
	u, token := h.invited(t, tree, tree.administrator, email)
	challenge := h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(200).text("challenge")
	totpSecret = h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(200).text("secret")
	done := h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": h.code(t, totpSecret)}).expect(200)
	h.wait(time.Minute) // past the code that was used
	return h.user(t, u), totpSecret, done.cookie("tenantry")
}

func (h *house) code(t *testing.T, totpSecret string) string {
	t.Helper()
	code, err := totp.GenerateCode(totpSecret, h.time())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// user reads the user as it is now.
func (h *house) user(t *testing.T, u *people.User) *people.User {
	t.Helper()
	now, err := people.ReadUser(t.Context(), h.Table, u.Root, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// edit changes the user as an administrator would.
func (h *house) edit(t *testing.T, u *people.User, change func(*table.Tx, *table.Change, *people.User)) {
	t.Helper()
	tx, now := table.NewTx(), h.user(t, u)
	edit := people.Edit(now, audit.System("test"), h.time())
	change(tx, edit, now)
	tx.Update(edit)
	h.commit(t, tx)
}

type body map[string]string

// answer is what a request got.
type answer struct {
	t *testing.T
	*httptest.ResponseRecorder
}

func (h *house) post(t *testing.T, path string, in any, cookies ...string) answer {
	t.Helper()
	return h.send(t, "198.51.100.7", http.MethodPost, path, in, cookies...)
}

func (h *house) send(t *testing.T, from, method, path string, in any, cookies ...string) answer {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(string(text)))
	r.RemoteAddr = from + ":1"
	if strings.Contains(from, ":") {
		r.RemoteAddr = "[" + from + "]:1"
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", strings.Join(cookies, "; "))
	got := answer{t, httptest.NewRecorder()}
	h.server.ServeHTTP(got.ResponseRecorder, r)
	return got
}

func (a answer) expect(status int) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, not %d: %s", a.Code, status, a.Body)
	}
	return a
}

// problem expects a problem of that name.
func (a answer) problem(slug string) answer {
	a.t.Helper()
	if !strings.Contains(a.Body.String(), `"urn:tenantry:problem:`+slug+`"`) {
		a.t.Fatalf("status %d, not the problem %s: %s", a.Code, slug, a.Body)
	}
	return a
}

func (a answer) text(field string) string {
	a.t.Helper()
	var values map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &values); err != nil {
		a.t.Fatalf("%s: %v", a.Body, err)
	}
	value, _ := values[field].(string)
	return value
}

// cookie is a cookie of the answer, ready to be sent; it fails the test where there is none.
func (a answer) cookie(name string) string {
	a.t.Helper()
	for _, one := range a.Result().Cookies() {
		if one.Name == "__Host-"+name && one.Value != "" {
			return one.Name + "=" + one.Value
		}
	}
	a.t.Fatalf("the answer %d has no cookie %s", a.Code, name)
	return ""
}

// signIn gives address and password.
func (h *house) signIn(t *testing.T, email, password string, cookies ...string) answer {
	t.Helper()
	return h.post(t, "/v1/session/password", body{"email": email, "password": password}, cookies...)
}

// signedIn tells whether the cookie is a session that stands.
func (h *house) signedIn(t *testing.T, cookie string) bool {
	t.Helper()
	return h.send(t, "198.51.100.7", http.MethodGet, "/v1/session", nil, cookie).Code == 200
}
