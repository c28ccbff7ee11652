package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/connection"
)

func TestSSO1_TheWizardShowsOurValuesInTheProvidersWords(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for provider, fields := range map[string][]string{
		"okta":   {"Single sign-on URL", "Audience URI (SP Entity ID)"},
		"entra":  {"Reply URL (Assertion Consumer Service URL)", "Identifier (Entity ID)"},
		"custom": {"Assertion Consumer Service URL (ACS, reply URL)", "Entity ID (audience, issuer of requests)"},
	} {
		c := tree.begin(t, tree.Org, provider)
		base := stack.URL + "/saml/" + c.ID
		if c.Status != "draft" || !c.SSORequired || c.IDPInitiated || c.OnExpiredCertificate != "refuse" || len(c.Missing) != 3 ||
			c.SP.ACSURL != base+"/acs" || c.SP.EntityID != base+"/metadata" || c.SP.MetadataURL != base+"/metadata" || c.SP.LoginURL != base+"/login" || len(c.Attributes["email"]) == 0 {
			t.Errorf("%s: %+v", provider, c)
		}
		got, empty := map[string]string{}, 0
		for _, field := range c.SP.Forms[0].Fields {
			if got[field.Name] = field.Value; field.Value == "" {
				empty++
			}
		}
		if got[fields[0]] != c.SP.ACSURL || got[fields[1]] != c.SP.EntityID || empty < 2 {
			t.Errorf("%s: %v", provider, got)
		}
		if kept := tree.connection(t, tree.Org, c); kept.Name != c.Name || kept.Provider != provider {
			t.Errorf("%s is kept as %+v", provider, kept)
		}
	}
	tree.Admin.DoWithKey(t, "POST", connectionsOf(tree.Org), map[string]string{"name": "x", "provider": "ping"}).Expect(t, 422)
	tree.User.Do(t, "GET", connectionsOf(tree.Org), nil).Expect(t, 403)
	tree.Sub.Do(t, "GET", connectionsOf(tree.Subs[0]), nil).Expect(t, 200)
	tree.Sub.Do(t, "GET", connectionsOf(tree.Org), nil).Expect(t, 403)
}

func TestSSO1_WhatIsEnteredIsJudgedByField(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.begin(t, tree.Org, "custom")
	for at, body := range map[string]map[string]any{
		"body.idp.entityId":         {"idp": map[string]any{"entityId": "has spaces"}},
		"body.idp.ssoUrl":           {"idp": map[string]any{"ssoUrl": "http://idp.example/sso"}},
		"body.idp.ssoPostUrl":       {"idp": map[string]any{"ssoPostUrl": "javascript:alert(1)"}},
		"body.attributes":           {"attributes": map[string]any{"shoeSize": []string{"x"}}},
		"body.attributes.email":     {"attributes": map[string]any{"email": []string{""}}},
		"body.domains[0]":           {"domains": []string{"nobodys.example"}},
		"body.justInTime":           {"justInTime": tree.Roles[tree.Org].Administrator},
		"body.onExpiredCertificate": {"onExpiredCertificate": "ask"},
		"body.name":                 {"name": " "},
	} {
		var refused struct{ Errors []struct{ Location string } }
		tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), body).Expect(t, 422).JSON(t, &refused)
		if len(refused.Errors) == 0 || refused.Errors[0].Location != at {
			t.Errorf("%v: %+v", body, refused)
		}
	}
	var after aConnection
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"name": "New", "ssoRequired": false, "idpInitiated": true, "justInTime": tree.Roles[tree.Org].User,
		"onExpiredCertificate": "go-on", "attributes": map[string]any{"email": []string{"upn"}},
		"idp": map[string]any{"entityId": "urn:idp", "ssoUrl": "https://idp.example/r", "ssoPostUrl": "https://idp.example/p", "signRequests": true}}).Expect(t, 200).JSON(t, &after)
	if after.Name != "New" || after.SSORequired || !after.IDPInitiated || after.JustInTime != tree.Roles[tree.Org].User || after.OnExpiredCertificate != "go-on" ||
		!slices.Equal(after.Attributes["email"], []string{"upn"}) || len(after.Attributes["firstName"]) == 0 || after.IDP.EntityID != "urn:idp" || after.IDP.SSOURL != "https://idp.example/r" ||
		after.IDP.SSOPostURL != "https://idp.example/p" || !after.IDP.SignRequests || after.Pending != nil || !slices.Equal(after.Missing, []string{"idp.certificates"}) {
		t.Errorf("%+v", after)
	}
	inOrder(t, tree.Org)
}

