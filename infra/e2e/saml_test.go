package e2e

import (
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func TestLOG2_AMemberSignsInByTheOrganizationsIdP(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	b := newBrowser()
	request := s.login(t, b, "?return="+url.QueryEscape("/users?limit=5"))
	got := s.arrive(t, b, s.answer(request, address)).Expect(t, 303)
	if to := got.Header.Get("Location"); to != stack.URL+"/users?limit=5" {
		t.Errorf("sent to %s", to)
	}
	me := b.who(t)
	if me.Email != address || me.OrganizationID != tree.Org {
		t.Errorf("%+v", me)
	}
	for name := range b.cookies {
		if name != "tenantry" {
			t.Errorf("the cookie %s is left", name)
		}
	}
	// The invitation is accepted by it (LOG-9), and counts and the audit have the sign-in (LOG-8).
	method := rawTable(t).item(t, "USER#"+me.ID, "METHOD#saml")
	if n, _ := method["count"].(float64); n != 1 || method.text("lastFrom") == "" {
		t.Errorf("%v", method)
	}
	var actions []string
	for _, event := range eventsOfRequest(t, got) {
		actions = append(actions, event.text("action"))
	}
	slices.Sort(actions)
	if diff := cmp.Diff([]string{"invitation.accepted", "session.opened"}, actions); diff != "" {
		t.Error(diff)
	}
	p := b.person(t)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 200)
	p.Do(t, "DELETE", "/v1/session", nil).Expect(t, 204)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
}

// TestLOG2_WhatASignInCosts holds the table calls and write units of a sign-in of somebody who has signed in before (LOG-8).
func TestLOG2_WhatASignInCosts(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	s.signIn(t, newBrowser(), address).Expect(t, 303)
	b := newBrowser()
	begun := b.get(t, "/saml/"+s.id+"/login").Expect(t, 303)
	answered := s.arrive(t, b, s.answer(requestOf(t, begun), address)).Expect(t, 303)
	for _, one := range []struct {
		what   string
		answer Answer
		calls  []string
		writes float64
	}{
		{"to the IdP", begun, []string{
			"GetItem",            // the connection
			"TransactWriteItems", // the request, for this browser
		}, 2},
		{"back from it", answered, []string{
			"BatchGetItem",       // the connection and the requests of the browser
			"BatchGetItem",       // the tree, the domain, the link of the name id, whose the address is, the mark of a restore
			"GetItem",            // the user
			"TransactWriteItems", // request and assertion used; session, count of sign-ins, audit with its two lists, SAML log
		}, 14},
	} {
		var names []string
		writes := 0.0
		for _, call := range callsOf(t, one.answer) {
			if call.Service == "dynamodb" {
				names = append(names, call.Action)
				writes += call.WriteUnits
			}
		}
		if diff := cmp.Diff(one.calls, names); diff != "" {
			t.Errorf("%s: %s", one.what, diff)
		}
		if writes > one.writes {
			t.Errorf("%s: %v write units, more than %v", one.what, writes, one.writes)
		}
	}
}

func TestLOG2_AnAnswerSignsInOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for name, idpFirst := range map[string]bool{"begun here": false, "begun at the IdP": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.IDPInitiated = idpFirst })
			address := s.invite(t, tree.Roles[tree.Org].User)
			b, request := newBrowser(), ""
			if !idpFirst {
				request = s.login(t, b, "")
			}
			answer, before := s.answer(request, address), b.clone()
			var signedIn, refused atomic.Int64
			var user string
			var group sync.WaitGroup
			var once sync.Mutex
			for range 20 {
				group.Go(func() {
					one := before.clone()
					switch got := s.arrive(t, one, answer); {
					case got.Status == 303:
						signedIn.Add(1)
						once.Lock()
						user = one.who(t).ID
						once.Unlock()
					case got.Status == 403 && got.code() == "try-again":
						refused.Add(1)
					default:
						t.Errorf("%d %s", got.Status, got.Body)
					}
				})
			}
			group.Wait()
			if signedIn.Load() != 1 || refused.Load() != 19 || sessionsOf(t, user) != 1 {
				t.Errorf("%d signed in, %d were refused, there are %d sessions", signedIn.Load(), refused.Load(), sessionsOf(t, user))
			}
			got := s.arrive(t, before, answer) // and later
			if got.Status != 403 || got.code() != "try-again" || sessionsOf(t, user) != 1 {
				t.Errorf("later: %d %s", got.Status, got.code())
			}
		})
	}
}

