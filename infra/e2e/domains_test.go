package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestDOM1_DomainsAreListedWithWhatTheyAre(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	name := someDomain()
	made := tree.register(t, tree.Org, name)
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": "u@" + strings.ToUpper(name), "name": "U", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	second := tree.verified(t, tree.Org, someDomain())
	tree.register(t, tree.Subs[0], someDomain())
	var page struct {
		Items []struct {
			aDomain
			CreatedAt string
			CreatedBy struct{ Type, ID string }
		}
		NextCursor string
	}
	tree.Admin.DoWithKey(t, "GET", domainsOf(tree.Org)+"?limit=1", nil).Expect(t, 200).JSON(t, &page)
	if one := page.Items[0]; one.ID != made.ID || one.Name != name || one.Status != "not_verified" || one.Users != 1 || one.LastCheck != nil ||
		one.CreatedAt == "" || one.CreatedBy.ID != keyID(tree.Admin.Key) {
		t.Errorf("listed %+v", one)
	}
	tree.Admin.DoWithKey(t, "GET", domainsOf(tree.Org)+"?limit=1&cursor="+page.NextCursor, nil).Expect(t, 200).JSON(t, &page)
	if one := page.Items[0]; one.ID != second.ID || one.Status != "verified" || one.LastCheck == nil || one.LastCheck.Outcome != "found" {
		t.Errorf("listed %+v", one)
	}
	tree.User.Do(t, "GET", domainsOf(tree.Org), nil).Expect(t, 403)
	tree.Sub.Do(t, "GET", domainsOf(tree.Subs[0]), nil).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestDOM1_ADomainSaysWhichConnectionsHaveIt(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s, drafted := tree.sso(t, tree.Org), tree.begin(t, tree.Org, "entra")
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, drafted.ID), map[string]any{"domains": []string{s.domain.Name}}).Expect(t, 200)
	other := tree.register(t, tree.Org, someDomain())
	type with struct {
		ID          string
		Connections []struct {
			ID, Name        string
			Active, SignsIn bool
		}
	}
	indexed()
	var d with
	tree.Admin.DoWithKey(t, "GET", domainsOf(tree.Org)+"/"+s.domain.ID, nil).Expect(t, 200).JSON(t, &d)
	if len(d.Connections) != 2 || d.Connections[0].ID != s.id || !d.Connections[0].SignsIn || d.Connections[0].Name != "Okta" || d.Connections[1].ID != drafted.ID || d.Connections[1].SignsIn || d.Connections[1].Active {
		t.Errorf("%+v", d)
	}
	var page struct{ Items []with }
	tree.Admin.DoWithKey(t, "GET", domainsOf(tree.Org), nil).Expect(t, 200).JSON(t, &page)
	for _, one := range page.Items {
		if want := map[string]int{s.domain.ID: 2, other.ID: 0}[one.ID]; len(one.Connections) != want {
			t.Errorf("listed %+v", one)
		}
	}
}

func TestDOM2_NamesAreNormalisedAndWhatIsNoOnesOwnIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	label := unique()
	d := tree.register(t, tree.Org, " BÜCHER-"+strings.ToUpper(label)+".Example. ")
	if d.Name != "bücher-"+label+".example" || !strings.HasPrefix(d.ASCIIName, "xn--bcher-"+label) || d.Status != "not_verified" {
		t.Errorf("%+v", d)
	}
	for _, again := range []string{d.Name, d.ASCIIName, strings.ToUpper(d.ASCIIName) + "."} {
		var taken struct{ Type, Existing string }
		tree.Admin.DoWithKey(t, "POST", domainsOf(tree.Subs[0]), map[string]string{"name": again}).Expect(t, 409).JSON(t, &taken)
		if taken.Type != "urn:tenantry:problem:domain-registered" || taken.Existing != d.ID {
			t.Errorf("%s: %+v", again, taken)
		}
	}
	for name, says := range map[string]string{
		"co.uk": "public suffix", "github.io": "customers", "gmail.com": "mail for everybody", "10.0.0.1": "IP address", "[2001:db8::1]": "IP address",
		strings.Repeat("a.", 123) + "examples": "253 characters", "localhost": "single word", "a..example": "two dots", "-a.example": "hyphen",
		strings.Repeat("a", 64) + ".example": "63 characters", "ana@acme.example": "@", "https://acme.example": "without https://", "a_b.example": "underscore",
	} {
		var refused struct {
			Type   string
			Errors []struct{ Location, Message string }
		}
		tree.Admin.DoWithKey(t, "POST", domainsOf(tree.Org), map[string]string{"name": name}).Expect(t, 422).JSON(t, &refused)
		if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.name" || !strings.Contains(refused.Errors[0].Message, says) {
			t.Errorf("%s: %+v", name, refused)
		}
	}
	inOrder(t, tree.Org)
}

