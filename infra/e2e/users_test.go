package e2e

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// aUser is a user as the API shows one.
type aUser struct {
	ID, Name, Email, Department, Language, OrganizationID, RoleID, Status string
	Invitation                                                            *struct{ SentAt, ExpiresAt string }
	CreatedBy, UpdatedBy                                                  struct{ Type, ID, Name, Email string }
}

func usersOf(org string) string { return "/v1/organizations/" + org + "/users" }

// slug is the name of the problem that was answered.
func slug(t testing.TB, answer Answer) string {
	t.Helper()
	var problem struct{ Type string }
	answer.JSON(t, &problem)
	return strings.TrimPrefix(problem.Type, "urn:tenantry:problem:")
}

// refusedAs fails the test unless the answer is that problem.
func refusedAs(t testing.TB, answer Answer, status int, problem string) {
	t.Helper()
	if got := slug(t, answer.Expect(t, status)); got != problem {
		t.Errorf("problem %s, not %s: %s", got, problem, answer.Body)
	}
}

// listOf reads a whole list of users, in pages of two.
func listOf(t testing.TB, by Person, path, query string) (names []string) {
	t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items      []aUser
			NextCursor string
		}
		by.DoWithKey(t, "GET", path+"?limit=2&"+query+cursor, nil).Expect(t, 200).JSON(t, &page)
		for _, u := range page.Items {
			names = append(names, u.Name)
		}
		if page.NextCursor == "" {
			return names
		}
		cursor = "&cursor=" + page.NextCursor
	}
}

