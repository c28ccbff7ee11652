package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func policyOf(org string) string { return "/v1/organizations/" + org + "/authentication" }

func signInsOf(org, user string) string { return policyOf(org) + "/users/" + user }

// aPolicy is the body of a policy.
func aPolicy(passwords bool, secondFactor string, breakGlass ...string) map[string]any {
	return map[string]any{"emailPassword": map[string]bool{"enabled": passwords}, "secondFactor": secondFactor, "breakGlassUserIds": append([]string{}, breakGlass...)}
}

// shownPolicy is an answer with a policy, or the problem that asks for a confirmation.
type shownPolicy struct {
	EmailPassword     struct{ Enabled bool }
	SecondFactor      string
	BreakGlassUserIDs []string
	Administrators    []struct {
		UserID, ConnectionID string
		Ways                 []string
	}
	CleaningJobID string
	Affected      int
	Consequences  []string
}

// turnOff turns email and password off for the tree, by the administrator's key, and gives the answer.
func turnOff(t testing.TB, tree *Tree, breakGlass ...string) (off shownPolicy) {
	t.Helper()
	var asked shownPolicy
	answer := tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators", breakGlass...))
	refusedAs(t, answer, 409, "confirmation-required")
	answer.JSON(t, &asked)
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org)+fmt.Sprint("?confirm=", asked.Affected), aPolicy(false, "administrators", breakGlass...)).Expect(t, 200).JSON(t, &off)
	return off
}

func turnOn(t testing.TB, tree *Tree) {
	t.Helper()
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "administrators")).Expect(t, 200)
}

// cleaned waits until the job of the tree has succeeded.
func cleaned(t testing.TB, tree *Tree, job string) (done int) {
	t.Helper()
	var got struct {
		Status   string
		Progress struct{ Done int }
	}
	if over(t, tree.Admin, jobPath(tree.Org, job), &got); got.Status != "succeeded" {
		t.Fatalf("the job is %+v", got)
	}
	return got.Progress.Done
}

// credentialsOf are the sort keys of what somebody could prove by.
func credentialsOf(t testing.TB, user string) (found []string) {
	t.Helper()
	for sk := range rawTable(t).partition(t, "USER#"+user) {
		if strings.HasPrefix(sk, "CREDENTIAL#") {
			found = append(found, sk)
		}
	}
	return found
}

// withCredentials loads members past the product, each with a password, a second factor, recovery codes and a link, and gives
// their ids.
func withCredentials(t testing.TB, tree *Tree, n int) (ids []string) {
	t.Helper()
	loadMembers(t, tree, n)
	var items []map[string]any
	for sk, user := range rawTable(t).partition(t, "TREE#"+tree.Org) {
		if !strings.HasPrefix(sk, "USER#") || user.text("name") != "Loaded" {
			continue
		}
		id := user.text("id")
		ids = append(ids, id)
		items = append(items, map[string]any{"pk": "USER#" + id, "sk": "CREDENTIAL#password", "hash": "of something", "setAt": "2026-01-01T00:00:00.000Z"})
		if len(ids)%3 == 0 {
			items = append(items, map[string]any{"pk": "USER#" + id, "sk": "CREDENTIAL#totp", "sealed": "something", "lastStep": 1},
				map[string]any{"pk": "USER#" + id, "sk": "CREDENTIAL#recovery", "created": 1},
				map[string]any{"pk": "USER#" + id, "sk": "CREDENTIAL#totp-enrolment", "sealed": "something", "expiresAt": time.Now().Add(time.Hour).Unix()},
				map[string]any{"pk": "USER#" + id, "sk": "CREDENTIAL#reset", "hash": "of something", "expiresAt": time.Now().Add(time.Hour).Unix()})
		}
	}
	rawTable(t).write(t, items)
	return ids
}

func signInByPassword(t testing.TB, p Person, with string) Answer {
	t.Helper()
	return stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": with})
}

