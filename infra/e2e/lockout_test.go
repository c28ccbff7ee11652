package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/connection"
)

// This file shows that nobody is locked out (PER-5), whichever function takes a way to sign in: each asks in the same place, and
// counts on what stays.

// movesTo gives people addresses of the domain.
func (tree *Tree) movesTo(t testing.TB, domain string, who ...Person) {
	t.Helper()
	o := rawTable(t)
	for _, p := range who {
		user := o.item(t, "TREE#"+tree.Org, "USER#"+p.ID)
		user["email"] = "a-" + unique() + "@" + domain
		o.write(t, []map[string]any{user})
	}
}

// twoConnections are active ones of the main organization: the administrator's, and the second's. Nobody signs in by a password.
func (tree *Tree) twoConnections(t testing.TB) (admins, seconds *sso) {
	t.Helper()
	admins, seconds = tree.sso(t, tree.Org), tree.sso(t, tree.Org)
	tree.movesTo(t, admins.domain.Name, tree.Admin)
	tree.movesTo(t, seconds.domain.Name, tree.Second)
	off := turnOff(t, tree)
	if len(off.Administrators) != 2 {
		t.Fatalf("without passwords %+v can sign in", off.Administrators)
	}
	return admins, seconds
}

func TestAUT2_PasswordsGoOffWhereAllAdministratorsSignInByTheirIdP(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	refusedAs(t, tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators")), 409, "last-administrator")
	tree.movesTo(t, s.domain.Name, tree.Admin, tree.Second)
	var asked shownPolicy
	tree.Admin.DoWithKey(t, "PUT", policyOf(tree.Org), aPolicy(false, "administrators")).Expect(t, 409).JSON(t, &asked)
	says := func(c string) bool {
		return strings.Contains(c, "Can still sign in: ") && strings.Contains(c, `saml by the connection "Okta"`)
	}
	if !slices.ContainsFunc(asked.Consequences, says) {
		t.Errorf("asked %q", asked.Consequences)
	}
	off := turnOff(t, tree)
	if len(off.Administrators) != 2 || fmt.Sprint(off.Administrators[0].Ways) != "[saml]" || off.Administrators[0].ConnectionID != s.id {
		t.Errorf("answered %+v", off)
	}
}

func TestPER5_WhoeverTakesTheLastWayIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	admins, seconds := tree.twoConnections(t)
	by := platform(t)
	status := func(p Person, to string) Answer {
		return by.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+p.ID, map[string]string{"status": to})
	}

	off := connectionPath(tree.Org, seconds.id) + "/deactivate"
	var still aConnection
	var asked struct {
		Affected     int
		Consequences []string
	}
	by.DoWithKey(t, "POST", off, nil).Expect(t, 409).JSON(t, &asked)
	if last := asked.Consequences[len(asked.Consequences)-1]; asked.Affected != 0 || !strings.HasPrefix(last, "Can still sign in: ") || !strings.Contains(last, admins.domain.Name) {
		t.Errorf("asked %+v", asked)
	}
	by.DoWithKey(t, "POST", off+"?confirm=0", nil).Expect(t, 200).JSON(t, &still)
	if len(still.Administrators) != 1 || still.Administrators[0].UserID != tree.Admin.ID || still.Administrators[0].ConnectionID != admins.id {
		t.Errorf("can sign in: %+v", still.Administrators)
	}
	refusedAs(t, by.DoWithKey(t, "POST", connectionPath(tree.Org, admins.id)+"/deactivate", nil), 409, "last-administrator")
	refusedAs(t, by.DoWithKey(t, "DELETE", connectionPath(tree.Org, admins.id), nil), 409, "last-administrator")
	refusedAs(t, by.DoWithKey(t, "DELETE", domainPath(tree.Org, admins.domain.ID), nil), 409, "last-administrator")
	refusedAs(t, by.DoWithKey(t, "POST", domainPath(tree.Org, admins.domain.ID)+"/release", nil), 409, "last-administrator")
	refusedAs(t, status(tree.Admin, "inactive"), 409, "last-administrator")
	refusedAs(t, by.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+tree.Admin.ID, nil), 409, "last-administrator")
	refusedAs(t, by.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+tree.Admin.ID, map[string]string{"roleId": tree.Roles[tree.Org].User}), 409, "last-administrator")

	status(tree.Second, "inactive").Expect(t, 200) // cannot sign in anyway
	status(tree.Second, "active").Expect(t, 200)
	seconds.change(t, func(c *connection.Connection) { c.Active, c.Leads = true, c.Domains })
	status(tree.Admin, "inactive").Expect(t, 200) // the other one can again
	refusedAs(t, by.DoWithKey(t, "POST", off, nil), 409, "last-administrator")
}

