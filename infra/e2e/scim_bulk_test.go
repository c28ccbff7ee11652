package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// aBulkResult is an operation of the answer to a bulk.
type aBulkResult struct {
	Method, BulkID, Version, Location, Status string
	Response                                  aSCIMUser
}

// bulk sends operations, and gives what became of them.
func (i *idp) bulk(t testing.TB, failOnErrors int, operations ...string) []aBulkResult {
	t.Helper()
	var answer struct{ Operations []aBulkResult }
	i.call(t, "POST", "/Bulk", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":%d,"Operations":[%s]}`,
		failOnErrors, strings.Join(operations, ","))).Expect(t, 200).JSON(t, &answer)
	return answer.Operations
}

func statuses(results []aBulkResult) string {
	all := make([]string, len(results))
	for n, one := range results {
		all[n] = one.Status
	}
	return strings.Join(all, " ")
}

func (i *idp) bulkPerson(id, name string) string {
	return `{"method":"POST","path":"/Users","bulkId":"` + id + `","data":` + i.person(name+"@"+i.domain) + `}`
}

// members are the ids of who is in the group that is at the location.
func (i *idp) membersAt(t testing.TB, location string) (members []string) {
	t.Helper()
	var group struct{ Members []struct{ Value string } }
	_, path, _ := strings.Cut(location, "/scim/v2/"+i.id)
	i.call(t, "GET", path, "").Expect(t, 200).JSON(t, &group)
	for _, one := range group.Members {
		members = append(members, one.Value)
	}
	return members
}

func TestSCIM3_39_ABulkDoesOneOperationAfterTheOther(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	var there struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Sam", "email": "sam@" + i.domain, "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &there)
	old := i.bring(t, "old@"+i.domain)
	results := i.bulk(t, 0,
		`{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Staff","members":[{"value":"bulkId:a"},{"value":"bulkId:sam"}]}}`,
		i.bulkPerson("a", "ann"),
		i.bulkPerson("sam", "sam"), // who is taken over, with the id that is there
		i.bulkPerson("twice", "OLD"),
		`{"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"add","path":"members","value":[{"value":"`+old.ID+`"}]}]}}`,
		`{"method":"PUT","path":"/Users/`+old.ID+`","version":"W/\"99\"","data":`+i.person("old@"+i.domain)+`}`,
		`{"method":"DELETE","path":"/Users/usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}`)
	if got := statuses(results); got != "201 201 201 409 204 412 404" {
		t.Fatalf("%s: %+v", got, results)
	}
	if got := results[3]; got.Location != "" || got.BulkID != "twice" || got.Response.SCIMType != "uniqueness" || got.Response.Detail == "" {
		t.Errorf("refused: %+v", got)
	}
	if got := results[2].Location; !strings.HasSuffix(got, "/Users/"+there.ID) {
		t.Errorf("taken over as %s", got)
	}
	if members := i.membersAt(t, results[0].Location); len(members) != 3 || !strings.Contains(fmt.Sprint(members), there.ID) || !strings.Contains(fmt.Sprint(members), old.ID) {
		t.Errorf("members %v", members)
	}
	if got := results[1].Version; got != `W/"1"` {
		t.Errorf("created as %s", got)
	}
	if got := results[4]; got.Location != results[0].Location || got.Method != "PATCH" {
		t.Errorf("changed: %+v", got)
	}
	log := 0
	for _, line := range rawTable(t).partition(t, "LOG#"+i.id+"#SCIM") {
		if line.text("path") != "/Bulk" {
			log++
		}
	}
	if log != 1+7+1 {
		t.Errorf("%d operations in the log", log)
	}
	inOrder(t, tree.Org)
}

func TestSCIM3_39_ABulkEndsAfterSoManyErrors(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	gone := `{"method":"DELETE","path":"/Users/usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}`
	if got := statuses(i.bulk(t, 2, gone, i.bulkPerson("a", "ann"), gone, i.bulkPerson("b", "bob"))); got != "404 201 404" {
		t.Error(got)
	}
	if found := i.list(t, ""); found.TotalResults != 1 {
		t.Errorf("%d users", found.TotalResults)
	}
	all := make([]string, 101)
	for n := range all {
		all[n] = gone
	}
	i.refused(t, i.call(t, "POST", "/Bulk", `{"Operations":[`+strings.Join(all, ",")+`]}`), 413, "")
	i.refused(t, i.call(t, "POST", "/Bulk", `{}`), 400, "invalidSyntax")
	if got := statuses(i.bulk(t, 0, all[:100]...)); got != strings.TrimSpace(strings.Repeat("404 ", 100)) {
		t.Error(got)
	}
}