func TestAUT2_WithoutPasswordsNobodySignsInByOneAndNothingComesBack(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	protected, plain := withSecondFactor(t, tree), ordinary(t, tree)
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": plain.Email}).Expect(t, 202)
	link := "/v1/session/password-reset/" + mailedToken(t, plain.Email, "password-reset")
	ids := withCredentials(t, tree, 300)
	challenge := challengeOf(t, protected)
	off := turnOff(t, tree, tree.Second.ID)
	if off.EmailPassword.Enabled || off.CleaningJobID == "" || len(off.Administrators) != 1 || off.Administrators[0].UserID != tree.Second.ID || fmt.Sprint(off.Administrators[0].Ways) != "[password]" {
		t.Errorf("answered %+v", off)
	}

	for _, p := range []Person{plain, protected, tree.Admin, tree.Second, tree.SubOne} { // from the first moment on
		p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	}
	for _, p := range []Person{plain, protected, tree.Admin, tree.SubOne} {
		refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	}
	refusedAs(t, stack.Do(t, "POST", link, map[string]string{"password": "another-" + password}), 404, "link-ended")
	refusedAs(t, stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challenge, "code": nextCode(t, protected)}), 401, "challenge-ended")
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200) // keys go on

	if done := cleaned(t, tree, off.CleaningJobID); done < 300 {
		t.Errorf("%d users were done", done)
	}
	for _, user := range append(ids, plain.ID, protected.ID, tree.Admin.ID, tree.Sub.ID) {
		if left := credentialsOf(t, user); len(left) > 0 {
			t.Fatalf("%v of %s is left", left, user)
		}
	}

	turnOn(t, tree)
	for _, p := range []Person{plain, protected, tree.Admin} {
		refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	}
	refusedAs(t, stack.Do(t, "POST", link, map[string]string{"password": "another-" + password}), 404, "link-ended")
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": protected.Email}).Expect(t, 202)
	again := "another-" + password
	stack.Do(t, "POST", "/v1/session/password-reset/"+mailedToken(t, protected.Email, "password-reset"), map[string]string{"password": again}).Expect(t, 204)
	signInByPassword(t, protected, again).Expect(t, 204) // the second factor is gone, and nobody has to have one
	challengeOf(t, tree.Second)                          // who was kept has all that was there
}

func TestAUT2_BreakingTheGlassIsToldToAll(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	turnOff(t, tree, tree.Second.ID)
	answer := stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challengeOf(t, tree.Second), "code": nextCode(t, tree.Second)}).Expect(t, 204)
	second := tree.Second
	if err := second.signedIn(answer); err != nil {
		t.Fatal(err)
	}
	for _, p := range []Person{tree.Admin, tree.Second} {
		comesTrue(t, "an administrator is told that the glass was broken", func() bool {
			for _, mail := range mailsTo(t, p.Email) {
				if strings.Contains(mail.Subject, "break-glass administrator signed in") && strings.Contains(mail.Text, tree.Second.Email) {
					return true
				}
			}
			return false
		})
	}
	// Who is not named any more has nothing left, and nothing comes back for that one either.
	second.Do(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators", tree.Admin.ID)).Expect(t, 409) // who has no password to come in by
	turnOn(t, tree)
	tree.Admin.DoWithKey(t, "POST", signInsOf(tree.Org, tree.Admin.ID)+"/password-reset", nil).Expect(t, 202)
	stack.Do(t, "POST", "/v1/session/password-reset/"+mailedToken(t, tree.Admin.Email, "password-reset"), map[string]string{"password": password}).Expect(t, 204)
	turnOff(t, tree, tree.Admin.ID, tree.Second.ID)
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators", tree.Admin.ID)).Expect(t, 200)
	turnOn(t, tree)
	if left := credentialsOf(t, tree.Second.ID); len(left) > 0 {
		t.Errorf("%v is left of who is not named any more", left)
	}
	refusedAs(t, signInByPassword(t, tree.Second, password), 401, "wrong-credentials")
	signInByPassword(t, tree.Admin, password).Expect(t, 200)
}

// Half of the resets are on their way when the policy comes.
func TestAUT2_AResetThatFinishesAtThatMomentSetsNothing(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	const n = 12
	people, links := make([]Person, n), make([]string, n)
	for i := range n {
		people[i] = ordinary(t, tree)
		stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": people[i].Email}).Expect(t, 202)
		links[i] = "/v1/session/password-reset/" + mailedToken(t, people[i].Email, "password-reset")
	}
	var asked, off shownPolicy
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators", tree.Second.ID)).Expect(t, 409).JSON(t, &asked)
	var group sync.WaitGroup
	for i, link := range links {
		group.Go(func() {
			time.Sleep(time.Duration(i) * 15 * time.Millisecond)
			answer := stack.Do(t, "POST", link, map[string]string{"password": "another-" + password})
			if answer.Status != 204 && answer.Status != 404 {
				t.Errorf("a reset was answered %d %s", answer.Status, answer.Body)
			}
		})
	}
	time.Sleep(60 * time.Millisecond)
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org)+fmt.Sprint("?confirm=", asked.Affected), aPolicy(false, "administrators", tree.Second.ID)).Expect(t, 200).JSON(t, &off)
	group.Wait()
	cleaned(t, tree, off.CleaningJobID)
	turnOn(t, tree)
	for _, p := range people {
		if left := credentialsOf(t, p.ID); len(left) > 0 {
			t.Errorf("%v of %s is left", left, p.Email)
		}
		for _, with := range []string{password, "another-" + password} {
			refusedAs(t, signInByPassword(t, p, with), 401, "wrong-credentials")
		}
	}
}

