package main

import (
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/secret"
	"github.com/tenantry/tenantry/shared/table"
)

const newOne = "seven-quiet-lanterns-drift"

// resetLink writes a link as functions/worker does.
func (h *house) resetLink(t *testing.T, u *people.User) string {
	t.Helper()
	token, hash := secret.New(secret.Reset, u.Root, u.ID)
	tx := table.NewTx()
	tx.Put(people.ResetLinkKey(u.ID), people.ResetLink{Hash: hash, Epoch: h.User(t, u).Epoch, CreatedAt: h.Time().Unix(), ExpiresAt: h.Time().Add(time.Hour).Unix()})
	h.Commit(t, tx)
	return "/v1/session/password-reset/" + token
}

func TestLOG5AResetLinkSetsThePasswordOnceAndSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, _, session := h.protected(t, h.tree(t), "ada@acme.example")
	link := h.resetLink(t, u)
	h.post(t, link, body{"password": "short"}).expect(422)
	h.post(t, link, body{"password": "password1"}).expect(422)
	statuses := make(chan int, 6)
	for range cap(statuses) {
		go func() { statuses <- h.post(t, link, body{"password": newOne}).Code }()
	}
	counted := map[int]int{}
	for range cap(statuses) {
		counted[<-statuses]++
	}
	if counted[204] != 1 || counted[404] != cap(statuses)-1 {
		t.Errorf("one link at the same time: %v", counted)
	}
	got := h.post(t, link, body{"password": newOne}).expect(404).problem("link-ended")
	if len(got.Result().Cookies()) != 0 || h.signedIn(t, session) {
		t.Error("the reset opened a session, or left one")
	}
	h.signIn(t, "ada@acme.example", password).expect(401)
	if next := h.signIn(t, "ada@acme.example", newOne).expect(200).text("next"); next != "second-factor" {
		t.Errorf("after a reset comes %s: the second factor is lost", next)
	}
}

func TestLOG5AResetLinkIsVoidedByANewerOneByTimeAndByAChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, _ := h.member(t, h.tree(t), "pat@acme.example")
	older, newer := h.resetLink(t, u), h.resetLink(t, u)
	h.post(t, older, body{"password": newOne}).expect(404).problem("link-ended")
	h.Wait(time.Hour)
	h.post(t, newer, body{"password": newOne}).expect(404).problem("link-ended")
	changed := h.resetLink(t, u)
	h.Edit(t, u, func(_ *table.Tx, edit *table.Change, u *people.User) { people.EndSessions(edit, u) })
	h.post(t, changed, body{"password": newOne}).expect(404).problem("link-ended")
	h.post(t, "/v1/session/password-reset/tnt_pwr_nonsense", body{"password": newOne}).expect(404).problem("link-ended")
	left := h.resetLink(t, u)
	h.Edit(t, u, func(tx *table.Tx, edit *table.Change, u *people.User) { people.Deactivate(tx, edit, u, h.Time()) })
	h.post(t, left, body{"password": newOne}).expect(404).problem("link-ended")
}

func TestLOG9AnInvitationIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	u, token := h.invited(t, acme, acme.user, "pat@acme.example")
	path := "/v1/invitations/" + token
	read := h.send(t, "198.51.100.7", "GET", path, nil).expect(200)
	if read.text("organization") != "Acme" || read.text("email") != "pat@acme.example" {
		t.Errorf("invitation %s", read.Body)
	}
	h.post(t, path, body{"password": "too-short"}).expect(422)
	statuses := make(chan int, 6)
	for range cap(statuses) {
		go func() { statuses <- h.post(t, path, body{"password": password, "name": "Pat Roe"}).Code }()
	}
	counted := map[int]int{}
	for range cap(statuses) {
		counted[<-statuses]++
	}
	if counted[204] != 1 || counted[404] != cap(statuses)-1 {
		t.Errorf("one invitation at the same time: %v", counted)
	}
	if now := h.User(t, u); now.Status != people.Active || !now.Proved || now.Name != "Pat Roe" || now.Invitation != nil {
		t.Errorf("the user is %+v", now)
	}
	h.send(t, "198.51.100.7", "GET", path, nil).expect(404).problem("link-ended")
}

func TestLOG9AnInvitationEndsAfterSevenDaysAndByANewerOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.tree(t)
	u, older := h.invited(t, acme, acme.user, "pat@acme.example")
	var newer string
	h.Edit(t, u, func(_ *table.Tx, edit *table.Change, u *people.User) { newer = people.Reinvite(edit, u, h.Time()) })
	h.send(t, "198.51.100.7", "GET", "/v1/invitations/"+older, nil).expect(404).problem("link-ended")
	h.send(t, "198.51.100.7", "GET", "/v1/invitations/"+newer, nil).expect(200)
	h.Wait(7 * 24 * time.Hour)
	h.post(t, "/v1/invitations/"+newer, body{"password": password}).expect(404).problem("link-ended")
}

func TestLOG10WhoProvesAnAddressFirstHasIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.tree(t), h.tree(t)
	_, held := h.invited(t, first, first.user, "pat@acme.example")
	_, taken := h.invited(t, second, second.user, "PAT@acme.example") // an invitation nobody opened holds nothing
	h.post(t, "/v1/invitations/"+taken, body{"password": password}).expect(204)
	h.post(t, "/v1/invitations/"+held, body{"password": newOne}).expect(409).problem("address-in-use")
	h.signIn(t, "pat@acme.example", password).expect(204)
}

func TestINS1ASetUpLinkReplacesPasswordSecondFactorAndSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, _, session := h.protected(t, h.tree(t), "ada@acme.example")
	tx, now := table.NewTx(), h.User(t, u)
	edit := people.Edit(now, audit.System("install"), h.Time())
	token := people.SetUp(edit, now, h.Time())
	tx.Update(edit)
	h.Commit(t, tx)
	if !h.signedIn(t, session) {
		t.Error("making the link ended a session: anybody who may ask for one would sign administrators out")
	}
	got := h.post(t, "/v1/invitations/"+token, body{"password": newOne}).expect(200)
	if got.text("next") != "enrol-second-factor" || h.signedIn(t, session) {
		t.Errorf("after a set-up link: %s, session stands: %t", got.Body, h.signedIn(t, session))
	}
	h.signIn(t, "ada@acme.example", password).expect(401)
	h.post(t, "/v1/invitations/"+token, body{"password": newOne}).expect(404).problem("link-ended")
}
