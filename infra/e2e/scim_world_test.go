package e2e

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/scim"
)

// idp is the identity provider of a connection with SCIM on, with a token.
type idp struct {
	tree   *Tree
	id     string
	domain string
	token  aSCIMToken
	due    string // when the first sync by the schedule would have been
}

// idp makes a connection of the tree's main organization that provisions, for a domain of its own.
func (tree *Tree) idp(t testing.TB, outsiders bool) *idp {
	t.Helper()
	d := tree.verified(t, tree.Org, someDomain())
	c := tree.active(t, tree.Org, d.Name)
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"ssoRequired": false}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, c.ID), map[string]any{"acceptOutsiders": outsiders}).Expect(t, 200)
	i := &idp{tree: tree, id: c.ID, domain: d.Name, token: tree.scimToken(t, c.ID)}
	i.due = rawTable(t).item(t, i.timer(), "TIMER").text("due")
	rawTable(t).fallsDue(t, i.timer(), time.Now().Add(23*time.Hour)) // and not meanwhile, by what other tests have done that is due
	return i
}

// timer is the partition of the connection's next sync by the schedule.
func (i *idp) timer() string { return "TIMER#sync#" + i.id }

// call calls the server as the IdP does; body is JSON.
func (i *idp) call(t testing.TB, method, path, body string, headers ...string) Answer {
	t.Helper()
	headers = append([]string{"Authorization", "Bearer " + i.token.Token, "Content-Type", "application/scim+json; charset=utf-8"}, headers...)
	var sent any
	if body != "" {
		sent = body
	}
	answer := stack.Do(t, method, "/scim/v2/"+i.id+path, sent, headers...)
	if kind := answer.Header.Get("Content-Type"); len(answer.Body) > 0 && kind != scim.ContentType && answer.Status != 502 { // of a function that was killed
		t.Errorf("%s %s is answered as %q: %s", method, path, kind, answer.Body)
	}
	return answer
}

// aSCIMUser is what these tests read of a user or an error.
type aSCIMUser struct {
	ID, UserName, ExternalID, DisplayName string
	Schemas                               []string
	Active                                bool
	Name                                  struct{ GivenName, FamilyName string }
	Emails                                []struct{ Value, Type string }
	Meta                                  struct{ ResourceType, Created, LastModified, Location, Version string }
	Status, Detail, SCIMType              string
}

// aSCIMList is what they read of a list.
type aSCIMList struct {
	Schemas                                []string
	TotalResults, StartIndex, ItemsPerPage int
	NextCursor                             string
	Resources                              []aSCIMUser
}

// person is a user as Okta creates one.
func (i *idp) person(name string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `","name":{"givenName":"Ada","familyName":"Byron"},` +
		`"emails":[{"primary":true,"value":"` + name + `","type":"work"}],"displayName":"Ada Byron","locale":"en-US","externalId":"ext-` + name + `","groups":[],"password":"1mz050nq","active":true}`
}

// bring creates a user, and gives it.
func (i *idp) bring(t testing.TB, name string) (u aSCIMUser) {
	t.Helper()
	i.call(t, "POST", "/Users", i.person(name)).Expect(t, 201).JSON(t, &u)
	return u
}

func (i *idp) list(t testing.TB, query string) (list aSCIMList) {
	t.Helper()
	i.call(t, "GET", "/Users"+query, "").Expect(t, 200).JSON(t, &list)
	return list
}

// patch sends operations.
func (i *idp) patch(t testing.TB, id, operations string) Answer {
	t.Helper()
	return i.call(t, "PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`)
}

// refused expects a refusal in SCIM's form.
func (i *idp) refused(t testing.TB, answer Answer, status int, kind string) {
	t.Helper()
	var e aSCIMUser
	if err := json.Unmarshal(answer.Body, &e); err != nil || answer.Status != status || e.SCIMType != kind || e.Detail == "" || e.Status != strconv.Itoa(status) {
		t.Errorf("answered %d %s, not %d %s", answer.Status, answer.Body, status, kind)
	}
}

// stored is a user of the tree as the table has it.
func (i *idp) stored(t testing.TB, id string) row {
	t.Helper()
	return rawTable(t).item(t, "TREE#"+i.tree.Org, "USER#"+id)
}