func TestPER5_APolicyThatLocksEverybodyOutIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators")), 409, "last-administrator")
	for name, id := range map[string]string{"a user": tree.User.ID, "another organization's administrator": tree.Sub.ID, "nobody": fresh("usr")(), "of another tree": newTree(t).Admin.ID} {
		if answer := tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "administrators", id)); answer.Status != 422 {
			t.Errorf("%s as break-glass administrator: %d %s", name, answer.Status, answer.Body)
		}
	}
	tree.Admin.DoWithKey(t, "DELETE", signInsOf(tree.Org, tree.Second.ID)+"/password", nil).Expect(t, 204)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators", tree.Second.ID)), 409, "last-administrator")

	off := turnOff(t, tree, tree.Admin.ID)
	if len(off.Administrators) != 1 {
		t.Errorf("answered %+v", off)
	}
	user := usersOf(tree.Org) + "/" + tree.Admin.ID
	for name, answer := range map[string]Answer{
		"deactivated": tree.Second.DoWithKey(t, "PATCH", user, map[string]string{"status": "inactive"}),
		"demoted":     tree.Second.DoWithKey(t, "PATCH", user, map[string]string{"roleId": tree.Roles[tree.Org].User}),
		"deleted":     tree.Second.DoWithKey(t, "DELETE", user, nil),
		"disabled":    tree.Second.DoWithKey(t, "PATCH", signInsOf(tree.Org, tree.Admin.ID), map[string]bool{"emailPassword": false}),
		"forgotten":   tree.Second.DoWithKey(t, "DELETE", signInsOf(tree.Org, tree.Admin.ID)+"/password", nil),
		"not named":   tree.Second.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators")),
	} {
		if answer.Status != 409 || slug(t, answer) != "last-administrator" {
			t.Errorf("the last one who can sign in is %s: %d %s", name, answer.Status, answer.Body)
		}
	}
	tree.Second.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.Second.ID, map[string]string{"status": "inactive"}).Expect(t, 200) // who cannot, may go
}

func TestAUT1_ThePolicyIsTheMainOrganizations(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	var shown shownPolicy
	answer := tree.Sub.Do(t, "GET", policyOf(tree.Subs[0]), nil).Expect(t, 200)
	answer.JSON(t, &shown)
	if !shown.EmailPassword.Enabled || shown.SecondFactor != "administrators" || strings.Contains(string(answer.Body), tree.Admin.Email) {
		t.Errorf("a suborganization's administrator reads %s", answer.Body)
	}
	to := aPolicy(true, "everyone")
	refusedAs(t, tree.Sub.DoWithKey(t, "PUT", policyOf(tree.Subs[0]), to), 403, "forbidden")
	refusedAs(t, partner.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), to), 403, "forbidden")
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Subs[0]), to), 409, "main-only")
	etag := tree.Admin.Do(t, "GET", policyOf(tree.Org), nil).Expect(t, 200).Header.Get("ETag")
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), to, "If-Match", etag).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "optional"), "If-Match", etag), 412, "stale")
	if next := signInByPassword(t, tree.User, password).Expect(t, 200); !strings.Contains(string(next.Body), "enrol-second-factor") {
		t.Errorf("where everybody needs a second factor a user is answered %s", next.Body)
	}
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "optional")).Expect(t, 200)
	signInByPassword(t, tree.User, password).Expect(t, 204)
	if events := eventsOf(tree.Org, "authentication.changed"); events(t) < 1 {
		t.Error("nothing in the audit")
	}
}

// signingIn is how a user signs in, as the API shows it.
type signingIn struct {
	ID, Email, OrganizationID, LastSignInAt   string
	EmailPassword, SecondFactor               bool
	RequireSecondFactor, SecondFactorRequired bool
	Methods                                   []card
}

type card struct {
	Method, LastSignInAt, LastSignInFrom string
	Role, Phone                          string
	Connection                           *struct{ ID, Name, Provider string }
	Count                                int
	Enabled, PasswordSet, SecondFactor   *bool
}

func signingInOf(t testing.TB, by Person, org, user string) (got signingIn) {
	t.Helper()
	by.DoWithKey(t, "GET", signInsOf(org, user), nil).Expect(t, 200).JSON(t, &got)
	return got
}

