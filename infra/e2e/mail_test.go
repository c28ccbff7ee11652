package e2e

import (
	"fmt"
	"testing"
	"time"
)

// A mail whose message to the worker was lost, since the function died between the two, is found by the sweep.
func TestAMailWhoseMessageWasLostIsSentByTheSweep(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree := newTree(t)
	email := "lost-" + unique() + "@acme.example"
	invite := func(email string, headers ...string) Answer {
		body := map[string]string{"email": email, "name": "Lou Lost", "roleId": tree.Roles[tree.Org].User}
		return tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), body, headers...)
	}
	sending := 0
	for n, call := range callsOf(t, invite("other-"+unique()+"@acme.example").Expect(t, 201)) {
		if call.Service == "sqs" {
			sending = n + 1
		}
	}
	time.Sleep(50 * time.Millisecond) // one that met what the request before holds would make a call more
	invite(email, "X-Local-Fault", fmt.Sprintf("kill@%d", sending)).Expect(t, 502)
	stack.Local(t, "POST", "queues/idle", nil)
	if mails := mailsTo(t, email); len(mails) != 0 {
		t.Fatalf("the message was not lost: %d mails came", len(mails))
	}
	runs(t, "Sweep", time.Now().Add(2*time.Minute))
	mailedToken(t, email, "invitation")
}
