package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// setRate makes as if a subject had asked n times in this minute, and in the next, should that begin meanwhile.
func (s localStack) setRate(t testing.TB, subject string, n int) {
	t.Helper()
	o, minute := rawTable(t), time.Now().UnixNano()/int64(time.Minute)
	for _, window := range []int64{minute, minute + 1} {
		key := &types.AttributeValueMemberS{Value: fmt.Sprintf("RATE#%s#%d", subject, window)}
		_, err := o.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.name, Item: map[string]types.AttributeValue{"pk": key, "sk": key,
			"n":         &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
			"expiresAt": &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)}}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// overLimit calls until it is refused, with the subject at its limit in whatever minute that is: an instance collects some calls before
// it writes them, there may be several, and a busy machine takes its time. All the calls are fewer than the limit, by which an instance
// that counts for itself alone would let them pass, and are answered alike until then.
func overLimit(t testing.TB, subject string, limit int, call func() Answer) (answer Answer) {
	t.Helper()
	var set time.Time
	for n, first := 0, 0; n < min(limit-1, 3000); n++ {
		if minute := time.Now().Truncate(time.Minute); !minute.Equal(set) {
			stack.setRate(t, subject, limit)
			set = minute
		}
		if answer = call(); answer.Status == 429 {
			break
		}
		if first == 0 {
			first = answer.Status
		}
		answer.Expect(t, first)
	}
	return answer
}

// limited checks that the answer is a 429 which says when to go on.
func limited(t *testing.T, answer Answer) {
	t.Helper()
	refusedAs(t, answer, 429, "too-many-requests")
	if wait, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 {
		t.Errorf("Retry-After is %q", answer.Header.Get("Retry-After"))
	}
}

func TestPER8_AnAddressAsksForWhatIsPublic600TimesAMinute(t *testing.T) {
	t.Parallel()
	from, email := somewhere(), "nobody-"+unique()+"@acme.example"
	ask := func(from string) Answer {
		return stack.Do(t, "POST", "/v1/session/discover", map[string]string{"email": email}, "X-Local-Source", from)
	}
	if left := time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)); left < 20*time.Second {
		time.Sleep(left) // all of it in one minute
	}
	stack.setRate(t, "public/"+from, 597)
	for range 3 {
		ask(from).Expect(t, 200)
	}
	limited(t, ask(from))
	limited(t, stack.Do(t, "GET", "/v1/me", nil, "X-Local-Source", from, "Authorization", "Bearer tnt_key_guess"))
	ask(somewhere()).Expect(t, 200)
	tree := newTree(t)
	tree.Admin.Do(t, "GET", "/v1/me", nil, "X-Local-Source", from).Expect(t, 200) // who is signed in is counted otherwise
}

func TestPER8_OneKeyIsSlowedByEveryFunctionAndNobodyElse(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	own := "/v1/organizations/" + tree.Subs[0]
	for _, path := range []string{own, own + "/users", own + "/api-keys", own + "/branding", own + "/domains", own + "/authentication", own + "/provisioning/groups", "/v1/session"} {
		limited(t, overLimit(t, "caller/"+keyID(tree.Sub.Key), 1200, func() Answer { return tree.Sub.DoWithKey(t, "GET", path, nil) }))
	}
	tree.Admin.DoWithKey(t, "GET", own, nil).Expect(t, 200)
	tree.Sub.Do(t, "GET", own, nil).Expect(t, 200)
}

func TestPER8_OneTreesLoadStopsNoOther(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	limited(t, overLimit(t, "tree/"+tree.Org, 12_000, func() Answer { return tree.Admin.DoWithKey(t, "GET", "/v1/session", nil) }))
	other.Admin.DoWithKey(t, "GET", "/v1/session", nil).Expect(t, 200)
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": tree.User.Email, "password": password}).Expect(t, 204)
}

func TestAPI6_EveryAnswerCarriesTheIDOfItsLineInTheLog(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	ids := map[string]bool{}
	for name, answer := range map[string]Answer{
		"a success": tree.Admin.Do(t, "GET", "/v1/me", nil).Expect(t, 200),
		"a change":  tree.Admin.Do(t, "PATCH", "/v1/me", map[string]string{"name": "Ada"}).Expect(t, 200),
		"a problem": tree.User.Do(t, "GET", usersOf(tree.Org), nil).Expect(t, 403),
		"a nobody":  stack.Do(t, "GET", "/v1/me", nil, "X-Request-Id", "forged").Expect(t, 401),
		"a page":    stack.Do(t, "GET", "/healthz", nil).Expect(t, 200),
	} {
		id := answer.Header.Get("X-Request-Id")
		if id == "" || id == "forged" || ids[id] {
			t.Errorf("%s: the id is %q", name, id)
		}
		ids[id] = true
		if answer.Status >= 400 && !strings.Contains(string(answer.Body), `"requestId":"`+id+`"`) {
			t.Errorf("%s: the problem is %s", name, answer.Body)
		}
		if line := logged(t, answer); !strings.Contains(line, "status="+strconv.Itoa(answer.Status)) {
			t.Errorf("%s: the log says %s", name, line)
		}
	}
}