func TestSSO2_MetadataFillsEverythingIn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	name, at := demoDirectory(t)
	c := tree.begin(t, tree.Org, "custom")
	path := connectionPath(tree.Org, c.ID) + "/idp-metadata"
	var got aConnection
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"url": at}).Expect(t, 200).JSON(t, &got)
	var of struct{ EntityID, SSOURL string }
	stack.Local(t, "GET", "idp/"+name, nil).JSON(t, &of)
	if got.IDP.EntityID != of.EntityID || got.IDP.SSOURL != of.SSOURL || len(got.IDP.Certificates) != 1 || got.IDP.Certificates[0].Source != "metadata" || got.IDP.MetadataURL != at ||
		got.IDP.MetadataReadAt == "" || len(got.Missing) != 0 {
		t.Errorf("%+v, missing %v; the IdP is %+v at %s", got.IDP, got.Missing, of, at)
	}
	got = aConnection{}
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"xml": string(samlsptestMetadata("https://other.example"))}).Expect(t, 200).JSON(t, &got)
	if got.IDP.EntityID != "https://other.example" || got.IDP.MetadataURL != "" || len(got.IDP.Certificates) != 1 || got.IDP.Certificates[0].ID != fingerprint(t, "idp") {
		t.Errorf("%+v", got)
	}
}

func TestSSO2_MetadataIsReadNowhereInsideAndRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	path := connectionPath(tree.Org, tree.begin(t, tree.Org, "custom").ID) + "/idp-metadata"
	port := stack.URL[strings.LastIndexByte(stack.URL, ':'):]
	for url, says := range map[string]string{
		"http://idp.example/metadata": "https://", "https://127.0.0.1/metadata": "public", "https://169.254.169.254/latest": "public", "https://10.0.0.1/x": "public",
		"https://[::ffff:10.0.0.1]/x": "", "https://localhost/x": "", "https://127.0.0.1" + port + "/x": "", "https://2130706433/x": "", "https://idp.invalid/x": "", "file:///etc/passwd": "",
	} {
		var refused struct{ Type, Detail string }
		tree.Admin.DoWithKey(t, "POST", path, map[string]string{"url": url}).Expect(t, 422).JSON(t, &refused)
		if refused.Type != "urn:tenantry:problem:metadata-unusable" || !strings.Contains(refused.Detail, says) {
			t.Errorf("%s: %+v", url, refused)
		}
	}
	for xml, says := range map[string]string{"<!doctype html><p>": "web page", "<a/>": "no SAML metadata", "x": "not XML", "<!DOCTYPE a><a/>": "not XML"} {
		var refused struct{ Type, Detail string }
		tree.Admin.DoWithKey(t, "POST", path, map[string]string{"xml": xml}).Expect(t, 422).JSON(t, &refused)
		if refused.Type != "urn:tenantry:problem:metadata-unusable" || !strings.Contains(refused.Detail, says) {
			t.Errorf("%s: %+v", xml, refused)
		}
	}
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{}).Expect(t, 422)
}

