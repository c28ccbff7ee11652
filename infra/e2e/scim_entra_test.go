package e2e

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// entra is the provisioning service of Entra ID, as far as one of its cycles goes (scim.md sections 1.1 to 1.38): it asks whether somebody is there,
// creates or changes that one, and puts members into groups one by one.
type entra struct {
	*idp
	flag string // rides in the address of every call: aadOptscim062020, or none
}

// ask is call with the flag in the address.
func (e *entra) ask(t testing.TB, method, path, body string) Answer {
	t.Helper()
	if e.flag != "" {
		before, query, _ := strings.Cut(path, "?")
		path = strings.TrimSuffix(before+"?"+e.flag+"&"+query, "&")
	}
	return e.call(t, method, path, body)
}

// matching is the query by which it finds whom it is to change.
func (e *entra) matching(t testing.TB, name string) []aSCIMUser {
	t.Helper()
	var list aSCIMList
	e.ask(t, "GET", "/Users?filter="+url.QueryEscape(`userName eq "`+name+`"`), "").Expect(t, 200).JSON(t, &list)
	return list.Resources
}

// user is the body by which it creates somebody.
func (e *entra) user(name string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"` + name + `-object",` +
		`"userName":"` + name + `","active":true,"emails":[{"primary":true,"type":"work","value":"` + name + `"}],"meta":{"resourceType":"User"},` +
		`"name":{"formatted":"Given Family","familyName":"Family","givenName":"Given"},"roles":[]}`
}

// brings has somebody be there, and gives the id. lost has the answer to the first request get lost, so that the second one clashes with it.
func (e *entra) brings(t testing.TB, name string, lost bool) string {
	t.Helper()
	if found := e.matching(t, name); len(found) != 0 {
		t.Fatalf("before the first cycle there is %+v", found)
	}
	first := e.ask(t, "POST", "/Users", e.user(name)).Expect(t, 201)
	if !lost {
		return e.identified(t, first)
	}
	e.refused(t, e.ask(t, "POST", "/Users", e.user(name)), 409, "uniqueness")
	found := e.matching(t, strings.ToUpper(name))
	if len(found) != 1 {
		t.Fatalf("what clashes is not found: %+v", found)
	}
	e.changes(t, found[0].ID)
	return found[0].ID
}

// changes sends what differs, in the way of the flag.
func (e *entra) changes(t testing.TB, id string) {
	t.Helper()
	operations := `{"op":"Replace","path":"active","value":"True"},{"op":"Add","path":"name.givenName","value":"Gwen"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"gwen@` + e.domain + `"},` +
		`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Sales"}`
	if e.flag != "" {
		operations = `{"op":"replace","value":{"active":true,"name.givenName":"Gwen","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Sales"}}`
	}
	e.ask(t, "PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`).Expect(t, 200)
}

// groups has a group be there with these members: created without them, who come one by one, five at the same time.
func (e *entra) groups(t testing.TB, name string, members ...string) string {
	t.Helper()
	var found struct{ Resources []aSCIMGroup }
	e.ask(t, "GET", "/Groups?excludedAttributes=members&filter="+url.QueryEscape(`displayName eq "`+name+`"`), "").Expect(t, 200).JSON(t, &found)
	if len(found.Resources) != 0 {
		t.Fatalf("before the first cycle there is %+v", found)
	}
	made := e.ask(t, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],`+
		`"externalId":"`+name+`-object","displayName":"`+name+`","meta":{"resourceType":"Group"}}`).Expect(t, 201)
	group := e.identified(t, made)
	for some := range slices.Chunk(members, 5) {
		var together sync.WaitGroup
		for _, member := range some {
			together.Go(func() {
				answer := e.ask(t, "PATCH", "/Groups/"+group, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"$ref":null,"value":"`+member+`"}]}]}`)
				if answer.Status != 204 {
					t.Errorf("adding %s: %d %s", member, answer.Status, answer.Body)
				}
			})
		}
		together.Wait()
	}
	return group
}

