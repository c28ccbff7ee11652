package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// noKey is the id of a key of our own that no connection has.
const noKey = "0000000000000000000000000000000000000000000000000000000000000000"

// aTest is what these tests read of a test of a connection.
type aTest struct {
	ID, URL, Outcome, Email, NameID, Means, Why, Certificate string
	Current                                                  bool
	User                                                     *struct{ ID, Name, Email string }
	Checks                                                   []struct{ Check, State, Wanted, Change string }
	Attributes                                               []struct {
		Name   string
		Values []string
	}
}

type someKeys struct {
	Items []struct {
		ID    string
		Signs bool
	}
}

// trial begins a test of a connection, outside of any browser.
func (tree *Tree) trial(t testing.TB, org, id string) string {
	t.Helper()
	var made aTest
	tree.Admin.DoWithKey(t, "POST", connectionPath(org, id)+"/tests", nil).Expect(t, 201).JSON(t, &made)
	return made.ID
}

// ownKey makes the two keys of a connection, and gives the id of the second.
func (tree *Tree) ownKey(t testing.TB, org, id string) string {
	t.Helper()
	var keys someKeys
	for range 2 {
		tree.Admin.DoWithKey(t, "POST", connectionPath(org, id)+"/keys", nil).Expect(t, 201).JSON(t, &keys)
	}
	return keys.Items[1].ID
}

var trialChanges = map[string]func(testing.TB, *Tree) situation{
	"start-connection-test": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.complete(t, sub, tree.begin(t, sub, "okta"))
		tests := func(t testing.TB) bool {
			for sk := range rawTable(t).partition(t, "CONNECTION#"+c.ID) {
				if strings.HasPrefix(sk, "TEST#") {
					return true
				}
			}
			return false
		}
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/tests", nil, tests, not(tests))
	},
	"add-connection-key": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.begin(t, sub, "okta")
		made := there("CONNECTION#"+c.ID, "KEYS")
		return byKey(tree.Admin, "POST", connectionPath(sub, c.ID)+"/keys", nil, made, not(made))
	},
	"remove-connection-key": func(t testing.TB, tree *Tree) situation {
		sub := newSub(t, tree)
		c := tree.begin(t, sub, "okta")
		second := tree.ownKey(t, sub, c.ID)
		one := func(t testing.TB) bool {
			keys, _ := rawTable(t).item(t, "CONNECTION#"+c.ID, "KEYS")["keys"].([]any)
			return len(keys) == 1
		}
		return byKey(tree.Admin, "DELETE", connectionPath(sub, c.ID)+"/keys/"+second, nil, one, not(one))
	},
}

// trials are the placeholders of sample events about tests and keys of our own; a test and a key belong to the connection of the
// same event.
func trials(tree *Tree) map[string]func(testing.TB) string {
	newest := ""
	return map[string]func(testing.TB) string{
		"trialConnection": func(t testing.TB) string {
			newest = tree.complete(t, tree.Org, tree.begin(t, tree.Org, "okta")).ID
			return newest
		},
		"trial":  func(t testing.TB) string { return tree.trial(t, tree.Org, newest) },
		"ownKey": func(t testing.TB) string { return tree.ownKey(t, tree.Org, newest) },
	}
}

// of is a connection as these tests speak for its IdP.
func (tree *Tree) of(t testing.TB, org string, c aConnection, d aDomain) *sso {
	t.Helper()
	s := &sso{tree: tree, org: org, id: c.ID, domain: d, key: samlsptest.Key("idp"), issuer: "https://idp.example/" + c.ID}
	s.sp.EntityID, s.sp.ACS, s.sp.Login = c.SP.EntityID, c.SP.ACSURL, c.SP.LoginURL
	return s
}

// started begins a test in a browser.
func (s *sso) started(t testing.TB, b *browser, by Person) (made aTest) {
	t.Helper()
	b.send(t, "POST", connectionPath(s.org, s.id)+"/tests", nil, nil, "Authorization", "Bearer "+by.Key).Expect(t, 201).JSON(t, &made)
	return made
}