func TestSSO4_AConnectionGoesLiveAfterATestAndWithAVerifiedDomain(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	d := tree.register(t, tree.Org, someDomain())
	c := tree.begin(t, tree.Org, "okta")
	activate := connectionPath(tree.Org, c.ID) + "/activate"
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", activate, nil), 409, "connection-incomplete")
	c = tree.complete(t, tree.Org, c, d.Name)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", activate, nil), 409, "test-required")
	if c = tree.tested(t, tree.Org, c); c.Status != "tested" || !c.Test.Current {
		t.Errorf("%+v", c)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", activate, nil), 409, "no-verified-domain")
	d.publish(t)
	tree.verify(t, tree.Org, d)
	tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"attributes": map[string]any{"email": []string{"upn"}}}).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", activate, nil), 409, "test-required")
	c = tree.tested(t, tree.Org, c)
	tree.Admin.DoWithKey(t, "POST", activate, nil).Expect(t, 200).JSON(t, &c)
	if c.Status != "active" || !c.Domains[0].Leads || c.Domains[0].Status != "verified" {
		t.Errorf("%+v", c)
	}
	claim := rawTable(t).item(t, "DOMAIN#"+d.Name, "CLAIM")
	if claim.text("connection") != c.ID || claim["ssoRequired"] != true {
		t.Errorf("the claim is %v", claim)
	}
	mailedTo(t, tree.Second.Email, "is on for")
}

func TestSSO4_WhatChangesWaitsForATestAndSignInGoesOn(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.active(t, tree.Org)
	path := connectionPath(tree.Org, c.ID)
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"idp": map[string]string{"entityId": "https://new.example"}, "ssoRequired": false}).Expect(t, 200).JSON(t, &c)
	if c.Status != "active" || c.Pending == nil || c.Pending.EntityID != "https://new.example" || c.IDP.EntityID == "https://new.example" || c.SSORequired {
		t.Errorf("%+v", c)
	}
	c = tree.tested(t, tree.Org, c)
	c = aConnection{}
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"name": "Saved again"}).Expect(t, 200).JSON(t, &c)
	if c.Pending != nil || c.IDP.EntityID != "https://new.example" {
		t.Errorf("after the test: %+v", c)
	}
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"attributes": map[string]any{"email": []string{"upn"}}}).Expect(t, 200)
	c = aConnection{}
	tree.Admin.DoWithKey(t, "DELETE", path+"/pending", nil).Expect(t, 200).JSON(t, &c)
	if c.Pending != nil || slices.Equal(c.Attributes["email"], []string{"upn"}) {
		t.Errorf("discarded: %+v", c)
	}
	c = aConnection{}
	tree.Admin.DoWithKey(t, "POST", path+"/deactivate?confirm=0", nil).Expect(t, 200).JSON(t, &c)
	if c.Status != "inactive" || c.Domains[0].Leads {
		t.Errorf("switched off: %+v", c)
	}
	tree.Admin.DoWithKey(t, "POST", path+"/activate", nil).Expect(t, 200).JSON(t, &c)
	if c.Status != "active" {
		t.Errorf("switched on: %+v", c)
	}
	mailedTo(t, tree.Second.Email, "was changed for")
	mailedTo(t, tree.Second.Email, "is off for")
}

func TestSSO5_CertificatesComeAtOnceAndGoAfterATest(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	c := tree.active(t, tree.Org)
	path := connectionPath(tree.Org, c.ID) + "/certificates"
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", path+"/"+fingerprint(t, "idp"), nil), 409, "last-certificate")
	for _, name := range []string{"other", "next"} {
		c = aConnection{}
		tree.Admin.DoWithKey(t, "POST", path, map[string]string{"certificate": pem(t, name)}).Expect(t, 200).JSON(t, &c)
	}
	if len(c.IDP.Certificates) != 3 || c.Pending != nil || !c.IDP.Certificates[0].InUse || c.IDP.Certificates[1].InUse {
		t.Errorf("%+v", c.IDP)
	}
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", path, map[string]string{"certificate": pem(t, "ec")}), 409, "too-many-certificates")
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"certificate": "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----"}).Expect(t, 422)
	tree.Admin.DoWithKey(t, "POST", path, map[string]string{"certificate": pem(t, "other")}).Expect(t, 200)
	c = aConnection{}
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+fingerprint(t, "next"), nil).Expect(t, 200).JSON(t, &c)
	if len(c.IDP.Certificates) != 2 || c.Pending != nil {
		t.Errorf("one that is not in use: %+v", c)
	}
	c = aConnection{}
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+fingerprint(t, "idp"), nil).Expect(t, 200).JSON(t, &c)
	if len(c.IDP.Certificates) != 2 || c.Pending == nil || len(c.Pending.Certificates) != 1 || c.Pending.Certificates[0].ID != fingerprint(t, "other") {
		t.Errorf("the one in use: %+v", c)
	}
	tree.Admin.DoWithKey(t, "DELETE", path+"/"+strings.Repeat("0", 64), nil).Expect(t, 404)
	mailedTo(t, tree.Second.Email, "trusts another certificate")
}