func TestLOG2_AnAnswerInAnotherBrowserSignsNobodyIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	attacker, victim := newBrowser(), newBrowser()
	mine := s.answer(s.login(t, attacker, ""), address)
	s.refuses(t, s.arrive(t, victim, mine), "try-again", "") // nothing was asked for there: it is not even looked at
	s.login(t, victim, "")
	s.refuses(t, s.arrive(t, victim, mine), "try-again", "meaning.request")
	victim.signedOut(t)
	s.arrive(t, attacker, mine).Expect(t, 303) // and nothing of it was used up
	attacker.who(t)
}

func TestLOG2_RelayStateLeadsToThisSiteOnly(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.IDPInitiated = true })
	address := s.invite(t, tree.Roles[tree.Org].User)
	for relay, want := range map[string]string{"/users": "/users", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "/\t/evil.example": "/",
		"javascript:alert(1)": "/", "/" + strings.Repeat("a", 100): "/", "": "/"} {
		answer := s.answer("", address)
		answer.Set("RelayState", relay)
		got := s.arrive(t, newBrowser(), answer).Expect(t, 303)
		if to := got.Header.Get("Location"); to != stack.URL+want {
			t.Errorf("%q: sent to %s", relay, to)
		}
		b := newBrowser()
		answer = s.answer(s.login(t, b, "?return="+url.QueryEscape(relay)), address)
		answer.Set("RelayState", "/modules")
		got = s.arrive(t, b, answer).Expect(t, 303)
		if to := got.Header.Get("Location"); to != stack.URL+want && len(relay) < 80 {
			t.Errorf("return=%q: sent to %s", relay, to)
		}
	}
	answer := s.answer("", address)
	answer["RelayState"] = []string{"/a", "/b"}
	s.refuses(t, s.arrive(t, newBrowser(), answer), "ask-administrator", "")
}

func TestLOG3_EntrasFirstDay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	userName, mail := s.invite(t, tree.Roles[tree.Org].User), s.address()
	same := func(r *samlsptest.Response) { r.Assertion.NameID = "S-1-5-21" }
	first, second := newBrowser(), newBrowser()
	s.signIn(t, first, userName, same).Expect(t, 303)
	s.signIn(t, second, mail, same).Expect(t, 303) // emailaddress is another address now; the name id is the same
	if first.who(t) != second.who(t) {
		t.Errorf("%+v is not %+v", second.who(t), first.who(t))
	}
	s.refuses(t, s.signIn(t, newBrowser(), mail), "no-access", "person.unknown") // under another name id it is nobody's
}

func TestLOG3_AnIdPCreatesPeopleWhereTheConnectionSaysSoAndNeverThoseWhoLeft(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Org].Administrator })
	address := s.address()
	b := newBrowser()
	got := s.signIn(t, b, address).Expect(t, 303)
	p := b.person(t)
	if p.Email != address || p.Org != tree.Org {
		t.Errorf("%+v", p)
	}
	var actions []string
	for _, event := range eventsOfRequest(t, got) {
		actions = append(actions, event.text("action"))
	}
	slices.Sort(actions)
	if diff := cmp.Diff([]string{"session.opened", "user.created"}, actions); diff != "" {
		t.Error(diff)
	}
	awaitMail(t, tree.Admin.Email, "administrator") // a new administrator is told to all (PER-7)
	inOrder(t, tree.Org)
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Org+"/users/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	s.refuses(t, s.signIn(t, newBrowser(), address), "no-access", "person.inactive")
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+tree.Org+"/users/"+p.ID, nil).Expect(t, 204)
	s.refuses(t, s.signIn(t, newBrowser(), address), "no-access", "person.removed")
	inOrder(t, tree.Org)
}