func TestPER5_NobodyTakesTheirOwnLastWayByAnotherAddress(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	admins, _ := addressLink(t, tree.Admin)
	seconds, to := addressLink(t, tree.Second)
	first, second := tree.twoConnections(t)
	email := attribute("TREE#"+tree.Org, "USER#"+tree.Second.ID, "email")
	confirm := func(token string) Answer { return stack.Do(t, "POST", "/v1/me/address/"+token, nil) }

	confirm(admins).Expect(t, 204) // the second can sign in
	for range 2 {                  // the link stays good
		refusedAs(t, confirm(seconds), 409, "last-administrator")
	}
	if !strings.HasSuffix(email(t), second.domain.Name) {
		t.Errorf("the address is %q", email(t))
	}
	tree.movesTo(t, first.domain.Name, tree.Admin)
	confirm(seconds).Expect(t, 204)
	if email(t) != to {
		t.Errorf("the address is %q, not %q", email(t), to)
	}
}

func TestPER5_TheIdPsNewAddressIsToldOfWhereItTakesTheLastWay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	i, other := s.provisioning(t, false), tree.verified(t, tree.Org, someDomain())
	u := i.bring(t, s.address())
	i.gives(t, u.ID, tree.Roles[tree.Org].Administrator).Expect(t, 200)
	turnOff(t, tree)
	told := func(address string) bool {
		answer := i.patch(t, u.ID, `{"op":"replace","path":"userName","value":"`+address+`"}`).Expect(t, 200)
		return slices.ContainsFunc(eventsOfRequest(t, answer), func(e row) bool { return e.text("action") == "organization.without-administrator" })
	}
	if told(s.address()) {
		t.Error("told of an address that leads to the IdP")
	}
	if !told("ana@" + other.Name) {
		t.Error("nobody was told that no administrator can sign in")
	}
	if told("ana.ruiz@" + other.Name) {
		t.Error("told of what was so before")
	}
	var of struct{ Name string }
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200).JSON(t, &of)
	mailedTo(t, platform(t).Email, "last administrator of "+of.Name+" who could sign in")
	inOrder(t, tree.Org)
}

func TestPER5_TheIdPThatTakesTheLastWhoCanSignInIsToldOf(t *testing.T) {
	t.Parallel()
	partner := newTreeOf(t, platform(t), "partner")
	tree := newTreeOf(t, partner.Admin, "client")
	s := tree.sso(t, tree.Org)
	i, who := s.provisioning(t, false), [2]string{}
	for n := range who {
		who[n] = i.bring(t, s.address()).ID
		i.gives(t, who[n], tree.Roles[tree.Org].Administrator).Expect(t, 200)
	}
	turnOff(t, tree) // the other administrators have no way in any more
	told := eventsOf(tree.Org, "organization.without-administrator")
	set := func(n int, active bool) Answer {
		return i.patch(t, who[n], fmt.Sprintf(`{"op":"replace","path":"active","value":%v}`, active))
	}
	toldOnce := func(when string, want int) {
		t.Helper()
		if indexed(); told(t) != want {
			t.Fatalf("%s: told %d times, not %d", when, told(t), want)
		}
	}

	set(0, false).Expect(t, 200)
	toldOnce("the other one can", 0)
	set(1, false).Expect(t, 200)
	toldOnce("nobody can", 1)
	for _, one := range []string{platform(t).Email, partner.Second.Email} {
		mailedTo(t, one, "the last administrator of "+nameOf(t, tree.Org)+" who could sign in")
	}
	var of struct{ WithoutAdministrator bool }
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200).JSON(t, &of)
	if of.WithoutAdministrator {
		t.Error("it counts as without administrator, and has some")
	}
	for round := range 5 { // of two who leave at a time the second one is told of
		set(0, true).Expect(t, 200)
		set(1, true).Expect(t, 200)
		if statuses := together(2, func(n int) Answer { return set(n, false) }); statuses[200] != 2 {
			t.Fatalf("round %d: answered %v", round, statuses)
		}
		toldOnce(fmt.Sprint("round ", round), 2+round)
	}
	set(0, true).Expect(t, 200)
	toldOnce("one comes back", 6)
	i.call(t, "DELETE", "/Users/"+who[0], "").Expect(t, 204)
	toldOnce("deleted", 7)
	i.call(t, "DELETE", "/Users/"+who[1], "").Expect(t, 204)
	toldOnce("who had left", 7)
	inOrder(t, tree.Org)
}

