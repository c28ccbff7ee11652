package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// outside is all that somebody without an account learns from an answer, and what the answer took.
type outside struct {
	Answer string // the status, headers and body
	Calls  []step
	Runs   string // of argon2id
}

// step is one call of a function, without whose it is.
type step struct {
	Service, Action, Resource string
	Items, ItemsRead          int
}

var argon2Runs = regexp.MustCompile(`argon2Runs=(\d+)`)

// seenFromOutside sends the body and gives what shows.
func seenFromOutside(t testing.TB, path string, body any) outside {
	t.Helper()
	answer := stack.Do(t, "POST", path, body)
	seen := outside{Answer: anonymous(answer, answer.Header.Get("X-Request-Id")), Runs: "none"}
	for _, one := range callsOf(t, answer) {
		seen.Calls = append(seen.Calls, step{one.Service, one.Action, one.Resource, one.Items, one.ItemsRead})
	}
	if runs := argon2Runs.FindStringSubmatch(logged(t, answer)); runs != nil {
		seen.Runs = runs[1]
	}
	return seen
}

// logged is the line that a function wrote about the request, once it is there.
func logged(t testing.TB, answer Answer) (text string) {
	t.Helper()
	comesTrue(t, "the request is in the log", func() bool {
		var lines []struct{ Text string }
		stack.Local(t, "GET", "logs?request="+answer.Header.Get("X-Local-Request"), nil).JSON(t, &lines)
		for _, line := range lines {
			if strings.Contains(line.Text, "request="+answer.Header.Get("X-Request-Id")) && strings.Contains(line.Text, "status=") {
				text = line.Text
			}
		}
		return text != ""
	})
	return text
}

func TestLOG1_NobodyLearnsWhetherAnAccountExists(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree := newTree(t)
	accounts := map[string]string{
		"normal":        ordinary(t, tree).Email,
		"protected":     withSecondFactor(t, tree).Email,
		"administrator": tree.Second.Email,
		"invited":       inviteOnly(t, tree, tree.Roles[tree.Org].User),
		"disabled":      disabled(t, tree),
		"password-less": passwordless(t, tree),
		"suspended":     suspended(t),
		"another":       "nobody-" + unique() + "@acme.example",
	}
	for path, runs := range map[string]string{"/v1/session/discover": "none", "/v1/session/password": "1", "/v1/session/password-reset": "none"} {
		body := func(email string) any {
			if path == "/v1/session/password" {
				return map[string]string{"email": email, "password": "some-other-pass-phrase"}
			}
			return map[string]string{"email": email}
		}
		unknown := seenFromOutside(t, path, body("unknown-"+unique()+"@acme.example"))
		if unknown.Runs != runs {
			t.Errorf("%s ran argon2id %s times, not %s", path, unknown.Runs, runs)
		}
		for who, email := range accounts {
			got := seenFromOutside(t, path, body(email))
			if diff := cmp.Diff(unknown, got); diff != "" {
				t.Errorf("%s tells somebody %s from nobody:\n%s", path, who, diff)
			}
		}
	}
}

// disabled is the address of somebody who was deactivated.
func disabled(t testing.TB, tree *Tree) string {
	t.Helper()
	p := ordinary(t, tree)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	return p.Email
}

// passwordless is the address of somebody who has no password, as whoever signs in otherwise.
func passwordless(t testing.TB, tree *Tree) string {
	t.Helper()
	p, o := ordinary(t, tree), rawTable(t)
	_, err := o.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &o.name, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "USER#" + p.ID}, "sk": &types.AttributeValueMemberS{Value: "CREDENTIAL#password"}}})
	if err != nil {
		t.Fatal(err)
	}
	return p.Email
}

// suspended is the address of somebody of a tree that is suspended.
func suspended(t testing.TB) string {
	t.Helper()
	tree := newTreeOf(t, platform(t), "partner")
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/suspend", nil).Expect(t, 204)
	return tree.User.Email
}

func TestLOG5_ALinkToSetAPasswordLeadsToThePublicURL(t *testing.T) { // INS-2
	t.Parallel()
	p := ordinary(t, newTree(t))
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}, "X-Forwarded-Host", "attacker.example", "Forwarded", "host=attacker.example",
		"Host", "attacker.example").Expect(t, 202)
	token := mailedToken(t, p.Email, "password-reset")
	mail := mailsTo(t, p.Email)[0]
	if !strings.Contains(mail.Text, stack.URL+"/password-reset#"+token) || strings.Contains(mail.Text+mail.HTML, "attacker") {
		t.Errorf("the mail says %s", mail.Text)
	}
	for n, status := range []int{204, 404} {
		body := map[string]string{"password": "another-" + password}
		if answer := stack.Do(t, "POST", "/v1/session/password-reset/"+token, body); answer.Status != status {
			t.Errorf("use %d of the link: %d %s", n+1, answer.Status, answer.Body)
		}
	}
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
}

func TestLOG5_ACodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	p := withSecondFactor(t, newTree(t))
	code := nextCode(t, p)
	statuses := together(8, func(int) Answer {
		return stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challengeOf(t, p), "code": code})
	})
	if statuses[204] != 1 || statuses[204]+statuses[401]+statuses[403] != 8 {
		t.Errorf("one code in eight sign-ins was answered %v", statuses)
	}
}
