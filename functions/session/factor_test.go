package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// challenged gives the password of somebody with a second factor.
func (h *house) challenged(t *testing.T, email string) string {
	t.Helper()
	got := h.signIn(t, email, password).expect(200)
	if next := got.text("next"); next != "second-factor" {
		t.Fatalf("next is %s", next)
	}
	return got.text("challenge")
}

func (h *house) give(t *testing.T, challenge, code string) answer {
	t.Helper()
	return h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": code})
}

func TestLOG5ACodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, secret, _ := h.protected(t, h.tree(t), "ada@acme.example")
	challenges, statuses := []string{}, make(chan int, 6)
	for range cap(statuses) {
		challenges = append(challenges, h.challenged(t, "ada@acme.example"))
	}
	code := h.code(t, secret)
	for _, challenge := range challenges {
		go func() { statuses <- h.give(t, challenge, code).Code }()
	}
	counted := map[int]int{}
	for range challenges {
		counted[<-statuses]++
	}
	if counted[204] != 1 || counted[403] != len(challenges)-1 {
		t.Errorf("one code at the same time: %v", counted)
	}
	h.give(t, h.challenged(t, "ada@acme.example"), code).expect(403).problem("wrong-code")
}

func TestLOG5ARecoveryCodeReplacesTheSecondFactorOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	u, token := h.invited(t, acme, acme.administrator, "ada@acme.example")
	challenge := h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(200).text("challenge")
	secret := h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(200).text("secret")
	var codes struct{ RecoveryCodes []string }
	if err := json.Unmarshal(h.give(t, challenge, h.code(t, secret)).expect(200).Body.Bytes(), &codes); err != nil || len(codes.RecoveryCodes) != 10 {
		t.Fatalf("%v %v", codes, err)
	}
	for i, want := range []int{204, 403} {
		if got := h.give(t, h.challenged(t, "ada@acme.example"), codes.RecoveryCodes[3]); got.Code != want {
			t.Errorf("use %d of a recovery code: %d, not %d", i+1, got.Code, want)
		}
	}
	held, err := people.ReadCredentials(t.Context(), h.Table, u.ID, &tenant.Access{}, restore.Mark{})
	if err != nil || len(held.Recovery.Hashes) != 9 {
		t.Errorf("%d codes are left, %v", len(held.Recovery.Hashes), err)
	}
}

func TestLOG5AChallengeEndsAfterFiveTriesTenMinutesOrUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, secret, _ := h.protected(t, h.tree(t), "ada@acme.example")

	tried := h.challenged(t, "ada@acme.example")
	for range challengeTries {
		h.give(t, tried, "000000").expect(403).problem("wrong-code")
	}
	h.give(t, tried, h.code(t, secret)).expect(401).problem("challenge-ended")

	late := h.challenged(t, "ada@acme.example")
	h.Wait(challengeLasts)
	h.give(t, late, h.code(t, secret)).expect(401).problem("challenge-ended")

	h.Wait(codeWindow)
	used := h.challenged(t, "ada@acme.example")
	h.give(t, used, h.code(t, secret)).expect(204)
	h.Wait(time.Minute)
	h.give(t, used, h.code(t, secret)).expect(401).problem("challenge-ended")

	void := h.challenged(t, "ada@acme.example")
	h.Edit(t, u, func(_ *table.Tx, edit *table.Change, u *people.User) { people.EndSessions(edit, u) })
	h.give(t, void, h.code(t, secret)).expect(401).problem("challenge-ended")
	h.give(t, "tnt_2fa_nonsense", "123456").expect(401).problem("challenge-ended")
}

func TestLOG5CodesAreBoundedOverChallenges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.protected(t, h.tree(t), "ada@acme.example")
	for h.Time().Minute() < 10 {
		h.Wait(time.Minute)
	}
	refused := 0
	for range codesOfAccount + 2 {
		if h.give(t, h.challenged(t, "ada@acme.example"), "000000").Code == 429 {
			refused++
		}
	}
	if refused == 0 || refused > 3 {
		t.Errorf("%d of %d codes were too many", refused, codesOfAccount+2)
	}
}

func TestLOG5CodesAreBoundedForAKnownDeviceToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, secret, _ := h.protected(t, h.tree(t), "ada@acme.example")
	device := h.give(t, h.challenged(t, "ada@acme.example"), h.code(t, secret)).expect(204).cookie("tenantry-device")
	for h.Time().Minute() < 10 {
		h.Wait(time.Minute)
	}
	refused := 0
	for range codesOfAccount + 2 {
		challenge := h.signIn(t, "ada@acme.example", password, device).expect(200).text("challenge")
		if h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": "000000"}, device).Code == 429 {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of %d tries were refused", refused, codesOfAccount+2)
	}
}

func TestLOG6ASecondFactorSetUpWhileSigningInEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	u, before := h.member(t, acme, "pat@acme.example")
	tx := table.NewTx()
	tx.Update(table.Touch(table.AccessKey(acme.root)).Set("secondFactor", "everyone"))
	h.Commit(t, tx)
	if !h.signedIn(t, before) {
		t.Fatal("the session did not begin")
	}
	got := h.signIn(t, "pat@acme.example", password).expect(200)
	if got.text("next") != "enrol-second-factor" {
		t.Fatal(got.Body)
	}
	challenge := got.text("challenge")
	h.give(t, challenge, "123456").expect(401).problem("challenge-ended") // nothing is set up yet
	first := h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(200).text("secret")
	second := h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(200).text("secret")
	h.give(t, challenge, h.code(t, first)).expect(403).problem("wrong-code")
	after := h.give(t, challenge, h.code(t, second)).expect(200).cookie("tenantry")
	if h.signedIn(t, before) || !h.signedIn(t, after) {
		t.Error("the session without the second factor goes on, or the new one does not")
	}
	h.post(t, "/v1/session/second-factor/enrol", body{"challenge": challenge}).expect(401).problem("challenge-ended")
	if held, err := people.ReadCredentials(t.Context(), h.Table, u.ID, &tenant.Access{}, restore.Mark{}); err != nil || held.SecondFactor.Sealed == "" || held.SecondFactor.Sealed == second {
		t.Errorf("the secret is not stored sealed: %v", err)
	}
}

func TestPER6SigningInAgainTakesPasswordAndSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, secret, session := h.protected(t, h.tree(t), "ada@acme.example")
	h.Wait(20 * time.Minute)
	const path = "/v1/session/reauthenticate"
	h.post(t, path, body{"password": "not-this-one"}, session).expect(403).problem("wrong-password")
	h.post(t, path, body{"password": password}, session).expect(403).problem("wrong-code")
	fresh := func() bool {
		var who struct{ Delicate bool }
		if err := json.Unmarshal(h.send(t, "198.51.100.7", "GET", "/v1/session", nil, session).expect(200).Body.Bytes(), &who); err != nil {
			t.Fatal(err)
		}
		return who.Delicate
	}
	if fresh() {
		t.Error("a wrong proof counted")
	}
	h.post(t, path, body{"password": password, "code": h.code(t, secret)}, session).expect(204)
	if !fresh() {
		t.Error("a right proof did not count")
	}
}
