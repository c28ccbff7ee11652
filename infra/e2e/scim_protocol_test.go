package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSCI2_WhatIdPsExpectOfTheAnswers shows by number (shared/scim/testdata/requirements.txt) what Entra ID and Okta count on.
func TestSCI2_WhatIdPsExpectOfTheAnswers(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	var u aSCIMUser
	i.call(t, "POST", "/Users", i.employee("Ada@"+i.domain)).Expect(t, 201).JSON(t, &u)
	path := "/Users/" + u.ID
	for name, shows := range map[string]func(t *testing.T){
		"1.2 described in camel case, without nulls": func(t *testing.T) {
			text := string(i.call(t, "GET", "/Schemas", "").Expect(t, 200).Body)
			if !strings.Contains(text, `"readWrite"`) || !strings.Contains(text, "ListResponse") || strings.Contains(text, "null") {
				t.Error(text)
			}
			for _, base := range []string{"", "/"} {
				i.call(t, "GET", base, "").Expect(t, 200)
			}
		},
		"1.3 no User-Agent": func(t *testing.T) { i.call(t, "GET", path, "", "User-Agent", "").Expect(t, 200) },
		"1.4 a token of Entra ID's own": func(t *testing.T) {
			i.refused(t, i.call(t, "GET", path, "", "Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiI4YWRmOGU2ZS02N2IyLTRjZjItYTI1OS1lM2RjNTQ3NmM2MjEifQ.c2ln"), 401, "")
		},
		"1.6 whatever people are matched by": func(t *testing.T) {
			for _, filter := range []string{
				`userName eq "ada@DOMAIN"`, `externalId eq "ext-1"`, `emails[type eq "work"].value eq "ADA@DOMAIN"`, `id eq "ID"`, `active eq true and externalId eq "ext-1"`,
				`id eq "ID" and manager eq "m-1"`, `manager eq "m-1" and id eq "ID"`,
			} {
				filter = strings.NewReplacer("DOMAIN", i.domain, "ID", u.ID).Replace(filter)
				if got := i.list(t, "?attributes=id&filter="+url.QueryEscape(filter)); len(got.Resources) != 1 || got.Resources[0].ID != u.ID {
					t.Errorf("%s: %+v", filter, got)
				}
			}
			if got := i.list(t, "?filter="+url.QueryEscape(`id eq "`+u.ID+`" and manager eq "m-2"`)); got.TotalResults != 0 {
				t.Errorf("another manager: %+v", got)
			}
		},
		"1.37 and 1.39 what is wrong with data": func(t *testing.T) {
			for body, status := range map[string]int{`{"userName":""}`: 400, `{"userName":"x@elsewhere.example"}`: 400, `{"userName":{}}`: 400, i.person("ada@" + i.domain): 409} {
				if answer := i.call(t, "POST", "/Users", body); answer.Status != status { // call holds every answer to the content type
					t.Errorf("%s: %d %s", body, answer.Status, answer.Body)
				}
			}
			for _, one := range i.list(t, "").Resources {
				if one.ID == "" {
					t.Errorf("no id: %+v", one)
				}
			}
		},
		"2.3 the first look": func(t *testing.T) {
			if got := i.list(t, "?startIndex=1&count=2"); got.StartIndex != 1 || got.ItemsPerPage > 2 || got.TotalResults < 1 {
				t.Errorf("%+v", got)
			}
		},
		"2.16 in time": func(t *testing.T) {
			quickest := time.Hour
			for range 5 { // other tests share the machine
				begun := time.Now()
				i.list(t, "?startIndex=1&count=100")
				quickest = min(quickest, time.Since(begun))
			}
			if quickest > 600*time.Millisecond {
				t.Errorf("it took %v", quickest)
			}
		},
	} {
		t.Run(name, shows)
	}
}

// employee is a user with a manager.
func (i *idp) employee(name string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `","externalId":"ext-1","displayName":"Ada Byron",` +
		`"emails":[{"primary":true,"value":"` + name + `","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":"m-1"}}`
}

