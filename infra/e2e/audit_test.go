package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// silent says why an operation leaves no audit event of its own.
var silent = map[string]string{
	"enrol-second-factor-to-sign-in": "a secret waits in a sign-in that is not one yet: the code that confirms it is the act",
	"begin-image-upload":             "nothing of the organization changes: taking the file into use is the act",
	"request-password-reset":         "whether there is somebody to write it down for must not show: using the link is the act",
}

func TestADT1_EveryChangeLeavesOneEvent(t *testing.T) {
	t.Parallel()
	tree, situations := newTree(t), changes()
	for _, o := range api(t) {
		prepare, found := situations[o.ID]
		if !found {
			continue // it changes nothing; TestEveryChangeHasASituation says so of one that should be there
		}
		t.Run(o.ID, func(t *testing.T) {
			tree.Partner = nil // which an earlier one may have suspended
			s := prepare(t, tree)
			from := somewhere()
			s.Headers = append(slices.Clone(s.Headers), "X-Local-Source", from)
			answer := s.send(t, unique(), "")
			if answer.Status >= 300 {
				t.Fatalf("answered %d %s", answer.Status, answer.Body)
			}
			events := eventsOfRequest(t, answer)
			if _, quiet := silent[o.ID]; quiet {
				if len(events) != 0 {
					t.Errorf("left %v", events)
				}
				return
			}
			if o.ID == "accept-invitation" || o.ID == "open-recovery" { // which signs in as well, an act of its own
				events = slices.DeleteFunc(events, func(event row) bool { return event.text("action") == "session.opened" })
			}
			if o.ID == "import-users" { // whose job may have invited people already
				events = slices.DeleteFunc(events, func(event row) bool { return event.text("action") == "user.invited" })
			}
			if len(events) != 1 {
				t.Fatalf("left %d events: %v", len(events), events)
			}
			tells(t, events[0], s, from)
			conceals(t, events[0], s, answer)
		})
	}
}

func TestADT1_ARefusedChangeIsWrittenDown(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	var plain struct{ Secret string }
	tree.Admin.DoWithKey(t, "POST", keysOf(tree.Org), map[string]any{"name": "Plain", "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201).JSON(t, &plain)
	key := map[string]any{"name": "Key", "roleId": tree.Roles[tree.Org].User}
	for name, refused := range map[string]struct {
		answer Answer
		actor  string
	}{
		"to a user":                   {tree.User.Do(t, "POST", keysOf(tree.Org), key), tree.User.ID},
		"to a suborganization's":      {tree.Sub.Do(t, "DELETE", keysOf(tree.Org)+"/"+keyID(tree.Admin.Key), nil), tree.Sub.ID},
		"to a key without the scope":  {Person{Key: plain.Secret}.DoWithKey(t, "POST", keysOf(tree.Org), key), keyID(plain.Secret)},
		"giving an administrator's":   {Person{Key: plain.Secret}.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"roleId": tree.Roles[tree.Org].Administrator}), keyID(plain.Secret)},
		"suspending one's own client": {tree.Admin.Do(t, "POST", "/v1/organizations/"+tree.Org+"/suspend", nil), tree.Admin.ID},
	} {
		events := eventsOfRequest(t, refused.answer.Expect(t, 403))
		if len(events) != 1 || events[0].text("action") != "change.refused" || events[0].text("root") != tree.Org {
			t.Errorf("%s: left %v", name, events)
			continue
		}
		if actor, _ := events[0]["actor"].(map[string]any); actor["id"] != refused.actor {
			t.Errorf("%s: the actor is %v", name, actor)
		}
	}
	if events := eventsOfRequest(t, other.Admin.Do(t, "POST", keysOf(tree.Org), key).Expect(t, 404)); len(events) != 0 {
		t.Errorf("somebody of another tree left %v", events)
	}
	if events := eventsOfRequest(t, tree.User.Do(t, "GET", keysOf(tree.Org), nil).Expect(t, 403)); len(events) != 0 {
		t.Errorf("reading left %v", events)
	}
}