func TestLOG2_AnIdPSpeaksForItsOwnOnly(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	main, lab, foreign := tree.sso(t, tree.Org), tree.sso(t, tree.Subs[0]), other.sso(t, other.Org)
	chief, guest := main.invite(t, tree.Roles[tree.Org].Administrator), foreign.invite(t, other.Roles[other.Org].User)
	main.signIn(t, newBrowser(), chief).Expect(t, 303)
	foreign.signIn(t, newBrowser(), guest).Expect(t, 303)

	// A suborganization's IdP asserts the main administrator's address, one of another tree, and that of a main administrator
	// whose address is of the suborganization's own domain.
	lab.refuses(t, lab.signIn(t, newBrowser(), chief), "ask-administrator", "identity.domain")
	lab.refuses(t, lab.signIn(t, newBrowser(), guest), "ask-administrator", "identity.domain")
	inLab := lab.address()
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", map[string]string{"email": inLab, "name": "Chief", "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201)
	lab.refuses(t, lab.signIn(t, newBrowser(), inLab), "no-access", "person.elsewhere")
	main.refuses(t, main.signIn(t, newBrowser(), lab.invite(t, tree.Roles[tree.Subs[0]].User)), "ask-administrator", "identity.domain")

	// Its key, its issuer and its answers count at its own ACS only.
	b := newBrowser()
	answer := lab.answer(main.login(t, b, ""), chief)
	main.refuses(t, main.arrive(t, b, answer), "ask-administrator", "meaning.issuer")
	member := lab.invite(t, tree.Roles[tree.Subs[0]].User)
	lab.signIn(t, b, member).Expect(t, 303)
	if me := b.who(t); me.Email != member || me.OrganizationID != tree.Subs[0] {
		t.Errorf("%+v", me)
	}
	// A member of the suborganization who is moved away has nothing by its IdP any more.
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Subs[0]+"/users/"+b.who(t).ID, map[string]string{"organizationId": tree.Org, "roleId": tree.Roles[tree.Org].User}).Expect(t, 200)
	lab.refuses(t, lab.signIn(t, newBrowser(), member), "no-access", "person.elsewhere")
}

// A partner's people sign in by the partner's own IdP, which says that they gave a second factor, and so act for the client. Once the
// client ends that, nothing of it is left to them: not the session that was open, not another one, nothing that they had begun there,
// and their IdP speaks for nobody of the client.
func TestPER3_APartnerWhoseAccessEndedHasNothingLeftBySAML(t *testing.T) {
	t.Parallel()
	client, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	employ(t, client, partner, "manage")
	home, theirs := partner.sso(t, partner.Org), client.sso(t, client.Org)
	address, boss := home.invite(t, partner.Roles[partner.Org].Administrator), theirs.invite(t, client.Roles[client.Org].Administrator)
	theirs.signIn(t, newBrowser(), boss).Expect(t, 303)
	seller := func() Person {
		b := newBrowser()
		home.signIn(t, b, address, func(r *samlsptest.Response) { r.Assertion.Context = "https://refeds.org/profile/mfa" }).Expect(t, 303)
		return b.person(t)
	}
	before := seller()
	begun := client.complete(t, client.Org, client.begin(t, client.Org, "okta"), client.verified(t, client.Org, someDomain()).Name)
	var trial aTest
	before.Do(t, "POST", connectionPath(client.Org, begun.ID)+"/tests", nil).Expect(t, 201).JSON(t, &trial)
	reaches := func(by Person, status int) {
		t.Helper()
		for _, path := range []string{"/v1/organizations/" + client.Org, usersOf(client.Org), usersOf(client.Subs[0]), connectionPath(client.Org, theirs.id),
			connectionPath(client.Org, theirs.id) + "/events", connectionPath(client.Org, begun.ID) + "/tests/" + trial.ID} {
			by.Do(t, "GET", path, nil).Expect(t, status)
		}
	}
	reaches(before, 200)

	client.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+client.Org, map[string]string{"partnerAccess": "none"}).Expect(t, 200)
	for _, by := range []Person{before, seller()} {
		reaches(by, 404)
		by.Do(t, "PATCH", connectionPath(client.Org, theirs.id), map[string]any{"name": "Ours"}).Expect(t, 404)
		by.Do(t, "POST", connectionPath(client.Org, begun.ID)+"/tests", nil).Expect(t, 404)
		by.Do(t, "POST", connectionPath(client.Org, begun.ID)+"/activate", nil).Expect(t, 404)
		by.Do(t, "POST", usersOf(client.Org), map[string]string{"email": home.address(), "name": "Shadow", "roleId": client.Roles[client.Org].User}).Expect(t, 404)
		by.Do(t, "GET", "/v1/session", nil).Expect(t, 200) // at home all is as it was
	}
	home.refuses(t, home.signIn(t, newBrowser(), boss), "ask-administrator", "identity.domain")
	b := newBrowser()
	theirs.refuses(t, theirs.arrive(t, b, home.answer(theirs.login(t, b, ""), boss)), "ask-administrator", "meaning.issuer")
	theirs.refuses(t, theirs.signIn(t, newBrowser(), address), "ask-administrator", "identity.domain")
}