// TestSCI2_HowAUserIsChanged shows the ways in which Okta and Entra ID change one.
func TestSCI2_HowAUserIsChanged(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	bring := func(t *testing.T) (u aSCIMUser, path string) {
		u = i.bring(t, "u-"+unique()+"@"+i.domain)
		return u, "/Users/" + u.ID
	}
	standing := func(u aSCIMUser) string { return i.stored(t, u.ID).text("status") }
	for name, shows := range map[string]func(t *testing.T){
		"1.19 and 2.8 active in every form": func(t *testing.T) {
			u, _ := bring(t)
			for _, off := range []string{`"False"`, `false`, `"false"`} {
				i.patch(t, u.ID, `{"op":"Replace","path":"active","value":`+off+`}`).Expect(t, 200)
				if got := standing(u); got != "inactive" {
					t.Errorf("after %s: %s", off, got)
				}
				i.patch(t, u.ID, `{"op":"replace","path":"active","value":"True"}`).Expect(t, 200)
				if got := standing(u); got != "active" {
					t.Errorf("back from %s: %s", off, got)
				}
			}
		},
		"2.1 and 2.6 all by PUT": func(t *testing.T) {
			u, path := bring(t)
			var read map[string]any
			i.call(t, "GET", path, "").Expect(t, 200).JSON(t, &read)
			read["active"], read["displayName"], read["groups"] = false, "Ada King", []any{}
			text, err := json.Marshal(read)
			if err != nil {
				t.Fatal(err)
			}
			var now aSCIMUser
			if i.call(t, "PUT", path, string(text)).Expect(t, 200).JSON(t, &now); now.ID != u.ID || now.DisplayName != "Ada King" || standing(u) != "inactive" {
				t.Errorf("%+v is %s", now, standing(u))
			}
		},
		"2.5 a password that nobody keeps": func(t *testing.T) {
			_, path := bring(t)
			if text := string(i.call(t, "GET", path+"?attributes=password,userName", "").Expect(t, 200).Body); strings.Contains(text, "1mz050nq") {
				t.Error(text)
			}
		},
		"2.7 without a path": func(t *testing.T) {
			u, _ := bring(t)
			i.patch(t, u.ID, `{"op":"replace","value":{"active":false}}`).Expect(t, 200)
			if got := standing(u); got != "inactive" {
				t.Error(got)
			}
		},
		"3.8 ids are the server's": func(t *testing.T) {
			var u aSCIMUser
			i.call(t, "POST", "/Users", `{"id":"mine","userName":"id-`+unique()+`@`+i.domain+`"}`).Expect(t, 201).JSON(t, &u)
			if u.ID == "mine" || u.ID == "" {
				t.Errorf("%+v", u)
			}
		},
		"3.15 regardless of case, and externalId exact": func(t *testing.T) {
			u, _ := bring(t)
			i.refused(t, i.call(t, "POST", "/Users", `{"userName":"`+strings.ToUpper(u.UserName)+`"}`), 409, "uniqueness")
			i.refused(t, i.call(t, "POST", "/Users", `{"userName":" "}`), 400, "invalidValue")
			if got := i.list(t, "?filter="+url.QueryEscape(`externalId eq "`+strings.ToUpper(u.ExternalID)+`"`)); got.TotalResults != 0 {
				t.Errorf("%+v", got)
			}
		},
		"3.20 whole or not": func(t *testing.T) {
			u, path := bring(t)
			i.refused(t, i.patch(t, u.ID, `{"op":"replace","path":"title","value":"Guide"},{"op":"remove","path":"userName"}`), 400, "mutability")
			if text := string(i.call(t, "GET", path, "").Expect(t, 200).Body); strings.Contains(text, "Guide") {
				t.Error(text)
			}
		},
	} {
		t.Run(name, shows)
	}
}

