package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestSCI2_OktasSpecTest is Okta's "SCIM 2.0 SPEC Test", step by step; S10 is with the groups.
func TestSCI2_OktasSpecTest(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	first := i.bring(t, "seed@"+i.domain)
	random := "Test.User-" + unique() + "@" + i.domain
	by := func(userName string) aSCIMList {
		return i.list(t, "?filter="+url.QueryEscape(`userName eq "`+userName+`"`)+"&startIndex=1&count=100")
	}
	nobody := func(*testing.T) {
		if got := by("nobody-" + unique() + "@x.example"); got.TotalResults != 0 || got.Resources == nil {
			t.Errorf("%+v", got)
		}
	}
	var made aSCIMUser
	for _, step := range []struct {
		name string
		is   func(t *testing.T)
	}{
		{"S1 the first user is whole", func(t *testing.T) {
			got := i.list(t, "?count=1&startIndex=1")
			if len(got.Resources) != 1 || got.TotalResults != 1 || got.ItemsPerPage != 1 {
				t.Fatalf("%+v", got)
			}
			if u := got.Resources[0]; u.ID != first.ID || u.UserName == "" || !u.Active || u.Emails[0].Value == "" || u.Name.FamilyName == "" {
				t.Errorf("%+v", u)
			}
		}},
		{"S2 read by id", func(t *testing.T) {
			var u aSCIMUser
			if i.call(t, "GET", "/Users/"+first.ID, "").Expect(t, 200).JSON(t, &u); u.ID != first.ID || u.UserName != first.UserName {
				t.Errorf("%+v", u)
			}
		}},
		{"S3 an unknown userName", nobody},
		{"S4 an unknown id", func(t *testing.T) {
			i.refused(t, i.call(t, "GET", "/Users/usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW", ""), 404, "")
		}},
		{"S5 a random address", nobody},
		{"S6 created, names as they were sent", func(t *testing.T) {
			answer := i.call(t, "POST", "/Users", i.person(random), "Content-Type", "application/json").Expect(t, 201)
			answer.JSON(t, &made)
			if made.UserName != random || !made.Active || made.ID == "" || !slices.Contains(made.Schemas, "urn:ietf:params:scim:schemas:core:2.0:User") ||
				answer.Header.Get("Location") != made.Meta.Location || strings.Contains(string(answer.Body), "1mz050nq") || answer.Header.Get("ETag") != made.Meta.Version {
				t.Errorf("%s", answer.Body)
			}
		}},
		{"S7 read again", func(t *testing.T) {
			var u aSCIMUser
			if i.call(t, "GET", "/Users/"+made.ID, "").Expect(t, 200).JSON(t, &u); u.UserName != random || u.Meta != made.Meta {
				t.Errorf("%+v", u)
			}
		}},
		{"S8 created again", func(t *testing.T) { i.refused(t, i.call(t, "POST", "/Users", i.person(random)), 409, "uniqueness") }},
		{"S9 found in capitals", func(t *testing.T) {
			if got := by(strings.ToUpper(random)); len(got.Resources) != 1 || got.Resources[0].UserName != random {
				t.Errorf("%+v", got)
			}
		}},
		{"S11 a bad token", func(t *testing.T) {
			i.refused(t, i.call(t, "GET", "/Users?count=1", "", "Authorization", "non-token"), 401, "")
		}},
		{"S12 another unknown id", func(t *testing.T) { i.refused(t, i.call(t, "GET", "/Users/00919288221112222", ""), 404, "") }},
	} {
		t.Run(step.name, step.is)
	}
}

