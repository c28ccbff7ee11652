package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
)

// provisioning has the connection's IdP provision too.
func (s *sso) provisioning(t testing.TB, outsiders bool) *idp {
	t.Helper()
	s.tree.Admin.DoWithKey(t, "PUT", scimOf(s.tree.Org, s.id), map[string]any{"acceptOutsiders": outsiders}).Expect(t, 200)
	return &idp{tree: s.tree, id: s.id, domain: s.domain.Name, token: s.tree.scimToken(t, s.id)}
}

// gives has people give the user the role.
func (i *idp) gives(t testing.TB, id, role string) Answer {
	t.Helper()
	return i.tree.Admin.DoWithKey(t, "PATCH", usersOf(i.tree.Org)+"/"+id, map[string]string{"organizationId": i.tree.Org, "roleId": role})
}

func TestSCI7_NoInvitationLeadsAroundTheDirectory(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, true)
	user := tree.Roles[tree.Org].User
	var off, guest aSCIMUser
	i.call(t, "POST", "/Users", `{"userName":"off@`+i.domain+`","active":false}`).Expect(t, 201).JSON(t, &off)
	i.gives(t, off.ID, user).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org)+"/"+off.ID+"/invitation", nil), 409, "managed-by-scim")
	guest = i.bring(t, "guest-"+unique()+"@elsewhere.example")
	i.gives(t, guest.ID, user).Expect(t, 200)
	path := usersOf(tree.Org) + "/" + guest.ID + "/invitation"
	tree.Admin.DoWithKey(t, "POST", path, nil).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", path, nil), 409, "managed-by-scim") // it would leave what the IdP sent behind
	i.patch(t, guest.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", path, nil), 409, "managed-by-scim")
	stack.Do(t, "POST", "/v1/invitations/"+mailedToken(t, guest.UserName, "invitation"), map[string]string{"password": password}).Expect(t, 404)

	// Whoever came back another way leaves when the IdP says so again.
	back := i.stored(t, off.ID)
	back["status"] = "active"
	back["pk"], back["sk"] = "TREE#"+tree.Org, "USER#"+off.ID
	rawTable(t).write(t, []map[string]any{back})
	i.patch(t, off.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	if got := i.stored(t, off.ID); got.text("status") != "inactive" {
		t.Errorf("said again: %v", got)
	}
	inOrder(t, tree.Org)
}

func TestSCI8_AnOutsiderIsNoAdministratorAndDoesNotSignInBySAML(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	i := s.provisioning(t, true)
	address, outside := s.address(), "victim-"+unique()+"@elsewhere.example"
	u := i.bring(t, address)
	i.gives(t, u.ID, tree.Roles[tree.Org].User).Expect(t, 200)
	s.signIn(t, newBrowser(), address).Expect(t, 303)
	i.patch(t, u.ID, `{"op":"replace","path":"userName","value":"`+outside+`"}`).Expect(t, 200)
	s.refuses(t, s.signIn(t, newBrowser(), address), "no-access", "person.outsider") // though with the name id of before
	if got := i.stored(t, u.ID); got.text("status") != "invited" || got.text("email") != outside || got["proved"] != false {
		t.Errorf("somebody else's address is %v", got)
	}
	refusedAs(t, i.gives(t, u.ID, tree.Roles[tree.Org].Administrator), 409, "outsider")
	i.patch(t, u.ID, `{"op":"replace","path":"userName","value":"`+address+`"}`).Expect(t, 200)
	s.signIn(t, newBrowser(), address).Expect(t, 303)
	i.gives(t, u.ID, tree.Roles[tree.Org].Administrator).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestSCI8_AnOutsiderIsNoneOnceTheDomainIsVerified(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, true)
	name, chief := someDomain(), tree.Roles[tree.Org].Administrator
	var guests []string
	for n := range 4 {
		guests = append(guests, i.bring(t, fmt.Sprintf("guest%d@%s", n, name)).ID)
	}
	byHand, byGroup, bySync, again := guests[0], guests[1], guests[2], guests[3]
	i.gives(t, again, tree.Roles[tree.Org].User).Expect(t, 200)
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org)+"/"+again+"/invitation", nil).Expect(t, 200)
	stack.Do(t, "POST", "/v1/invitations/"+mailedToken(t, "guest3@"+name, "invitation"), map[string]string{"password": password}).Expect(t, 204)
	indexed()
	administer := func(group string) string {
		tree.Admin.DoWithKey(t, "PUT", mappingOf(tree.Org, group)+"?confirm=0", map[string]any{"roleId": chief}).Expect(t, 200)
		return group
	}
	administer(i.push(t, "First admins", bySync))
	refusedAs(t, i.gives(t, byHand, chief), 409, "outsider")
	tree.verified(t, tree.Org, name)

	i.gives(t, byHand, chief).Expect(t, 200)
	i.regroup(t, administer(i.push(t, "Second admins")), adding(t, byGroup)).Expect(t, 204)
	tree.has(t, byGroup, tree.Org, chief)
	var shown struct {
		Items []struct {
			ID       string
			Outsider bool
		}
	}
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, i.id)+"/users", nil).Expect(t, 200).JSON(t, &shown)
	for _, one := range shown.Items {
		if one.Outsider {
			t.Errorf("%s is shown as an outsider", one.ID)
		}
	}
	for range 2 { // the same is sent as before
		if i.patch(t, again, `{"op":"replace","path":"active","value":true}`).Expect(t, 200); i.stored(t, again)["outsider"] != false {
			t.Errorf("%v", i.stored(t, again))
		}
	}
	if i.patch(t, bySync, `{"op":"replace","path":"active","value":true}`).Expect(t, 200); i.stored(t, bySync).text("status") != "active" { // the IdP's word proves the address now
		t.Errorf("%v", i.stored(t, bySync))
	}
	tree.has(t, bySync, tree.Org, chief)
	inOrder(t, tree.Org)
}