// eventsOfRequest are the audit events that a request left, of whatever tree: those of its id in the partitions that it wrote.
func eventsOfRequest(t testing.TB, answer Answer) []row {
	t.Helper()
	var found []row
	for _, pk := range partitionsOf(t, answer, "AUDIT#") {
		for _, event := range rawTable(t).partition(t, pk) {
			if event.text("request") == answer.Header.Get("X-Request-Id") {
				found = append(found, event)
			}
		}
	}
	return found
}

// partitionsOf are the partitions with a prefix that the functions named in their calls for a request.
func partitionsOf(t testing.TB, answer Answer, prefix string) []string {
	t.Helper()
	var found []string
	for _, call := range callsOf(t, answer) {
		for _, pk := range call.LeadingKeys {
			if strings.HasPrefix(pk, prefix) && !slices.Contains(found, pk) {
				found = append(found, pk)
			}
		}
	}
	return found
}

// call is what the stack tells of one call to a service.
type call struct {
	Service, Action, Resource string
	Items, ItemsRead          int
	ReadUnits, WriteUnits     float64
	LeadingKeys               []string
	Reasons                   []string // why a transaction was cancelled
}

// callsOf are the calls that a request made, without those that met an item which the request before had just written, and those that
// read the installation's key: how often they come is a matter of how fast requests follow each other, and of whether an instance is
// new, and not of what the operation costs.
func callsOf(t testing.TB, answer Answer) []call {
	t.Helper()
	return slices.DeleteFunc(allCallsOf(t, answer), func(c call) bool {
		return c.Service == "secretsmanager" || slices.Contains(c.Reasons, "TransactionConflict")
	})
}

// allCallsOf are all the calls that a request made, in their order.
func allCallsOf(t testing.TB, answer Answer) []call {
	t.Helper()
	var trace struct{ Calls []call }
	stack.Local(t, "GET", "requests/"+answer.Header.Get("X-Local-Request"), nil).JSON(t, &trace)
	return trace.Calls
}

// tells checks that the event says who, what, when and from where.
func tells(t *testing.T, event row, s situation, from string) {
	t.Helper()
	actor, _ := event["actor"].(map[string]any)
	target, _ := event["target"].(map[string]any)
	kind, id := "user", any(s.By.ID)
	for n, name := range s.Headers {
		if name == "Authorization" {
			kind, id = "key", keyID(s.Headers[n+1])
		}
	}
	if id == "" {
		id = target["id"] // whoever is not signed in does it to the own account
	}
	if actor["type"] != kind || actor["id"] != id {
		t.Errorf("who is %v, not %s %s", actor, kind, id)
	}
	noun, verb, _ := strings.Cut(event.text("action"), ".")
	if noun == "" || verb == "" || target["type"] == "" || target["id"] == "" || event.text("organization") == "" || event.text("root") == "" {
		t.Errorf("what is %v", event)
	}
	if at, err := time.Parse(time.RFC3339, event.text("at")); err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("when is %q", event.text("at"))
	}
	if event.text("address") != from {
		t.Errorf("from where is %q, not %s", event.text("address"), from)
	}
}

// conceals checks that the event repeats no secret of the request or the answer, and no person's address. An organization's is
// none.
func conceals(t *testing.T, event row, s situation, answer Answer) {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"tnt_", password, "@acme.example"}
	for _, value := range []any{s.Body, answer.Body} {
		secrets = append(secrets, secretsIn(t, value)...)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(strings.ReplaceAll(string(text), "hello@acme.example", ""), secret) {
			t.Errorf("the event has %q in it: %s", secret, text)
		}
	}
}

// secretsIn are the values of the fields of a body that hold secrets.
func secretsIn(t *testing.T, body any) (found []string) {
	t.Helper()
	text, err := encode(body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if json.Unmarshal(text, &fields) != nil {
		return nil
	}
	for _, name := range []string{"password", "current", "code", "secret", "challenge", "recoveryCodes"} {
		switch value := fields[name].(type) {
		case string:
			found = append(found, value)
		case []any:
			for _, one := range value {
				found = append(found, one.(string))
			}
		}
	}
	return found
}
