package e2e

import (
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
)

// This file is LOG-10 between trees: an address goes over to the tree that has verified its domain, and to no other.

// outsider is a user of another tree with an address of the domain.
func outsider(t testing.TB, other *Tree, domain string) Person {
	t.Helper()
	by := &sso{tree: other, org: other.Org, domain: aDomain{Name: domain}}
	return accepted(t, by.invite(t, other.Roles[other.Org].User), other.Org, other.Org)
}

// invitedTo invites the address into the tree, and gives the invitation's token.
func invitedTo(t testing.TB, tree *Tree, address string) string {
	t.Helper()
	links := func() (n int) {
		for _, mail := range mailsTo(t, address) {
			n += strings.Count(mail.Text, "/invitation#")
		}
		return n
	}
	before := links()
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": address, "name": "New Here", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	comesTrue(t, "the invitation has come", func() bool { return links() == before+1 })
	return mailedToken(t, address, "invitation")
}

// dispossessed shows that the person of the other tree has lost the address, keeps the account, is told, and gets another address.
func dispossessed(t testing.TB, other *Tree, p Person, link string) {
	t.Helper()
	awaitMail(t, p.Email, "with this address no more")
	var shown struct{ Email, Status string }
	other.Admin.DoWithKey(t, "GET", usersOf(other.Org)+"/"+p.ID, nil).Expect(t, 200).JSON(t, &shown)
	if shown.Email != "" || shown.Status != "active" {
		t.Errorf("shown as %+v", shown)
	}
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 200)
	if link != "" {
		refusedAs(t, stack.Do(t, "POST", "/v1/session/password-reset/"+link, map[string]string{"password": "another-" + password}), 404, "link-ended")
	}
	if n := eventsOf(other.Org, "user.address-lost")(t); n != 1 {
		t.Errorf("%d events in the audit of the other tree", n)
	}
	refusedAs(t, other.Admin.DoWithKey(t, "POST", signInsOf(other.Org, p.ID)+"/password-reset", nil), 409, "no-address")
	refusedAs(t, other.Admin.DoWithKey(t, "POST", usersOf(other.Org)+"/"+p.ID+"/invitation", nil), 409, "no-address")

	again := p
	again.Email = "again-" + unique() + "@" + unique() + ".example"
	other.Admin.DoWithKey(t, "PATCH", usersOf(other.Org)+"/"+p.ID, map[string]string{"email": again.Email}).Expect(t, 200)
	refusedAs(t, signInByPassword(t, again, password), 401, "wrong-credentials")
	stack.Do(t, "POST", "/v1/me/address/"+mailedToken(t, again.Email, "address"), nil).Expect(t, 204)
	signInByPassword(t, again, password).Expect(t, 204)
	other.Admin.DoWithKey(t, "PATCH", usersOf(other.Org)+"/"+p.ID, map[string]string{"email": "mine@acme.example"}).Expect(t, 422)
	inOrder(t, other.Org)
}

func TestLOG10_AnIdPOfTheVerifiedDomainTakesTheAddressFromAnotherTree(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	name := someDomain()
	invitee, newcomer := outsider(t, other, name), outsider(t, newTree(t), name)
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": invitee.Email}).Expect(t, 202)
	link := mailedToken(t, invitee.Email, "password-reset")
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Org].User })
	s.domain = tree.verified(t, tree.Org, name)
	s.change(t, func(c *connection.Connection) { c.Domains, c.Leads = append(c.Domains, name), append(c.Leads, name) })
	signInByPassword(t, invitee, password).Expect(t, 204) // nothing has happened yet
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": invitee.Email, "name": "New Here", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	for _, p := range []Person{invitee, newcomer} {
		b := newBrowser()
		s.signIn(t, b, p.Email).Expect(t, 303)
		if me := b.who(t); me.Email != p.Email || me.OrganizationID != tree.Org {
			t.Errorf("signed in %+v", me)
		}
		refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	}
	if n := eventsOf(tree.Org, "user.address-taken-over")(t); n != 2 {
		t.Errorf("%d events in the audit of the tree", n)
	}
	dispossessed(t, other, invitee, link)
	inOrder(t, tree.Org)
}

func TestLOG10_AnInvitationIntoTheVerifiedDomainTakesTheAddress(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	p := outsider(t, other, d.Name)
	token := invitedTo(t, tree, p.Email)
	one(t, "accepting", together(4, func(int) Answer {
		return stack.Do(t, "POST", "/v1/invitations/"+token, map[string]string{"password": "another-" + password})
	}))
	refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	signInByPassword(t, p, "another-"+password).Expect(t, 204)
	dispossessed(t, other, p, "")
	inOrder(t, tree.Org)
}

func TestLOG10_WhoConfirmsAnAddressOfTheVerifiedDomainTakesIt(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	p, taker := outsider(t, other, d.Name), ordinary(t, tree)
	taker.Do(t, "POST", "/v1/me/address", map[string]string{"email": p.Email}).Expect(t, 202)
	stack.Do(t, "POST", "/v1/me/address/"+mailedToken(t, p.Email, "address"), nil).Expect(t, 204)
	dispossessed(t, other, p, "")
	inOrder(t, tree.Org)
}

func TestLOG10_WithoutTheVerifiedDomainAnAddressGoesOverToNobody(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	p := outsider(t, other, d.Name)

	// A suborganization's IdP asserts an address of its main organization's domain.
	s := tree.sso(t, tree.Subs[0], func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Subs[0]].User })
	b := newBrowser()
	s.signIn(t, b, p.Email)
	b.get(t, "/v1/session").Expect(t, 401)
	signInByPassword(t, p, password).Expect(t, 204)

	// A tree that has lost the domain since it invited, and one that never had it.
	token := invitedTo(t, tree, p.Email)
	tree.removeDomain(t, tree.Org, d)
	if got := stack.Do(t, "POST", "/v1/invitations/"+token, map[string]string{"password": "another-" + password}); got.Status < 400 {
		t.Errorf("accepted: %d", got.Status)
	}
	third := newTree(t)
	refusedAs(t, stack.Do(t, "POST", "/v1/invitations/"+invitedTo(t, third, p.Email), map[string]string{"password": "another-" + password}), 409, "address-in-use")

	// The tree that signs in by the address has verified the domain itself since.
	other.verified(t, other.Org, d.Name)
	signInByPassword(t, p, password).Expect(t, 204)
	for _, who := range []*Tree{tree, third, other} {
		inOrder(t, who.Org)
	}
}