func TestDOM3_TheDetailShowsTheRecord(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	name := someDomain()
	d, twin := tree.register(t, tree.Org, name), other.register(t, other.Org, name)
	if got := tree.domain(t, tree.Org, d); got.Record.Type != "TXT" || got.Record.Host != "_tenantry-challenge."+name || got.Record.TTL == 0 ||
		!strings.HasPrefix(got.Record.Value, "tenantry-verification=") || got.Record.Value == twin.Record.Value {
		t.Errorf("%+v and %+v", got, twin)
	}
}

// splitInTwo is a value as two strings of one record.
func splitInTwo(value string) []string { return []string{value[:20], value[20:]} }

func TestDOM4_TheRecordIsFoundWhereverItMayStand(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for name, put := range map[string]func(t *testing.T, d aDomain){
		"at the challenge host":                   func(t *testing.T, d aDomain) { d.publish(t) },
		"at the domain itself":                    func(t *testing.T, d aDomain) { setDNS(t, d.Name, "TXT", d.Record.Value) },
		"in two strings, at the challenge host":   func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", splitInTwo(d.Record.Value)) },
		"in two strings, at the domain itself":    func(t *testing.T, d aDomain) { setDNS(t, d.Name, "TXT", splitInTwo(d.Record.Value)) },
		"among others":                            func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", "one", d.Record.Value, "three") },
		"among others, at the domain itself":      func(t *testing.T, d aDomain) { setDNS(t, d.Name, "TXT", "v=spf1 -all", d.Record.Value) },
		"among so many that no packet takes them": func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", many(d.Record.Value)...) },
		"with another value at the challenge host": func(t *testing.T, d aDomain) {
			setDNS(t, d.Record.Host, "TXT", "x")
			setDNS(t, d.Name, "TXT", d.Record.Value)
		},
		"while the domain itself cannot be queried": func(t *testing.T, d aDomain) { d.publish(t); setDNS(t, d.Name, "CNAME", d.Name) },
		"behind a CNAME": func(t *testing.T, d aDomain) {
			setDNS(t, d.Record.Host, "CNAME", "proof."+d.Name)
			setDNS(t, "proof."+d.Name, "TXT", d.Record.Value)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := tree.register(t, tree.Org, someDomain())
			put(t, d)
			if got := tree.verify(t, tree.Org, d); got.Status != "verified" || got.LastCheck.Outcome != "found" || got.LastCheck.Hint != "" {
				t.Errorf("%+v %+v", got, got.LastCheck)
			}
		})
	}
}

// many are more records than fit an answer by UDP, the value among them.
func many(value string) []any {
	values := []any{}
	for n := range 40 {
		values = append(values, fmt.Sprint(n, " ", strings.Repeat("x", 90)))
	}
	return append(values, value)
}

