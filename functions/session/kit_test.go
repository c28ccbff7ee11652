package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/start/starttest"
	"github.com/tenantry/tenantry/shared/start/web"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// password is everybody's, until it is changed.
const password = "velvet-otter-harbour-93"

// house is the function on a table of its own, with a clock that the test moves.
type house struct {
	*door
	*starttest.House
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{House: starttest.New(t)}
	s := h.House.Services
	h.door = &door{Services: s, server: web.NewServer(s), rates: &access.Rates{Table: s.Table, Clock: h.Time}}
	h.mount()
	return h
}

// tree is a client with its two roles.
type tree struct {
	root                string
	administrator, user *people.Role
}

func (h *house) tree(t *testing.T) *tree {
	t.Helper()
	tx, o := table.NewTx(), &tenant.Organization{Type: tenant.Client, Name: "Acme"}
	tenant.Create(tx, o, audit.System("test"), h.Time())
	made := &tree{root: o.ID}
	made.administrator, made.user = people.NewRoles(tx, o.ID, audit.System("test"), h.Time())
	h.Commit(t, tx)
	return made
}

// invited invites somebody and gives the token of the invitation.
func (h *house) invited(t *testing.T, tree *tree, role *people.Role, email string) (*people.User, string) {
	t.Helper()
	tx := table.NewTx()
	u, token := people.Invite(tx, tree.root, role, people.Person{Name: "Pat Doe", Email: email, Language: "en"}, audit.System("test"), h.Time())
	h.Commit(t, tx)
	return u, token
}

// member makes somebody without a second factor who has accepted, and gives the session's cookie.
func (h *house) member(t *testing.T, tree *tree, email string) (*people.User, string) {
	t.Helper()
	u, token := h.invited(t, tree, tree.user, email)
	return h.User(t, u), h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(204).cookie("tenantry")
}

// protected makes an administrator with a second factor, and gives its secret and the session's cookie.
func (h *house) protected(t *testing.T, tree *tree, email string) (u *people.User, totpSecret, session string) {
	t.Helper()
	u, token := h.invited(t, tree, tree.administrator, email)
	challenge := h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(200).text("challenge")
	totpSecret = h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(200).text("secret")
	done := h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": h.code(t, totpSecret)}).expect(200)
	h.Wait(time.Minute) // past the code that was used
	return h.User(t, u), totpSecret, done.cookie("tenantry")
}

func (h *house) code(t *testing.T, totpSecret string) string {
	t.Helper()
	code, err := totp.GenerateCode(totpSecret, h.Time())
	if err != nil {
		t.Fatal(err)
	}
	return code
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