// staff are the people of a tree before there was SCIM, with addresses of one domain, by what they are.
type staff map[string]Person

// works has people accept an invitation into each role of the main organization and of the first suborganization.
func (tree *Tree) works(t testing.TB, domain string) staff {
	t.Helper()
	all := staff{}
	for n, role := range []string{tree.Roles[tree.Org].Administrator, tree.Roles[tree.Org].User, tree.Roles[tree.Org].User, tree.Roles[tree.Subs[0]].Administrator, tree.Roles[tree.Subs[0]].User} {
		org := tree.Org
		if n > 2 {
			org = tree.Subs[0]
		}
		all[[]string{"chief", "clerk", "guide", "sub chief", "sub clerk"}[n]] = tree.hires(t, org, role, "w"+unique()+"@"+domain)
	}
	return all
}

// hires has somebody of that address accept an invitation.
func (tree *Tree) hires(t testing.TB, org, role, email string) Person {
	t.Helper()
	tree.Admin.DoWithKey(t, "POST", usersOf(org), map[string]string{"email": email, "name": "Pat " + unique(), "roleId": role}).Expect(t, 201)
	p := accepted(t, email, tree.Org, org)
	p.Role = role
	return p
}

// keeps expects that people have the role by which they were there before, from the same hands, and the session too.
func (s staff) keeps(t testing.TB, i *idp, before map[string]row) {
	t.Helper()
	for what, p := range s {
		got := i.stored(t, p.ID)
		for _, attribute := range []string{"organization", "role", "portal", "roleGroup", "roleAt", "epoch"} {
			if fmt.Sprint(got[attribute]) != fmt.Sprint(before[what][attribute]) {
				t.Errorf("the %s of the %s was %v and is %v", attribute, what, before[what][attribute], got[attribute])
			}
		}
		if p.Do(t, "GET", "/v1/me", nil).Status != 200 {
			t.Errorf("the session of the %s has ended", what)
		}
	}
}

func (s staff) stored(t testing.TB, i *idp) map[string]row {
	t.Helper()
	all := map[string]row{}
	for what, p := range s {
		all[what] = i.stored(t, p.ID)
	}
	return all
}

// TestSCI5_TheFirstCycleOfEntraTakesNoRoleFromAnybody switches SCIM on, by somebody who is provisioned too, in a tree that lived without it.
func TestSCI5_TheFirstCycleOfEntraTakesNoRoleFromAnybody(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"", "aadOptscim062020"} {
		t.Run("with "+flag, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			s := tree.sso(t, tree.Org)
			all := tree.works(t, s.domain.Name)
			chief := all["chief"]
			if err := chief.makeKey(); err != nil {
				t.Fatal(err)
			}
			chief.DoWithKey(t, "PUT", scimOf(tree.Org, s.id), map[string]any{}).Expect(t, 200)
			e := &entra{&idp{tree: tree, id: s.id, domain: s.domain.Name, token: tree.scimToken(t, s.id)}, flag}
			if found := e.matching(t, "2f5a1f5e-8b1b-4a57-a1a4-1f1e2bd6d0f8"); len(found) != 0 {
				t.Error("the connection test finds somebody")
			}
			stays := all.stored(t, e.idp)
			newcomer := e.brings(t, "new-"+unique()+"@"+e.domain, false)
			for n, what := range slices.Sorted(maps.Keys(all)) {
				if got := e.brings(t, all[what].Email, n%2 == 0); got != all[what].ID {
					t.Errorf("the %s is %s, not taken over", what, got)
				}
			}
			var members []string
			for _, p := range all {
				members = append(members, p.ID)
			}
			everyone := e.groups(t, "Everyone", append(members, newcomer)...)
			clerks := e.groups(t, "Clerks", all["clerk"].ID, all["chief"].ID)
			e.hasMembers(t, everyone, append(members, newcomer)...)
			all.keeps(t, e.idp, stays)
			if got := e.stored(t, newcomer); got["role"] != nil || tree.groups(t, 50).WithoutRole != 1 {
				t.Errorf("who is new has %v", got["role"])
			}

			// What is mapped and not applied takes nothing either, nor do groups that are not mapped, whoever comes and goes there.
			indexed()
			tree.maps(t, clerks, tree.Subs[1], tree.Roles[tree.Subs[1]].User, false)
			third := e.groups(t, "Third", all["guide"].ID, all["sub chief"].ID)
			e.ask(t, "DELETE", "/Groups/"+third, "").Expect(t, 204)
			emptied(t, third)
			e.regroup(t, everyone, removing(t, all["guide"].ID, all["sub clerk"].ID)).Expect(t, 204)
			all.keeps(t, e.idp, stays)

			// Applied, it concerns the two of the group, one of whom has switched it on, and nobody else; there are others who administer.
			tree.maps(t, clerks, tree.Subs[1], tree.Roles[tree.Subs[1]].User, true)
			for _, what := range []string{"clerk", "chief"} {
				if got := e.stored(t, all[what].ID); got.text("role") != tree.Roles[tree.Subs[1]].User || got.text("roleGroup") != clerks {
					t.Errorf("the %s has %v of %v", what, got["role"], got["roleGroup"])
				}
				delete(all, what)
			}
			all.keeps(t, e.idp, stays)
			inOrder(t, tree.Org)
		})
	}
}

