package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// closing is what these tests read of an organization that was closed.
type closing struct {
	Status  string
	Members int
	Lost    int
	Closing *struct{ ClosedAt, ErasesAt, JobID string }
}

// isClosed tells whether the tree is closed, by what is stored.
func isClosed(root string) func(testing.TB) bool {
	return func(t testing.TB) bool { return attribute("TREE#"+root, "ACCESS", "closedAt")(t) != "" }
}

// closeOrganization closes a main organization by the API key of somebody who may.
func closeOrganization(t testing.TB, by Person, org string) closing {
	t.Helper()
	path := "/v1/organizations/" + org
	var o closing
	by.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &o)
	name := rawTable(t).item(t, "ORG#"+org, "ORG").text("name")
	var asked struct{ Affected int }
	by.DoWithKey(t, "POST", path+"/close", map[string]string{"name": name}).Expect(t, 409).JSON(t, &asked)
	by.DoWithKey(t, "POST", fmt.Sprintf("%s/close?confirm=%d", path, asked.Affected), map[string]string{"name": name}).Expect(t, 200).JSON(t, &o)
	return o
}

func TestGEN6_ClosingEndsEverybodysAccessAtOnceAndReopeningGivesItBack(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	invited := inviteOnly(t, tree, tree.Roles[tree.Org].User)
	invitation := mailedToken(t, invited, "invitation")
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": tree.User.Email}).Expect(t, 202)
	reset := mailedToken(t, tree.User.Email, "password-reset")
	challenge := challengeOf(t, tree.Second)
	unknown := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": unique() + "@acme.example", "password": password}).Expect(t, 401)

	o := closeOrganization(t, tree.Admin, tree.Org)
	if o.Status != "closed" || o.Closing == nil {
		t.Fatalf("closed: %+v", o)
	}
	if ends, err := time.Parse(time.RFC3339, o.Closing.ErasesAt); err != nil || time.Until(ends) < 29*24*time.Hour {
		t.Errorf("it is erased at %s", o.Closing.ErasesAt)
	}
	for _, p := range []Person{tree.Admin, tree.Second, tree.User, tree.Sub, tree.SubOne} {
		p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
		if p.Key != "" {
			p.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 401)
			p.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 401)
		}
		known := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 401)
		if anonymous(known, "") != anonymous(unknown, "") {
			t.Errorf("%s is told from an unknown account: %s", p.Email, known.Body)
		}
	}
	stack.Do(t, "GET", "/v1/invitations/"+invitation, nil).Expect(t, 404)
	stack.Do(t, "POST", "/v1/invitations/"+invitation, map[string]string{"password": password}).Expect(t, 404)
	stack.Do(t, "POST", "/v1/session/password-reset/"+reset, map[string]string{"password": "another-" + password}).Expect(t, 404)
	stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challenge, "code": nextCode(t, tree.Second)}).Expect(t, 401)
	awaitMail(t, tree.Admin.Email, " is closed")
	awaitMail(t, tree.Second.Email, " is closed")

	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 200).JSON(t, &o)
	if o.Status != "active" || o.Lost != 0 {
		t.Errorf("reopened: %+v", o)
	}
	tree.Admin.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Subs[0], nil).Expect(t, 200)
	signedInAgain(t, tree.User)
	stack.Do(t, "GET", "/v1/invitations/"+invitation, nil).Expect(t, 200)
	awaitMail(t, tree.Admin.Email, " is open again")
	inOrder(t, tree.Org)
}

func TestGEN6_WhoeverProvesAnAddressOfAClosedOrganizationTakesIt(t *testing.T) {
	t.Parallel()
	old, heir := newTree(t), newTree(t)
	take := func(email string) Answer {
		heir.Admin.DoWithKey(t, "POST", "/v1/organizations/"+heir.Org+"/users", map[string]string{"email": email, "name": "Pat", "roleId": heir.Roles[heir.Org].User}).Expect(t, 201)
		mail := awaitMailThat(t, email, "that invites", func(m Mail) bool { return strings.Contains(m.Text, "#tnt_inv_"+heir.Org) })
		return stack.Do(t, "POST", "/v1/invitations/"+tokenInMail.FindStringSubmatch(mail.Text)[1], map[string]string{"password": password})
	}
	take(old.SubOne.Email).Expect(t, 409)
	closeOrganization(t, old.Admin, old.Org)
	take(old.Admin.Email).Expect(t, 204)
	take(old.User.Email).Expect(t, 204)
	if claim := rawTable(t).item(t, "EMAIL#"+old.User.Email, "EMAIL"); claim.text("root") != heir.Org {
		t.Errorf("the claim is %v", claim)
	}
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": old.User.Email, "password": password}).Expect(t, 204)

	var o closing
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+old.Org+"/reopen", nil).Expect(t, 200).JSON(t, &o)
	if o.Lost != 2 {
		t.Errorf("reopened: %+v", o)
	}
	for _, p := range []Person{old.Admin, old.User} {
		if status := attribute("TREE#"+old.Org, "USER#"+p.ID, "status")(t); status != "inactive" {
			t.Errorf("%s is %s in the old organization", p.Email, status)
		}
	}
	if n := eventsOf(old.Org, "user.address-lost")(t); n != 2 {
		t.Errorf("%d events of addresses that were lost", n)
	}
	signedInAgain(t, old.SubOne)
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": old.User.Email, "password": password}).Expect(t, 204)
	inOrder(t, old.Org)
	inOrder(t, heir.Org)
}

