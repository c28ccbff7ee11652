package e2e

import (
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