func TestSSO8_ADomainIsHandedOverWholeAndConfirmed(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address := s.invite(t, tree.Roles[tree.Org].User)
	b := newBrowser()
	s.signIn(t, b, address).Expect(t, 303)
	b.who(t)
	next := tree.ready(t, tree.Org, s.domain.Name)
	activate := connectionPath(tree.Org, next.ID) + "/activate"
	var asked struct {
		Type         string
		Affected     int
		Consequences []string
	}
	tree.Admin.DoWithKey(t, "POST", activate, nil).Expect(t, 409).JSON(t, &asked)
	if asked.Type != "urn:tenantry:problem:confirmation-required" || asked.Affected != 1 || len(asked.Consequences) != 2 {
		t.Errorf("%+v", asked)
	}
	tree.Admin.DoWithKey(t, "POST", activate+"?confirm=1", nil).Expect(t, 200).JSON(t, &next)
	if next.Status != "active" || rawTable(t).item(t, "DOMAIN#"+s.domain.Name, "CLAIM").text("connection") != next.ID {
		t.Errorf("%+v", next)
	}
	if was := tree.connection(t, tree.Org, aConnection{ID: s.id}); was.Status != "inactive" || was.Domains[0].LeadsTo != next.ID {
		t.Errorf("the one before: %+v", was)
	}
	b.get(t, "/v1/session").Expect(t, 401)
	mailedTo(t, tree.Second.Email, "lead to another connection")
}

func TestSSO8_DomainsOfTwoConnectionsAreHandedOverTogether(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	one, two := tree.verified(t, tree.Org, someDomain()), tree.verified(t, tree.Org, someDomain())
	before := []aConnection{tree.active(t, tree.Org, one.Name), tree.active(t, tree.Org, two.Name)}
	next := tree.ready(t, tree.Org, one.Name, two.Name)
	var asked struct{ Affected int }
	activate := connectionPath(tree.Org, next.ID) + "/activate"
	tree.Admin.DoWithKey(t, "POST", activate, nil).Expect(t, 409).JSON(t, &asked)
	tree.Admin.DoWithKey(t, "POST", fmt.Sprintf("%s?confirm=%d", activate, asked.Affected), nil).Expect(t, 200)
	for _, name := range []string{one.Name, two.Name} {
		if leads := rawTable(t).item(t, "DOMAIN#"+name, "CLAIM").text("connection"); leads != next.ID {
			t.Errorf("%s leads to %s", name, leads)
		}
	}
	for _, c := range before {
		if now := tree.connection(t, tree.Org, c); now.Status != "inactive" {
			t.Errorf("the one before: %+v", now)
		}
	}
}

func TestSSO8_OfTwoAdministratorsAtOnceOneHasTheDomain(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	both := []aConnection{tree.ready(t, tree.Org, d.Name), tree.ready(t, tree.Org, d.Name)}
	people, statuses := []Person{tree.Admin, tree.Second}, make([]int, 2)
	var together sync.WaitGroup
	for i, c := range both {
		together.Go(func() {
			statuses[i] = people[i].DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/activate", nil).Status
		})
	}
	together.Wait()
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{200, 409}) {
		t.Errorf("answered %v", statuses)
	}
	leads := rawTable(t).item(t, "DOMAIN#"+d.Name, "CLAIM").text("connection")
	for _, c := range both {
		if now := tree.connection(t, tree.Org, c); (now.Status == "active") != (now.ID == leads) {
			t.Errorf("%s leads, %+v", leads, now)
		}
	}
}

