package scim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// made makes a resource of JSON in the schema's spelling, as a server does of what it stores and adds.
func made(t testing.TB, typ *ResourceType, text string) *Resource {
	t.Helper()
	r := &Resource{Type: typ}
	if err := json.Unmarshal([]byte(text), &r.Values); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

const barbara = `{
	"id": "usr_01", "externalId": "Ext-1", "userName": "Barbara@Acme.Example", "displayName": "Barbara Jensen \"Babs\"", "active": true,
	"name": {"familyName": "Straße", "givenName": "Bárbara"}, "title": "Vice \\ President",
	"emails": [{"type": "work", "value": "barbara@acme.example", "primary": true}, {"type": "home", "value": "babs@home.example"}],
	"roles": [{"value": "r1", "primary": true}, {"value": "r2"}],
	"meta": {"resourceType": "User", "created": "2026-01-23T04:56:22.000Z", "lastModified": "2026-05-13T04:42:34.500Z", "version": "W/\"3\""},
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales", "manager": {"value": "usr_02"}}}`

const tourGuides = `{"id": "grp_01", "displayName": "Tour Guides", "externalId": "g-1", "members": [{"value": "usr_01", "type": "User"}]}`

func TestFiltersMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	user, group := made(t, User, barbara), made(t, Group, tourGuides)
	for _, c := range []struct {
		filter string
		holds  bool
	}{
		{`1.1 userName eq "71f1a3a5-1e0c-4b5e-9d2f-000000000000"`, false},
		{`1.6 userName eq "barbara@acme.example"`, true},
		{`1.6 externalId eq "Ext-1" and active eq true`, true},
		{`1.6 id eq "usr_01"`, true},
		{`1.6 active eq "True"`, true},
		{`1.6 active eq False`, false},
		{`1.7 emails[type eq "work"].value eq "Barbara@acme.example"`, true},
		{`1.7 emails[type eq "home"].value eq "barbara@acme.example"`, false},
		{`1.7 (emails[type eq "work"].value eq "barbara@acme.example")and active eq true`, true},
		{`1.7 emails[type eq "work"].display pr`, false},
		{`1.8 externalId eq Ext-1`, true},
		{`1.8 meta.Created gt 2015-10-10T14:38:21.8617979-07:00`, true},
		{`1.8 userName eq barbara@acme.example`, true},
		{`1.9 id eq "usr_01" and manager eq "usr_02"`, true},
		{`1.9 manager eq "usr_03" and id eq "usr_01"`, false},
		{`1.9 manager.value eq "usr_02"`, true},
		{`1.9 urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "usr_02"`, true},
		{`1.10 userName eq "nobody"`, false},
		{`1.22 roles[primary eq "True"].value eq "r1"`, true},
		{`1.22 roles[primary eq "False"].value eq "r1"`, false},
		{`1.36 userName eq "a_x.example#EXT#@acme.example"`, false},
		{`3.27 userName ne "x" and userName co "ACME" and userName sw "barb" and userName ew "example"`, true},
		{`3.27 userName gt "a" and userName ge "barbara@acme.example" and userName lt "c" and userName le "barbara@acme.example"`, true},
		{`3.27 TITLE PR AND NOT (ACTIVE EQ FALSE)`, true},
		{`3.27 title pr or title pr and title eq "x"`, true},
		{`3.27 (title pr or title pr) and title eq "x"`, false},
		{`3.27 not (title pr) or title pr`, true},
		{`3.27 displayName eq "Barbara Jensen \"Babs\""`, true},
		{`3.27 title eq "Vice \\ President"`, true},
		{`3.27 name.givenName eq "B\u00e1rbara"`, true},
		{`3.27 name.middleName eq null and title ne null`, true},
		{`3.27 userName eq "null"`, false},
		{`3.28 meta.lastModified eq "2026-05-13T06:42:34.5+02:00"`, true},
		{`3.28 meta.lastModified ge "2026-05-13T04:42:34.4999Z"`, true},
		{`3.28 meta.lastModified lt "2026-05-13T04:42:34Z"`, false},
		{`3.28 nickName ne "x"`, true},
		{`3.28 nickName eq null and not (nickName pr)`, true},
		{`3.29 emails co "babs"`, true},
		{`3.29 emails[type eq "work" and value co "@home"]`, false},
		{`3.29 emails.type eq "work" and emails.value co "@home"`, true},
		{`3.29 emails[not (type eq "work") and value pr]`, true},
		{`3.29 emails pr and ims eq null`, true},
		{`3.30 userName eq "BARBARA@ACME.EXAMPLE"`, true},
		{`3.30 externalId eq "ext-1"`, false},
		{`3.30 id eq "USR_01"`, false},
		{`3.30 emails eq "BABS@home.example"`, true},
		{`3.30 name.familyName eq "STRASSE"`, true},
		{`3.30 name.familyName sw "strass"`, true},
		{`3.24 urn:ietf:params:scim:schemas:core:2.0:User:name.familyName pr`, true},
		{`3.24 URN:IETF:params:scim:schemas:extension:enterprise:2.0:user:Department eq "sales"`, true},
		{`2.4 userName eq "barbara@acme.example"`, true},
		{`S9 userName eq "BARBARA@ACME.EXAMPLE"`, true},
	} {
		number, text, _ := strings.Cut(c.filter, " ")
		t.Run(c.filter, func(t *testing.T) {
			f, err := ParseFilter(text, User)
			if err != nil {
				t.Fatalf("%s: %v", number, err)
			}
			if f.Match(user) != c.holds {
				t.Errorf("%s: it is %v", number, !c.holds)
			}
		})
	}
	for text, holds := range map[string]bool{
		`members eq "usr_01"`: true, `members eq "usr_02"`: false, `members.value eq "usr_01"`: true, `members[value eq "usr_01"]`: true,
		`displayName eq "TOUR guides"`: true, `displayName eq "x"`: false, `id eq "grp_01" and members eq "usr_01"`: true,
	} {
		t.Run("1.9 groups "+text, func(t *testing.T) {
			f, err := ParseFilter(text, Group)
			if err != nil {
				t.Fatal(err)
			}
			if f.Match(group) != holds {
				t.Errorf("it is %v", !holds)
			}
		})
	}
}