func TestDOM4_AMissSaysWhatWasFoundAndTheLikelySlip(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	old := tree.register(t, tree.Org, someDomain()).Record.Value
	for _, c := range []struct {
		name    string
		put     func(t *testing.T, d aDomain)
		outcome string
		slip    string
		says    string
		found   func(d aDomain) string // the first record that was found
	}{
		{"another value", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", "hello") }, "not_found", "other-value", "another value", func(d aDomain) string { return d.Record.Host + " hello" }},
		{"quotes pasted", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", `"`+d.Record.Value+`"`) }, "not_found", "quotes-pasted", "without quotes",
			func(d aDomain) string { return d.Record.Host + ` "` + d.Record.Value + `"` }},
		{"an old token", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "TXT", old) }, "not_found", "other-token", "another registration", func(d aDomain) string { return d.Record.Host + " " + old }},
		{"the host doubled", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host+"."+d.Name, "TXT", d.Record.Value) }, "not_found", "host-doubled", "without the domain",
			func(d aDomain) string { return d.Record.Host + "." + d.Name + " " + d.Record.Value }},
		{"another host", func(t *testing.T, d aDomain) { setDNS(t, "www."+d.Name, "TXT", d.Record.Value) }, "not_found", "other-host", "Move it to", func(d aDomain) string { return "www." + d.Name + " " + d.Record.Value }},
		{"a domain that does not exist", func(*testing.T, aDomain) {}, "not_found", "no-domain", "does not know", nil},
		{"nothing at the challenge host", func(t *testing.T, d aDomain) { setDNS(t, d.Name, "A", "192.0.2.1") }, "not_found", "no-host", "nothing at", nil},
		{"no TXT record", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "A", "192.0.2.1") }, "not_found", "no-record", "no TXT record", nil},
		{"a CNAME to nowhere", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "CNAME", "nowhere.invalid") }, "not_found", "alias-without", "nowhere.invalid", nil},
		{"SERVFAIL", func(t *testing.T, d aDomain) { failDNS(t, d.Name, "servfail") }, "failed", "resolver-failed", "SERVFAIL", nil},
		{"SERVFAIL at the challenge host", func(t *testing.T, d aDomain) { failDNS(t, d.Record.Host, "servfail") }, "failed", "resolver-failed", "SERVFAIL", nil},
		{"a CNAME in a circle", func(t *testing.T, d aDomain) { setDNS(t, d.Record.Host, "CNAME", d.Record.Host) }, "failed", "resolver-failed", "", nil},
		{"a time-out", func(t *testing.T, d aDomain) { failDNS(t, d.Name, "timeout") }, "failed", "no-answer", "did not answer in time", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := tree.register(t, tree.Org, someDomain())
			c.put(t, d)
			got := tree.verify(t, tree.Org, d)
			check := got.LastCheck
			if got.Status != "not_verified" || check == nil || check.Outcome != c.outcome || check.Slip != c.slip || !strings.Contains(check.Hint, c.says) || check.At == "" {
				t.Fatalf("%+v %+v", got, check)
			}
			if c.found != nil && (len(check.Found) == 0 || check.Found[0].Host+" "+check.Found[0].Value != c.found(d)) {
				t.Errorf("found %+v", check.Found)
			}
			if again := tree.domain(t, tree.Org, d); again.LastCheck == nil || again.LastCheck.Hint != check.Hint {
				t.Errorf("read again: %+v", again.LastCheck)
			}
			stack.Local(t, "DELETE", "dns/"+d.Name+"/failure", nil)
			stack.Local(t, "DELETE", "dns/"+d.Record.Host+"/failure", nil)
			stack.Local(t, "DELETE", "dns/"+d.Record.Host+"/CNAME", nil)
			d.publish(t)
			if got := tree.verify(t, tree.Org, d); got.Status != "verified" {
				t.Errorf("put right: %+v", got.LastCheck)
			}
		})
	}
}

func TestDOM5_ADomainIsVerifiedForOneTree(t *testing.T) {
	t.Parallel()
	first, second := newTree(t), newTree(t)
	name := someDomain()
	held, d := first.verified(t, first.Org, name), second.register(t, second.Subs[0], name)
	setDNS(t, held.Record.Host, "TXT", held.Record.Value, d.Record.Value)
	verify := domainPath(second.Subs[0], d.ID) + "/verify"
	refusedAs(t, second.Admin.DoWithKey(t, "POST", verify, nil), 409, "domain-held")
	setDNS(t, held.Record.Host, "TXT", d.Record.Value)
	setDNS(t, name, "TXT", held.Record.Value)
	refusedAs(t, second.Admin.DoWithKey(t, "POST", verify, nil), 409, "domain-held")
	if got := first.domain(t, first.Org, held); got.Status != "verified" {
		t.Errorf("the holder's: %+v", got)
	}
	stack.Local(t, "DELETE", "dns/"+name+"/TXT", nil)
	if got := second.verify(t, second.Subs[0], d); got.Status != "verified" {
		t.Errorf("the second one's: %+v", got)
	}
	if got := first.domain(t, first.Org, held); got.Status != "not_verified" {
		t.Errorf("the former holder's: %+v", got)
	}
	awaitMail(t, first.Admin.Email, name+" is no longer verified for "+nameOf(t, first.Org))
	awaitMail(t, second.Second.Email, "Domain verified in Sub 0")
	for _, tree := range []*Tree{first, second} {
		inOrder(t, tree.Org)
	}

	release := domainPath(second.Subs[0], d.ID) + "/release"
	second.Admin.DoWithKey(t, "POST", release, nil).Expect(t, 403)
	second.release(t, second.Subs[0], d).Expect(t, 200).JSON(t, &d)
	refusedAs(t, platform(t).DoWithKey(t, "POST", release, nil), 409, "domain-not-verified")
	if d.Status != "not_verified" {
		t.Errorf("released: %+v", d)
	}
	awaitMail(t, second.Second.Email, name+" is no longer verified for Sub 0")
	held.publish(t)
	if got := first.verify(t, first.Org, held); got.Status != "verified" {
		t.Errorf("the first one's again: %+v", got)
	}
	for _, tree := range []*Tree{first, second} {
		inOrder(t, tree.Org)
	}
}

