package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSCI2_TheServerKeepsWhatIsAskedOfGroups shows by number (shared/scim/testdata/requirements.txt) what IdPs expect of groups.
func TestSCI2_TheServerKeepsWhatIsAskedOfGroups(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	ids := i.people(t, "p", 4)
	a, b, c, d := ids[0], ids[1], ids[2], ids[3]
	made := 0
	group := func(members ...string) string {
		made++
		return i.group(t, fmt.Sprint("Group ", made), members...).ID
	}
	tag := func(id string) string {
		return i.call(t, "GET", "/Groups/"+id+"?excludedAttributes=members", "").Expect(t, 200).Header.Get("ETag")
	}
	silent := func(answer Answer) {
		t.Helper()
		if answer.Expect(t, 204); len(answer.Body) > 0 {
			t.Errorf("answered with %s", answer.Body)
		}
	}
	for name, shows := range map[string]func(){
		"1.9 asked without members": func() {
			g := group(a)
			path := "/Groups?excludedAttributes=members&filter=" + url.QueryEscape(`displayName eq "`+fmt.Sprint("group ", made)+`"`)
			if body := string(i.call(t, "GET", path, "").Expect(t, 200).Body); strings.Contains(body, `"members"`) || !strings.Contains(body, g) {
				t.Errorf("%s", body)
			}
			i.patch(t, a, `{"op":"Add","path":"manager","value":"`+b+`"}`).Expect(t, 200)
			for _, filter := range []string{`id eq "` + a + `" and manager eq "` + b + `"`, `manager eq "` + b + `" and id eq "` + a + `"`} {
				if got := i.list(t, "?attributes=id&filter="+url.QueryEscape(filter)); len(got.Resources) != 1 || got.Resources[0].ID != a {
					t.Errorf("%s finds %+v", filter, got)
				}
			}
			if got := i.groupsBy(t, `id eq "`+g+`" and members eq "`+a+`"`); len(got) != 1 {
				t.Errorf("%+v", got)
			}
		},
		"1.10 nothing": func() {
			if got := i.listGroups(t, "?filter="+url.QueryEscape(`displayName eq "nowhere"`)); got.TotalResults != 0 || got.Resources == nil {
				t.Errorf("%+v", got)
			}
		},
		"1.12 a name that is taken": func() {
			i.group(t, "Taken")
			i.refused(t, i.call(t, "POST", "/Groups", `{"displayName":"TAKEN"}`), 409, "uniqueness")
		},
		"1.26 and 1.31 and 2.12 members are added": func() {
			g := group()
			silent(i.regroup(t, g, `{"op":"Add","path":"members","value":[{"$ref":null,"value":"`+a+`"}]}`))
			i.hasMembers(t, g, a)
		},
		"1.27 only those that are listed": func() {
			g := group(a, b, c)
			silent(i.regroup(t, g, `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"`+a+`"}]}`))
			silent(i.regroup(t, g, `{"op":"remove","path":"members[value eq \"`+b+`\"]"}`))
			i.hasMembers(t, g, c)
		},
		"1.28 all or none": func() {
			g := group(a, b)
			silent(i.regroup(t, g, `{"op":"Remove","path":"members","value":[]}`))
			i.hasMembers(t, g, a, b)
			silent(i.regroup(t, g, `{"op":"Remove","path":"members"}`))
			i.hasMembers(t, g)
		},
		"1.30 and 2.11 in their order, at once": func() {
			g := group(a)
			silent(i.regroup(t, g, adding(t, b, c)+`,`+removing(t, b)+`,{"op":"remove","path":"members[value eq \"`+a+`\"]"},`+adding(t, d)))
			i.hasMembers(t, g, c, d)
			silent(i.regroup(t, g, `{"op":"replace","path":"members","value":[{"value":"`+a+`"},{"value":"`+d+`"}]}`))
			i.hasMembers(t, g, a, d)
		},
		"1.32 what is so already": func() {
			g := group(a)
			before := tag(g)
			silent(i.regroup(t, g, adding(t, a)))
			silent(i.regroup(t, g, removing(t, b)))
			if after := tag(g); after != before {
				t.Errorf("%s became %s", before, after)
			}
		},
		"1.33 and 3.36 members that are not known": func() {
			g := group(a)
			stranger := "usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"
			i.refused(t, i.regroup(t, g, adding(t, b, stranger)), 400, "invalidValue")
			silent(i.regroup(t, g, removing(t, stranger)))
			i.hasMembers(t, g, a)
		},
		"1.35 memberships of the inactive": func() {
			u := i.bring(t, "sleeper@"+i.domain).ID
			g := group(u)
			i.patch(t, u, `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200)
			i.hasMembers(t, g, u)
			i.patch(t, u, `{"op":"Replace","path":"active","value":"True"}`).Expect(t, 200)
			i.hasMembers(t, g, u)
		},
		"1.36 groups in groups, and names of guests": func() {
			g, other := group(a), group(b)
			i.refused(t, i.regroup(t, g, `{"op":"Add","path":"members","value":[{"value":"`+other+`","type":"Group"}]}`), 400, "invalidValue")
			i.hasMembers(t, g, a)
			guest := "ada_elsewhere.example#EXT#@" + i.domain
			u := i.bring(t, guest)
			if got := i.list(t, "?filter="+url.QueryEscape(`userName eq "`+guest+`"`)); u.UserName != guest || len(got.Resources) != 1 {
				t.Errorf("%+v", got)
			}
		},
		"1.40 calls of one connection": func() {
			// Within a second or so: 25 a second are asked for at least.
			if got := together(50, func(int) Answer { return i.call(t, "GET", "/Groups?count=0", "") }); got[200] != 50 {
				t.Errorf("answered %v", got)
			}
		},
		"2.10 the name that it has": func() {
			g := i.group(t, "Same").ID
			before := tag(g)
			silent(i.regroup(t, g, `{"op":"replace","value":{"id":"`+g+`","displayName":"Same"}}`))
			if after := tag(g); after != before {
				t.Errorf("%s became %s", before, after)
			}
			silent(i.regroup(t, g, `{"op":"replace","value":{"id":"`+g+`","displayName":"Other"}}`))
			if got := i.groupsBy(t, `displayName eq "Other"`); len(got) != 1 || got[0].ID != g {
				t.Errorf("%+v", got)
			}
		},
		"2.13 and 2.14 read whole, and deleted": func() {
			g := group(a, b, c, d)
			if got := i.members(t, g); !slices.Equal(got, slices.Sorted(slices.Values(ids))) {
				t.Errorf("%v", got)
			}
			silent(i.call(t, "DELETE", "/Groups/"+g, ""))
			emptied(t, g)
			i.refused(t, i.call(t, "GET", "/Groups/"+g, ""), 404, "")
			i.refused(t, i.call(t, "DELETE", "/Groups/"+g, ""), 404, "")
		},
		"2.15 a full batch of Okta's": func() {
			g, many := group(), i.people(t, "q", 256)
			for _, c := range []struct {
				operation string
				want      []string
			}{{adding(t, many...), many}, {removing(t, many...), nil}} {
				began := time.Now()
				silent(i.regroup(t, g, c.operation))
				if time.Since(began) < 10*time.Second && rawTable(t).item(t, "GROUP#"+g, "INTENT") != nil {
					t.Error("it is answered before it is done, and there was time") // what takes longer is left to the worker
				}
				comesTrue(t, "the patch is done", func() bool { return rawTable(t).item(t, "GROUP#"+g, "INTENT") == nil })
				i.hasMembers(t, g, c.want...)
			}
		},
		"3.18 deleted and created again": func() {
			u := i.bring(t, "again@"+i.domain)
			g := group(u.ID, a)
			i.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
			i.hasMembers(t, g, a)
			if again := i.bring(t, "again@"+i.domain); again.ID == u.ID {
				t.Error("the same id again")
			}
		},
		"S10 groups are listed": func() {
			group(a)
			if got := i.listGroups(t, ""); got.TotalResults == 0 || len(got.Resources) != got.TotalResults || got.Resources[0].ID == "" {
				t.Errorf("%+v", got)
			}
		},
	} {
		t.Run(name, func(*testing.T) { shows() })
	}
	inOrder(t, tree.Org)
}