func TestLOG3_WhomTheDirectoryDeletedIsNotCreatedBySigningIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Org].User })
	i := s.provisioning(t, false)
	u := i.bring(t, s.address())
	i.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204) // who never signed in, so that no name id is known
	s.refuses(t, s.signIn(t, newBrowser(), strings.ToUpper(u.UserName[:1])+u.UserName[1:]), "no-access", "person.removed")
	s.signIn(t, newBrowser(), s.address()).Expect(t, 303) // others are
	again := i.bring(t, u.UserName)
	i.gives(t, again.ID, tree.Roles[tree.Org].User).Expect(t, 200)
	s.signIn(t, newBrowser(), u.UserName).Expect(t, 303)
	inOrder(t, tree.Org)
}

func TestSCI8_AnAddressOfADomainThatWasLostIsNotProved(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	lost := tree.verified(t, tree.Org, someDomain())
	var u aSCIMUser
	i.call(t, "POST", "/Users", `{"userName":"ada@`+lost.Name+`","active":false}`).Expect(t, 201).JSON(t, &u)
	tree.removeDomain(t, tree.Org, lost)
	i.refused(t, i.patch(t, u.ID, `{"op":"replace","path":"active","value":true}`), 400, "invalidValue")
	if got := i.stored(t, u.ID); got.text("status") != "inactive" || got["proved"] != false {
		t.Errorf("%v", got)
	}
	i.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
	inOrder(t, tree.Org)
}

func TestSCI8_ALeaverWhoGotAnotherAddressGivesUpTheOldOne(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	address := "jane@" + i.domain
	leaver := i.bring(t, address)
	i.gives(t, leaver.ID, tree.Roles[tree.Org].User).Expect(t, 200)
	i.patch(t, leaver.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	i.refused(t, i.call(t, "POST", "/Users", i.person(address)), 409, "uniqueness") // it is found by the userName
	i.patch(t, leaver.ID, `{"op":"replace","value":{"userName":"left-jane@elsewhere.example"}}`).Expect(t, 200)
	answer := i.call(t, "POST", "/Users", i.person(address)).Expect(t, 201)
	var next aSCIMUser
	answer.JSON(t, &next)
	if got := i.stored(t, next.ID); next.ID == leaver.ID || got.text("email") != address || got["proved"] != true {
		t.Errorf("who came after is %v", got)
	}
	if got := i.stored(t, leaver.ID); got.text("email") != "" || got["proved"] != false || got.text("status") != "inactive" {
		t.Errorf("the leaver is %v", got)
	}
	if events := eventsOfRequest(t, answer); len(events) != 2 {
		t.Errorf("the audit says %v", events)
	}
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"/"+leaver.ID, nil).Expect(t, 200)
	i.refused(t, i.patch(t, leaver.ID, `{"op":"replace","path":"active","value":true}`), 400, "invalidValue") // elsewhere.example is not verified
	i.patch(t, leaver.ID, `{"op":"replace","value":{"userName":"jane.left@`+i.domain+`","active":true}}`).Expect(t, 200)
	if got := i.stored(t, leaver.ID); got.text("email") != "jane.left@"+i.domain || got["proved"] != true || got.text("status") != "active" {
		t.Errorf("back again: %v", got)
	}

	// Somebody who has an account gets the address of a leaver too.
	i.patch(t, leaver.ID, `{"op":"replace","value":{"active":false,"userName":"gone-jane"}}`).Expect(t, 200)
	i.patch(t, next.ID, `{"op":"replace","path":"userName","value":"jane.left@`+i.domain+`"}`).Expect(t, 200)
	if got := i.stored(t, next.ID); got.text("email") != "jane.left@"+i.domain {
		t.Errorf("renamed: %v", got)
	}
	inOrder(t, tree.Org)
}