func TestUSR2_AUserIsInvitedEditedMovedAndDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	path, email := usersOf(tree.Org), "Bea-"+unique()+"@acme.example"
	answer := tree.Admin.DoWithKey(t, "POST", path, map[string]any{"email": " " + email + " ", "name": " Bea Mora ", "language": "es", "department": "Support",
		"roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	var u aUser
	answer.JSON(t, &u)
	if u.Name != "Bea Mora" || u.Email != email || u.Status != "invited" || u.Invitation == nil || u.CreatedBy.Type != "key" || u.CreatedBy.Name != "test" {
		t.Errorf("invited as %+v", u)
	}
	at := answer.Header.Get("Location")
	if at != path+"/"+u.ID || strings.Contains(string(answer.Body), "tnt_") {
		t.Errorf("at %s: %s", at, answer.Body)
	}
	edited := tree.Admin.Do(t, "PATCH", at, map[string]any{"name": "Bea Mora Gil", "department": ""}, "If-Match", answer.Header.Get("ETag")).Expect(t, 200)
	edited.JSON(t, &u)
	if u.Name != "Bea Mora Gil" || edited.Header.Get("ETag") == answer.Header.Get("ETag") || u.UpdatedBy.Email != tree.Admin.Email {
		t.Errorf("edited to %+v", u)
	}
	refusedAs(t, tree.Admin.Do(t, "PATCH", at, map[string]any{"name": "Other"}, "If-Match", answer.Header.Get("ETag")), 412, "stale")
	sub := tree.Subs[1]
	moved := map[string]any{"name": "Bea", "organizationId": sub, "roleId": tree.Roles[sub].User}
	tree.Admin.Do(t, "PATCH", at, moved).Expect(t, 200).JSON(t, &u)
	if u.OrganizationID != sub || u.RoleID != tree.Roles[sub].User || u.Name != "Bea" {
		t.Errorf("moved to %+v", u)
	}
	inOrder(t, tree.Org)
	tree.Admin.Do(t, "DELETE", at, nil).Expect(t, 204)
	tree.Admin.Do(t, "GET", at, nil).Expect(t, 404)
	inOrder(t, tree.Org)
	tree.Admin.DoWithKey(t, "POST", path, map[string]any{"email": email, "name": "Bea", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
}

func TestUSR2_LeavingAndComingBack(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	at := usersOf(tree.Org) + "/" + tree.Second.ID
	tree.Admin.Do(t, "PATCH", at, map[string]string{"status": "inactive"}).Expect(t, 200)
	tree.Second.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	tree.Second.DoWithKey(t, "GET", at, nil).Expect(t, 200) // its key goes on for some days (LOG-7)
	awaitMail(t, tree.Admin.Email, "will end")
	inOrder(t, tree.Org)
	tree.Admin.Do(t, "PATCH", at, map[string]string{"status": "active"}).Expect(t, 200)
	tree.Second.Do(t, "GET", "/v1/me", nil).Expect(t, 401) // not the sessions of before
	inOrder(t, tree.Org)
	refusedAs(t, tree.Admin.Do(t, "PATCH", at, map[string]string{"status": "inactive", "roleId": tree.Roles[tree.Org].User}), 422, "invalid")
	refusedAs(t, tree.Admin.Do(t, "PATCH", usersOf(tree.Org)+"/"+inviteUser(t, tree), map[string]string{"status": "active"}), 409, "invitation-not-accepted")
}

// inviteUser invites a user who does not accept, and gives the id.
func inviteUser(t testing.TB, tree *Tree) string {
	t.Helper()
	var u aUser
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "i-" + unique() + "@acme.example", "name": "Ida", "roleId": tree.Roles[tree.Org].User}).
		Expect(t, 201).JSON(t, &u)
	return u.ID
}

func TestLOG9_InvitationsAreResentAndRevoked(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	email := inviteOnly(t, tree, tree.Roles[tree.Org].User)
	first := mailedToken(t, email, "invitation")
	at := usersOf(tree.Org) + "/" + strings.Split(first, ".")[1] + "/invitation"
	tree.Admin.Do(t, "POST", at, nil).Expect(t, 200)
	second := first
	comesTrue(t, "another invitation", func() bool { second = mailedToken(t, email, "invitation"); return second != first })
	stack.Do(t, "GET", "/v1/invitations/"+first, nil).Expect(t, 404)
	stack.Do(t, "GET", "/v1/invitations/"+second, nil).Expect(t, 200)
	tree.Admin.Do(t, "DELETE", at, nil).Expect(t, 204)
	stack.Do(t, "GET", "/v1/invitations/"+second, nil).Expect(t, 404)
	tree.Admin.Do(t, "DELETE", at, nil).Expect(t, 404)
	inOrder(t, tree.Org)
	accepted := usersOf(tree.Org) + "/" + tree.User.ID + "/invitation"
	refusedAs(t, tree.Admin.Do(t, "POST", accepted, nil), 409, "invitation-accepted")
	refusedAs(t, tree.Admin.Do(t, "DELETE", accepted, nil), 409, "not-invited")
}

func TestPER2_NobodyReachesBeyondWhatTheyAdminister(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	sub, path := tree.Subs[0], usersOf(tree.Subs[0])
	person := func(role, org string) map[string]any {
		return map[string]any{"email": "n-" + unique() + "@acme.example", "name": "New", "roleId": role, "organizationId": org}
	}
	for name, refused := range map[string]struct {
		method, path string
		body         map[string]any
		status       int
	}{
		"into the main organization":         {"POST", path, person(tree.Roles[tree.Org].User, tree.Org), 403},
		"into the other suborganization":     {"POST", path, person(tree.Roles[tree.Subs[1]].User, tree.Subs[1]), 403},
		"a role of the main organization":    {"POST", path, person(tree.Roles[tree.Org].Administrator, sub), 422},
		"a role of another tree":             {"POST", path, person(other.Roles[other.Org].User, sub), 422},
		"into another tree":                  {"POST", path, person(other.Roles[other.Org].User, other.Org), 422},
		"into nowhere":                       {"POST", path, person(tree.Roles[sub].User, "org_nowhere"), 422},
		"somebody of the main organization":  {"PATCH", path + "/" + tree.User.ID, map[string]any{"name": "Mine"}, 403},
		"somebody of another tree":           {"PATCH", path + "/" + other.User.ID, map[string]any{"name": "Mine"}, 404},
		"moving one's own user out":          {"PATCH", path + "/" + tree.SubOne.ID, map[string]any{"organizationId": tree.Org, "roleId": tree.Roles[tree.Org].User}, 403},
		"under the main organization":        {"GET", usersOf(tree.Org), nil, 403},
		"deleting the tree's administrator":  {"DELETE", path + "/" + tree.Admin.ID, nil, 403},
		"moving without a role":              {"PATCH", path + "/" + tree.SubOne.ID, map[string]any{"organizationId": tree.Subs[1]}, 422},
		"sessions of the main organization":  {"DELETE", "/v1/organizations/" + sub + "/authentication/users/" + tree.User.ID + "/sessions", nil, 403},
		"sessions of somebody of other tree": {"GET", "/v1/organizations/" + sub + "/authentication/users/" + other.User.ID + "/sessions", nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			var body any
			if refused.body != nil {
				body = refused.body
			}
			tree.Sub.Do(t, refused.method, refused.path, body).Expect(t, refused.status)
		})
	}
	tree.Sub.Do(t, "POST", path, person(tree.Roles[sub].Administrator, sub)).Expect(t, 201)
	awaitMail(t, tree.Admin.Email, "new administrator") // PER-7
	inOrder(t, tree.Org)
	inOrder(t, other.Org)
}