func TestDOM6_ASessionEndsWithItsDomain(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	b := newBrowser()
	s.signIn(t, b, address).Expect(t, 303)
	p := b.person(t)
	tree.removeDomain(t, tree.Org, s.domain)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
}

// TestGEN6_WhoSignsInTakesTheAddressFromAClosedTree has an address pass from a tree that is closed to the one that has verified
// its domain since.
func TestGEN6_WhoSignsInTakesTheAddressFromAClosedTree(t *testing.T) {
	t.Parallel()
	before, tree := newTree(t), newTree(t)
	name := someDomain()
	old := &sso{tree: before, org: before.Org, domain: aDomain{Name: name}}
	address := old.invite(t, before.Roles[before.Org].User)
	accepted(t, address, before.Org, before.Org)
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Org].User })
	s.domain = tree.verified(t, tree.Org, name)
	s.change(t, func(c *connection.Connection) { c.Domains, c.Leads = append(c.Domains, name), append(c.Leads, name) })
	closeOrganization(t, platform(t), before.Org)
	b := newBrowser()
	s.signIn(t, b, address).Expect(t, 303)
	if me := b.who(t); me.Email != address || me.OrganizationID != tree.Org {
		t.Errorf("%+v", me)
	}
}

func TestPER6_SigningInAnewAtTheIdPMakesASessionFresh(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].Administrator)
	b := newBrowser()
	hourAgo := func(r *samlsptest.Response) { r.Assertion.AuthnInstant = samlsptest.At(time.Now().Add(-time.Hour)) }
	s.signIn(t, b, address, hourAgo).Expect(t, 303)
	delicate := func() Answer {
		return b.send(t, "POST", "/v1/organizations/"+tree.Org+"/api-keys", map[string]any{"name": "k", "roleId": tree.Roles[tree.Org].Administrator}, nil)
	}
	refused := delicate().Expect(t, 403)
	if !strings.Contains(string(refused.Body), "reauthentication-required") || !strings.Contains(string(refused.Body), `"saml"`) {
		t.Errorf("%s", refused.Body)
	}
	var next struct{ Next, RedirectURL string }
	b.send(t, "POST", "/v1/session/reauthenticate", map[string]any{}, nil).Expect(t, 200).JSON(t, &next)
	if next.Next != "sso" || next.RedirectURL != s.sp.Login+"?again=1" {
		t.Fatalf("%+v", next)
	}
	session := b.cookies["tenantry"]
	// Who was signed in an hour ago has not signed in anew, and somebody else is somebody else.
	s.refuses(t, s.arrive(t, b, s.answer(s.login(t, b, "?again=1"), address, hourAgo)), "try-again", "meaning.fresh")
	s.refuses(t, s.arrive(t, b, s.answer(s.login(t, b, "?again=1"), s.invite(t, tree.Roles[tree.Org].User))), "try-again", "session.other")
	delicate().Expect(t, 403)
	s.arrive(t, b, s.answer(s.login(t, b, "?again=1"), address)).Expect(t, 303)
	if b.cookies["tenantry"] != session {
		t.Error("the session is another one")
	}
	delicate().Expect(t, 201)
	if got := newBrowser().get(t, "/saml/"+s.id+"/login?again=1"); got.Status != 401 {
		t.Errorf("without a session: %d", got.Status)
	}
}

func TestPER8_VisitsOfAnAddressAreBounded(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	const from = "203.0.113.77"
	limited := overLimit(t, "visitor/"+from, 600, func() Answer { return stack.Do(t, "GET", "/saml/"+s.id+"/metadata", nil, "X-Local-Source", from) })
	if limited.Status != 429 || limited.Header.Get("Retry-After") == "" {
		t.Errorf("%d, to be tried again in %q s", limited.Status, limited.Header.Get("Retry-After"))
	}
	stack.Do(t, "GET", "/saml/"+s.id+"/metadata", nil).Expect(t, 200)
}
