package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bad is a request that cannot be accepted, and what it is answered.
type bad struct {
	method, path string
	body         any
	status       int
	problem      string // its slug; empty where the gateway refuses it, before any function
	field        string // what is named, where it is a field
	headers      []string
}

func TestAPI2_BadInputHasItsProblemAndChangesNothing(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	own, users := "/v1/organizations/"+tree.Org, usersOf(tree.Org)
	cases := map[string]bad{
		"an unknown field":                  {"PATCH", own, map[string]any{"nom": "Acme"}, 422, "unknown-field", "body.nom", nil},
		"an unknown field, not a scalar":    {"POST", users, map[string]any{"email": "a@acme.example", "name": "A", "roleId": tree.Roles[tree.Org].User, "role": map[string]any{"portal": "administrator"}}, 422, "unknown-field", "body.role", nil},
		"an unknown query parameter":        {"GET", users + "?filter=x", nil, 422, "unknown-field", "query.filter", nil},
		"a wrong type":                      {"PATCH", own, map[string]any{"name": 7}, 422, "invalid", "body.name", nil},
		"a field twice":                     {"PATCH", own, `{"name": "A", "name": "B"}`, 400, "malformed-json", "", nil},
		"broken JSON":                       {"PATCH", own, `{"name": "A"`, 400, "malformed-json", "", nil},
		"two documents":                     {"PATCH", own, `{"name": "A"} {}`, 400, "malformed-json", "", nil},
		"no document":                       {"PATCH", own, ``, 400, "malformed-json", "", []string{"Content-Type", "application/json"}},
		"a list":                            {"PATCH", own, `[]`, 422, "invalid", "body", nil},
		"text":                              {"PATCH", own, `name: A`, 415, "unsupported-media-type", "", []string{"Content-Type", "text/plain"}},
		"a body of 3 MB":                    {"PATCH", own, map[string]any{"description": strings.Repeat("x", 3<<20)}, 413, "too-large", "", nil},
		"a body above 6 MB":                 {"PATCH", own, map[string]any{"description": strings.Repeat("x", 6<<20)}, 413, "", "", nil},
		"an unknown organization":           {"PATCH", "/v1/organizations/org_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", map[string]any{"name": "A"}, 404, "not-found", "", nil},
		"what is no organization":           {"PATCH", "/v1/organizations/acme", map[string]any{"name": "A"}, 404, "not-found", "", nil},
		"another tree's organization":       {"PATCH", "/v1/organizations/" + other.Org, map[string]any{"name": "A"}, 404, "not-found", "", nil},
		"a stale If-Match":                  {"PATCH", own, map[string]any{"name": "A"}, 412, "stale", "", []string{"If-Match", `"0"`}},
		"an If-Match that is none":          {"PATCH", own, map[string]any{"name": "A"}, 412, "stale", "", []string{"If-Match", `yesterday`}},
		"a cursor of another question":      {"GET", users + "?status=active&cursor=" + cursorOf(t, tree, users), nil, 422, "invalid", "query.cursor", nil},
		"a cursor of another organization":  {"GET", usersOf(tree.Subs[0]) + "?cursor=" + cursorOf(t, tree, users), nil, 422, "invalid", "query.cursor", nil},
		"a cursor of another tree":          {"GET", users + "?cursor=" + cursorOf(t, other, usersOf(other.Org)), nil, 422, "invalid", "query.cursor", nil},
		"a cursor that is none":             {"GET", users + "?cursor=abc", nil, 422, "invalid", "query.cursor", nil},
		"a limit above the limit":           {"GET", users + "?limit=201", nil, 422, "invalid", "query.limit", nil},
		"a limit that is no number":         {"GET", users + "?limit=many", nil, 422, "invalid", "query.limit", nil},
		"XX as country":                     {"PATCH", own, map[string]any{"country": "XX"}, 422, "invalid", "body.country", nil},
		"a language of nobody's":            {"PATCH", own, map[string]any{"language": "tlh"}, 422, "invalid", "body.language", nil},
		"a sector that is not in the list":  {"PATCH", own, map[string]any{"sector": "piracy"}, 422, "invalid", "body.sector", nil},
		"a name that is empty":              {"PATCH", own, map[string]any{"name": "  "}, 422, "invalid", "body.name", nil},
		"a name of 101 characters":          {"PATCH", own, map[string]any{"name": strings.Repeat("ñ", 101)}, 422, "invalid", "body.name", nil},
		"a description of 2,001 characters": {"PATCH", own, map[string]any{"description": strings.Repeat("ñ", 2001)}, 422, "invalid", "body.description", nil},
		"an address that is none":           {"PATCH", own, map[string]any{"email": "nobody"}, 422, "invalid", "body.email", nil},
		"what is read only":                 {"PATCH", own, map[string]any{"members": 5}, 422, "unknown-field", "body.members", nil},
		"a key that is too long to repeat":  {"PATCH", own, map[string]any{"name": "A"}, 422, "invalid", "header.Idempotency-Key", []string{"Idempotency-Key", strings.Repeat("k", 256)}},
		"a method that is not there":        {"PUT", own, map[string]any{"name": "A"}, 404, "", "", nil},
		"a page of another site":            {"PATCH", own, map[string]any{"name": "A"}, 403, "cross-origin", "", []string{"Origin", "https://attacker.example", "Sec-Fetch-Site", "cross-site"}},
	}
	before, beforeOther := tree.snapshot(t), other.snapshot(t)
	for name, bad := range cases {
		t.Run(name, func(t *testing.T) { bad.refused(t, tree.Admin) })
	}
	if diff := cmp.Diff(before, tree.snapshot(t)); diff != "" {
		t.Errorf("something was changed:\n%s", diff)
	}
	if diff := cmp.Diff(beforeOther, other.snapshot(t)); diff != "" {
		t.Errorf("something of the other tree was changed:\n%s", diff)
	}
}