// about makes it so that the record of the domain, which is missing, is looked for one last time (DOM-7).
func (tree *Tree) about(t testing.TB, d aDomain) {
	t.Helper()
	o, now := rawTable(t), time.Now()
	stored := o.item(t, "ORG#"+tree.Org, "DOMAIN#"+d.ID)
	stored["atRiskSince"], stored["lastMiss"], stored["misses"] = now.AddDate(0, 0, -15).Unix(), now.AddDate(0, 0, -1).Unix(), 14
	o.write(t, []map[string]any{stored})
	d.hide(t)
}

func TestPER5_ADomainThatIsLostIsToldOfWhereItTakesTheLastWay(t *testing.T) {
	t.Parallel()
	tree, heir := newTree(t), newTree(t)
	admins, seconds := tree.twoConnections(t)
	told := eventsOf(tree.Org, "organization.without-administrator")
	toldOnce := func(when string, want int) {
		t.Helper()
		if indexed(); told(t) != want {
			t.Fatalf("%s: told %d times, not %d", when, told(t), want)
		}
	}
	lose := func(s *sso) {
		t.Helper()
		tree.about(t, s.domain)
		if got := tree.verify(t, tree.Org, s.domain); got.Status != "not_verified" {
			t.Fatalf("the domain is %+v", got)
		}
	}

	lose(seconds)
	toldOnce("the other one can sign in", 0)
	lose(admins)
	toldOnce("nobody can", 1)
	mailedTo(t, platform(t).Email, nameOf(t, tree.Org)+" lost the domain "+admins.domain.Name)

	admins.domain.publish(t) // proved again, it leads to its connection as before
	if got := tree.verify(t, tree.Org, admins.domain); got.Status != "verified" {
		t.Fatalf("the domain is %+v", got)
	}
	admins.change(t, func(c *connection.Connection) { c.Active, c.Leads = true, c.Domains })
	d := heir.register(t, heir.Org, admins.domain.Name)
	d.publish(t)
	if got := heir.verify(t, heir.Org, d); got.Status != "verified" {
		t.Fatalf("the domain is %+v", got)
	}
	toldOnce("another organization proved it", 2)
}

func TestPER5_AnAddressThatAnotherTreeTakesOverIsToldOfWhereItIsTheLastWay(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	i, by := tree.idp(t, false), platform(t)
	var last [2]Person
	for n := range last {
		at := &sso{tree: other, org: other.Org, domain: aDomain{Name: i.domain}}
		last[n] = accepted(t, at.invite(t, other.Roles[other.Org].Administrator), other.Org, other.Org)
	}
	for _, p := range []Person{other.Admin, other.Second} {
		by.DoWithKey(t, "PATCH", usersOf(other.Org)+"/"+p.ID, map[string]string{"status": "inactive"}).Expect(t, 200)
	}
	told := eventsOf(other.Org, "organization.without-administrator")
	i.bring(t, last[0].Email)
	awaitMail(t, last[0].Email, "with this address no more")
	if indexed(); told(t) != 0 {
		t.Error("told while somebody else can sign in")
	}
	i.bring(t, last[1].Email)
	comesTrue(t, "it is told of", func() bool { return told(t) == 1 })
	mailedTo(t, by.Email, "the last administrator of "+nameOf(t, other.Org)+" who could sign in")
	inOrder(t, other.Org)
}