func TestSCI1_TheServerDescribesItself(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	for _, path := range []string{"", "/", "/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/ResourceTypes/User"} {
		if answer := i.call(t, "GET", path, ""); answer.Status != 200 || strings.Contains(string(answer.Body), "null") {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
		}
	}
	if answer := i.call(t, "POST", "//Users", i.person("slash@"+i.domain)); answer.Status != 201 { // to a base URL that was entered with a slash at its end
		t.Errorf("answered %d %s", answer.Status, answer.Body)
	}
	i.refused(t, i.call(t, "GET", "//Users//?count=1", "", "Authorization", "Bearer nothing"), 401, "")
	for _, path := range []string{"/ServiceProviderConfig", "/Schemas", "/ResourceTypes"} {
		i.refused(t, i.call(t, "POST", path, `{}`), 405, "")
		i.refused(t, i.call(t, "GET", path+"?filter="+url.QueryEscape(`id eq "x"`), ""), 403, "")
	}
	for path, status := range map[string]int{"/Nowhere": 404, "/Schemas/urn:x": 404, "/Me": 501, "/Bulk": 405, "/Users/x/y": 404} {
		i.refused(t, i.call(t, "GET", path, ""), status, "")
	}
	i.refused(t, i.call(t, "PUT", "/Users", `{}`), 405, "")
	i.refused(t, i.call(t, "POST", "/Users", strings.Repeat("[", 100_000)), 400, "invalidSyntax")
	i.refused(t, i.call(t, "GET", "/Users?filter="+url.QueryEscape(`userName xx "a"`), ""), 400, "invalidFilter")
}

func TestSCI7_WhoComesHasNoAccessUntilThereIsARoleAndLosesItAtOnce(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	u := i.bring(t, "Ada.Byron@"+i.domain)
	if got := i.stored(t, u.ID); got.text("status") != "active" || got.text("role") != "" || got.text("email") != "Ada.Byron@"+i.domain {
		t.Errorf("%v", got)
	}
	indexed()
	var all struct{ Items []struct{ ID string } }
	tree.Admin.DoWithKey(t, "GET", usersOf(tree.Org)+"?sort=address&limit=100", nil).Expect(t, 200).JSON(t, &all)
	if slices.ContainsFunc(all.Items, func(one struct{ ID string }) bool { return one.ID == u.ID }) {
		t.Error("who has no role is listed")
	}
	var waiting struct{ Items []struct{ ID, RoleID string } }
	tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, i.id)+"/users?withoutRole=true", nil).Expect(t, 200).JSON(t, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].ID != u.ID {
		t.Errorf("without a role: %+v", waiting)
	}
	path := usersOf(tree.Org) + "/" + u.ID
	tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"organizationId": tree.Org, "roleId": tree.Roles[tree.Org].User}).Expect(t, 200)
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"name": "By Hand"}), 409, "managed-by-scim")
	refusedAs(t, tree.Admin.DoWithKey(t, "PATCH", path, map[string]string{"status": "inactive"}), 409, "managed-by-scim")
	refusedAs(t, tree.Admin.DoWithKey(t, "DELETE", path, nil), 409, "managed-by-scim")
	var shown struct {
		ManagedBy, CreatedBy struct{ Type, ID, Name string }
	}
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &shown)
	if shown.ManagedBy.ID != i.id || shown.ManagedBy.Name == "" || shown.CreatedBy != shown.ManagedBy {
		t.Errorf("managed by %+v", shown)
	}
	p := Person{ID: u.ID, Email: "Ada.Byron@" + i.domain}
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
	stack.Do(t, "POST", "/v1/session/password-reset/"+mailedToken(t, p.Email, "password-reset"), map[string]string{"password": password}).Expect(t, 204)
	p = signedInAgain(t, p)
	is := profile(t, p)
	refusedAs(t, p.Do(t, "PATCH", "/v1/me", map[string]string{"name": "By Myself"}), 409, "managed-by-scim")
	p.Do(t, "PATCH", "/v1/me", map[string]string{"name": is.Name, "language": "es"}).Expect(t, 200)
	if got := profile(t, p); got.Name != is.Name || got.Language != "es" {
		t.Errorf("the profile is %+v", got)
	}
	off := i.patch(t, u.ID, `{"op":"Replace","path":"active","value":"False"}`).Expect(t, 200)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	if events := eventsOfRequest(t, off); len(events) != 1 || events[0].text("action") != "user.deactivated" {
		t.Errorf("the audit says %v", events)
	}
	if again := i.patch(t, u.ID, `{"op":"replace","value":{"active":false}}`).Expect(t, 200); len(eventsOfRequest(t, again)) != 0 {
		t.Error("off again is a change")
	}
	i.patch(t, u.ID, `{"op":"Replace","path":"active","value":"True"}`).Expect(t, 200)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401) // the session does not come back
	p = signedInAgain(t, p)
	i.call(t, "DELETE", "/Users/"+u.ID, "").Expect(t, 204)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	i.refused(t, i.call(t, "DELETE", "/Users/"+u.ID, ""), 404, "")
	if again := i.bring(t, "Ada.Byron@"+i.domain); again.ID == u.ID {
		t.Error("a user who was deleted is the same one again")
	}
	inOrder(t, tree.Org)
}

