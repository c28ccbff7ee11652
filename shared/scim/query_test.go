package scim

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestPagesAreReadWithinBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, raw string
		want      Page
	}{
		{"nothing", "", Page{1, 100, false, ""}},
		{"2.3 on saving", "startIndex=1&count=2", Page{1, 2, false, ""}},
		{"2.9 a later page", "startIndex=101&count=100", Page{101, 100, false, ""}},
		{"3.32 below", "startIndex=0&count=-1", Page{1, 0, false, ""}},
		{"3.32 the number of all", "startIndex=-5&count=0", Page{1, 0, false, ""}},
		{"3.32 above", "count=1000", Page{1, 200, false, ""}},
		{"3.32 far above", "startIndex=99999999999999&count=99999999999999", Page{1<<31 - 1, 200, false, ""}},
		{"far below", "startIndex=-99999999999999&count=-99999999999999", Page{1, 0, false, ""}},
		{"empty", "startIndex=&count=", Page{1, 100, false, ""}},
		{"in capitals", "STARTINDEX=2", Page{2, 100, false, ""}},
		{"3.35 the first page by cursor", "cursor&count=10", Page{1, 10, true, ""}},
		{"3.35 a later one", "cursor=abc", Page{1, 100, true, "abc"}},
		{"1.5 a switch of Entra ID's", "aadOptscim062020", Page{1, 100, false, ""}},
		{"1.5 others", "AzureAdScimPatch2017=&x=1&x=2", Page{1, 100, false, ""}},
	} {
		q, err := ReadQuery(c.raw, User)
		if err != nil || q.Page != c.want || q.Filter != nil || q.Order != nil {
			t.Errorf("%s: %+v %v", c.name, q.Page, err)
		}
	}
	for raw, want := range map[string]Kind{
		"count=x": InvalidValue, "startIndex=1.5": InvalidValue, "cursor=&count=x": InvalidCount, "count=1&count=2": InvalidValue, "count=1&COUNT=2": InvalidValue, "filter=%zz": InvalidSyntax,
		"filter=x": InvalidFilter, "sortBy=nothing": InvalidValue, "sortBy=password": InvalidValue, "sortBy=name": InvalidValue, "sortBy=userName&sortOrder=up": InvalidValue,
		"attributes=a&excludedAttributes=b": InvalidValue, "filter=" + strings.Repeat("x", 100<<10): TooMany, "attributes=" + strings.Repeat("a,", 300): InvalidValue,
	} {
		_, err := ReadQuery(raw, User)
		if _, kind, detail := refused(t, err); kind != want {
			t.Errorf("%.60s: %s %s", raw, kind, detail)
		}
	}
}

func TestSCIM3_34_ASearchAsksWhatAnAddressAsks(t *testing.T) {
	t.Parallel()
	raw := "filter=" + url.QueryEscape(`userName eq "a+b#c%d\"e"`) + "&sortBy=userName&sortOrder=descending&startIndex=2&count=5&attributes=userName,id&attributes=title"
	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName eq \"a+b#c%d\\\"e\"","sortBy":"userName","sortOrder":"descending",
		"startIndex":2,"count":5,"attributes":["userName","id","title"],"excludedAttributes":[],"cursor":null}`
	asked, err := ReadQuery(raw, User)
	if err != nil {
		t.Fatal(err)
	}
	searched, err := ReadSearch([]byte(body), User)
	if err != nil {
		t.Fatal(err)
	}
	r := made(t, User, `{"id":"u1","userName":"A+B#C%D\"E","title":"T","active":true}`)
	for _, q := range []Query{asked, searched} {
		shown := q.Projection(User).Apply(r)
		if !q.Filter.Match(r) || q.Page != (Page{2, 5, false, ""}) || len(shown) != 4 || q.Bound() != asked.Bound() {
			t.Errorf("%+v: %v", q, shown)
		}
	}
	for body, want := range map[string]Kind{`[]`: InvalidSyntax, `{"count":{}}`: InvalidValue, `{"filter":true}`: InvalidValue, `{"filter":["a pr","b pr"]}`: InvalidValue, `{"attributes":[{}]}`: InvalidValue, `{"x":{"y":1},"z":[true],"schemas":[]}`: "", `{"filter":"x"}`: InvalidFilter, `{`: InvalidSyntax} {
		_, err := ReadSearch([]byte(body), User)
		if _, kind, detail := refused(t, err); kind != want {
			t.Errorf("%s: %s %s", body, kind, detail)
		}
	}
}

func TestSCIM1_36_GuestsAreAskedForWithPercentSigns(t *testing.T) {
	t.Parallel()
	q, err := ReadQuery(`filter=userName+eq%20%22a_x.example%23EXT%23%40acme.example%22&startIndex=1&count=100`, User)
	if err != nil || !q.Filter.Match(made(t, User, `{"userName":"A_x.example#EXT#@acme.example"}`)) {
		t.Errorf("%+v %v", q, err)
	}
}

func TestSCIM3_33_ListsAreSorted(t *testing.T) {
	t.Parallel()
	users := []*Resource{
		made(t, User, `{"id":"1","userName":"Bob","emails":[{"value":"z@x"},{"value":"b@x","primary":true}],"active":true,"meta":{"created":"2026-01-01T10:00:00Z"}}`),
		made(t, User, `{"id":"2","userName":"alice","emails":[{"value":"C@x"},{"value":"a@x"}],"active":false,"meta":{"created":"2026-01-01T11:30:00+02:00"}}`),
		made(t, User, `{"id":"3","userName":"carol","meta":{"created":"2026-01-01T10:00:00.5Z"}}`),
	}
	for raw, want := range map[string]string{
		"sortBy=userName": "213", "sortBy=userName&sortOrder=descending": "312", "sortBy=emails": "123", "sortBy=emails.value&sortOrder=Descending": "321",
		"sortBy=active": "213", "sortBy=meta.created": "213", "sortBy=id&sortOrder=descending": "321", "sortBy=title": "123",
	} {
		q, err := ReadQuery(raw, User)
		if err != nil {
			t.Fatal(err)
		}
		sorted := slices.Clone(users)
		slices.SortStableFunc(sorted, q.Order.Compare)
		got := ""
		for _, r := range sorted {
			got += r.Text("id")
		}
		if got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
	q, err := ReadQuery("sortBy=USERNAME&sortOrder=descending", User, Group)
	if err != nil {
		t.Fatal(err)
	}
	if name, descending := q.Order.Attribute(User); name != "userName" || !descending {
		t.Errorf("%s %v", name, descending)
	}
	if q.Order.Compare(users[0], made(t, Group, guides)) <= 0 {
		t.Error("a group has no userName: descending, it comes first")
	}
}

func TestAQueryIsBoundByWhatChangesAWalk(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, raw := range []string{"", "count=5", "sortBy=userName", "sortBy=userName&sortOrder=descending", "filter=userName+pr", "filter=title+pr", "filter=title+pr&sortBy=id"} {
		q, err := ReadQuery(raw, User)
		if err != nil {
			t.Fatal(err)
		}
		if other, there := seen[q.Bound()]; there {
			t.Errorf("%q and %q are one", raw, other)
		}
		seen[q.Bound()] = raw
	}
	first, err := ReadQuery("cursor&count=5", User)
	if err != nil {
		t.Fatal(err)
	}
	next, err := ReadQuery("count=5&cursor=abc&startIndex=7", User)
	if err != nil || first.Bound() != next.Bound() {
		t.Error(fmt.Sprint(first.Bound(), next.Bound(), err))
	}
}
