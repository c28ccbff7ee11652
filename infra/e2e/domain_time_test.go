package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// warnings counts the mails to the address about the domain whose subject ends so.
func warnings(t testing.TB, email, subject string) int {
	t.Helper()
	return len(slices.DeleteFunc(mailsTo(t, email), func(m Mail) bool { return !strings.HasSuffix(m.Subject, subject) }))
}

// TestDOM7_FourteenDaysWithoutTheRecord moves the clock of the schedule, which all domains of an installation feel.
func TestDOM7_FourteenDaysWithoutTheRecord(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	name := someDomain()
	lost, kept, failing := tree.verified(t, tree.Org, name), tree.verified(t, tree.Subs[0], someDomain()), tree.verified(t, tree.Org, someDomain())
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "una@" + name, "name": "Una", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	una := accepted(t, "una@"+name, tree.Org, tree.Org)
	begin := time.Now().Add(24*time.Hour + time.Minute)
	due(t, begin)
	for _, d := range []aDomain{lost, kept, failing} {
		if n := asked(t, d.Record.Host); n != 2 { // by hand, and by the schedule
			t.Errorf("%s was looked up %d times", d.Name, n)
		}
	}
	due(t, begin.Add(50*time.Minute))
	if n := asked(t, kept.Record.Host); n != 2 {
		t.Errorf("within the hour %s was looked up %d times", kept.Name, n)
	}

	lost.hide(t)
	failDNS(t, failing.Record.Host, "servfail")
	missing, gone := "The DNS record of "+name+" is missing", name+" is no longer verified for "+nameOf(t, tree.Org)
	first := begin.Add(25 * time.Hour)
	told := 0
	for day := range 16 {
		now := first.Add(time.Duration(day) * 24 * time.Hour)
		if day == 5 || day == 9 { // the resolver fails, and is asked again soon
			failDNS(t, name, "timeout")
			due(t, now)
			stack.Local(t, "DELETE", "dns/"+name+"/failure", nil)
			due(t, now.Add(75*time.Minute))
		} else {
			due(t, now)
		}
		told = max(told, warnings(t, tree.Second.Email, missing))
		want := 1
		for _, at := range []int{3, 7, 13} {
			if day >= at {
				want++
			}
		}
		if told != want {
			t.Errorf("day %d: told %d times, not %d", day, told, want)
		}
		got := tree.domain(t, tree.Org, lost)
		if held := day < 14; (got.Status == "verified") != held || (got.AtRiskSince != "") != held {
			t.Fatalf("day %d: %+v %+v", day, got, got.LastCheck)
		}
	}
	awaitMail(t, tree.Second.Email, gone)
	for _, d := range []aDomain{kept, failing} {
		org := tree.Org
		if d.ID == kept.ID {
			org = tree.Subs[0]
		}
		if got := tree.domain(t, org, d); got.Status != "verified" || got.AtRiskSince != "" {
			t.Errorf("%s: %+v %+v", d.Name, got, got.LastCheck)
		}
	}
	inOrder(t, tree.Org)
	events := rawTable(t).list(t, 2, "AUDITBY#domains", "")
	actions := map[string]int{}
	for _, event := range events {
		whole := rawTable(t).item(t, event.text("pk"), event.text("sk"))
		if target, _ := whole["target"].(map[string]any); target["id"] == lost.ID {
			actions[whole.text("action")]++
		}
	}
	if len(actions) != 2 || actions["domain.at-risk"] != 1 || actions["domain.lost"] != 1 {
		t.Errorf("audited %v", actions)
	}

	mails := len(mailsTo(t, una.Email))
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": una.Email}).Expect(t, 202)
	stack.Local(t, "POST", "queues/idle", nil)
	if now := len(mailsTo(t, una.Email)); now != mails {
		t.Errorf("%d mails came to an address of the lost domain", now-mails)
	}
	lost.publish(t)
	if got := tree.verify(t, tree.Org, lost); got.Status != "verified" {
		t.Errorf("proved again: %+v", got)
	}
	resetToken(t, una)
	inOrder(t, tree.Org)
}
