package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

var requestID = regexp.MustCompile(`req_[0-9A-Z]{26}`)

// seen is all that somebody outside can tell about an answer, and what it cost.
type seen struct {
	Status int
	Header http.Header
	Body   string
	Calls  []string
	Runs   int64
}

func TestLOG1NothingTellsWhetherAnAccountExists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme, suspendedTree, closedTree := h.tree(t), h.tree(t), h.tree(t)
	h.member(t, acme, "normal@acme.example")
	h.protected(t, acme, "protected@acme.example")
	h.invited(t, acme, acme.user, "invited@acme.example")
	disabled, _ := h.member(t, acme, "disabled@acme.example")
	h.Edit(t, disabled, func(tx *table.Tx, edit *table.Change, u *people.User) { people.Deactivate(tx, edit, u, h.Time()) })
	passwordless, _ := h.member(t, acme, "passwordless@acme.example")
	tx := table.NewTx()
	tx.Delete(people.PasswordKey(passwordless.ID), 0)
	h.member(t, suspendedTree, "suspended@acme.example")
	tx.Update(table.Touch(table.AccessKey(suspendedTree.root)).Set("suspended", true))
	h.member(t, closedTree, "closed@acme.example")
	tenant.Close(tx, closedTree.root, &tenant.Access{}, h.Time(), h.Time().Add(time.Hour))
	h.Commit(t, tx)

	ask := func(path, who string) seen {
		h.Taken()
		before := h.Passwords.Runs()
		got := h.post(t, path, body{"email": who + "@acme.example", "password": "some-other-pass-phrase"})
		if path != "/v1/session/password" {
			got = h.post(t, path, body{"email": who + "@acme.example"})
		}
		header := got.Header().Clone()
		header.Del("X-Request-Id")
		return seen{got.Code, header, requestID.ReplaceAllString(got.Body.String(), "req"), h.Taken(), h.Passwords.Runs() - before}
	}
	for path, runs := range map[string]int64{"/v1/session/discover": 0, "/v1/session/password": 1, "/v1/session/password-reset": 0} {
		want := ask(path, "unknown")
		if want.Runs != runs {
			t.Errorf("%s ran argon2id %d times for nobody, not %d", path, want.Runs, runs)
		}
		for _, who := range []string{"normal", "protected", "invited", "disabled", "passwordless", "suspended", "closed", "nobody-else"} {
			if diff := cmp.Diff(want, ask(path, who)); diff != "" {
				t.Errorf("%s tells %s from unknown: %s", path, who, diff)
			}
		}
	}
}

func TestLOG6APasswordOpensASessionThatSigningOutEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.member(t, h.tree(t), "Pat@Acme.example")
	got := h.signIn(t, " pat@acme.EXAMPLE", password).expect(204)
	for _, cookie := range got.Result().Cookies() {
		if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || !strings.HasPrefix(cookie.Name, "__Host-") {
			t.Errorf("cookie %s", cookie)
		}
	}
	session := got.cookie("tenantry")
	if again := h.signIn(t, "pat@acme.example", password).cookie("tenantry"); again == session {
		t.Error("two sign-ins got one token")
	}
	who := h.send(t, "198.51.100.7", http.MethodGet, "/v1/session", nil, session).expect(200)
	if who.text("email") != "Pat@Acme.example" || who.text("type") != "user" {
		t.Errorf("who am I: %s", who.Body)
	}
	h.send(t, "198.51.100.7", http.MethodDelete, "/v1/session", nil, session).expect(204)
	if h.signedIn(t, session) {
		t.Error("the session outlived signing out")
	}
}

func TestLOG8SignInsAreCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, _ := h.member(t, h.tree(t), "pat@acme.example")
	h.signIn(t, "pat@acme.example", password).expect(204)
	var method struct {
		Count    int    `dynamodbav:"count"`
		LastFrom string `dynamodbav:"lastFrom"`
	}
	if _, err := h.Table.Get(t.Context(), table.MethodKey(u.ID, "password"), &method); err != nil {
		t.Fatal(err)
	}
	if method.Count != 2 || method.LastFrom != "198.51.100.7" {
		t.Errorf("%+v", method)
	}
}

func TestGEN5ASuspendedTreeIsToldSoAfterTheRightPasswordOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	h.member(t, acme, "pat@acme.example")
	tx := table.NewTx()
	tx.Update(table.Touch(table.AccessKey(acme.root)).Set("suspended", true))
	h.Commit(t, tx)
	h.signIn(t, "pat@acme.example", password).expect(403).problem("suspended")
	h.signIn(t, "pat@acme.example", password+"!").expect(401).problem("wrong-credentials")
}

func TestLOG5AnAttackerIsSlowedAndTheOwnersDeviceIsNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	h.member(t, acme, "pat@acme.example")
	h.member(t, acme, "sam@acme.example")
	device := h.signIn(t, "pat@acme.example", password).cookie("tenantry-device")
	elsewhere := h.signIn(t, "sam@acme.example", password).cookie("tenantry-device")

	statuses := make(chan int, 40)
	for range cap(statuses) {
		go func() { statuses <- h.signIn(t, "pat@acme.example", "a-guess-after-another").Code }()
	}
	counted := map[int]int{}
	for range cap(statuses) {
		counted[<-statuses]++
	}
	if counted[401] != triesOfAccount-1 || counted[401]+counted[429] != cap(statuses) {
		t.Errorf("guesses at the same time were answered %v", counted)
	}
	slow := h.signIn(t, "pat@acme.example", password).expect(429)
	if slow.Header().Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	for name, cookie := range map[string]string{"another account's": elsewhere, "a forged": device[:len(device)-4] + "AAAA", "none": ""} {
		if got := h.signIn(t, "pat@acme.example", password, cookie); got.Code != 429 {
			t.Errorf("with %s device: %d", name, got.Code)
		}
	}
	h.signIn(t, "pat@acme.example", password, device).expect(204)
	h.Wait(window)
	h.signIn(t, "pat@acme.example", password).expect(204)
}

func TestLOG5ANetworkThatTriesManyAccountsIsSlowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.member(t, h.tree(t), "pat@acme.example")
	device := h.signIn(t, "pat@acme.example", password).cookie("tenantry-device")
	tx := table.NewTx()
	number := h.Time().UnixNano() / int64(window)
	for _, network := range []string{"2001:db8:1:2::/64", "198.51.100.7"} {
		tx.Put(table.RateKey("network/"+network, number), map[string]int64{"n": triesOfNetwork, "expiresAt": h.Time().Add(time.Hour).Unix()})
	}
	h.Commit(t, tx)
	in := body{"email": "pat@acme.example", "password": password}
	for from, want := range map[string]int{"2001:db8:1:2::9": 429, "2001:db8:1:3::9": 204, "198.51.100.7": 429, "198.51.100.8": 204} {
		if got := h.send(t, from, http.MethodPost, "/v1/session/password", in); got.Code != want {
			t.Errorf("from %s: %d, not %d", from, got.Code, want)
		}
	}
	h.send(t, "198.51.100.7", http.MethodPost, "/v1/session/password", in, device).expect(204)
}
