package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// TestSCI2_TheServerKeepsWhatIsAskedOfIt shows by number (shared/scim/testdata/requirements.txt) what takes a server to show.
func TestSCI2_TheServerKeepsWhatIsAskedOfIt(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	u := i.bring(t, "Ada@"+i.domain)
	path := "/Users/" + u.ID
	named := func(name string) aSCIMList { return i.list(t, "?filter="+url.QueryEscape(`userName eq "`+name+`"`)) }
	for name, shows := range map[string]func(t *testing.T){
		"1.1 nobody of that name": func(t *testing.T) {
			if got := named("nobody@" + i.domain); got.TotalResults != 0 || got.Resources == nil {
				t.Errorf("%+v", got)
			}
		},
		"1.5 parameters that nobody knows": func(t *testing.T) {
			i.call(t, "GET", path+"?aadOptscim062020=x", "").Expect(t, 200)
			i.call(t, "GET", "/Users/?x=y", "").Expect(t, 200)
		},
		"1.17 and 2.4 a userName that is taken": func(t *testing.T) {
			i.refused(t, i.call(t, "POST", "/Users", i.person("ADA@"+i.domain)), 409, "uniqueness")
			if got := named("aDa@" + i.domain); len(got.Resources) != 1 || got.Resources[0].ID != u.ID {
				t.Errorf("%+v", got)
			}
		},
		"1.23 the id stays": func(t *testing.T) {
			eve := i.bring(t, "eve@"+i.domain)
			i.patch(t, eve.ID, `{"op":"replace","path":"userName","value":"eva@`+i.domain+`"}`).Expect(t, 200)
			if got := named("eva@" + i.domain); len(got.Resources) != 1 || got.Resources[0].ID != eve.ID || named("eve@"+i.domain).TotalResults != 0 {
				t.Errorf("%+v", got)
			}
		},
		"1.11 and 1.34 inactive, answered, back": func(t *testing.T) {
			bob := i.bring(t, "bob@"+i.domain)
			i.patch(t, bob.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
			if got := named("bob@" + i.domain); len(got.Resources) != 1 || got.Resources[0].Active {
				t.Errorf("%+v", got)
			}
			i.patch(t, bob.ID, `{"op":"remove","path":"active"}`).Expect(t, 200)
			if got := i.stored(t, bob.ID).text("status"); got != "inactive" {
				t.Errorf("without active %s is %s", bob.UserName, got)
			}
			i.patch(t, bob.ID, `{"op":"replace","path":"active","value":true}`).Expect(t, 200)
			i.call(t, "DELETE", "/Users/"+bob.ID, "").Expect(t, 204)
			i.refused(t, i.call(t, "GET", "/Users/"+bob.ID, ""), 404, "")
		},
		"2.2 and 3.1 media types": func(t *testing.T) {
			for _, kind := range []string{"application/scim+json", "application/json", "application/json; charset=utf-8"} {
				i.call(t, "PUT", path, i.person("Ada@"+i.domain), "Content-Type", kind).Expect(t, 200)
			}
		},
		"3.2 and 3.5 paths and methods": func(t *testing.T) {
			i.refused(t, i.call(t, "GET", "/Nowhere", ""), 404, "")
			i.refused(t, i.call(t, "POST", path, "{}"), 405, "")
			i.refused(t, i.call(t, "GET", "/Me", ""), 501, "")
			i.refused(t, i.call(t, "GET", "/Bulk", ""), 405, "")
		},
		"3.6 and 3.16 meta": func(t *testing.T) {
			if m := u.Meta; m.ResourceType != "User" || m.Created == "" || m.LastModified == "" || m.Version == "" || !strings.HasPrefix(m.Location, "http") || !strings.HasSuffix(m.Location, path) {
				t.Errorf("%+v", m)
			}
		},
		"3.11 attributes and excludedAttributes": func(t *testing.T) {
			if got := string(i.call(t, "GET", path+"?attributes=userName", "").Expect(t, 200).Body); strings.Contains(got, "displayName") || !strings.Contains(got, u.ID) {
				t.Error(got)
			}
			if got := string(i.call(t, "GET", path+"?excludedAttributes=emails", "").Expect(t, 200).Body); strings.Contains(got, `"emails"`) || !strings.Contains(got, "displayName") {
				t.Error(got)
			}
		},
		"3.17 an unknown id is not created": func(t *testing.T) {
			i.refused(t, i.call(t, "PUT", "/Users/usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", i.person("new@"+i.domain)), 404, "")
		},
		"3.37 entity tags": func(t *testing.T) {
			tag := i.call(t, "GET", path, "").Header.Get("ETag")
			i.call(t, "GET", path, "", "If-None-Match", tag).Expect(t, 304)
			i.call(t, "PUT", path, i.person("Ada@"+i.domain), "If-Match", `W/"999"`).Expect(t, 412)
		},
	} {
		t.Run(name, shows)
	}
}