func TestAUT4_MembersAreListedByNameAndAddressWithHowTheySignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := withSecondFactor(t, tree)
	var page struct {
		Items      []signingIn
		NextCursor string
	}
	comesTrue(t, "a member is found by the beginning of the address", func() bool {
		tree.Admin.DoWithKey(t, "GET", policyOf(tree.Org)+"/users?sort=address&q="+strings.ToUpper(p.Email[:10]), nil).Expect(t, 200).JSON(t, &page)
		return len(page.Items) == 1
	})
	got := page.Items[0]
	if got.ID != p.ID || !got.EmailPassword || !got.SecondFactor || got.LastSignInAt == "" || got.OrganizationID != tree.Org {
		t.Errorf("listed as %+v", got)
	}
	tree.Sub.DoWithKey(t, "GET", policyOf(tree.Subs[0])+"/users?sort=address", nil).Expect(t, 422)
	comesTrue(t, "all members are listed, page by page", func() bool {
		seen := map[string]bool{}
		for cursor := ""; ; {
			page.NextCursor = ""
			tree.Sub.DoWithKey(t, "GET", policyOf(tree.Subs[0])+"/users?limit=1&cursor="+cursor, nil).Expect(t, 200).JSON(t, &page)
			for _, one := range page.Items {
				seen[one.ID] = true
			}
			if cursor = page.NextCursor; cursor == "" {
				return len(seen) == 2 && seen[tree.Sub.ID] && seen[tree.SubOne.ID]
			}
		}
	})
}

func TestAUT5_ACardForEachConnection(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for provider, want := range map[connection.Provider]card{connection.Entra: {Role: "User", Phone: "+34 600"}, connection.Okta: {}} {
		s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.Name, c.Provider = "Our "+string(provider), provider })
		b := newBrowser()
		s.signIn(t, b, s.invite(t, tree.Roles[tree.Org].User), func(r *samlsptest.Response) {
			r.Assertion.Attributes = append(r.Assertion.Attributes, samlsptest.Attribute{Name: "phone", Values: []string{"+34 600"}})
		}).Expect(t, 303)
		got := signingInOf(t, tree.Admin, tree.Org, b.who(t).ID)
		one := got.Methods[0]
		if len(got.Methods) != 2 || one.Method != "saml" || one.Count != 1 || one.LastSignInAt == "" || one.LastSignInFrom == "" || one.Role != want.Role || one.Phone != want.Phone ||
			one.Connection == nil || one.Connection.ID != s.id || one.Connection.Name != "Our "+string(provider) || one.Connection.Provider != string(provider) {
			t.Errorf("%s: %+v", provider, got)
		}
		counted := rawTable(t).item(t, "USER#"+got.ID, "METHOD#saml") // by another one as well, which was removed since
		counted["count/con_removed"], counted["count"] = 2, 3
		rawTable(t).write(t, []map[string]any{counted})
		if got = signingInOf(t, tree.Admin, tree.Org, got.ID); len(got.Methods) != 3 || got.Methods[0].Connection.ID != s.id || got.Methods[1].Connection.ID != "con_removed" || got.Methods[1].Count != 2 {
			t.Errorf("with a removed one: %+v", got)
		}
	}
}

func TestAUT5_AnAdministratorLooksAfterCredentialsAndSeesNone(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := withSecondFactor(t, tree)
	path := signInsOf(tree.Org, p.ID)
	got := signingInOf(t, tree.Admin, tree.Org, p.ID)
	if len(got.Methods) != 1 || got.Methods[0].Method != "password" || got.Methods[0].Count != 1 || got.Methods[0].LastSignInFrom == "" || !*got.Methods[0].PasswordSet || !*got.Methods[0].SecondFactor {
		t.Fatalf("%+v", got)
	}
	tree.Admin.DoWithKey(t, "DELETE", path+"/second-factor", nil).Expect(t, 204)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	signInByPassword(t, p, password).Expect(t, 204)
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]bool{"requireSecondFactor": true}).Expect(t, 200)
	if next := signInByPassword(t, p, password).Expect(t, 200); !strings.Contains(string(next.Body), "enrol-second-factor") {
		t.Errorf("with a second factor required: %s", next.Body)
	}
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]bool{"emailPassword": false}).Expect(t, 200)
	refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", path+"/password-reset", nil), 403, "passwords-off")
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]bool{"emailPassword": true, "requireSecondFactor": false}).Expect(t, 200)
	signInByPassword(t, p, password).Expect(t, 204)
	tree.Admin.DoWithKey(t, "DELETE", path+"/password", nil).Expect(t, 204)
	refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	if got := signingInOf(t, tree.Admin, tree.Org, p.ID); *got.Methods[0].PasswordSet || got.SecondFactor || got.RequireSecondFactor {
		t.Errorf("without any: %+v", got)
	}
	tree.Admin.DoWithKey(t, "POST", path+"/password-reset", nil).Expect(t, 202)
	stack.Do(t, "POST", "/v1/session/password-reset/"+mailedToken(t, p.Email, "password-reset"), map[string]string{"password": password}).Expect(t, 204)
	signInByPassword(t, p, password).Expect(t, 204)
}