func TestSCI8_WhoseAddressItIs(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	guests := tree.idp(t, true)
	i.refused(t, i.call(t, "POST", "/Users", i.person("ada@elsewhere.example")), 400, "invalidValue")
	i.refused(t, i.call(t, "POST", "/Users", `{"userName":"no-address"}`), 400, "invalidValue")
	var named aSCIMUser
	i.call(t, "POST", "/Users", `{"userName":"jo.ek","emails":[{"value":"other@`+i.domain+`"},{"value":"Jo@`+i.domain+`","primary":true}]}`).Expect(t, 201).JSON(t, &named)
	if got := i.stored(t, named.ID); got.text("email") != "Jo@"+i.domain || named.UserName != "jo.ek" {
		t.Errorf("%v %+v", got, named)
	}
	i.refused(t, i.call(t, "POST", "/Users", i.person("JO@"+i.domain)), 409, "uniqueness")
	i.refused(t, guests.call(t, "POST", "/Users", i.person("jo@"+i.domain)), 409, "uniqueness")
	i.refused(t, i.patch(t, named.ID, `{"op":"replace","path":"userName","value":"jo@elsewhere.example"}`), 400, "invalidValue")
	i.patch(t, named.ID, `{"op":"replace","path":"userName","value":"Jo.New@`+i.domain+`"}`).Expect(t, 200)
	if got := i.stored(t, named.ID); got.text("email") != "Jo.New@"+i.domain {
		t.Errorf("renamed: %v", got)
	}
	i.patch(t, named.ID, `{"op":"replace","value":{"active":false,"userName":"gone@elsewhere.example"}}`).Expect(t, 200) // who leaves does so whatever else is sent

	// An outsider signs in by an invitation, and is nobody whom a token takes over.
	out := guests.bring(t, "guest-"+unique()+"@elsewhere.example")
	if got := guests.stored(t, out.ID); got.text("status") != "invited" || got["outsider"] != true {
		t.Errorf("an outsider is %v", got)
	}
	i.refused(t, guests.call(t, "POST", "/Users", i.person(tree.User.Email)), 409, "uniqueness")
	tree.Admin.DoWithKey(t, "PUT", scimOf(tree.Org, guests.id), map[string]any{"acceptOutsiders": false}).Expect(t, 200)
	guests.patch(t, out.ID, `{"op":"replace","path":"title","value":"Guest"}`).Expect(t, 200) // who is there is judged by a new address only
	inOrder(t, tree.Org)
}

