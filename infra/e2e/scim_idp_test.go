package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// demonstration is a directory of the demonstration IdP that brings its people by SCIM.
type demonstration struct {
	*idp
	name string
}

// demonstration has a directory bring its people to the connection, in the way of a provider.
func (i *idp) demonstration(t testing.TB, way string) *demonstration {
	t.Helper()
	var on struct{ Endpoint string }
	i.tree.Admin.DoWithKey(t, "GET", scimOf(i.tree.Org, i.id), nil).Expect(t, 200).JSON(t, &on)
	d := &demonstration{i, "d-" + unique()}
	d.is(t, map[string]any{"people": []any{}, "groups": []any{}, "provisioning": map[string]string{"endpoint": on.Endpoint, "token": i.token.Token, "way": way}})
	return d
}

// is has the directory be otherwise.
func (d *demonstration) is(t testing.TB, change map[string]any) {
	t.Helper()
	stack.Local(t, "PUT", "idp/"+d.name, change)
}

// person is somebody of the directory.
func (d *demonstration) person(name, last string, rest ...any) map[string]any {
	p := map[string]any{"id": name + "-1", "email": name + "@" + d.domain, "firstName": name, "lastName": last}
	for at := 0; at+1 < len(rest); at += 2 {
		p[rest[at].(string)] = rest[at+1]
	}
	return p
}

// push brings what changed, and expects that the server takes all of it.
func (d *demonstration) push(t testing.TB) {
	t.Helper()
	var calls []struct {
		Method, Path, Sent, Answered string
		Status                       int
	}
	stack.Local(t, "POST", "idp/"+d.name+"/pushes", nil).JSON(t, &calls)
	for _, one := range calls {
		if one.Status < 200 || one.Status > 299 {
			t.Errorf("%s %s %s: %d %s", one.Method, one.Path, one.Sent, one.Status, one.Answered)
		}
	}
	if len(calls) == 0 {
		t.Error("nothing is brought")
	}
}

// people are those whom the server has, by user name.
func (d *demonstration) people(t testing.TB) map[string]aSCIMUser {
	t.Helper()
	all := map[string]aSCIMUser{}
	for _, one := range d.list(t, "").Resources {
		all[one.UserName] = one
	}
	return all
}

// providers are the ways of the demonstration IdP, and whether they delete who is no more.
var providers = map[string]bool{"entra": true, "entra-2020": true, "okta": false, "okta-catalog": false}

func TestSCI2_TheDemonstrationIdPBringsItsPeople(t *testing.T) {
	t.Parallel()
	for way, deletes := range providers {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			d := newTree(t).idp(t, false).demonstration(t, way)
			ana, bo := "ana@"+d.domain, "bo@"+d.domain
			d.is(t, map[string]any{"people": []any{d.person("ana", "Ruiz", "department", "Sales"), d.person("bo", "Lind", "phone", "+34 600")}})
			d.push(t)
			brought := d.people(t)
			if a := brought[ana]; len(brought) != 2 || a.DisplayName != "ana Ruiz" || a.ExternalID != "ana-1" || !a.Active || !brought[bo].Active {
				t.Fatalf("%+v", brought)
			}
			if got := d.stored(t, brought[ana].ID); got.text("name") != "ana Ruiz" || got.text("department") != "Sales" || got.text("status") != "active" {
				t.Errorf("%v", got)
			}
			d.is(t, map[string]any{"people": []any{d.person("ana", "Ruiz Gil", "email", "ana.gil@"+d.domain), d.person("bo", "Lind", "disabled", true)}})
			d.push(t)
			if a := d.people(t)["ana.gil@"+d.domain]; a.ID != brought[ana].ID || a.Name.FamilyName != "Ruiz Gil" {
				t.Errorf("renamed: %+v", d.people(t))
			}
			if got := d.stored(t, brought[bo].ID).text("status"); got != "inactive" {
				t.Errorf("disabled, %s is %s", bo, got)
			}
			d.is(t, map[string]any{"people": []any{d.person("bo", "Lind")}})
			d.push(t)
			if got := d.stored(t, brought[bo].ID).text("status"); got != "active" {
				t.Errorf("back, %s is %s", bo, got)
			}
			if a, there := d.people(t)["ana.gil@"+d.domain]; there == deletes || a.Active {
				t.Errorf("deleted: %+v", a)
			}
			inOrder(t, d.tree.Org)
		})
	}
}

