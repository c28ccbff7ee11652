package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
)

// This file is recovery (LOG-11): the link, whom it lets in, and what the session that it opens does not do.

func recoveryOf(org string) string { return "/v1/organizations/" + org + "/recovery" }

func aRecovery(user string) map[string]string {
	return map[string]string{"userId": user, "reason": "Their identity provider is gone."}
}

// recent is a platform administrator who has just signed in with a second factor, made again when that is some minutes ago.
var recent struct {
	sync.Mutex
	person Person
	at     time.Time
}

func freshPlatform(t testing.TB) Person {
	t.Helper()
	platform(t)
	recent.Lock()
	defer recent.Unlock()
	if time.Since(recent.at) < 5*time.Minute {
		return recent.person
	}
	p, err := newPlatformAdministrator()
	if err != nil {
		t.Fatalf("make a platform administrator: %v", err)
	}
	recent.person, recent.at = p, time.Now()
	return p
}

// recoveryLink has the platform give a new administrator of the tree a link, and reads it in that one's mailbox.
func recoveryLink(t testing.TB, tree *Tree) (token string, p Person) {
	t.Helper()
	p = tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
	return recoveryLinkOf(t, p), p
}

func recoveryLinkOf(t testing.TB, p Person) (token string) {
	t.Helper()
	freshPlatform(t).Do(t, "POST", recoveryOf(p.Org), aRecovery(p.ID)).Expect(t, 202)
	return mailedToken(t, p.Email, "recovery")
}

// recovered is somebody who has come in by such a link.
func recovered(t testing.TB, tree *Tree) Person {
	t.Helper()
	return comeBack(t, tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator))
}

// comeBack lets the person in by such a link.
func comeBack(t testing.TB, p Person) Person {
	t.Helper()
	token := recoveryLinkOf(t, p)
	answer := stack.Do(t, "POST", "/v1/session/recovery/"+token, nil).Expect(t, 204)
	p.Cookie, p.Key = "", ""
	for _, cookie := range (&http.Response{Header: answer.Header}).Cookies() {
		if cookie.Name == "tenantry" {
			if cookie.MaxAge > 3600 {
				t.Errorf("the cookie lasts %d seconds", cookie.MaxAge)
			}
			p.Cookie = cookie.Name + "=" + cookie.Value
		}
	}
	if p.Cookie == "" {
		t.Fatal("no session")
	}
	return p
}

func TestLOG11_ALinkGoesToTheAdministratorAloneAndEverybodyIsTold(t *testing.T) {
	t.Parallel()
	tree, root := newTree(t), freshPlatform(t)
	answer := root.Do(t, "POST", recoveryOf(tree.Org), aRecovery(tree.Second.ID)).Expect(t, 202)
	if strings.Contains(string(answer.Body), "tnt_") {
		t.Errorf("whoever gives it sees the link: %s", answer.Body)
	}
	token := mailedToken(t, tree.Second.Email, "recovery")
	for _, p := range []Person{tree.Admin, tree.Second} {
		awaitMail(t, p.Email, "was given a way back")
	}
	for _, mail := range append(mailsTo(t, tree.Admin.Email), mailsTo(t, root.Email)...) {
		if strings.Contains(mail.Text, "/recovery#") {
			t.Errorf("the link went to others, too: %s", mail.Text)
		}
	}
	given := eventsOf(tree.Org, "recovery.given")
	if given(t) != 1 {
		t.Error("it does not stand in the client's audit")
	}
	stack.Do(t, "POST", "/v1/session/recovery/"+token, nil).Expect(t, 204)
	awaitMail(t, tree.Admin.Email, "came into")
	if eventsOf(tree.Org, "recovery.used")(t) != 1 {
		t.Error("that it was used does not stand in the client's audit")
	}
}