func TestSCI8_AnExistingUserIsTakenOver(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	var invited struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Subs[0]), map[string]string{"name": "Sam", "email": "sam@" + i.domain, "roleId": tree.Roles[tree.Subs[0]].User}).Expect(t, 201).JSON(t, &invited)
	u := i.bring(t, "Sam@"+i.domain)
	got := i.stored(t, u.ID)
	if u.ID != invited.ID || got.text("status") != "active" || got.text("organization") != tree.Subs[0] || got.text("name") != "Ada Byron" || got.text("connection") != i.id {
		t.Errorf("%v", got)
	}
	if total := i.list(t, "?count=0").TotalResults; total != 1 {
		t.Errorf("%d users", total)
	}
	// Switched off, people manage them again; who never had a role is gone.
	never := i.bring(t, "never@"+i.domain)
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, i.id), nil).Expect(t, 204)
	i.refused(t, i.call(t, "GET", "/Users", ""), 401, "")
	comesTrue(t, "the users are given back", func() bool { return storedConnection(t, i.id).Provisioning == nil })
	if got := i.stored(t, u.ID); got.text("connection") != "" || got.text("status") != "active" || i.stored(t, never.ID) != nil {
		t.Errorf("given back: %v", got)
	}
	if left := rawTable(t).partition(t, "SCIM#"+i.id); len(left) != 0 {
		t.Errorf("%d items are left", len(left))
	}
	tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Subs[0])+"/"+u.ID, map[string]string{"name": "By Hand"}).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestPER5_TheIdPsDeactivationWinsAlsoOverTheLastAdministrator(t *testing.T) {
	t.Parallel()
	tree := newTreeOf(t, platform(t), "client")
	i := tree.idp(t, false)
	admin := "admin-" + unique() + "@" + i.domain
	var made struct{ ID string }
	tree.Admin.DoWithKey(t, "POST", usersOf(tree.Org), map[string]string{"name": "Last", "email": admin, "roleId": tree.Roles[tree.Org].Administrator}).Expect(t, 201).JSON(t, &made)
	u := i.bring(t, admin)
	administrators, _ := rawTable(t).item(t, "TREE#"+tree.Org, "ADMINS")["users"].([]string)
	for _, id := range administrators {
		if id != u.ID {
			tree.Admin.DoWithKey(t, "PATCH", usersOf(tree.Org)+"/"+id, map[string]string{"status": "inactive"})
		}
	}
	i.patch(t, u.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	if got := rawTable(t).item(t, "TREE#"+tree.Org, "ADMINS")["users"]; got != nil {
		t.Errorf("administrators: %v", got)
	}
	var of struct{ WithoutAdministrator bool }
	platform(t).DoWithKey(t, "GET", "/v1/organizations/"+tree.Org, nil).Expect(t, 200).JSON(t, &of)
	if !of.WithoutAdministrator {
		t.Error("the organization is not marked")
	}
	mailedTo(t, platform(t).Email, "is without an administrator")
	i.patch(t, u.ID, `{"op":"replace","path":"active","value":true}`).Expect(t, 200)
	inOrder(t, tree.Org)
}

func TestSCI1_PagesHoldWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	var ids []string
	for n := range 7 {
		ids = append(ids, i.bring(t, fmt.Sprintf("p%d@%s", n, i.domain)).ID)
	}
	read := func(query string) (seen []string, next aSCIMList) {
		next = i.list(t, query)
		for _, u := range next.Resources {
			seen = append(seen, u.ID)
		}
		return seen, next
	}
	page, list := read("?startIndex=1&count=3")
	i.call(t, "DELETE", "/Users/"+ids[0], "").Expect(t, 204)
	rest, _ := read("?startIndex=4&count=3")
	if seen := append(page, rest...); !slices.Equal(seen, ids[:6]) || list.TotalResults != 7 {
		t.Errorf("by index: %v", seen)
	}
	page, list = read("?cursor&count=3")
	i.call(t, "DELETE", "/Users/"+ids[1], "").Expect(t, 204)
	for list.NextCursor != "" {
		rest, list = read("?count=3&cursor=" + list.NextCursor)
		page = append(page, rest...)
	}
	if !slices.Equal(page, ids[1:]) {
		t.Errorf("by cursor: %v", page)
	}
	i.refused(t, i.call(t, "GET", "/Users?count=3&cursor=nonsense", ""), 400, "invalidCursor")
	sorted := i.list(t, "?sortBy=userName&sortOrder=descending&count=2&startIndex=2")
	if len(sorted.Resources) != 2 || sorted.Resources[0].ID != ids[5] || sorted.TotalResults != 5 {
		t.Errorf("sorted: %+v", sorted)
	}
	filtered := i.list(t, "?filter="+url.QueryEscape(`emails[type eq "work"].value eq "P3@`+i.domain+`" and active eq true`)+"&attributes=userName")
	if len(filtered.Resources) != 1 || filtered.Resources[0].ID != ids[3] || len(filtered.Resources[0].Emails) != 0 {
		t.Errorf("filtered: %+v", filtered)
	}
	if beyond := i.list(t, "?startIndex=100&count=3"); len(beyond.Resources) != 0 || beyond.TotalResults != 5 {
		t.Errorf("beyond the end: %+v", beyond)
	}
}