// TestPER5_WhatEndsByTimeIsToldOfWhereItTakesTheLastWay moves the clock of the schedule, which everything of an installation feels.
func TestPER5_WhatEndsByTimeIsToldOfWhereItTakesTheLastWay(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	losing, ending := newTree(t), newTree(t)
	s := losing.sso(t, losing.Org)
	losing.movesTo(t, s.domain.Name, losing.Admin, losing.Second)
	turnOff(t, losing)
	losing.about(t, s.domain)

	_, at := demoDirectory(t)
	c := ending.begin(t, ending.Org, "custom")
	path, d := connectionPath(ending.Org, c.ID), ending.verified(t, ending.Org, someDomain())
	ending.Admin.DoWithKey(t, "POST", path+"/idp-metadata", map[string]string{"url": at}).Expect(t, 200)
	ending.Admin.DoWithKey(t, "PATCH", path, map[string]any{"domains": []string{d.Name}}).Expect(t, 200)
	c = ending.tested(t, ending.Org, c)
	ending.Admin.DoWithKey(t, "POST", path+"/activate", nil).Expect(t, 200)
	ending.movesTo(t, d.Name, ending.Admin, ending.Second)
	turnOff(t, ending)

	told := func(tree *Tree) int { return eventsOf(tree.Org, "organization.without-administrator")(t) }
	due(t, time.Now().Add(25*time.Hour))
	if told(losing) != 1 || told(ending) != 0 {
		t.Errorf("told of the domain %d times, of the certificate %d times", told(losing), told(ending))
	}
	mailedTo(t, platform(t).Email, nameOf(t, losing.Org)+" lost the domain "+s.domain.Name)
	end, err := time.Parse(time.RFC3339, ending.connection(t, ending.Org, c).IDP.Certificates[0].NotAfter)
	if err != nil {
		t.Fatal(err)
	}
	due(t, end.Add(-time.Hour))
	if told(ending) != 0 {
		t.Error("told of a certificate that has not ended")
	}
	due(t, end.Add(time.Hour))
	due(t, end.Add(25*time.Hour))
	if told(losing) != 1 || told(ending) != 1 {
		t.Errorf("told of the domain %d times, of the certificate %d times", told(losing), told(ending))
	}
	mailedTo(t, platform(t).Email, "The last certificate of the connection "+c.Name+" of "+nameOf(t, ending.Org))
}

func TestPER5_ADomainIsNotVerifiedWhereThatTakesTheLastWay(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	other := tree.verified(t, tree.Org, someDomain())
	s := tree.sso(t, tree.Org, func(c *connection.Connection) {
		c.SSORequired, c.Domains, c.Leads = true, append(c.Domains, other.Name), append(c.Leads, other.Name)
		c.Settings.Certificates[0].NotAfter = clock.Format(time.Now().Add(-time.Hour))
	})
	tree.movesTo(t, s.domain.Name, tree.Admin, tree.Second)
	tree.about(t, s.domain)
	if got := tree.verify(t, tree.Org, s.domain); got.Status != "not_verified" {
		t.Fatalf("the domain is %+v", got)
	}
	s.domain.publish(t)

	refusedAs(t, tree.Admin.DoWithKey(t, "POST", domainPath(tree.Org, s.domain.ID)+"/verify", nil), 409, "last-administrator")
	if got := tree.domain(t, tree.Org, s.domain); got.Status != "not_verified" {
		t.Errorf("the domain is %+v", got)
	}
	tree.movesTo(t, "elsewhere.example", tree.Second)
	if got := tree.verify(t, tree.Org, s.domain); got.Status != "verified" {
		t.Errorf("the domain is %+v", got)
	}
	if c := storedConnection(t, s.id); !slices.Contains(c.Leads, s.domain.Name) {
		t.Errorf("it leads by %v", c.Leads)
	}
}