func TestAFilterOnAllResourcesTakesWhatAnyOfThemHas(t *testing.T) {
	t.Parallel()
	user, group := made(t, User, barbara), made(t, Group, tourGuides)
	for text, holds := range map[string][2]bool{
		`userName pr`: {true, false}, `displayName co "tour"`: {false, true}, `userName ne "x"`: {true, true}, `not (userName pr)`: {false, true},
		`members[value pr] or active eq true`: {true, true}, `meta.resourceType eq "user"`: {false, false}, `meta.resourceType eq "User"`: {true, false},
	} {
		f, err := ParseFilter(text, User, Group)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{f.Match(user), f.Match(group)}; got != holds {
			t.Errorf("%s: %v", text, got)
		}
	}
	if _, err := ParseFilter(`neither pr`, User, Group); err == nil {
		t.Error("an attribute of neither is taken")
	}
}

func TestFiltersAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, ` `, `userName`, `userName eq`, `userName is "x"`, `userName eq "x`, `userName eq "\x"`, `userName eq "\ud800"`, `eq "x"`, `"userName" eq "x"`,
		`userName eq "x" and`, `and userName pr`, `userName pr userName pr`, `(userName pr`, `userName pr)`, `not userName pr`, `not (userName pr`, `()`,
		`userName eq ("x")`, `emails[type eq "work"`, `emails[]`, `emails[type eq "work"] eq "x"`, `emails[type eq "work"].value`, `emails[type eq "work"].x eq "y"`,
		`emails[emails[type pr]]`, `emails[value[type pr]]`, `emails[not type pr]`, `emails[type pr`, `emails type pr`, `emails.type[value pr]`, `userName[value pr]`, `emails[x pr]`, `name eq "x"`, `addresses co "x"`,
		`3.10 password eq "x"`, `3.10 password pr`, `3.28 active gt true`, `3.28 active co "t"`, `3.28 active eq "maybe"`, `3.28 meta.created co "2026"`,
		`3.28 meta.created gt "yesterday"`, `3.28 x509Certificates gt "x"`, `userName gt null`, `3.31 unknown eq "x"`, `3.31 name.x eq "x"`,
		`3.31 urn:example:User:x eq "y"`, `urn:ietf:params:scim:schemas:core:2.0:User pr`, "userName eq \"\xff\"", "userName eq \"\n\"",
		`3.31 ` + strings.Repeat("(", 33) + `title pr` + strings.Repeat(")", 33), strings.Repeat(`not (`, 800) + `title pr` + strings.Repeat(")", 800),
		`3.31 userName eq "` + strings.Repeat("x", 100<<10) + `"`,
	} {
		_, bare, found := strings.Cut(text, " ")
		if !found || text[0] != '3' {
			bare = text
		}
		_, err := ParseFilter(bare, User)
		if status, kind, detail := refused(t, err); status != 400 || kind != InvalidFilter {
			t.Errorf("%.60s: %d %s %s", text, status, kind, detail)
		}
	}
}

func TestTheLongestFilterIsAnsweredInGoodTime(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`title co "y"or `, 270) + `title pr`
	f, err := ParseFilter(text, User)
	if err != nil {
		t.Fatal(err)
	}
	user, begun := made(t, User, barbara), time.Now()
	for range 1_000 {
		f.Match(user)
	}
	if took := time.Since(begun); took > 10*time.Second { // 0.15 s on a machine with nothing else to do
		t.Errorf("a thousand users took %v", took)
	}
}

func TestFoldIsUnicodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Bob@X", "bob@x", true}, {" bob ", "bob", true}, {"STRASSE", "straße", true}, {"ΣΑΣ", "σας", true}, {"\u212a", "k", true}, {"é", "e\u0301", true},
		{"İ", "i", false}, {"ı", "i", false}, {"İ", "i\u0307", true}, {"é", "e", false}, {"ﬁ", "fi", true},
	} {
		if (Fold(c.a) == Fold(c.b)) != c.same {
			t.Errorf("3.30 %q and %q: %q, %q", c.a, c.b, Fold(c.a), Fold(c.b))
		}
	}
}