func TestSCI1_TwoWhoWalkPassOverNobody(t *testing.T) {
	t.Parallel()
	i := newTree(t).idp(t, false)
	var ids []string
	for n := range 5 {
		ids = append(ids, i.bring(t, fmt.Sprintf("p%d@%s", n, i.domain)).ID)
	}
	other := *i
	other.token = i.tree.scimToken(t, i.id)
	page := func(i *idp, query string) (seen []string) {
		for _, u := range i.list(t, query).Resources {
			seen = append(seen, u.ID)
		}
		return seen
	}
	first := page(i, "?startIndex=1&count=2")
	i.call(t, "DELETE", "/Users/"+ids[0], "").Expect(t, 204)
	if seen := page(&other, "?startIndex=1&count=2"); !slices.Equal(seen, ids[1:3]) {
		t.Errorf("the other begins with %v", seen)
	}
	if seen := append(first, page(i, "?startIndex=3&count=2")...); !slices.Equal(seen, ids[:4]) {
		t.Errorf("%v of %v", seen, ids)
	}
	if seen := page(&other, "?startIndex=3&count=2"); !slices.Equal(seen, ids[3:]) {
		t.Errorf("the other goes on with %v", seen)
	}
}

func TestSCI1_OfManyWithOneNameOneIsCreated(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	var created, refused atomic.Int64
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			switch answer := i.call(t, "POST", "/Users", i.person("same@"+i.domain)); answer.Status {
			case 201:
				created.Add(1)
			case 409:
				refused.Add(1)
			default:
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		})
	}
	together.Wait()
	if created.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d created, %d refused", created.Load(), refused.Load())
	}
	u := i.list(t, "?count=1").Resources[0]
	for n := range 8 {
		together.Go(func() {
			i.patch(t, u.ID, fmt.Sprintf(`{"op":"add","path":"phoneNumbers","value":[{"value":"%d"}]}`, n)).Expect(t, 200)
		})
	}
	together.Wait()
	var now struct {
		PhoneNumbers []struct{ Value string }
	}
	if i.call(t, "GET", "/Users/"+u.ID, "").Expect(t, 200).JSON(t, &now); len(now.PhoneNumbers) != 8 {
		t.Errorf("%+v", now)
	}
	inOrder(t, tree.Org)
}