func TestPER2_NobodyTouchesTheCredentialsOfWhoHasMoreRights(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	refused := func(by Person, org, user string, status int) {
		t.Helper()
		path := signInsOf(org, user)
		for _, answer := range []Answer{
			by.DoWithKey(t, http.MethodPost, path+"/password-reset", nil),
			by.DoWithKey(t, http.MethodDelete, path+"/password", nil),
			by.DoWithKey(t, http.MethodDelete, path+"/second-factor", nil),
			by.DoWithKey(t, http.MethodPatch, path, map[string]bool{"emailPassword": false}),
		} {
			if answer.Status != status {
				t.Errorf("%s on %s: %d %s", by.Email, user, answer.Status, answer.Body)
			}
		}
	}
	refused(tree.Sub, tree.Subs[0], tree.Admin.ID, 403) // of the main organization
	refused(tree.Sub, tree.Org, tree.Admin.ID, 403)
	refused(newTree(t).Admin, tree.Org, tree.User.ID, 404)
	refused(tree.Admin, tree.Org, partner.Admin.ID, 404)
	// Others' second factors are the client's own.
	refusedAs(t, partner.Admin.DoWithKey(t, "DELETE", signInsOf(tree.Org, tree.User.ID)+"/second-factor", nil), 403, "forbidden")
	refusedAs(t, tree.Sub.DoWithKey(t, "DELETE", signInsOf(tree.Subs[0], tree.SubOne.ID)+"/second-factor", nil), 403, "forbidden")
	refusedAs(t, tree.Sub.DoWithKey(t, "PATCH", signInsOf(tree.Subs[0], tree.SubOne.ID), map[string]bool{"requireSecondFactor": true}), 403, "forbidden")
	tree.Sub.DoWithKey(t, "PATCH", signInsOf(tree.Subs[0], tree.SubOne.ID), map[string]bool{"emailPassword": false}).Expect(t, 200)
}

// TestAUT2_NoCredentialIsLeftHoweverOftenTheWorkerIsKilled needs a stack of its own: it kills the worker. AUT2_USERS=20000 does it
// with as many users.
func TestAUT2_NoCredentialIsLeftHoweverOftenTheWorkerIsKilled(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree, users := newTree(t), 2000
	if wanted := os.Getenv("AUT2_USERS"); wanted != "" {
		var err error
		if users, err = strconv.Atoi(wanted); err != nil {
			t.Fatalf("AUT2_USERS: %v", err)
		}
	}
	ids := withCredentials(t, tree, users)
	end := killNowAndThen(t)
	began, looked := time.Now(), time.Now()
	off := turnOff(t, tree, tree.Second.ID)
	isOver := func() bool {
		return attribute("TREE#"+tree.Org, "JOB#"+off.CleaningJobID, "status")(t) == "succeeded"
	}
	wake := func() { // what waits for its watch since its message is dead: the watch was set anew by the look before
		looked = looked.Add(11 * time.Minute)
		runs(t, "Due", looked)
	}
	for n := 0; n < 12 && !isOver(); n++ { // below what an account is throttled at
		refusedAs(t, signInByPassword(t, tree.User, password), 401, "wrong-credentials")
		wake()
		time.Sleep(time.Duration(max(1, users/2000)) * time.Second)
	}
	kills := end()
	for n := 0; n < 60 && !isOver(); n++ { // all in all less than the day after which a job is given up
		wake()
		time.Sleep(time.Duration(max(1, users/2000)) * time.Second)
	}
	done := cleaned(t, tree, off.CleaningJobID)
	for _, user := range append(ids, tree.User.ID, tree.Admin.ID) {
		if left := credentialsOf(t, user); len(left) > 0 {
			t.Fatalf("%v of %s is left after %d kills", left, user, kills)
		}
	}
	if len(credentialsOf(t, tree.Second.ID)) != 3 {
		t.Error("the break-glass administrator has lost something")
	}
	t.Logf("%d users done in %v, with %d kills", done, time.Since(began).Round(time.Second), kills)
}
