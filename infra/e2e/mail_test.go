package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A mail whose message to the worker was lost, since the function died between the two, is found by the sweep.
func TestAMailWhoseMessageWasLostIsSentByTheSweep(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree := newTree(t)
	invite := func(email string, headers ...string) Answer {
		body := map[string]string{"email": email, "name": "Lou Lost", "roleId": tree.Roles[tree.Org].User}
		return tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), body, headers...)
	}
	// Which call sends it differs: an instance that is new reads the key first, and who meets what the request before holds does so again.
	sends := func(answer Answer) int {
		return slices.IndexFunc(allCallsOf(t, answer), func(c call) bool { return c.Service == "sqs" })
	}
	email, at := "", sends(invite("other-"+unique()+"@acme.example").Expect(t, 201))
	for tries := 0; ; tries++ {
		time.Sleep(50 * time.Millisecond)
		email = "lost-" + unique() + "@acme.example"
		killed := invite(email, "X-Local-Fault", fmt.Sprintf("kill@%d", at+1))
		if killed.Status == 502 && sends(killed) == at {
			break
		}
		if tries == 10 {
			t.Fatalf("it was never killed as it sent: %d", killed.Status)
		}
	}
	stack.Local(t, "POST", "queues/idle", nil)
	if mails := mailsTo(t, email); len(mails) != 0 {
		t.Fatalf("the message was not lost: %d mails came", len(mails))
	}
	runs(t, "Sweep", time.Now().Add(2*time.Minute))
	mailedToken(t, email, "invitation")
}