func TestGEN6_WhatIsRefusedOfClosing(t *testing.T) {
	t.Parallel()
	tree, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	path := "/v1/organizations/" + tree.Org + "/close"
	var refused struct {
		Type         string
		Errors       []struct{ Location string }
		Affected     int
		Consequences []string
	}
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"name": "acme"}).Expect(t, 422).JSON(t, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Location != "body.name" {
		t.Errorf("%+v", refused)
	}
	name := map[string]string{"name": rawTable(t).item(t, "ORG#"+tree.Org, "ORG").text("name")}
	tree.Admin.DoWithKey(t, "POST", path+"?confirm=4", name).Expect(t, 409).JSON(t, &refused)
	said := strings.Join(refused.Consequences, "\n")
	if refused.Affected != 5 || !strings.Contains(said, "5 people") || !strings.Contains(said, "3 API keys") || !strings.Contains(said, "2 suborganizations") ||
		!strings.Contains(said, "/exports") || !strings.Contains(said, time.Now().UTC().AddDate(0, 0, 30).Format("2006-01-02")) {
		t.Errorf("%+v", refused)
	}
	tree.Sub.DoWithKey(t, "POST", path, name).Expect(t, 403)
	tree.Sub.DoWithKey(t, "POST", "/v1/organizations/"+tree.Subs[0]+"/close", name).Expect(t, 403)
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Subs[0]+"/close", name).Expect(t, 409)
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+platform(t).Org+"/close", name).Expect(t, 409)
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 403)

	employ(t, tree, partner, "manage")
	partner.Admin.DoWithKey(t, "POST", path, name).Expect(t, 403)
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Org, map[string]string{"partnerAccess": "none"}).Expect(t, 200)
	its := map[string]string{"name": rawTable(t).item(t, "ORG#"+partner.Org, "ORG").text("name")}
	partner.Admin.DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/close?confirm=3", its).Expect(t, 409).JSON(t, &refused)
	if refused.Type != "urn:tenantry:problem:has-clients" || !slices.Equal(refused.Consequences, []string{"1 client"}) {
		t.Errorf("%+v", refused)
	}
	code := partnerCode(t, partner)
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+tree.Org+"/partner", nil).Expect(t, 204)
	closeOrganization(t, partner.Admin, partner.Org)
	tree.Admin.DoWithKey(t, "PUT", "/v1/organizations/"+tree.Org+"/partner", map[string]string{"code": code}).Expect(t, 422)
	platform(t).DoWithKey(t, "POST", "/v1/organizations/"+partner.Org+"/reopen", nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PUT", "/v1/organizations/"+tree.Org+"/partner", map[string]string{"code": code}).Expect(t, 200)
}

func TestGEN6_ThePlatformAndThePartnerStillSeeWhatIsClosed(t *testing.T) {
	t.Parallel()
	tree, partner := newTree(t), newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	closeOrganization(t, tree.Admin, tree.Org)
	for _, p := range []Person{platform(t), partner.Admin} {
		var o closing
		p.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200).JSON(t, &o)
		if o.Status != "closed" || o.Closing == nil {
			t.Errorf("%+v", o)
		}
		p.DoWithKey(t, "GET", "/v1/organizations/"+tree.Subs[0], nil).Expect(t, 200).JSON(t, &o)
		if o.Status != "closed" {
			t.Errorf("its suborganization: %+v", o)
		}
		p.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Subs[0], map[string]string{"name": "Other"}).Expect(t, 409)
		p.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", map[string]string{"email": unique() + "@acme.example", "name": "Pat", "roleId": tree.Roles[tree.Org].User}).Expect(t, 409)
	}
	partner.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 403)
	newTree(t).Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 404)
}

func TestGEN6_ClosingAndReopeningAtTheSameTimeEndInOneOfThem(t *testing.T) {
	t.Parallel()
	tree, root := newTree(t), platform(t)
	name := map[string]string{"name": rawTable(t).item(t, "ORG#"+tree.Org, "ORG").text("name")}
	var all sync.WaitGroup
	for i := range 12 {
		all.Add(1)
		go func() {
			defer all.Done()
			path, body := "/close?confirm=5", any(name)
			if i%2 == 1 {
				path, body = "/reopen", nil
			}
			if answer := root.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+path, body); answer.Status != http.StatusOK {
				t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
			}
		}()
	}
	all.Wait()
	closed := isClosed(tree.Org)(t)
	if timer := there("TIMER#erasure#"+tree.Org, "TIMER")(t); timer != closed {
		t.Errorf("closed: %v, a timer to erase it: %v", closed, timer)
	}
	root.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/reopen", nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200)
	if there("TIMER#erasure#"+tree.Org, "TIMER")(t) {
		t.Error("an open organization has a timer to erase it")
	}
}