func TestDOM6_RemovingADomainSaysWhoCanStillSignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	admins, seconds := tree.twoConnections(t)
	var asked struct{ Consequences []string }
	tree.Admin.DoWithKey(t, "DELETE", domainPath(tree.Org, seconds.domain.ID), nil).Expect(t, 409).JSON(t, &asked)
	says := func(c string) bool {
		return strings.HasPrefix(c, "Can still sign in: ") && strings.Contains(c, admins.domain.Name)
	}
	if n := len(slices.DeleteFunc(slices.Clone(asked.Consequences), func(c string) bool { return !says(c) })); n != 1 {
		t.Errorf("asked %q", asked.Consequences)
	}
	platform(t).DoWithKey(t, "POST", domainPath(tree.Org, seconds.domain.ID)+"/release", nil).Expect(t, 409).JSON(t, &asked) // as releasing it does
	if n := len(slices.DeleteFunc(slices.Clone(asked.Consequences), func(c string) bool { return !says(c) })); n != 1 {
		t.Errorf("asked %q", asked.Consequences)
	}
	tree.removeDomain(t, tree.Org, seconds.domain)
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", domainPath(tree.Org, admins.domain.ID), nil), 409, "last-administrator")
}

// TestPER5_OfTwoWhoTakeEachOthersLastWayOneIsRefused has two administrators who can sign in by one connection each: at the same
// moment one way is taken from each, by different functions.
func TestPER5_OfTwoWhoTakeEachOthersLastWayOneIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	ways := [2]*sso{}
	ways[0], ways[1] = tree.twoConnections(t)
	who, by := [2]Person{tree.Admin, tree.Second}, platform(t)
	switchOff := func(i int) Answer {
		return by.DoWithKey(t, "POST", connectionPath(tree.Org, ways[i].id)+"/deactivate?confirm=0", nil)
	}
	deactivate := func(i int) Answer {
		return by.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+who[i].ID, map[string]string{"status": "inactive"})
	}
	release := func(i int) Answer {
		return tree.release(t, tree.Org, ways[i].domain)
	}
	takes := []func(int) Answer{switchOff, deactivate, release}
	for round := range 20 {
		first, second := takes[round%3], takes[(round/3)%3]
		one(t, fmt.Sprint("round ", round), together(2, func(i int) Answer {
			if i == 0 {
				return first(0)
			}
			return second(1)
		}))
		for i := range who {
			by.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+who[i].ID, map[string]string{"status": "active"}).Expect(t, 200)
			if tree.domain(t, tree.Org, ways[i].domain).Status != "verified" {
				tree.verify(t, tree.Org, ways[i].domain)
			}
			ways[i].change(t, func(c *connection.Connection) { c.Active, c.Leads = true, c.Domains })
		}
	}
}

func TestSSO7_WhoIsDeactivatedWithAConnectionIsNotTheLastWhoCanSignIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s, admins, seconds := tree.sso(t, tree.Org), tree.sso(t, tree.Org), tree.sso(t, tree.Org)
	tree.movesTo(t, admins.domain.Name, tree.Admin)
	tree.movesTo(t, seconds.domain.Name, tree.Second)
	for i, p := range []Person{tree.Admin, tree.Second} {
		rawTable(t).write(t, []map[string]any{{"pk": "CONNECTION#" + s.id, "sk": fmt.Sprint("NAMEID#", i), "user": p.ID}})
	}
	tree.Admin.DoWithKey(t, "DELETE", connectionPath(tree.Org, s.id)+"?users=deactivate&confirm=2", nil).Expect(t, 204)
	comesTrue(t, "nothing left of the connection", func() bool { return below("CONNECTION#"+s.id, "")(t) == 0 })
	status := func(p Person) string { return attribute("TREE#"+tree.Org, "USER#"+p.ID, "status")(t) }
	if status(tree.Admin) != "inactive" || status(tree.Second) != "active" {
		t.Errorf("%s and %s", status(tree.Admin), status(tree.Second))
	}
}