func TestLOG11_WhoGivesALinkAndToWhom(t *testing.T) {
	t.Parallel()
	tree, other, root := newTree(t), newTree(t), freshPlatform(t)
	refusedAs(t, platform(t).DoWithKey(t, "POST", recoveryOf(tree.Org), aRecovery(tree.Second.ID)), 403, "forbidden")
	refusedAs(t, tree.Admin.Do(t, "POST", recoveryOf(tree.Org), aRecovery(tree.Second.ID)), 403, "forbidden")
	refusedAs(t, other.Admin.Do(t, "POST", recoveryOf(tree.Org), aRecovery(tree.Second.ID)), 404, "not-found")
	for name, user := range map[string]string{"a user": tree.User.ID, "a suborganization's": tree.Sub.ID, "another tree's": other.Admin.ID, "nobody": "usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", "none": "x"} {
		if got := root.Do(t, "POST", recoveryOf(tree.Org), aRecovery(user)); got.Status != 422 {
			t.Errorf("%s: %d", name, got.Status)
		}
	}
	refusedAs(t, root.Do(t, "POST", recoveryOf(tree.Subs[0]), aRecovery(tree.Sub.ID)), 409, "wrong-type")
	refusedAs(t, root.Do(t, "POST", recoveryOf(root.Root), aRecovery(root.ID)), 409, "wrong-type")

	stale, err := newPlatformAdministrator()
	if err != nil {
		t.Fatal(err)
	}
	set(t, "USER#"+stale.ID, sessionRow(t, stale), "authenticated", time.Now().Add(-11*time.Minute))
	refusedAs(t, stale.Do(t, "POST", recoveryOf(tree.Org), aRecovery(tree.Second.ID)), 403, "reauthentication-required")
}

func TestLOG11_ALinkWorksOnceAndDiesWithWhatItStandsOn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	open := func(token string) Answer { return stack.Do(t, "POST", "/v1/session/recovery/"+token, nil) }
	token, _ := recoveryLink(t, tree)
	one(t, "coming in", together(20, func(int) Answer { return open(token) }))

	status := func(p Person, to string) {
		tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": to}).Expect(t, 200)
	}
	token, p := recoveryLink(t, tree)
	status(p, "inactive")
	refusedAs(t, open(token), 404, "link-ended")
	status(p, "active")
	refusedAs(t, open(token), 404, "link-ended") // what has ended does not come back

	token, p = recoveryLink(t, tree)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"roleId": tree.Roles[tree.Org].User}).Expect(t, 200)
	refusedAs(t, open(token), 404, "link-ended")

	token, p = recoveryLink(t, tree)
	freshPlatform(t).Do(t, "POST", recoveryOf(tree.Org), aRecovery(p.ID)).Expect(t, 202)
	refusedAs(t, open(token), 404, "link-ended") // replaced

	token, p = recoveryLink(t, tree)
	set(t, "USER#"+p.ID, "CREDENTIAL#recovery-link", "expiresAt", time.Now().Add(-time.Second))
	refusedAs(t, open(token), 404, "link-ended")

	token, p = recoveryLink(t, tree)
	changed, _ := addressLink(t, p)
	stack.Do(t, "POST", "/v1/me/address/"+changed, nil).Expect(t, 204)
	refusedAs(t, open(token), 404, "link-ended") // it went to the mailbox of before

	token, _ = recoveryLink(t, tree)
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/suspend", nil).Expect(t, 204)
	refusedAs(t, open(token), 403, "suspended")
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/resume", nil).Expect(t, 204)
	closeOrganization(t, platform(t), tree.Org)
	refusedAs(t, open(token), 404, "link-ended")
}

// TestLOG11_ASessionForRecoveryReachesWhatItIsForAndNothingElse asks for every operation of the API.
func TestLOG11_ASessionForRecoveryReachesWhatItIsForAndNothingElse(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := recovered(t, tree)
	reached := map[string]int{}
	for _, o := range api(t) {
		if o.Right == "public" {
			continue
		}
		path := strings.ReplaceAll(o.Path, "{org}", tree.Org)
		for strings.Contains(path, "{") { // nothing is there: what is reached answers 404 or 422
			path = path[:strings.Index(path, "{")] + "none" + path[strings.Index(path, "}")+1:]
		}
		if o.ID == "sign-out" {
			continue
		}
		answer := p.Do(t, o.Method, path, nil)
		if strings.Contains(string(answer.Body), "problem:recovery-only") {
			continue
		}
		area := strings.Split(strings.TrimPrefix(o.Path, "/v1/organizations/{org}"), "/")
		reached[strings.Join(area[:min(2, len(area))], "/")]++
		if o.Path == "/v1/organizations/{org}" && o.Method != "GET" || strings.Contains(o.Path, "/scim") {
			t.Errorf("%s is reached: %d %s", o.ID, answer.Status, answer.Body)
		}
	}
	want := []string{"", "/authentication", "/domains", "/jobs", "/roles", "/sso-connections", "/suborganizations", "/users", "/v1"}
	var got []string
	for area := range reached {
		got = append(got, area)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("reached %v, not %v", got, want)
	}
}