// groups are those that the server has, with the user names of their members.
func (d *demonstration) groups(t testing.TB) map[string][]string {
	t.Helper()
	names := map[string]string{}
	for _, one := range d.people(t) {
		names[one.ID] = one.UserName
	}
	var list struct {
		Resources []struct {
			DisplayName string
			Members     []struct{ Value string }
		}
	}
	d.call(t, "GET", "/Groups", "").Expect(t, 200).JSON(t, &list)
	all := map[string][]string{}
	for _, one := range list.Resources {
		all[one.DisplayName] = []string{}
		for _, member := range one.Members {
			all[one.DisplayName] = append(all[one.DisplayName], names[member.Value])
		}
		slices.Sort(all[one.DisplayName])
	}
	return all
}

func TestSCI3_TheDemonstrationIdPBringsItsGroups(t *testing.T) {
	t.Parallel()
	for way := range providers {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			d := newTree(t).idp(t, false).demonstration(t, way)
			people := []any{d.person("ana", "Ruiz"), d.person("bo", "Lind"), d.person("cy", "Young")}
			for _, step := range []struct {
				name   string
				groups []any
				want   string // what the server has then
			}{
				{"made", []any{d.group("g-1", "Guides", "ana", "bo"), d.group("g-2", "Drivers")}, "Drivers: ; Guides: ana bo"},
				{"renamed, one leaves and one comes", []any{d.group("g-1", "City guides", "bo", "cy"), d.group("g-2", "Drivers", "ana")}, "City guides: bo cy; Drivers: ana"},
				{"emptied, and one deleted", []any{d.group("g-1", "City guides")}, "City guides: "},
				{"the name again", []any{d.group("g-1", "City guides", "ana", "bo", "cy"), d.group("g-3", "Drivers", "cy")}, "City guides: ana bo cy; Drivers: cy"},
			} {
				d.is(t, map[string]any{"people": people, "groups": step.groups})
				d.push(t)
				indexed()
				var has []string
				got := d.groups(t)
				for _, name := range slices.Sorted(maps.Keys(got)) {
					has = append(has, name+": "+strings.ReplaceAll(strings.Join(got[name], " "), "@"+d.domain, ""))
				}
				if diff := cmp.Diff(step.want, strings.Join(has, "; ")); diff != "" {
					t.Errorf("%s (-directory +server):\n%s", step.name, diff)
				}
			}
			comesTrue(t, "ana is out of the group that was deleted", func() bool {
				memberships := 0
				for _, user := range rawTable(t).partition(t, "TREE#"+d.tree.Org) {
					groups, _ := user["groups"].([]string)
					memberships += len(groups)
				}
				return memberships == 4
			})
			inOrder(t, d.tree.Org)
		})
	}
}

// group is a group of the directory.
func (d *demonstration) group(id, name string, members ...string) map[string]any {
	people := []string{}
	for _, one := range members {
		people = append(people, one+"-1")
	}
	return map[string]any{"id": id, "name": name, "members": people}
}

func TestMAP3_WhomTheDemonstrationIdPPutsIntoAMappedGroupHasItsRole(t *testing.T) {
	t.Parallel()
	for way := range providers {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			d := tree.idp(t, false).demonstration(t, way)
			people := []any{d.person("ana", "Ruiz"), d.person("bo", "Lind")}
			d.is(t, map[string]any{"people": people, "groups": []any{d.group("g-1", "Guides", "ana")}})
			d.push(t)
			indexed()
			pushed := tree.groups(t, 10).Items
			if len(pushed) != 1 || pushed[0].Name != "Guides" || pushed[0].Members != 1 {
				t.Fatalf("%+v", pushed)
			}
			role, ids := tree.Roles[tree.Subs[0]].User, d.people(t)
			tree.maps(t, pushed[0].ID, tree.Subs[0], role, false)
			tree.has(t, ids["ana@"+d.domain].ID, tree.Subs[0], role)
			d.is(t, map[string]any{"groups": []any{d.group("g-1", "Guides", "bo")}})
			d.push(t)
			tree.has(t, ids["bo@"+d.domain].ID, tree.Subs[0], role)
			if got := d.stored(t, ids["ana@"+d.domain].ID).text("role"); got != "" {
				t.Errorf("who was taken out has the role %s", got)
			}
			inOrder(t, tree.Org)
		})
	}
}
