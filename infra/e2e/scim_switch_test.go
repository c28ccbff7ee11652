package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// held is a request of an IdP that the table is asked to commit late: while it is on its way, SCIM goes.
type held struct {
	name string
	// call sends the request, about the n-th of the people.
	call func(t testing.TB, i *idp, group string, people []string, n int, headers ...string) Answer
}

var helds = []held{
	{"a user is created", func(t testing.TB, i *idp, _ string, _ []string, n int, headers ...string) Answer {
		return i.call(t, "POST", "/Users", i.person(fmt.Sprintf("late-%d@%s", n, i.domain)), headers...)
	}},
	{"a group is created", func(t testing.TB, i *idp, _ string, people []string, n int, headers ...string) Answer {
		return i.call(t, "POST", "/Groups", asText(t, map[string]any{"displayName": fmt.Sprint("Late ", n), "members": values(people[n : n+1])}), headers...)
	}},
	{"one user joins", func(t testing.TB, i *idp, group string, people []string, n int, headers ...string) Answer {
		return i.regroup(t, group, adding(t, people[n]), headers...)
	}},
	{"two users join", func(t testing.TB, i *idp, group string, people []string, n int, headers ...string) Answer {
		return i.regroup(t, group, adding(t, people[2*n], people[2*n+1]), headers...)
	}},
	{"a user is changed", func(t testing.TB, i *idp, _ string, people []string, n int, headers ...string) Answer {
		return i.call(t, "PATCH", "/Users/"+people[n], `{"Operations":[{"op":"replace","path":"displayName","value":"Late"}]}`, headers...)
	}},
	{"a user is deleted", func(t testing.TB, i *idp, _ string, people []string, n int, headers ...string) Answer {
		return i.call(t, "DELETE", "/Users/"+people[n], "", headers...)
	}},
}

// commitOf is the number of the call by which a request like this one is committed. Uses and rates are noted by single updates, now and
// then: without them it is that of a request that notes nothing, and one that does is held a call earlier.
func (h held) commitOf(t testing.TB, i *idp, group string, people []string) int {
	t.Helper()
	h.call(t, i, group, people, 0)
	answer := h.call(t, i, group, people, 1)
	calls := slices.DeleteFunc(callsOf(t, answer), func(c call) bool { return c.Action == "UpdateItem" })
	at := slices.IndexFunc(calls, func(c call) bool { return c.Action == "TransactWriteItems" })
	if at < 0 {
		t.Fatalf("nothing was committed: %d %s", answer.Status, answer.Body)
	}
	return at + 1
}

// late sends the request so that its commit is held, and has SCIM go meanwhile.
func (h held) late(t *testing.T, i *idp, group string, people []string, gone func()) {
	t.Helper()
	fault, answered := fmt.Sprintf("hold@%d", h.commitOf(t, i, group, people)), make(chan Answer)
	go func() { answered <- h.call(t, i, group, people, 2, "X-Local-Fault", fault) }()
	time.Sleep(500 * time.Millisecond) // it is held longer than that
	gone()
	if answer := <-answered; answer.Status >= 500 {
		t.Errorf("it is answered %d %s", answer.Status, answer.Body)
	}
}

func TestSSO7_NobodyIsLeftOfARequestThatWasUnderWay(t *testing.T) {
	t.Parallel()
	for _, h := range helds {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			i := tree.idp(t, false)
			people := i.people(t, "p", 6)
			group := i.group(t, "Crew").ID
			h.late(t, i, group, people, func() {
				tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, i.id), nil).Expect(t, 204)
				comesTrue(t, "the users are given back", func() bool { return storedConnection(t, i.id).Provisioning == nil })
			})
			i.isEmpty(t, group)
			tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, i.id), map[string]any{"acceptOutsiders": false}).Expect(t, 200)
			again := &idp{tree: tree, id: i.id, domain: i.domain, token: tree.scimToken(t, i.id)}
			again.hasMembers(t, again.group(t, "Crew", again.bring(t, "late-9@"+i.domain).ID).ID, again.list(t, "").Resources[0].ID)
			inOrder(t, tree.Org)
		})
	}
}

func TestSSO7_NobodyIsLeftOfARequestThatWasUnderWayWhenItsConnectionWent(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	people := i.people(t, "p", 6)
	group := i.group(t, "Crew").ID
	helds[0].late(t, i, group, people, func() {
		tree.Admin.DoWithKey(t, "DELETE", connectionPath(tree.Org, i.id)+"?users=keep&confirm=8", nil).Expect(t, 204)
		comesTrue(t, "the users are given back", func() bool { return len(rawTable(t).partition(t, "SCIM#"+i.id)) == 0 })
	})
	i.isEmpty(t, group)
	inOrder(t, tree.Org)
}

// isEmpty expects that nothing is left of what the IdP brought.
func (i *idp) isEmpty(t testing.TB, group string) {
	t.Helper()
	for sk, item := range rawTable(t).partition(t, "TREE#"+i.tree.Org) {
		if groups, _ := item["groups"].([]string); strings.HasPrefix(sk, "USER#") && (item.text("connection") != "" || len(groups) > 0) {
			t.Errorf("a user is left: %v", item)
		}
	}
	for _, pk := range []string{"SCIM#" + i.id, "GROUP#" + group} {
		if left := rawTable(t).partition(t, pk); len(left) > 0 {
			t.Errorf("left in %s: %v", pk, left)
		}
	}
	for key, item := range rawTable(t).partition(t, "COUNTS#"+i.tree.Org) {
		if n, _ := item["n"].(float64); n != 0 && (strings.HasPrefix(key, "SCIM#"+i.id) || strings.HasPrefix(key, "GROUP#"+group)) {
			t.Errorf("counted: %s %v", key, n)
		}
	}
}