// nameOf is the name of an organization.
func nameOf(t testing.TB, org string) string {
	t.Helper()
	return rawTable(t).item(t, "ORG#"+org, "ORG").text("name")
}

func TestDOM5_OfTwoTreesThatRaceExactlyOneGetsTheDomain(t *testing.T) {
	t.Parallel()
	trees := []*Tree{newTree(t), newTree(t)}
	for round := range 50 {
		name := someDomain()
		var domains [2]aDomain
		for i, tree := range trees {
			domains[i] = tree.register(t, tree.Org, name)
		}
		setDNS(t, domains[0].Record.Host, "TXT", domains[0].Record.Value, domains[1].Record.Value)
		var answers [2]Answer
		var racing sync.WaitGroup
		for i, tree := range trees {
			racing.Go(func() {
				answers[i] = tree.Admin.DoWithKey(t, "POST", domainPath(tree.Org, domains[i].ID)+"/verify", nil)
			})
		}
		racing.Wait()
		owners := 0
		for i, tree := range trees {
			if got := tree.domain(t, tree.Org, domains[i]); (got.Status == "verified") != (answers[i].Status == 200) {
				t.Fatalf("round %d: answered %d, and it is %s", round, answers[i].Status, got.Status)
			}
			if answers[i].Status == 200 {
				owners++
			} else {
				refusedAs(t, answers[i], 409, "domain-held")
			}
		}
		if owners != 1 {
			t.Fatalf("round %d: %d owners: %s, %s", round, owners, answers[0].Body, answers[1].Body)
		}
	}
	inOrder(t, trees[0].Org)
	inOrder(t, trees[1].Org)
}

func TestDOM5_ADomainOfAClosedTreeIsFree(t *testing.T) {
	t.Parallel()
	old, heir := newTree(t), newTree(t)
	name := someDomain()
	held, d := old.verified(t, old.Org, name), heir.register(t, heir.Org, name)
	setDNS(t, held.Record.Host, "TXT", held.Record.Value, d.Record.Value)
	refusedAs(t, heir.Admin.DoWithKey(t, "POST", domainPath(heir.Org, d.ID)+"/verify", nil), 409, "domain-held")
	closeOrganization(t, old.Admin, old.Org)
	if got := heir.verify(t, heir.Org, d); got.Status != "verified" {
		t.Fatalf("%+v", got)
	}
	var o closing
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+old.Org+"/reopen", nil).Expect(t, 200).JSON(t, &o)
	if got := old.domain(t, old.Org, held); got.Status != "not_verified" || o.Lost != 1 {
		t.Errorf("reopened with %+v, lost %d", got, o.Lost)
	}
	inOrder(t, old.Org)
	inOrder(t, heir.Org)
}

func TestDOM6_RemovingADomainSaysWhomItConcernsAndFreesIt(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	name := someDomain()
	d := tree.verified(t, tree.Org, name)
	for i := range 2 {
		tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": fmt.Sprintf("u%d@%s", i, name), "name": "U", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	}
	var asked struct {
		Type         string
		Affected     int
		Consequences []string
	}
	path := domainPath(tree.Org, d.ID)
	tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 409).JSON(t, &asked)
	if asked.Type != "urn:tenantry:problem:confirmation-required" || asked.Affected != 2 || len(asked.Consequences) == 0 || !strings.Contains(asked.Consequences[0], "2 users") {
		t.Errorf("%+v", asked)
	}
	tree.Admin.DoWithKey(t, "DELETE", path+"?confirm=1", nil).Expect(t, 409)
	epoch := func() any { return rawTable(t).item(t, "TREE#"+tree.Org, "ACCESS")["domainEpoch"] }
	before := epoch()
	tree.Admin.DoWithKey(t, "DELETE", path+"?confirm=2", nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 404)
	if after := epoch(); after == before {
		t.Errorf("the epoch of domains is %v as before", after)
	}
	awaitMail(t, tree.Second.Email, "Domain removed from "+nameOf(t, tree.Org))
	twin := other.register(t, other.Org, name)
	setDNS(t, d.Record.Host, "TXT", d.Record.Value, twin.Record.Value)
	if got := other.verify(t, other.Org, twin); got.Status != "verified" {
		t.Errorf("another tree's: %+v", got)
	}
	inOrder(t, tree.Org)
}

func TestGEN4_ASuborganizationWithADomainIsNotEmpty(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := tree.Subs[1]
	d := tree.verified(t, sub, someDomain())
	answer := tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil)
	refusedAs(t, answer, 409, "not-empty")
	if !strings.Contains(string(answer.Body), "1 domain.") {
		t.Errorf("it says %s", answer.Body)
	}
	tree.removeDomain(t, sub, d)
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 204)
	inOrder(t, tree.Org)
}