// refused sends the request and checks its answer.
func (b bad) refused(t *testing.T, by Person) {
	answer := by.DoWithKey(t, b.method, b.path, b.body, b.headers...)
	if answer.Status != b.status {
		t.Fatalf("status %d, not %d: %s", answer.Status, b.status, answer.Body)
	}
	if b.problem == "" {
		if strings.Contains(string(answer.Body), "urn:") || answer.Header.Get("X-Request-Id") != "" {
			t.Errorf("not the gateway's own: %s", answer.Body)
		}
		return
	}
	var problem struct {
		Type, Title, Detail, RequestID string
		Status                         int
		Errors                         []struct{ Location, Message string }
	}
	answer.JSON(t, &problem)
	if problem.Type != "urn:tenantry:problem:"+b.problem || problem.Status != b.status || problem.Title != http.StatusText(b.status) || problem.Detail == "" ||
		problem.RequestID != answer.Header.Get("X-Request-Id") || answer.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answered %v %s", answer.Header, answer.Body)
	}
	named := ""
	if len(problem.Errors) > 0 {
		named = problem.Errors[0].Location
	}
	if named != b.field {
		t.Errorf("%q is named, not %q: %s", named, b.field, answer.Body)
	}
}

// cursorOf is the cursor that follows a list's first user.
func cursorOf(t testing.TB, tree *Tree, path string) string {
	t.Helper()
	var page struct{ NextCursor string }
	comesTrue(t, "the list has a second page", func() bool {
		tree.Admin.DoWithKey(t, "GET", path+"?limit=1", nil).Expect(t, 200).JSON(t, &page)
		return page.NextCursor != ""
	})
	return page.NextCursor
}

func TestINS3_AForgedAddressChangesNothing(t *testing.T) {
	t.Parallel()
	tree, from := newTree(t), somewhere()
	path := "/v1/organizations/" + tree.Org
	for n, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Cloudfront-Viewer-Address", "X-Tenantry-Viewer"} {
		headers := []string{"X-Local-Source", from, header, "203.0.113.66", "X-Tenantry-Cdn", "guess"}
		answer := tree.Admin.Do(t, "PATCH", path, map[string]string{"description": fmt.Sprint("Edited ", n)}, headers...).Expect(t, 200)
		if events := eventsOfRequest(t, answer); len(events) != 1 || events[0].text("address") != from {
			t.Errorf("with %s: %v", header, events)
		}
	}
	stack.setRate(t, "public/"+from, 600)
	for _, header := range []string{"X-Forwarded-For", "X-Tenantry-Viewer"} {
		refusedAs(t, stack.Do(t, "POST", "/v1/session/discover", map[string]string{"email": "a@acme.example"}, "X-Local-Source", from, header, "203.0.113.66"), 429, "too-many-requests")
	}
}