func TestSSO7_RemovingAConnectionSaysWhatHangsOnIt(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for fate, after := range map[string]struct {
		status   string
		leads    bool
		affected int
	}{"keep": {"active", false, 1}, "deactivate": {"inactive", false, 2}, "hand-over": {"active", true, 1}} {
		t.Run(fate, func(t *testing.T) {
			s, other := tree.sso(t, tree.Org), tree.active(t, tree.Org)
			address, b := s.invite(t, tree.Roles[tree.Org].User), newBrowser()
			s.signIn(t, b, address).Expect(t, 303)
			who := b.who(t)
			path := connectionPath(tree.Org, s.id) + "?users=" + fate
			if fate == "deactivate" { // and somebody who leaves a key behind
				rawTable(t).write(t, []map[string]any{{"pk": "CONNECTION#" + s.id, "sk": "NAMEID#second", "user": tree.Second.ID}})
			}
			if fate == "hand-over" {
				tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 422)
				path += "&to=" + other.ID
			}
			var asked struct {
				Affected     int
				Consequences []string
			}
			tree.Admin.DoWithKey(t, "DELETE", path, nil).Expect(t, 409).JSON(t, &asked)
			if asked.Affected != after.affected || len(asked.Consequences) < 3 {
				t.Errorf("%+v", asked)
			}
			tree.Admin.DoWithKey(t, "DELETE", path+"&confirm="+strconv.Itoa(after.affected), nil).Expect(t, 204)
			tree.Admin.DoWithKey(t, "GET", connectionPath(tree.Org, s.id), nil).Expect(t, 404)
			b.get(t, "/v1/session").Expect(t, 401)
			newBrowser().get(t, "/saml/"+s.id+"/login").Expect(t, 404)
			comesTrue(t, "nothing left of the connection", func() bool {
				return below("CONNECTION#"+s.id, "")(t)+below("LOG#"+s.id+"#SAML", "")(t) == 0
			})
			if is := attribute("TREE#"+tree.Org, "USER#"+who.ID, "status")(t); is != after.status {
				t.Errorf("the user is %s", is)
			}
			if fate == "deactivate" {
				awaitMail(t, tree.Admin.Email, "will end")
			}
			leads := rawTable(t).item(t, "DOMAIN#"+s.domain.Name, "CLAIM").text("connection")
			if want := map[bool]string{true: other.ID}[after.leads]; leads != want {
				t.Errorf("the domain leads to %q, not %q", leads, want)
			}
		})
	}
	inOrder(t, tree.Org)
}

func TestDOM6_AConnectionWithoutADomainIsInactiveAndItsSessionsEnd(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	address, b := s.invite(t, tree.Roles[tree.Org].User), newBrowser()
	s.signIn(t, b, address).Expect(t, 303)
	b.who(t)
	var asked struct{ Consequences []string }
	tree.Admin.DoWithKey(t, "DELETE", domainPath(tree.Org, s.domain.ID), nil).Expect(t, 409).JSON(t, &asked)
	if !slices.ContainsFunc(asked.Consequences, func(c string) bool { return strings.Contains(c, "becomes inactive") }) {
		t.Errorf("%v", asked.Consequences)
	}
	tree.removeDomain(t, tree.Org, s.domain)
	b.get(t, "/v1/session").Expect(t, 401)
	if c := tree.connection(t, tree.Org, aConnection{ID: s.id}); c.Status != "inactive" || c.Domains[0].Status != "not_registered" {
		t.Errorf("%+v", c)
	}
	newBrowser().get(t, "/saml/"+s.id+"/login").Expect(t, 403)
	mailedTo(t, tree.Second.Email, "has no verified domain any more")
	c := tree.ready(t, tree.Org, tree.verified(t, tree.Org, s.domain.Name).Name)
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/activate", nil).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestDOM6_OneOfTwoDomainsThatIsLostComesBackWithItsProof(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	one, other := tree.verified(t, tree.Org, someDomain()), tree.verified(t, tree.Org, someDomain())
	c := tree.active(t, tree.Org, one.Name, other.Name)
	tree.release(t, tree.Org, one).Expect(t, 200)
	if now := tree.connection(t, tree.Org, c); now.Status != "active" || now.Domains[0].Leads || !now.Domains[1].Leads {
		t.Errorf("%+v", now)
	}
	tree.verify(t, tree.Org, one)
	if now := tree.connection(t, tree.Org, c); !now.Domains[0].Leads || rawTable(t).item(t, "DOMAIN#"+one.Name, "CLAIM").text("connection") != c.ID {
		t.Errorf("%+v", now)
	}
}