func TestDOM9_WhoeverBuysALostDomainGetsNothing(t *testing.T) {
	t.Parallel()
	tree, buyer := newTree(t), newTree(t)
	name := someDomain()
	invite := func(email string) Answer {
		return tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"email": email, "name": "Una", "roleId": tree.Roles[tree.Org].Administrator})
	}
	d := tree.verified(t, tree.Org, name)
	user, open := "una@"+name, "open@"+name
	invite(user).Expect(t, 201)
	una := accepted(t, user, tree.Org, tree.Org)
	invite(open).Expect(t, 201)
	early := mailedToken(t, open, "invitation")
	earlyReset := resetToken(t, una)

	// The domain changes hands.
	bought := buyer.register(t, buyer.Org, name)
	setDNS(t, d.Record.Host, "TXT", bought.Record.Value)
	if got := buyer.verify(t, buyer.Org, bought); got.Status != "verified" {
		t.Fatalf("%+v", got)
	}
	awaitMail(t, tree.Second.Email, name+" is no longer verified for "+nameOf(t, tree.Org))
	stack.Local(t, "POST", "queues/idle", nil)
	before := len(mailsTo(t, user)) + len(mailsTo(t, open))

	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": user}).Expect(t, 202)
	refusedAs(t, invite("new@"+name), 409, "domain-lost")
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org)+"/"+userWith(t, tree, open)+"/invitation", nil), 409, "domain-lost")
	stack.Do(t, "POST", "/v1/session/password-reset/"+earlyReset, map[string]string{"password": "another-" + password}).Expect(t, 404)
	stack.Do(t, "GET", "/v1/invitations/"+early, nil).Expect(t, 404)
	stack.Do(t, "POST", "/v1/invitations/"+early, map[string]string{"password": password}).Expect(t, 404)
	tree.Admin.DoWithKey(t, "POST", keysOf(tree.Org), map[string]any{"name": "Told", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201) // which all administrators are told of
	una.Do(t, "POST", "/v1/me/password", map[string]string{"current": password, "password": "own-" + password}).Expect(t, 204)
	awaitMail(t, tree.Second.Email, "New API key in "+nameOf(t, tree.Org))
	stack.Local(t, "POST", "queues/idle", nil)
	if after := len(mailsTo(t, user)) + len(mailsTo(t, open)); after != before {
		t.Errorf("%d mails came to addresses of the lost domain", after-before)
	}

	// Removed, the mark stays; proved again, it is gone.
	tree.removeDomain(t, tree.Org, d)
	refusedAs(t, invite("new@"+name), 409, "domain-lost")
	d = tree.register(t, tree.Org, name)
	refusedAs(t, invite("new@"+name), 409, "domain-lost")
	d.publish(t)
	if got := tree.verify(t, tree.Org, d); got.Status != "verified" {
		t.Fatalf("%+v", got)
	}
	invite("new@"+name).Expect(t, 201)
	resetToken(t, una)
	inOrder(t, tree.Org)
	inOrder(t, buyer.Org)
}

// userWith is the id of the user of the tree who has the address.
func userWith(t testing.TB, tree *Tree, email string) string {
	t.Helper()
	return rawTable(t).item(t, "TREE#"+tree.Org, "ADDRESS#"+email).text("user")
}

func TestPER7_EveryChangeOfADomainIsAuditedAndTold(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	name := someDomain()
	d := tree.verified(t, tree.Org, name)
	d.hide(t)
	if got := tree.verify(t, tree.Org, d); got.Status != "verified" || got.AtRiskSince == "" || got.LostAt == "" {
		t.Errorf("without its record: %+v", got)
	}
	awaitMail(t, tree.Second.Email, "The DNS record of "+name+" is missing")
	d.publish(t)
	if got := tree.verify(t, tree.Org, d); got.Status != "verified" || got.AtRiskSince != "" {
		t.Errorf("with its record again: %+v", got)
	}
	tree.removeDomain(t, tree.Org, d)
	actions := []string{}
	for _, event := range rawTable(t).list(t, 1, "AUDIT#"+tree.Org, "") {
		if target, _ := event["target"].(map[string]any); target["id"] == d.ID {
			actions = append(actions, event.text("action"))
		}
	}
	if want := []string{"domain.created", "domain.verified", "domain.at-risk", "domain.recovered", "domain.removed"}; !slices.Equal(actions, want) {
		t.Errorf("audited %v", actions)
	}
}
