package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/restore"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// restored marks the installation as restored, and lets the second of the mark pass.
func (h *house) restored(t *testing.T) {
	t.Helper()
	tx := table.NewTx()
	restore.Set(tx, h.Time())
	h.Commit(t, tx)
	h.Wait(time.Second)
}

func TestINS6_AfterARestoreAPasswordIsSetByAMailedLinkFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, session := h.member(t, h.tree(t), "pat@acme.example")
	older := h.resetLink(t, u)
	h.Wait(time.Minute)
	h.Taken()
	h.signIn(t, "pat@acme.example", password).expect(204)
	before := h.Taken()
	h.Wait(time.Minute)
	h.restored(t)
	if h.signedIn(t, session) {
		t.Error("the session goes on")
	}
	h.Taken()
	h.signIn(t, "pat@acme.example", password).expect(401).problem("wrong-credentials")
	if after := h.Taken(); len(after) != len(before) {
		t.Errorf("told by the calls: %v before, %v after", before, after)
	}
	h.post(t, older, body{"password": "another-" + password}).expect(404).problem("link-ended")
	h.post(t, h.resetLink(t, u), body{"password": "another-" + password}).expect(204)
	h.signIn(t, "pat@acme.example", "another-"+password).expect(204)
}

func TestINS6_AfterARestoreNoInvitationAndNoSetUpLinkIsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tree := h.tree(t)
	u, token := h.invited(t, tree, tree.user, "pat@acme.example")
	there, _ := h.member(t, tree, "lee@acme.example")
	var setUp string
	h.Edit(t, there, func(_ *table.Tx, edit *table.Change, u *people.User) { setUp = people.SetUp(edit, u, h.Time()) })
	h.Wait(time.Minute)
	h.restored(t)
	for _, link := range []string{token, setUp} {
		h.send(t, "198.51.100.7", http.MethodGet, "/v1/invitations/"+link, nil).expect(404).problem("link-ended")
		h.post(t, "/v1/invitations/"+link, body{"password": password}).expect(404).problem("link-ended")
	}
	h.Edit(t, u, func(_ *table.Tx, edit *table.Change, u *people.User) { token = people.Reinvite(edit, u, h.Time()) })
	h.post(t, "/v1/invitations/"+token, body{"password": password}).expect(204)
	h.Edit(t, there, func(_ *table.Tx, edit *table.Change, u *people.User) { setUp = people.SetUp(edit, u, h.Time()) })
	h.post(t, "/v1/invitations/"+setUp, body{"password": password}).expect(204)
}

func TestINS6_AfterARestoreNoChallengeAndNoCodeOfBeforeIsLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tree := h.tree(t)
	u, totp, _ := h.protected(t, tree, "ada@acme.example")
	tx := table.NewTx()
	codes := people.RenewRecoveryCodes(tx, u, &tenant.Access{}, h.Time())
	h.Commit(t, tx)
	challenge := h.signIn(t, "ada@acme.example", password).expect(200).text("challenge")
	_, invitation := h.invited(t, tree, tree.administrator, "new@acme.example")
	enrolling := h.post(t, "/v1/invitations/"+invitation, body{"password": password}).expect(200).text("challenge")
	shown := h.code(t, totp)
	h.restored(t)
	h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": shown}).expect(401).problem("challenge-ended")
	h.post(t, "/v1/session/second-factor/enrol", body{"challenge": enrolling}).expect(401).problem("challenge-ended")

	h.post(t, h.resetLink(t, u), body{"password": "another-" + password}).expect(204)
	challenge = h.signIn(t, "ada@acme.example", "another-"+password).expect(200).text("challenge")
	for name, code := range map[string]string{"recovery": codes[0], "the app's, shown before": shown, "the app's, of the next step": h.code(t, totp)} {
		got := h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": code})
		if got.Code != 403 {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	h.Wait(time.Minute)
	h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": h.code(t, totp)}).expect(204)
}

func TestINS6_WhatDoesNotSayWhenItWasMadeIsFromBeforeARestore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tree := h.tree(t)
	u, _, _ := h.protected(t, tree, "ada@acme.example")
	tx := table.NewTx()
	restore.Set(tx, h.Time().AddDate(-1, 0, 0)) // long before everything here
	h.Commit(t, tx)
	challenge := h.signIn(t, "ada@acme.example", password).expect(200).text("challenge")
	_, _, key, err := holder(challenge)
	if err != nil {
		t.Fatal(err)
	}
	link := h.resetLink(t, u)
	tx = table.NewTx()
	tx.Update(table.Touch(key).Remove("created"))
	tx.Update(table.Touch(people.ResetLinkKey(u.ID)).Remove("created"))
	h.Commit(t, tx)
	h.post(t, "/v1/session/second-factor", body{"challenge": challenge, "code": "000000"}).expect(401).problem("challenge-ended")
	h.post(t, link, body{"password": "another-" + password}).expect(404).problem("link-ended")
}