// TestSCI1_ListsAndErrorsAsTheRFCsHaveThem shows what RFC 7644 and RFC 9865 say of lists, searches and errors.
func TestSCI1_ListsAndErrorsAsTheRFCsHaveThem(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i, other := tree.idp(t, false), tree.idp(t, false)
	var ids []string
	for n := range 5 {
		ids = append(ids, i.bring(t, fmt.Sprintf("p%d@%s", n, i.domain)).ID)
	}
	idsOf := func(list aSCIMList) (all []string) {
		for _, one := range list.Resources {
			all = append(all, one.ID)
		}
		return all
	}
	for name, shows := range map[string]func(t *testing.T){
		"3.3 one of what describes the server": func(t *testing.T) {
			i.call(t, "GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "").Expect(t, 200)
			i.call(t, "GET", "/ResourceTypes/User", "").Expect(t, 200)
			i.refused(t, i.call(t, "GET", "/Schemas?filter="+url.QueryEscape(`id eq "x"`), ""), 403, "")
		},
		"3.4 the configuration is whole": func(t *testing.T) {
			var config map[string]any
			i.call(t, "GET", "/ServiceProviderConfig", "").Expect(t, 200).JSON(t, &config)
			for _, name := range []string{"patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes", "pagination"} {
				if config[name] == nil {
					t.Errorf("there is no %s: %v", name, config)
				}
			}
			if bulk, _ := config["bulk"].(map[string]any); bulk["maxOperations"] == nil || bulk["maxPayloadSize"] == nil {
				t.Errorf("%v", bulk)
			}
		},
		"3.7 a token of another connection": func(t *testing.T) {
			i.refused(t, i.call(t, "GET", "/Users/"+ids[0], "", "Authorization", "Bearer "+other.token.Token), 401, "")
			i.refused(t, other.call(t, "GET", "/Users/"+ids[0], ""), 404, "")
		},
		"2.9 and 3.32 pages": func(t *testing.T) {
			for query, want := range map[string][]string{
				"?startIndex=-3&count=2": ids[:2], "?startIndex=2&count=2": ids[1:3], "?startIndex=5&count=2": ids[4:], "?startIndex=9&count=2": nil, "?count=0": nil, "?count=-1": nil, "?count=999": ids,
			} {
				if got := i.list(t, query); !slices.Equal(idsOf(got), want) || got.TotalResults != 5 || got.ItemsPerPage != len(want) || got.Resources == nil {
					t.Errorf("%s: %+v", query, got)
				}
			}
			i.refused(t, i.call(t, "GET", "/Users?startIndex=first", ""), 400, "invalidValue")
		},
		"3.33 sorted": func(t *testing.T) {
			got := idsOf(i.list(t, "?sortBy=emails&sortOrder=descending"))
			if slices.Reverse(got); !slices.Equal(got, ids) {
				t.Errorf("%v", got)
			}
		},
		"3.34 searched": func(t *testing.T) {
			for _, path := range []string{"/.search", "/Users/.search"} {
				var got aSCIMList
				i.call(t, "POST", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName sw \"P2@\"","attributes":["userName"],"count":10}`).Expect(t, 200).JSON(t, &got)
				if !slices.Equal(idsOf(got), ids[2:3]) || got.Resources[0].DisplayName != "" {
					t.Errorf("%s: %+v", path, got)
				}
			}
		},
		"3.35 by cursor": func(t *testing.T) {
			first := i.list(t, "?cursor&count=3")
			rest := i.list(t, "?count=3&cursor="+first.NextCursor)
			if got := append(idsOf(first), idsOf(rest)...); !slices.Equal(got, ids) || rest.NextCursor != "" || strings.Trim(first.NextCursor, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") != "" {
				t.Errorf("%v %q %q", got, first.NextCursor, rest.NextCursor)
			}
			i.refused(t, i.call(t, "GET", "/Users?count=2&cursor="+first.NextCursor, ""), 400, "invalidCursor") // of another question
			i.refused(t, other.call(t, "GET", "/Users?count=3&cursor="+first.NextCursor, ""), 400, "invalidCursor")
		},
		"3.38 errors": func(t *testing.T) { // refused holds them to their form
			i.refused(t, i.call(t, "POST", "/Users", `{"userName":`), 400, "invalidSyntax")
			i.refused(t, i.patch(t, ids[0], `{"op":"replace","path":"nothing","value":1}`), 400, "invalidPath")
			i.refused(t, i.patch(t, ids[0], `{"op":"remove"}`), 400, "noTarget")
			i.refused(t, i.patch(t, ids[0], `{"op":"replace","path":"active","value":"perhaps"}`), 400, "invalidValue")
			i.refused(t, i.call(t, "GET", "/Users?filter=(", ""), 400, "invalidFilter")
		},
	} {
		t.Run(name, shows)
	}
}
