package e2e

import (
	"strings"
	"testing"
)

func TestPER2AManagingPartnerMakesNobodyItsClientsAdministrator(t *testing.T) {
	t.Parallel()
	client, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	employ(t, client, partner, "manage")
	main, sub := client.Roles[client.Org], client.Roles[client.Subs[0]]
	seller := partner.Admin
	invited := map[string]any{"email": "shadow-" + unique() + "@norte.example", "name": "Shadow", "roleId": main.Administrator}
	refusedAs(t, seller.Do(t, "POST", keysOf(client.Org), map[string]any{"name": "Shadow", "roleId": main.Administrator, "delicate": true}), 403, "forbidden")
	refusedAs(t, seller.DoWithKey(t, "POST", keysOf(client.Org), map[string]any{"name": "Shadow", "roleId": main.Administrator}), 403, "forbidden")
	refusedAs(t, seller.Do(t, "POST", usersOf(client.Org), invited), 403, "forbidden")
	refusedAs(t, seller.Do(t, "PATCH", usersOf(client.Org)+"/"+client.User.ID, map[string]any{"roleId": main.Administrator}), 403, "forbidden")
	seller.Do(t, "POST", keysOf(client.Org), map[string]any{"name": "Reader", "roleId": main.User}).Expect(t, 201)
	invited["roleId"] = sub.Administrator // who may there what the partner may
	seller.Do(t, "POST", usersOf(client.Subs[0]), invited).Expect(t, 201)
	platform(t).DoWithKey(t, "PATCH", usersOf(client.Org)+"/"+client.User.ID, map[string]any{"roleId": main.Administrator}).Expect(t, 200)
}

func TestPER3WhatAPartnerMadeEndsWithItsAccess(t *testing.T) {
	t.Parallel()
	client, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	employ(t, client, partner, "manage")
	sub := client.Subs[0]
	made := func(by Person, cookie bool) Person {
		do := by.DoWithKey
		if cookie {
			do = by.Do
		}
		var key aKey
		do(t, "POST", keysOf(sub), map[string]any{"name": "Of a partner", "roleId": client.Roles[sub].Administrator, "delicate": true}).Expect(t, 201).JSON(t, &key)
		return Person{Key: key.Secret}
	}
	bySession, byKey := made(partner.Admin, true), made(partner.Admin, false)
	keys := []Person{bySession, byKey, made(bySession, false)}
	grant := func(access string, status int) {
		t.Helper()
		client.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+client.Org, map[string]string{"partnerAccess": access}).Expect(t, 200)
		for _, key := range keys {
			key.DoWithKey(t, "GET", usersOf(sub), nil).Expect(t, status)
		}
	}
	grant("read", 401)
	grant("manage", 200)
	client.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+client.Org+"/partner", nil).Expect(t, 204)
	for _, key := range keys {
		key.DoWithKey(t, "GET", usersOf(sub), nil).Expect(t, 401)
	}
}

func TestPER1NobodyComesBackByAKeyOfTheirOwn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	self := usersOf(tree.Org) + "/" + tree.Second.ID
	tree.Admin.Do(t, "PATCH", self, map[string]string{"status": "inactive"}).Expect(t, 200)
	refusedAs(t, tree.Second.DoWithKey(t, "PATCH", self, map[string]string{"status": "active"}), 403, "forbidden")
	refusedAs(t, tree.Second.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "s-" + unique() + "@acme.example", "name": "S",
		"roleId": tree.Roles[tree.Org].Administrator}), 403, "forbidden")
	tree.Second.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"department": "IT"}).Expect(t, 200) // its programs go on
}

func TestPER1ADemotedAdministratorsKeyDoesNothingDelicateAndEnds(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	self, key := usersOf(tree.Org)+"/"+tree.Second.ID, keyID(tree.Second.Key)
	raise := map[string]string{"roleId": tree.Roles[tree.Org].Administrator, "organizationId": tree.Org}
	for name, lower := range map[string]map[string]string{
		"demoted": {"roleId": tree.Roles[tree.Org].User},
		"moved":   {"organizationId": tree.Subs[0], "roleId": tree.Roles[tree.Subs[0]].Administrator},
	} {
		t.Run(name, func(t *testing.T) {
			tree.Admin.Do(t, "PATCH", self, lower).Expect(t, 200)
			refusedAs(t, tree.Second.DoWithKey(t, "PATCH", self, raise), 403, "forbidden")
			keyIn(t, tree.Admin, tree.Org, key, func(k aKey) bool { return k.EndsBecause == "maker-left" })
			tree.Admin.Do(t, "PATCH", self, map[string]string{"status": "inactive"}).Expect(t, 200)
			tree.Admin.Do(t, "PATCH", self, raise).Expect(t, 200)
			tree.Admin.Do(t, "PATCH", self, map[string]string{"status": "active"}).Expect(t, 200)
			keyIn(t, tree.Admin, tree.Org, key, func(k aKey) bool { return k.EndsBecause == "" })
		})
	}
	awaitMail(t, tree.Admin.Email, "will end")
	inOrder(t, tree.Org)
}

// TestLOG1AnAddressThatFoldsToManyIsUnknownLikeAnother sends characters of which one folds to eighteen: more than a key of the
// table takes.
func TestLOG1AnAddressThatFoldsToManyIsUnknownLikeAnother(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\ufdfa", 254)
	refusedAs(t, stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": long, "password": password}), 401, "wrong-credentials")
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": long}).Expect(t, 202)
	tree := newTree(t)
	email := strings.Repeat("\ufdfa", 20) + "@" + strings.Repeat("\ufdfa", 20) + "." + strings.Repeat("\ufdfa", 20) + "." + unique() + ".example"
	invited := map[string]string{"email": email, "name": "Long", "roleId": tree.Roles[tree.Org].User}
	at := tree.Admin.Do(t, "POST", usersOf(tree.Org), invited).Expect(t, 201).Header.Get("Location")
	refusedAs(t, tree.Admin.Do(t, "POST", usersOf(tree.Org), invited), 409, "address-in-use")
	tree.Admin.Do(t, "DELETE", at, nil).Expect(t, 204)
}

func TestNamesThatDeceiveAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	token := mailedToken(t, inviteOnly(t, tree, tree.Roles[tree.Org].User), "invitation")
	for _, name := range []string{"Ana\nBcc: x", "Ana\u202egro.live", "\u2029Ana"} {
		stack.Do(t, "POST", "/v1/invitations/"+token, map[string]string{"name": "A" + name, "password": password}).Expect(t, 422)
		tree.Admin.Do(t, "PATCH", "/v1/me", map[string]string{"name": "A" + name}).Expect(t, 422)
		tree.Admin.Do(t, "PATCH", "/v1/organizations/"+tree.Org, map[string]string{"name": "A" + name}).Expect(t, 422)
		tree.Admin.Do(t, "PATCH", usersOf(tree.Org)+"/"+tree.User.ID, map[string]string{"name": "A" + name}).Expect(t, 422)
	}
}