func TestPER5_TheAnswerNamesWhoCanStillSignInAndLocksNobodyOut(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	d := tree.verified(t, tree.Org, someDomain())
	c := tree.ready(t, tree.Org, d.Name)
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/activate", nil).Expect(t, 200).JSON(t, &c)
	if len(c.Administrators) != 2 || !slices.Contains(c.Administrators[0].Ways, "password") {
		t.Errorf("%+v", c.Administrators)
	}
	o := rawTable(t)
	tree.movesTo(t, d.Name, tree.Admin, tree.Second)
	path := connectionPath(tree.Org, c.ID)
	c = aConnection{}
	tree.Admin.DoWithKey(t, "POST", path+"/activate", nil).Expect(t, 200).JSON(t, &c)
	if len(c.Administrators) != 2 || !slices.Equal(c.Administrators[0].Ways, []string{"saml"}) {
		t.Errorf("with addresses of its domain: %+v", c.Administrators)
	}
	state := o.item(t, "TREE#"+tree.Org, "ACCESS")
	state["passwordsOff"] = true
	o.write(t, []map[string]any{state})
	refusedAs(t, tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/deactivate", nil), 409, "last-administrator")
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", connectionPath(tree.Org, c.ID), nil), 409, "last-administrator")
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", connectionPath(tree.Org, c.ID), map[string]any{"domains": []string{tree.verified(t, tree.Org, someDomain()).Name}}), 409, "last-administrator")
	if now := tree.connection(t, tree.Org, c); now.Status != "active" {
		t.Errorf("%+v", now)
	}
}

func TestSSO8_NobodyActivatesForADomainThatIsNotTheOrganizations(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	mains, foreign := tree.verified(t, tree.Org, someDomain()), other.verified(t, other.Org, someDomain())
	c := tree.complete(t, tree.Subs[0], tree.begin(t, tree.Subs[0], "okta"), tree.verified(t, tree.Subs[0], someDomain()).Name)
	path := connectionPath(tree.Subs[0], c.ID)
	for _, name := range []string{mains.Name, foreign.Name} {
		tree.Sub.DoWithKey(t, "PATCH", path, map[string]any{"domains": []string{name}}).Expect(t, 422)
	}
	// One that was the suborganization's when it was entered, and is the main organization's when it comes to activating.
	moved := tree.verified(t, tree.Subs[0], someDomain())
	tree.Sub.DoWithKey(t, "PATCH", path, map[string]any{"domains": []string{moved.Name}}).Expect(t, 200)
	c = tree.tested(t, tree.Subs[0], c)
	tree.removeDomain(t, tree.Subs[0], moved)
	tree.verified(t, tree.Org, moved.Name)
	refusedAs(t, tree.Sub.DoWithKey(t, "POST", path+"/activate", nil), 409, "no-verified-domain")
	if claim := rawTable(t).item(t, "DOMAIN#"+moved.Name, "CLAIM"); claim.text("connection") != "" || claim.text("organization") != tree.Org {
		t.Errorf("%v", claim)
	}
	tree.Sub.DoWithKey(t, "POST", connectionPath(tree.Subs[1], c.ID)+"/activate", nil).Expect(t, 403)
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, c.ID)+"/activate", nil).Expect(t, 404)
	other.Admin.DoWithKey(t, "POST", connectionPath(other.Org, c.ID)+"/activate", nil).Expect(t, 404)
}