func TestSCI10_WhatIsTooMuchHasAnAnswer(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	mails := func(n int, prefix string) string {
		var all []string
		for at := range n {
			all = append(all, fmt.Sprintf(`{"value":"%s%d@%s"}`, prefix, at, i.domain))
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	create := func(name, rest string) Answer {
		return i.call(t, "POST", "/Users", `{"userName":"`+name+"@"+i.domain+`",`+rest+`}`)
	}
	var numbers []string
	for at := range 40 {
		numbers = append(numbers, fmt.Sprintf(`{"value":"%d","display":"%s"}`, at, strings.Repeat("x", 10_000)))
	}
	phones := "[" + strings.Join(numbers, ",") + "]"
	i.refused(t, create("many", `"emails":`+mails(90, "m")), 400, "invalidValue")
	i.refused(t, create("large", `"phoneNumbers":`+phones), 413, "")
	var u aSCIMUser
	create("long", `"externalId":"`+strings.Repeat("y", 5_000)+`","emails":`+mails(30, "m")).Expect(t, 201).JSON(t, &u)
	i.patch(t, u.ID, `{"op":"replace","path":"emails","value":`+mails(30, "n")+`}`).Expect(t, 200)
	i.refused(t, i.patch(t, u.ID, `{"op":"add","path":"emails","value":`+mails(1, "o")+`}`), 400, "invalidValue")
	i.refused(t, i.patch(t, u.ID, `{"op":"add","path":"phoneNumbers","value":`+phones+`}`), 413, "")
	if found := i.list(t, "?filter="+url.QueryEscape(`emails.value eq "N29@`+i.domain+`"`)); found.TotalResults != 1 {
		t.Errorf("%+v", found)
	}
	i.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
	numbers = numbers[:0]
	for range 6 {
		numbers = append(numbers, fmt.Sprintf(`{"value":"%d","display":"%s"}`, len(numbers), strings.Repeat("x", 16_000)))
	}
	big := `"phoneNumbers":[` + strings.Join(numbers, ",") + `]`
	for at := range 65 {
		create(fmt.Sprint("big", at), big).Expect(t, 201)
	}
	i.refused(t, i.call(t, "GET", "/Users?count=100", ""), 400, "tooMany")
	if found := i.list(t, "?count=50"); len(found.Resources) != 50 || found.TotalResults != 65 {
		t.Errorf("%d of %d", len(found.Resources), found.TotalResults)
	}
	if found := i.list(t, "?count=100&attributes=userName"); len(found.Resources) != 65 {
		t.Errorf("%d of %d without their numbers", len(found.Resources), found.TotalResults)
	}
	i.refused(t, i.call(t, "GET", "/Users/whose@address.example", ""), 404, "")
	for _, line := range rawTable(t).partition(t, "LOG#"+i.id+"#SCIM") {
		if strings.Contains(line.text("path"), "whose@") {
			t.Errorf("the log says %q", line.text("path"))
		}
	}
	inOrder(t, tree.Org)
}

func TestGEN5_ASuspendedOrganizationIsToldSoBySCIM(t *testing.T) {
	t.Parallel()
	tree := newTreeOf(t, platform(t), "client")
	i := tree.idp(t, false)
	u := i.bring(t, "ada@"+i.domain)
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/suspend", nil).Expect(t, 204)
	i.refused(t, i.call(t, "GET", "/Users/"+u.ID, ""), 403, "")
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/resume", nil).Expect(t, 204)
	i.call(t, "GET", "/Users/"+u.ID, "").Expect(t, 200)
}

func TestLOG7_TheKeysOfWhomTheIdPLetGoEnd(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	email := "maker-" + unique() + "@" + i.domain
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": email, "name": "Key Maker", "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201)
	maker := accepted(t, email, tree.Org, tree.Org)
	if err := maker.makeKey(); err != nil {
		t.Fatal(err)
	}
	u := i.bring(t, email)
	if u.ID != maker.ID {
		t.Fatalf("%s was brought, not %s", u.ID, maker.ID)
	}
	i.patch(t, u.ID, `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200)
	maker.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	mailedTo(t, tree.Admin.Email, "Key Maker")
	if left := rawTable(t).item(t, "USER#"+u.ID, "LEFT"); left == nil {
		t.Error("the key goes on for ever")
	}
	inOrder(t, tree.Org)
}

func TestLOG10_AnIdPOfTheVerifiedDomainBringsWhoHasTheAddressElsewhere(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	i := tree.idp(t, false)
	p := outsider(t, other, i.domain)
	u := i.bring(t, p.Email)
	if got := i.stored(t, u.ID); got.text("status") != "active" || got["proved"] != true {
		t.Errorf("%v", got)
	}
	refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	dispossessed(t, other, p, "")
	inOrder(t, tree.Org)
}

func TestPER8_AConnectionsCallsAreBounded(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i, other := tree.idp(t, false), tree.idp(t, false)
	answer := overLimit(t, "scim/"+i.id, 6_000, func() Answer { return i.call(t, "GET", "/ServiceProviderConfig", "") })
	i.refused(t, answer, 429, "")
	if answer.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d %v", answer.Status, answer.Header)
	}
	var logged struct{ Items []struct{ Detail string } }
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, i.id)+"/requests?status=429", nil).Expect(t, 200).JSON(t, &logged)
	if len(logged.Items) == 0 || logged.Items[0].Detail == "" {
		t.Errorf("the log does not say that the limit was reached: %+v", logged)
	}
	other.call(t, "GET", "/ServiceProviderConfig", "").Expect(t, 200)
}

func TestPER8_NobodyElseUsesUpTheCallsOfAConnection(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i, from := tree.idp(t, false), somewhere()
	ask := func(from, token string) Answer {
		return stack.Do(t, "GET", "/scim/v2/"+i.id+"/Users?count=1", nil, "Authorization", "Bearer "+token, "X-Local-Source", from)
	}
	stack.setRate(t, "visitor/"+from, 6_000)     // by others who share the address
	stack.setRate(t, "connection/"+i.id, 12_000) // by whoever follows links to sign in
	i.refused(t, overLimit(t, "scim-refused/"+from, 6_000, func() Answer { return ask(from, "tnt_scim_guess") }), 429, "")
	for range 700 { // more than an instance collects
		if answer := ask(from, i.token.Token); answer.Status != 200 {
			t.Fatalf("a call with a token is answered %d %s", answer.Status, answer.Body)
		}
	}
	ask(somewhere(), "tnt_scim_guess").Expect(t, 401)
}

func TestSCI8_ABreakGlassAdministratorIsNoIdPs(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	i := s.provisioning(t, false)
	chief := tree.Roles[tree.Org].Administrator
	address := s.invite(t, chief)
	s.signIn(t, newBrowser(), address).Expect(t, 303)
	indexed()
	takeovers := func() (found []struct{ ID, Email string }) {
		var page struct{ Items []struct{ ID, Email string } }
		tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, s.id)+"/takeovers", nil).Expect(t, 200).JSON(t, &page)
		return page.Items
	}
	users := takeovers()
	if len(users) != 1 || users[0].Email != address {
		t.Fatalf("found %v", users)
	}
	names := func(who ...string) Answer {
		return tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(true, "administrators", who...))
	}
	names(users[0].ID).Expect(t, 200)
	if left := takeovers(); len(left) > 0 {
		t.Errorf("shown to be taken over: %v", left)
	}
	i.refused(t, i.call(t, "POST", "/Users", i.person(address)), 409, "uniqueness")
	if got := i.stored(t, users[0].ID); got["connection"] != nil {
		t.Errorf("taken over: %v", got)
	}
	names().Expect(t, 200)
	if u := i.bring(t, address); u.ID != users[0].ID {
		t.Errorf("%s was not taken over", address)
	}
	refusedAs(t, names(users[0].ID), 422, "invalid")
	inOrder(t, tree.Org)
}

func TestSCI9_UnusuallyManyWhoLeaveAreToldOfAtOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	var ids []string
	for n := range 12 {
		ids = append(ids, i.bring(t, fmt.Sprintf("p%d@%s", n, i.domain)).ID)
	}
	subject := "Unusually many users of"
	leave := func(ids ...string) {
		for n, id := range ids {
			if n%2 == 0 {
				i.call(t, "DELETE", "/Users/"+id, "").Expect(t, 204)
			} else {
				i.patch(t, id, `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200)
			}
		}
	}
	warned := eventsOf(tree.Org, "connection.unusual-deactivations")
	leave(ids[:9]...)
	i.patch(t, ids[1], `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200) // who left already
	indexed()
	if warned(t) != 0 {
		t.Error("warned of nine")
	}
	leave(ids[9:]...)
	mailedTo(t, tree.Admin.Email, subject)
	indexed()
	if n := warned(t); n != 1 {
		t.Errorf("%d warnings, of what goes on", n)
	}
	inOrder(t, tree.Org)
}

func TestSCI9_FromWhereATokenIsUsedIsKept(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	i.list(t, "?count=1")
	var uses struct {
		Items []struct{ TokenID, Network, Day, FirstAt, LastAt string }
	}
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, i.id)+"/token-uses", nil).Expect(t, 200).JSON(t, &uses)
	if len(uses.Items) != 1 || uses.Items[0].TokenID != i.token.ID || !strings.HasSuffix(uses.Items[0].Network, ".0/24") || uses.Items[0].FirstAt == "" {
		t.Errorf("%+v", uses.Items)
	}
}