func TestUSR1_UsersAreListedByNameAndByAddress(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	mark := unique()
	for i, name := range []string{"Zoë " + mark, "Ána " + mark, "ana maría " + mark} {
		tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": fmt.Sprintf("%s-%d@acme.example", mark, i), "name": name,
			"roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	}
	eventually(t, []string{"ana maría " + mark}, func() []string { return listOf(t, tree.Admin, usersOf(tree.Org), "q=ANA%20") })
	eventually(t, []string{"Zoë " + mark, "Ána " + mark, "ana maría " + mark}, func() []string {
		return listOf(t, tree.Admin, usersOf(tree.Org), "sort=address&q="+strings.ToUpper(mark))
	})
	eventually(t, []string{"ana maría " + mark, "Zoë " + mark, "Ána " + mark}, func() []string {
		return listOf(t, tree.Admin, usersOf(tree.Org), "status=invited")
	})
	if got := listOf(t, tree.Admin, usersOf(tree.Org), "roleId=rol_none"); len(got) != 0 {
		t.Errorf("with no such role: %q", got)
	}
	refusedAs(t, tree.Sub.Do(t, "GET", usersOf(tree.Subs[0])+"?sort=address", nil), 422, "invalid")
	var page struct{ NextCursor string }
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"?limit=1", nil).Expect(t, 200).JSON(t, &page)
	for _, path := range []string{usersOf(tree.Subs[0]) + "?", usersOf(tree.Org) + "?status=active&", usersOf(tree.Org) + "?sort=address&"} {
		refusedAs(t, tree.Admin.DoWithKey(t, "GET", path+"cursor="+page.NextCursor, nil), 422, "invalid")
	}
}

func TestUSR1_TheListAndTheFilesSayWhoSignsInByPassword(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	shown := func(by Person, p Person) bool {
		var u struct{ EmailPassword bool }
		by.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+p.ID, nil).Expect(t, 200).JSON(t, &u)
		return u.EmailPassword
	}
	tree.Admin.DoWithKey(t, "PATCH", signInsOf(tree.Org, tree.User.ID), map[string]bool{"emailPassword": false}).Expect(t, 200)
	if shown(tree.Admin, tree.User) || !shown(tree.Admin, tree.Second) || shown(platform(t), tree.User) || !shown(platform(t), tree.Second) {
		t.Error("who is disabled is shown as enabled, or the other way round")
	}
	text, _ := roster(t, tree.Admin, tree.Org, "csv")
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	email, at := slices.Index(rows[0], "email"), slices.Index(rows[0], "emailPassword")
	for _, row := range rows[1:] {
		if want := map[bool]string{true: "disabled", false: "enabled"}[row[email] == tree.User.Email]; row[at] != want {
			t.Errorf("%s is %s", row[email], row[at])
		}
	}
}

