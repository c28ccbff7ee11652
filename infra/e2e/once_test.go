package e2e

import (
	"net/http"
	"testing"
)

// one fails the test unless exactly one of the answers succeeded and none of the others is our mistake.
func one(t testing.TB, what string, statuses map[int]int) {
	t.Helper()
	won := 0
	for status, n := range statuses {
		if status < 300 {
			won += n
		}
		if status >= 500 {
			t.Errorf("%s: %d answers %d", what, n, status)
		}
	}
	if won != 1 {
		t.Errorf("%s: answered %v", what, statuses)
	}
}

func TestLOG5WhatProvesOnceProvesOnceAlsoAtTheSameTime(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	const n = 4
	invitation := mailedToken(t, inviteOnly(t, tree, tree.Roles[tree.Org].User), "invitation")
	one(t, "an invitation", together(n, func(int) Answer {
		return stack.Do(t, "POST", "/v1/invitations/"+invitation, map[string]string{"password": password})
	}))

	p := withSecondFactor(t, tree)
	challenges := make([]string, n)
	begin := func() {
		for i := range challenges {
			var next struct{ Challenge string }
			stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 200).JSON(t, &next)
			challenges[i] = next.Challenge
		}
	}
	give := func(code string) map[int]int {
		return together(n, func(i int) Answer {
			return stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challenges[i], "code": code})
		})
	}
	begin()
	one(t, "a code", give(nextCode(t, p)))
	var renewed struct{ RecoveryCodes []string }
	p.Do(t, "POST", "/v1/me/second-factor/recovery-codes", nil).Expect(t, 200).JSON(t, &renewed)
	begin()
	one(t, "a recovery code", give(renewed.RecoveryCodes[0]))

	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
	link := mailedToken(t, p.Email, "password-reset")
	begin()
	one(t, "a link to set a password", together(n, func(int) Answer {
		return stack.Do(t, "POST", "/v1/session/password-reset/"+link, map[string]string{"password": "another-" + password})
	}))
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	if statuses := give(renewed.RecoveryCodes[1]); statuses[http.StatusUnauthorized] != n {
		t.Errorf("sign-ins that were begun with the old password: %v", statuses)
	}
}

func TestPER5TwoLastAdministratorsLeaveInNoWayAtTheSameTime(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	pair := []Person{tree.Admin, tree.Second}
	at := func(i int) string { return usersOf(tree.Org) + "/" + pair[i].ID }
	sub := map[string]string{"organizationId": tree.Subs[0], "roleId": tree.Roles[tree.Subs[0]].Administrator}
	user := map[string]string{"roleId": tree.Roles[tree.Org].User}
	away := map[string]string{"status": "inactive"}
	back := map[string]string{"roleId": tree.Roles[tree.Org].Administrator, "organizationId": tree.Org}
	by := platform(t)
	for round, ways := range [][2]map[string]string{{sub, away}, {away, user}, {away, away}, {sub, sub}, {user, sub}} {
		one(t, "leaving", together(2, func(i int) Answer { return by.DoWithKey(t, "PATCH", at(i), ways[i]) }))
		for i := range pair {
			if answer := by.DoWithKey(t, "PATCH", at(i), map[string]string{"status": "active"}); answer.Status != 200 {
				t.Fatalf("round %d: %d %s", round, answer.Status, answer.Body)
			}
			by.DoWithKey(t, "PATCH", at(i), back).Expect(t, 200)
		}
		inOrder(t, tree.Org)
	}
	one(t, "deleting", together(2, func(i int) Answer { return by.DoWithKey(t, "DELETE", at(i), nil) }))
}