func (s *sso) came(t testing.TB, made aTest) (now aTest) {
	t.Helper()
	s.tree.Admin.DoWithKey(t, "GET", connectionPath(s.org, s.id)+"/tests/"+made.ID, nil).Expect(t, 200).JSON(t, &now)
	return now
}

func TestSSO3_AWizardsTestIsARoundTripThatSignsNobodyIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, tree.begin(t, tree.Org, "okta").ID)+"/tests", nil).Expect(t, 409)
	d := tree.verified(t, tree.Org, someDomain())
	c := tree.complete(t, tree.Org, tree.begin(t, tree.Org, "okta"), d.Name)
	s := tree.of(t, tree.Org, c, d)
	address := s.invite(t, tree.Roles[tree.Org].User)
	b := newBrowser()
	made := s.started(t, b, tree.Admin)
	if made.Outcome != "waiting" || made.URL != c.SP.LoginURL+"?test="+made.ID {
		t.Errorf("%+v", made)
	}
	query := "?test=" + url.QueryEscape(made.ID)

	// Whoever gets the link gets nowhere, and the test is as it was.
	stranger := newBrowser()
	if got := stranger.get(t, "/saml/"+c.ID+"/login"+query); got.Status != 403 || got.code() != "another-browser" || len(stranger.cookies) != 0 {
		t.Errorf("%d %s", got.Status, got.code())
	}
	request := s.login(t, b, query)
	page := s.arrive(t, b, s.answer(request, address)).Expect(t, 200)
	if !strings.Contains(string(page.Body), "The test passed") || b.cookies["tenantry"] != "" {
		t.Errorf("%s", page.Body)
	}
	now := s.came(t, made)
	if now.Outcome != "passed" || now.Means != "match" || now.User == nil || now.User.Email != address || now.Email != address || !now.Current || now.Certificate == "" ||
		len(now.Attributes) != 1 || len(now.Checks) < 40 || slices.ContainsFunc(now.Checks, func(c struct{ Check, State, Wanted, Change string }) bool { return c.State != "passed" }) {
		t.Errorf("%+v", now)
	}
	if user := rawTable(t).item(t, "TREE#"+tree.Org, "USER#"+now.User.ID); user.text("status") != "invited" {
		t.Errorf("the test changed the user: %v", user)
	}
	// What passed can be put into force, and then signs in.
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/activate", nil).Expect(t, 200)
	s.signIn(t, newBrowser(), address).Expect(t, 303)

	failed := s.started(t, b, tree.Admin)
	s.arrive(t, b, s.answer(s.login(t, b, "?test="+failed.ID), address, func(r *samlsptest.Response) { r.Assertion.Audiences = []string{"https://else.example"} })).Expect(t, 200)
	now = s.came(t, failed)
	wrong := slices.IndexFunc(now.Checks, func(c struct{ Check, State, Wanted, Change string }) bool { return c.State == "failed" })
	if now.Outcome != "failed" || wrong < 0 || now.Checks[wrong].Check != "meaning.audience" || now.Checks[wrong].Wanted != c.SP.EntityID || now.Checks[wrong].Change == "" {
		t.Errorf("%+v", now)
	}
}

func TestLOG2_OurOwnKeysAreChangedByARotation(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.begin(t, tree.Org, "okta")
	path := connectionPath(tree.Org, c.ID) + "/keys"
	second := tree.ownKey(t, tree.Org, c.ID)
	tree.Admin.DoWithKey(t, "POST", path, nil).Expect(t, 409)
	var keys someKeys
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &keys)
	if len(keys.Items) != 2 || !keys.Items[0].Signs || keys.Items[1].ID != second {
		t.Fatalf("%+v", keys)
	}
	both := string(stack.Do(t, "GET", "/saml/"+c.ID+"/metadata", nil).Expect(t, 200).Body)
	if n := strings.Count(both, "X509Certificate>") / 2; n != 4 { // each for signing and for encryption
		t.Errorf("the metadata has %d certificates", n)
	}
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+keys.Items[0].ID, nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+second, nil).Expect(t, 409)
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+noKey, nil).Expect(t, 404)
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &keys)
	if len(keys.Items) != 1 || !keys.Items[0].Signs || keys.Items[0].ID != second {
		t.Errorf("%+v", keys)
	}
}
