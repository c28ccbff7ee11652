package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// This file hands each sample event of events/ to its function, and sends the same request over HTTP: both are answered alike.

// sample is a sample event, as far as it says what the same request is.
type sample struct {
	Version        string
	RawPath        string
	RawQueryString string
	Headers        map[string]string
	Cookies        []string
	Body           string
	RequestContext struct{ HTTP struct{ Method string } }
}

// result is an answer in payload 2.0.
type result struct {
	StatusCode int
	Headers    map[string]string
	Cookies    []string
	Body       string
}

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

func TestEventsAreAnsweredLikeRequests(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	files, err := filepath.Glob("../../events/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sample events: %v", err)
	}
	values := fillings(t)
	functions := functionIDs(t)
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "../../events/"), ".json")
		t.Run(name, func(t *testing.T) {
			function := functions[filepath.Base(filepath.Dir(file))]
			text, err := os.ReadFile(file)
			if err != nil || function == "" {
				t.Fatalf("the template has no such function: %v", err)
			}
			event := filled(t, string(text), values)
			var asked sample
			if err := json.Unmarshal([]byte(filled(t, string(text), values)), &asked); err != nil {
				t.Fatal(err)
			}
			if asked.RequestContext.HTTP.Method == "GET" {
				indexed() // so that both list the same
			}
			invoked := stack.Do(t, "POST", "/_local/invoke/"+function, event).Expect(t, 200)
			if asked.Version == "2.0" {
				sameAnswer(t, invoked, asked)
			} else if strings.Contains(string(invoked.Body), "itemIdentifier") {
				t.Errorf("a message failed: %s", invoked.Body)
			}
		})
	}
}

// sameAnswer sends what the event says over HTTP and compares the answers, but for values, which differ between any two.
func sameAnswer(t *testing.T, invoked Answer, asked sample) {
	t.Helper()
	var got result
	invoked.JSON(t, &got)
	path := asked.RawPath
	if asked.RawQueryString != "" {
		path += "?" + asked.RawQueryString
	}
	var headers []string
	for name, value := range asked.Headers {
		if name != "host" {
			headers = append(headers, name, value)
		}
	}
	for _, cookie := range asked.Cookies {
		headers = append(headers, "Cookie", cookie)
	}
	var body any
	if asked.Body != "" {
		body = asked.Body
	}
	answer := stack.Do(t, asked.RequestContext.HTTP.Method, path, body, headers...)
	if got.StatusCode != answer.Status || got.StatusCode >= 400 {
		t.Fatalf("the event was answered %d %s, the request %d %s", got.StatusCode, got.Body, answer.Status, answer.Body)
	}
	if diff := cmp.Diff(shape(t, []byte(got.Body)), shape(t, answer.Body)); diff != "" {
		t.Errorf("the bodies differ (-event +request):\n%s", diff)
	}
	if len(answer.Body) == 0 { // of which a gateway names a type as well
		answer.Header.Del("Content-Type")
		maps.DeleteFunc(got.Headers, func(name, _ string) bool { return strings.EqualFold(name, "Content-Type") })
	}
	if diff := cmp.Diff(ownHeaders(slices.Collect(maps.Keys(got.Headers))), ownHeaders(slices.Collect(maps.Keys(answer.Header)))); diff != "" {
		t.Errorf("the headers differ (-event +request):\n%s", diff)
	}
}

// shape is the names and types of a JSON document; of a page that it is one.
func shape(t *testing.T, text []byte) any {
	t.Helper()
	if len(text) == 0 {
		return nil
	}
	if text[0] == '<' {
		return "a page"
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return shapeOf(value)
}

func shapeOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		names := map[string]any{}
		for name, one := range value {
			names[name] = shapeOf(one)
		}
		return names
	case []any:
		if len(value) == 0 {
			return "empty list"
		}
		all := shapeOf(value[0]) // of its elements together: which comes first may change between two readings
		for _, one := range value[1:] {
			all = joined(all, shapeOf(one))
		}
		return []any{all}
	}
	return fmt.Sprintf("%T", value)
}

// joined is the shape of what has one of two shapes: objects have the names of both, and a list what it has where it is not empty.
func joined(a, b any) any {
	switch a := a.(type) {
	case map[string]any:
		if b, same := b.(map[string]any); same {
			for name, shape := range b {
				if was, both := a[name]; both {
					shape = joined(was, shape)
				}
				a[name] = shape
			}
		}
		return a
	case []any:
		if b, same := b.([]any); same {
			return []any{joined(a[0], b[0])}
		}
		return a
	}
	return b
}

// ownHeaders leaves out the headers that the gateway and the stack add, and those of cookies, which events carry by themselves.
func ownHeaders(names []string) []string {
	var kept []string
	for _, name := range names {
		name = strings.ToLower(name)
		added := strings.HasPrefix(name, "x-local-") || slices.Contains([]string{"apigw-requestid", "content-length", "date", "set-cookie"}, name)
		if !added {
			kept = append(kept, name)
		}
	}
	slices.Sort(kept)
	return kept
}

// functionIDs are the functions' ids in the template, by their folders.
func functionIDs(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, found := range regexp.MustCompile(`(?s)\n  (\w+Function):\n.*?CodeUri: functions/(\w+)`).FindAllStringSubmatch(string(text), -1) {
		ids[found[2]] = found[1]
	}
	return ids
}