func TestLOG11_ASessionForRecoverySetsTheWaysToSignInRight(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	p := accepted(t, s.invite(t, tree.Roles[tree.Org].Administrator), tree.Org, tree.Org)
	s.change(t, func(c *connection.Connection) { c.SSORequired = true })
	turnOff(t, tree) // and the IdP is gone
	p = comeBack(t, p)
	var me struct {
		Recovery, Delicate bool
	}
	p.Do(t, "GET", "/v1/session", nil).Expect(t, 200).JSON(t, &me)
	if !me.Recovery || !me.Delicate {
		t.Errorf("%+v", me)
	}
	p.Do(t, "PUT", policyOf(tree.Org), aPolicy(true, "administrators")).Expect(t, 200)
	p.Do(t, "PATCH", connectionPath(tree.Org, s.id), map[string]any{"ssoRequired": false}).Expect(t, 200)
	p.Do(t, "POST", signInsOf(tree.Org, p.ID)+"/password-reset", nil).Expect(t, 202)
	stack.Do(t, "POST", "/v1/session/password-reset/"+mailedToken(t, p.Email, "password-reset"), map[string]string{"password": password}).Expect(t, 204)
	p.Do(t, "GET", "/v1/session", nil).Expect(t, 401) // a new password ends it, as all others
}

func TestLOG11_ASessionForRecoveryGivesNobodyMoreThanItHas(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := recovered(t, tree)
	refusedAs(t, p.Do(t, "POST", usersOf(tree.Org), map[string]string{"email": unique() + "@acme.example", "name": "X", "roleId": tree.Roles[tree.Org].Administrator}), 403, "recovery-only")
	refusedAs(t, p.Do(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"roleId": tree.Roles[tree.Org].Administrator}), 403, "recovery-only")
	p.Do(t, "POST", usersOf(tree.Org), map[string]string{"email": unique() + "@acme.example", "name": "X", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	refusals := eventsOf(tree.Org, "change.refused")
	before := refusals(t)
	refusedAs(t, p.Do(t, "POST", keysOf(tree.Org), map[string]string{"name": "k", "roleId": tree.Roles[tree.Org].User}), 403, "recovery-only")
	if n := refusals(t); n != before+1 {
		t.Errorf("%d refusals in the audit, not %d", n, before+1)
	}
	refusedAs(t, p.Do(t, "POST", "/v1/session/reauthenticate", map[string]string{"password": password}), 403, "recovery-only")
	refusedAs(t, p.Do(t, "POST", "/v1/me/password", map[string]string{"password": "another-" + password, "current": password}), 403, "recovery-only")
	refusedAs(t, p.Do(t, "GET", "/v1/session/oidc/microsoft/reauthenticate", nil), 403, "recovery-only")
	s := tree.sso(t, tree.Org)
	if got := stack.Do(t, "GET", "/saml/"+s.id+"/login?again=1", nil, "Cookie", p.Cookie); got.Status < 400 {
		t.Errorf("proved again at an IdP: %d", got.Status)
	}

	// An hour is an hour, however much it is used.
	row := recoveryRow(t, p)
	set(t, "USER#"+p.ID, row, "created", time.Now().Add(-61*time.Minute))
	p.Do(t, "GET", "/v1/session", nil).Expect(t, 401)
	set(t, "USER#"+p.ID, row, "created", time.Now().Add(-59*time.Minute))
	p.Do(t, "GET", "/v1/session", nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	p.Do(t, "GET", "/v1/session", nil).Expect(t, 401)
}

// recoveryRow is the sort key of the person's session for recovery.
func recoveryRow(t testing.TB, p Person) (found string) {
	t.Helper()
	for sk, session := range rawTable(t).partition(t, "USER#"+p.ID) {
		if strings.HasPrefix(sk, "SESSION#") && session.text("method") == "recovery" {
			found = sk
		}
	}
	return found
}
