package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSCI10_HostileInputIsRefusedInGoodTime sends each endpoint that takes a body what would be costly to read, and expects SCIM's error.
func TestSCI10_HostileInputIsRefusedInGoodTime(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	deep := `{"userName":"a","displayName":"a","Operations":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + `}`
	bodies := map[string]string{
		"10,000 lists deep": deep, "10,000 objects deep": strings.Repeat(`{"a":`, 10_000) + `1` + strings.Repeat(`}`, 10_000), "a name twice": `{"userName":"a","USERNAME":"b"}`,
		"a filter of 100 KB": `{"filter":"` + strings.Repeat(`not (`, 10_000) + `active pr` + strings.Repeat(`)`, 10_000) + strings.Repeat(` or id pr`, 5_000) + `"}`,
		"bad UTF-8":          "{\"userName\":\"\xff\xfe\"}", "half a character": `{"userName":"\ud800"}`, "cut off": `{"userName":`, "4 MB and more": `{"userName":"` + strings.Repeat("x", 4<<20) + `"}`,
	}
	user, group := i.bring(t, "ada@"+i.domain).ID, i.group(t, "Guides").ID
	for _, at := range []string{"POST /Users", "PUT /Users/" + user, "PATCH /Users/" + user, "POST /Groups", "PUT /Groups/" + group, "PATCH /Groups/" + group, "POST /Bulk", "POST /.search", "POST /Users/.search", "POST /Groups/.search"} {
		for what, body := range bodies {
			method, path, _ := strings.Cut(at, " ")
			began := time.Now()
			answer := i.call(t, method, path, body)
			if answer.Status != 400 && answer.Status != 413 || !strings.Contains(string(answer.Body), `"urn:ietf:params:scim:api:messages:2.0:Error"`) || time.Since(began) > 10*time.Second {
				t.Errorf("%s with %s: %d %.300s after %v", at, what, answer.Status, answer.Body, time.Since(began))
			}
		}
	}
	began := time.Now()
	if answer := stack.Do(t, "POST", "/scim/v2/"+i.id+"/Users", strings.Repeat("x", 10<<20), "Authorization", "Bearer "+i.token.Token); answer.Status != 413 || time.Since(began) > 10*time.Second {
		t.Errorf("10 MB, which no function sees: %d after %v", answer.Status, time.Since(began)) // API Gateway's limit, and its answer
	}
	inOrder(t, i.tree.Org)
}

// TestSCI10_AnIdThatIsTooLongForOneIsNobodys asks for ids that no key of the table could hold.
func TestSCI10_AnIdThatIsTooLongForOneIsNobodys(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	ada := i.bring(t, "ada@"+i.domain).ID
	group := i.group(t, "Guides", ada).ID
	for _, long := range []string{strings.Repeat("x", 1_021), "usr_" + strings.Repeat("0", 3_000), "grp_" + strings.Repeat("0", 3_000)} {
		filter := "?filter=" + url.QueryEscape(`id eq "`+long+`"`)
		if got := i.list(t, filter); got.TotalResults != 0 {
			t.Errorf("%d users have the id", got.TotalResults)
		}
		if got := i.listGroups(t, filter); got.TotalResults != 0 {
			t.Errorf("%d groups have the id", got.TotalResults)
		}
		if got := i.list(t, "?filter="+url.QueryEscape(`id eq "`+long+`" or id eq "`+ada+`"`)); got.TotalResults != 1 {
			t.Errorf("with somebody else's, %d users are found", got.TotalResults)
		}
		if got := i.groupsBy(t, `members eq "`+long+`"`); len(got) != 0 {
			t.Errorf("a member of %d groups", len(got))
		}
		for _, path := range []string{"/Users/" + long, "/Groups/" + long} {
			i.call(t, "GET", path, "").Expect(t, 404)
		}
		i.regroup(t, group, `{"op":"remove","path":"members[value eq \"`+long+`\"]"}`).Expect(t, 204)
		i.refused(t, i.regroup(t, group, adding(t, long)), 400, "invalidValue")
		i.refused(t, i.regroup(t, group, removing(t, long)), 400, "invalidValue")
	}
	i.hasMembers(t, group, ada)
	inOrder(t, i.tree.Org)
}
