package e2e

import (
	"testing"
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