func TestPER3_APartnersConnectionsEndWithItsAccess(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	partner := newTreeOf(t, platform(t), "partner")
	employ(t, tree, partner, "manage")
	c := tree.ready(t, tree.Org, tree.verified(t, tree.Org, someDomain()).Name)
	path := connectionPath(tree.Org, c.ID)
	partner.Admin.DoWithKey(t, "POST", path+"/activate", nil).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Org, map[string]string{"partnerAccess": "none"}).Expect(t, 200)
	for _, request := range [][2]string{{"GET", ""}, {"POST", "/deactivate"}, {"POST", "/activate"}, {"DELETE", "?confirm=0"}} {
		partner.Admin.DoWithKey(t, request[0], path+request[1], nil).Expect(t, 404)
	}
	partner.Admin.DoWithKey(t, "PATCH", path, map[string]any{"name": "Mine"}).Expect(t, 404)
	tree.Admin.DoWithKey(t, "PATCH", "/v1/organizations/"+tree.Org, map[string]string{"partnerAccess": "read"}).Expect(t, 200)
	partner.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200)
	partner.Admin.DoWithKey(t, "POST", path+"/deactivate", nil).Expect(t, 403)
}

func TestGEN4_AConnectionIsLeftInASuborganization(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	sub := newSub(t, tree)
	c := tree.begin(t, sub, "okta")
	var left struct{ Consequences []string }
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 409).JSON(t, &left)
	if !slices.Equal(left.Consequences, []string{"1 connection"}) {
		t.Errorf("%v", left.Consequences)
	}
	tree.Admin.DoWithKey(t, "DELETE", connectionPath(sub, c.ID)+"?confirm=0", nil).Expect(t, 204)
	tree.Admin.DoWithKey(t, "DELETE", "/v1/organizations/"+sub, nil).Expect(t, 204)
}

func TestLOG8_TheSAMLLogIsListedNewestFirst(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	s.signIn(t, newBrowser(), s.invite(t, tree.Roles[tree.Org].User)).Expect(t, 303)
	s.signIn(t, newBrowser(), "x@elsewhere.example")
	s.change(t, func(c *connection.Connection) { c.IDPInitiated = true })
	for range 2 { // from anybody
		newBrowser().post(t, "/saml/"+s.id+"/acs", url.Values{"SAMLResponse": {"PHg+"}}).Expect(t, 403)
	}
	var page struct {
		Items []struct{ Outcome, Code, UserID, Change string }
		Junk  []struct {
			Day, Code string
			Count     int
		}
	}
	tree.Admin.DoWithKey(t, "GET", connectionPath(tree.Org, s.id)+"/events", nil).Expect(t, 200).JSON(t, &page)
	if len(page.Items) != 2 || page.Items[0].Outcome != "refused" || page.Items[0].Code == "" || page.Items[1].Outcome != "signed-in" || page.Items[1].UserID == "" {
		t.Errorf("%+v", page.Items)
	}
	if len(page.Junk) != 1 || page.Junk[0].Count != 2 || page.Junk[0].Code != "xml.syntax" || page.Junk[0].Day != time.Now().UTC().Format("2006-01-02") {
		t.Errorf("counted %+v", page.Junk)
	}
}

func TestSSO5_MetadataIsReadEveryDayAndCertificatesThatEndAreToldOf(t *testing.T) {
	if !onItsOwn(t) { // the clock of the schedule moves, which everything of an installation feels
		return
	}
	tree := newTree(t)
	name, at := demoDirectory(t)
	c := tree.begin(t, tree.Org, "custom")
	path := connectionPath(tree.Org, c.ID)
	tree.Admin.DoWithKey(t, "POST", path+"/idp-metadata", map[string]string{"url": at}).Expect(t, 200)
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]any{"domains": []string{tree.verified(t, tree.Org, someDomain()).Name}}).Expect(t, 200)
	c = tree.tested(t, tree.Org, c)
	tree.Admin.DoWithKey(t, "POST", path+"/activate", nil).Expect(t, 200)
	stack.Local(t, "POST", "idp/"+name+"/certificates", map[string]int{"days": 10})
	due(t, time.Now().Add(25*time.Hour))
	if now := tree.connection(t, tree.Org, c); now.Status != "active" || len(now.IDP.Certificates) != 2 || now.IDP.Certificates[1].Source != "metadata" || now.IDP.MetadataProblem != "" || now.Pending != nil {
		t.Errorf("%+v", now.IDP)
	}
	mailedTo(t, tree.Second.Email, "has a new certificate")
	due(t, time.Now().Add(26*time.Hour))
	mailedTo(t, tree.Second.Email, "Without it these administrators could still sign in")
}