// TestPER5_WhoSwitchedProvisioningOnAdministersAsLongAsNobodyElseCan maps the group of the only administrator to a plain role, in every way in which
// that takes effect.
func TestPER5_WhoSwitchedProvisioningOnAdministersAsLongAsNobodyElseCan(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	administrator := tree.Roles[tree.Org].Administrator
	chief := tree.hires(t, tree.Org, administrator, s.address())
	if err := chief.makeKey(); err != nil {
		t.Fatal(err)
	}
	for _, other := range []Person{tree.Admin, tree.Second} {
		chief.DoWithKey(t, "DELETE", usersOf(tree.Org)+"/"+other.ID, nil).Expect(t, 204)
	}
	tree.Admin = chief
	e := &entra{s.provisioning(t, false), ""}
	if got := e.brings(t, chief.Email, true); got != chief.ID {
		t.Fatalf("%s is not taken over", chief.ID)
	}
	clerk := e.brings(t, s.address(), false)
	clerks := e.groups(t, "Clerks", chief.ID, clerk)
	stays := func(how string) {
		t.Helper()
		if got := e.stored(t, chief.ID); got.text("role") != administrator || got.text("portal") != "administrator" || chief.Do(t, "GET", "/v1/me", nil).Status != 200 {
			t.Errorf("%s: %v", how, got)
		}
		if got := e.stored(t, clerk); got.text("role") != tree.Roles[tree.Org].User {
			t.Errorf("%s: the other one has %v", how, got["role"])
		}
	}
	indexed() // by which the connections of the tree are found, and so its groups
	tree.maps(t, clerks, tree.Org, tree.Roles[tree.Org].User, false)
	stays("mapped")
	tree.maps(t, clerks, tree.Org, tree.Roles[tree.Org].User, true)
	stays("applied")
	e.regroup(t, clerks, removing(t, chief.ID)).Expect(t, 204)
	e.regroup(t, clerks, adding(t, chief.ID)).Expect(t, 204)
	stays("out of the group and in again")
	if done := tree.syncs(t, "apply", ""); done.Status != "succeeded" {
		t.Errorf("the sync: %+v", done)
	}
	stays("synced")
	inOrder(t, tree.Org)

	// Once somebody else can, the group counts.
	other := tree.Invite(t, tree.Org, administrator)
	tree.Admin = other
	if done := tree.syncs(t, "apply", ""); done.Status != "succeeded" || done.Counts.RoleChanged != 1 {
		t.Errorf("the sync when there is somebody else: %+v", done)
	}
	if got := e.stored(t, chief.ID); got.text("role") != tree.Roles[tree.Org].User || got.text("roleGroup") != clerks {
		t.Errorf("then: %v", got)
	}
	inOrder(t, tree.Org)
}