// filled replaces each placeholder of an event's text; one name stands for the same value throughout.
func filled(t *testing.T, text string, values map[string]func(testing.TB) string) string {
	t.Helper()
	chosen := map[string]string{}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "{}")
		if values[name] == nil {
			t.Fatalf("nothing says what %s stands for", found)
		}
		if chosen[name] == "" {
			chosen[name] = values[name](t)
		}
		return chosen[name]
	})
}

// fillings are the placeholders of events/README.md. What an event uses up or changes for good is made anew each time.
func fillings(t *testing.T) map[string]func(testing.TB) string {
	root, tree, partner := platform(t), newTree(t), newTreeOf(t, platform(t), "partner")
	always := func(value string) func(testing.TB) string { return func(testing.TB) string { return value } }
	made := func(by Person, path, field string, body func() any) func(testing.TB) string {
		return func(t testing.TB) string {
			var one map[string]any
			by.DoWithKey(t, "POST", path, body()).Expect(t, 201).JSON(t, &one)
			return one[field].(string)
		}
	}
	client := made(root, "/v1/organizations", "id", func() any {
		return map[string]any{"type": "client", "name": "Client " + unique(), "email": "hello@acme.example",
			"administrator": map[string]string{"email": unique() + "@acme.example", "name": "Ada"}}
	})
	newest := ""
	withRole := func(role string) func() any {
		return func() any {
			return map[string]string{"name": "Sam", "email": unique() + "@acme.example", "roleId": role}
		}
	}
	own := "/v1/organizations/" + tree.Org
	values := map[string]func(testing.TB) string{
		"org": always(tree.Org), "key": always(tree.Admin.Key), "role": always(tree.Roles[tree.Org].User),
		"platformCookie": func(t testing.TB) string { return freshPlatform(t).Cookie },
		"administrator":  always(tree.Second.ID),
		"recoveryToken": func(t testing.TB) string {
			token, _ := recoveryLink(t, tree)
			return token
		},
		"platformKey": always(root.Key), "partner": always(partner.Org), "partnerKey": always(partner.Admin.Key),
		"partnerCode":          made(partner.Admin, "/v1/organizations/"+partner.Org+"/partner-codes", "code", func() any { return nil }),
		"emptySuborganization": made(tree.Admin, own+"/suborganizations", "id", func() any { return map[string]string{"name": "Empty " + unique()} }),
		"invited":              made(tree.Admin, own+"/users", "id", withRole(tree.Roles[tree.Org].User)),
		"user":                 func(t testing.TB) string { return tree.Invite(t, tree.Org, tree.Roles[tree.Org].User).ID },
		"keyId": made(tree.Admin, own+"/api-keys", "id", func() any {
			return map[string]any{"name": "Spare", "roleId": tree.Roles[tree.Org].User}
		}),
		"namedRole":      func(t testing.TB) string { return madeRole(t, tree.Admin, tree.Org, "Sample "+unique()) },
		"roleName":       func(testing.TB) string { return unique() },
		"syncRun":        func(t testing.TB) string { return anySync(t, tree, "succeeded") },
		"waitingSync":    func(t testing.TB) string { return anySync(t, tree, "waiting") },
		"clientsSync":    func(t testing.TB) string { return anySync(t, &Tree{Org: newest}, "succeeded") },
		"clientsWaiting": func(t testing.TB) string { return anySync(t, &Tree{Org: newest}, "waiting") },
		"export":         func(t testing.TB) string { return anyExport(t, tree, tree.Org) },
		"job":            func(t testing.TB) string { return anyJob(t, tree, tree.Org, "running") },
		"heldKey":        func(t testing.TB) string { return heldKey(t, tree) },
		"address":        func(testing.TB) string { return unique() + "@acme.example" },
		"domainName":     func(testing.TB) string { return someDomain() },
		"domain":         func(t testing.TB) string { return tree.register(t, tree.Org, someDomain()).ID },
		"verifiedDomain": func(t testing.TB) string { return tree.verified(t, tree.Org, someDomain()).ID },
		"client":         func(t testing.TB) string { newest = client(t); return newest },
		"upload":         func(t testing.TB) string { return uploaded(t, tree.Admin, tree.Org, "logo", "photo.png") },
		"clientName": func(t testing.TB) string {
			return rawTable(t).item(t, "ORG#"+newest, "ORG").text("name")
		},
		"closed": func(t testing.TB) string {
			org := client(t)
			closeOrganization(t, root, org)
			return org
		},
		"suspended": func(t testing.TB) string {
			org := client(t)
			root.DoWithKey(t, "POST", "/v1/organizations/"+org+"/suspend", nil).Expect(t, 204)
			return org
		},
		"clientWithPartner": func(t testing.TB) string {
			org := client(t)
			root.DoWithKey(t, "PUT", "/v1/organizations/"+org+"/partner", map[string]string{"partnerId": partner.Org}).Expect(t, 200)
			return org
		},
	}
	maps.Copy(values, visits(tree))
	maps.Copy(values, federations(t, tree))
	maps.Copy(values, trials(tree))
	maps.Copy(values, wizards(tree))
	maps.Copy(values, provisioned(tree))
	return values
}