func TestLOG6_AnAdministratorEndsSomebodysSessions(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	path := "/v1/organizations/" + tree.Org + "/authentication/users/" + tree.User.ID + "/sessions"
	count := func() int {
		var page struct {
			Items []struct{ ID, Method string }
		}
		answer := tree.Admin.Do(t, "GET", path, nil).Expect(t, 200)
		answer.JSON(t, &page)
		if strings.Contains(string(answer.Body), "tnt_") {
			t.Errorf("a token is shown: %s", answer.Body)
		}
		return len(page.Items)
	}
	if n := count(); n != 1 {
		t.Errorf("%d sessions", n)
	}
	tree.Admin.Do(t, "DELETE", path, nil).Expect(t, 204)
	tree.User.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	if n := count(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestUsersRefuseBadInput(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	role := tree.Roles[tree.Org].User
	before := len(rawTable(t).partition(t, "TREE#"+tree.Org))
	for name, bad := range map[string]struct {
		body    any
		status  int
		problem string
	}{
		"an unknown field":   {map[string]any{"email": "x@acme.example", "name": "X", "roleId": role, "admin": true}, 422, "unknown-field"},
		"a wrong type":       {map[string]any{"email": 7, "name": "X", "roleId": role}, 422, "invalid"},
		"broken JSON":        {`{"email": `, 400, "malformed-json"},
		"no address":         {map[string]any{"email": "Ana <ana@acme.example>", "name": "X", "roleId": role}, 422, "invalid"},
		"an empty name":      {map[string]any{"email": "x@acme.example", "name": "  ", "roleId": role}, 422, "invalid"},
		"an unknown tongue":  {map[string]any{"email": "x@acme.example", "name": "X", "roleId": role, "language": "tlh"}, 422, "invalid"},
		"no role":            {map[string]any{"email": "x@acme.example", "name": "X"}, 422, "invalid"},
		"no such role":       {map[string]any{"email": "x@acme.example", "name": "X", "roleId": "rol_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}, 422, "invalid"},
		"an address in use":  {map[string]any{"email": strings.ToUpper(tree.User.Email), "name": "X", "roleId": role}, 409, "address-in-use"},
		"a body of 3 MB":     {map[string]any{"email": "x@acme.example", "name": strings.Repeat("x", 3<<20), "roleId": role}, 413, "too-large"},
		"a line in the name": {map[string]any{"email": "x@acme.example", "name": "X\nBcc: y", "roleId": role}, 422, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			refusedAs(t, tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), bad.body), bad.status, bad.problem)
		})
	}
	if after := len(rawTable(t).partition(t, "TREE#"+tree.Org)); after != before {
		t.Errorf("%d items became %d", before, after)
	}
}

// together sends n requests at once and gives the answers' statuses, counted.
func together(n int, send func(i int) Answer) map[int]int {
	var group sync.WaitGroup
	answers := make([]Answer, n)
	for i := range n {
		group.Go(func() { answers[i] = send(i) })
	}
	group.Wait()
	statuses := map[int]int{}
	for _, answer := range answers {
		statuses[answer.Status]++
	}
	return statuses
}

func TestAPI3_OneOf32WritersWithOneETagWins(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	at := usersOf(tree.Org) + "/" + tree.User.ID
	etag := tree.Admin.DoWithKey(t, "GET", at, nil).Expect(t, 200).Header.Get("ETag")
	statuses := together(32, func(i int) Answer {
		return tree.Admin.DoWithKey(t, "PATCH", at, map[string]string{"name": fmt.Sprint("Writer ", i)}, "If-Match", etag)
	})
	if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 31 {
		t.Errorf("answered %v", statuses)
	}
}

func TestPER5_TwoLastAdministratorsNeverBothDemoteEachOther(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	pair := []Person{tree.Admin, tree.Second}
	roles := tree.Roles[tree.Org]
	for round := range 50 {
		statuses := together(2, func(i int) Answer {
			return pair[i].DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+pair[1-i].ID, map[string]string{"roleId": roles.User})
		})
		if statuses[200] != 1 || statuses[409] != 1 {
			t.Fatalf("round %d was answered %v", round, statuses)
		}
		for _, p := range pair {
			platform(t).DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"roleId": roles.Administrator}).Expect(t, 200)
		}
	}
	inOrder(t, tree.Org)
}

func TestPER5_TheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	at := usersOf(tree.Org) + "/" + tree.Admin.ID
	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+tree.Second.ID, nil).Expect(t, 204)
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", at, nil), 409, "last-administrator")
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", at, map[string]string{"status": "inactive"}), 409, "last-administrator")
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", at, map[string]string{"roleId": tree.Roles[tree.Org].User}), 409, "last-administrator")
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", at, map[string]string{"organizationId": tree.Subs[0], "roleId": tree.Roles[tree.Subs[0]].Administrator}), 409, "last-administrator")
	inOrder(t, tree.Org)
}

func TestGEN3_SixteenCreateAndRemoveUsersOfOneOrganization(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree := newTree(t)
	const writers, rounds = 16, 12
	requests, conflicts := 0, 0
	var mutex sync.Mutex
	count := func(answer Answer) {
		calls := allCallsOf(t, answer)
		mutex.Lock()
		defer mutex.Unlock()
		requests++
		for _, call := range calls {
			if slices.Contains(call.Reasons, "TransactionConflict") {
				conflicts++
			}
		}
	}
	statuses := together(writers, func(int) Answer {
		var last Answer
		for range rounds {
			made := tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "c-" + unique() + "@acme.example", "name": "Come",
				"roleId": tree.Roles[tree.Org].User})
			count(made)
			if made.Status != 201 {
				return made
			}
			if last = tree.Admin.DoWithKey(t, "DELETE", made.Header.Get("Location"), nil); last.Status != 204 {
				return last
			}
			count(last)
		}
		return last
	})
	if statuses[204] != writers {
		t.Errorf("answered %v", statuses)
	}
	if rate := float64(conflicts) / float64(requests); rate >= 0.2 {
		t.Errorf("%d conflicts in %d requests: %.2f a request", conflicts, requests, rate)
	}
	inOrder(t, tree.Org)
}