func TestSCI9_EveryCallIsInTheLog(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	i := tree.idp(t, false)
	u := i.bring(t, "logged@"+i.domain)
	i.list(t, "?filter="+url.QueryEscape(`userName eq "secret@x.example"`))
	i.call(t, "POST", "/Users", i.person("ada@elsewhere.example")).Expect(t, 400)
	i.call(t, "GET", "/Users/"+u.ID, "", "Authorization", "Bearer nothing").Expect(t, 401)
	log := func(query string) (paths []string) {
		var page struct {
			Items []struct {
				Method, Path, SCIMType, Detail, TokenID string
				Status                                  int
			}
		}
		answer := tree.Admin.DoWithKey(t, "GET", scimOf(tree.Org, i.id)+"/requests"+query, nil).Expect(t, 200)
		answer.JSON(t, &page)
		if strings.Contains(string(answer.Body), "secret@") {
			t.Error("the log says whom the IdP asked for")
		}
		for _, one := range page.Items {
			paths = append(paths, fmt.Sprint(one.Method, one.Path, one.Status, one.SCIMType))
			if one.TokenID != i.token.ID || one.Status == 400 && one.Detail == "" {
				t.Errorf("%+v", one)
			}
		}
		return paths
	}
	if got := log(""); !slices.Equal(got, []string{"POST/Users400invalidValue", "GET/Users?filter=...200", "POST/Users201"}) {
		t.Errorf("%v", got)
	}
	if got := log("?failed=true"); len(got) != 1 {
		t.Errorf("refused: %v", got)
	}
	for query, want := range map[string]string{"?target=" + u.ID: "POST/Users201", "?status=400": "POST/Users400invalidValue"} {
		if got := log(query); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	inTime(t, tree, i, log)
	i.call(t, "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Nowhere","bulkId":"a","data":{}}]}`).Expect(t, 200)
	if got := log(""); len(got) != 5 || got[0] != "POST/Bulk200" || !strings.HasPrefix(got[1], "POST/Bulk4") {
		t.Errorf("an operation of a bulk that cannot be read: %v", got)
	}
	if used := tree.scimTokens(t, i.id)[0]; used.LastUsedAt == "" {
		t.Errorf("%+v", used)
	}
}

// inTime holds the log's three lines to the times that are asked for.
func inTime(t *testing.T, tree *Tree, i *idp, log func(query string) []string) {
	t.Helper()
	all, path := log(""), scimOf(tree.Org, i.id)+"/requests"
	var page struct {
		Items      []struct{ At string }
		NextCursor string
	}
	tree.Admin.DoWithKey(t, "GET", path, nil).Expect(t, 200).JSON(t, &page)
	last, middle := page.Items[0].At, page.Items[1].At
	for query, want := range map[string][]string{"?from=" + middle: all[:2], "?to=" + middle: all[2:], "?from=" + middle + "&to=" + last: all[1:2],
		"?from=" + last + "&failed=true": all[:1], "?to=2020-01-01T00:00:00Z": nil} {
		if got := log(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v", query, got)
		}
	}
	tree.Admin.DoWithKey(t, "GET", path+"?limit=1&from="+middle, nil).Expect(t, 200).JSON(t, &page)
	if next := log("?limit=1&from=" + middle + "&cursor=" + page.NextCursor); !slices.Equal(next, all[1:2]) {
		t.Errorf("the second page is %v", next)
	}
	for _, query := range []string{"?from=yesterday", "?from=" + last + "&to=" + middle, "?from=" + last + "&to=" + last, "?from=" + last + "&cursor=" + page.NextCursor} {
		tree.Admin.DoWithKey(t, "GET", path+query, nil).Expect(t, 422)
	}
}

func TestSCI8_AStolenTokenReachesItsConnectionOnly(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	i, beside, elsewhere := tree.idp(t, false), tree.idp(t, false), other.idp(t, false)
	u, foreign := beside.bring(t, "beside@"+beside.domain), elsewhere.bring(t, "elsewhere@"+elsewhere.domain)
	for _, id := range []string{u.ID, foreign.ID, tree.User.ID, tree.Admin.ID} {
		i.refused(t, i.call(t, "GET", "/Users/"+id, ""), 404, "")
		i.refused(t, i.patch(t, id, `{"op":"replace","path":"active","value":false}`), 404, "")
		i.refused(t, i.call(t, "DELETE", "/Users/"+id, ""), 404, "")
	}
	for _, target := range []*idp{beside, elsewhere} {
		stolen := *target
		stolen.token = i.token
		i.refused(t, stolen.call(t, "GET", "/Users", ""), 401, "")
	}
	i.refused(t, i.call(t, "POST", "/Users", i.person(tree.User.Email)), 400, "invalidValue") // of a domain that is not verified
	i.refused(t, i.call(t, "POST", "/Users", i.person("x@"+elsewhere.domain)), 400, "invalidValue")
	tree.Admin.DoWithKey(t, "DELETE", scimOf(tree.Org, i.id)+"/tokens/"+i.token.ID, nil).Expect(t, 204)
	i.refused(t, i.call(t, "GET", "/Users", ""), 401, "")
	if i.tree.User.Do(t, "GET", "/v1/me", nil).Status != 200 {
		t.Error("somebody lost access")
	}
}
