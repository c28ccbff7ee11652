package e2e

import (
	"strings"
	"testing"
	"time"
)

// person is somebody whose name and address stand nowhere else, who has done everything that leaves something.
func person(t testing.TB, tree *Tree) (p Person, name string) {
	t.Helper()
	name = "Zenobia " + unique()
	p = tree.Invite(t, tree.Org, tree.Roles[tree.Org].Administrator)
	p.Do(t, "PATCH", "/v1/me", map[string]string{"name": name, "language": "es"}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"department": "Department " + unique()}).Expect(t, 200)
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": "wrong"}).Expect(t, 401)
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
	mailedToken(t, p.Email, "password-reset")
	challengeOf(t, p)
	tree.Second.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"name": name + " Two"}).Expect(t, 200)
	return p, name
}

func TestGEN7_NothingIsLeftOfSomebodyWhoIsDeleted(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p, name := person(t, tree)
	key := keyID(p.Key)
	type user struct {
		ID        string
		CreatedBy struct{ ID, Name, Email string }
	}
	var invitee, after user
	p.Do(t, "POST", usersOf(tree.Org), map[string]string{"email": "by-" + unique() + "@acme.example", "name": "By Zen", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201).JSON(t, &invitee)
	if invitee.CreatedBy.Email != p.Email {
		t.Fatalf("made by %+v", invitee.CreatedBy)
	}
	stack.Local(t, "POST", "queues/idle", nil)

	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+p.ID, nil).Expect(t, 204)
	timer := there("TIMER#person#"+tree.Org+"/"+p.ID, "TIMER")
	until(t, not(timer))
	stack.Local(t, "POST", "queues/idle", nil) // the mails that tell of it are sent
	nothingOf(t, dump(t, time.Now()), p.Email, name)
	for sk := range rawTable(t).partition(t, "USER#"+p.ID) {
		if sk != "LEFT" && sk != "MADE#"+key {
			t.Errorf("of the person there is still %s", sk)
		}
	}
	stack.Do(t, "GET", "/v1/organizations/"+tree.Org, nil, "Authorization", "Bearer "+p.Key).Expect(t, 200) // for its grace

	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+invitee.ID, nil).Expect(t, 200).JSON(t, &after)
	if after.CreatedBy.ID != p.ID || after.CreatedBy.Name != "erased" || after.CreatedBy.Email != "" {
		t.Errorf("made by %+v", after.CreatedBy)
	}
	inOrder(t, tree.Org)
}

func TestGEN7_AMailToSomebodyWhoIsDeletedIsNotKept(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	email, user := invited(t, tree)
	stack.Local(t, "POST", "queues/idle", nil)
	waiting := "mai_01KQZZZZZZZZZZZZZZZZZZZZZZ"
	rawTable(t).write(t, []map[string]any{{"pk": "OUTBOX#3", "sk": waiting, "kind": "invitation", "sealed": "AAAA", "owner": tree.Org + "/" + user,
		"created": time.Now().Unix(), "sendingUntil": time.Now().Add(time.Hour).Unix(), "expiresAt": time.Now().Add(time.Hour).Unix()}})
	tree.Admin.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+user+"/invitation", nil).Expect(t, 204)
	until(t, not(there("OUTBOX#3", waiting)))
	until(t, not(there("TIMER#person#"+tree.Org+"/"+user, "TIMER")))
	nothingOf(t, dump(t, time.Now()), email)
}

func TestGEN7_TheAuditKeepsNoNameAndNoAddress(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p, name := person(t, tree)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": "active"}).Expect(t, 200)
	n := 0
	for _, text := range dumpTable(t, time.Now()) {
		if strings.Contains(text, `"pk":"AUDIT#`+tree.Org) {
			n++
			nothingOf(t, []string{text}, p.Email, name)
		}
	}
	if n < 15 {
		t.Errorf("only %d events", n)
	}
}
