package scim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/problem"
)

// writtenAs compares what is written of a value.
func writtenAs(t *testing.T, value any, want string) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var got, expected any
	if err := errors.Join(json.Unmarshal(text, &got), json.Unmarshal([]byte(want), &expected)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
}

func TestListsAreWritten(t *testing.T) {
	t.Parallel()
	const schemas = `"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]`
	t.Run("1.1 nobody", func(t *testing.T) {
		writtenAs(t, List{Start: 1}, `{`+schemas+`,"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`)
	})
	t.Run("3.32 a page", func(t *testing.T) {
		writtenAs(t, List{Total: 5, Start: 3, Resources: []Object{{"id": "1"}}}, `{`+schemas+`,"totalResults":5,"startIndex":3,"itemsPerPage":1,"Resources":[{"id":"1"}]}`)
	})
	t.Run("3.35 by cursor", func(t *testing.T) {
		writtenAs(t, List{Total: -1, Next: "n", Previous: "p"}, `{`+schemas+`,"itemsPerPage":0,"nextCursor":"n","previousCursor":"p","Resources":[]}`)
	})
}

func TestErrorsAreWritten(t *testing.T) {
	t.Parallel()
	const schemas = `"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]`
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"3.38 of SCIM":          {Bad(InvalidPath, "No %s.", "x"), `{` + schemas + `,"status":"400","scimType":"invalidPath","detail":"No x."}`},
		"1.17 uniqueness":       {Bad(Uniqueness, "Taken."), `{` + schemas + `,"status":"409","scimType":"uniqueness","detail":"Taken."}`},
		"S4 S12 not there":      {Refused(404, "No such user."), `{` + schemas + `,"status":"404","detail":"No such user."}`},
		"S11 not known":         {problem.New(problem.Unauthenticated, "x", "No token."), `{` + schemas + `,"status":"401","detail":"No token."}`},
		"of the product":        {fmt.Errorf("reading: %w", problem.Missing()), `{` + schemas + `,"status":"404","detail":"There is nothing here that you have access to."}`},
		"with a field":          {problem.Invalid("userName", "is in no domain", "x"), `{` + schemas + `,"status":"400","scimType":"invalidValue","detail":"The request has a field that cannot be accepted. userName is in no domain."}`},
		"ours tells nothing":    {errors.New("secret"), `{` + schemas + `,"status":"500","detail":"Something went wrong on our side. The request can be repeated."}`},
		"a wrapped one of SCIM": {fmt.Errorf("x: %w", Bad(NoTarget, "Nothing.")), `{` + schemas + `,"status":"400","scimType":"noTarget","detail":"Nothing."}`},
	} {
		t.Run(name, func(t *testing.T) { writtenAs(t, From(c.err), c.want) })
	}
	limited := From(problem.TooMany(3*time.Second, "Slowly."))
	if limited.Status != http.StatusTooManyRequests || limited.RetryAfter != 3*time.Second {
		t.Errorf("%+v", limited)
	}
}

func TestSCIM3_6_LocationsAreAbsolute(t *testing.T) {
	t.Parallel()
	const base = "https://x.example/scim/v2/con_1"
	if got := Location(base, Group, "grp_1"); got != base+"/Groups/grp_1" {
		t.Error(got)
	}
	for _, one := range append(append(Schemas(base), ResourceTypes(base)...), ServiceProviderConfig(base, Features{})) {
		if location := one["meta"].(Object)["location"].(string); !strings.HasPrefix(location, base+"/") {
			t.Error(location)
		}
	}
}

func TestSCIM3_16_MetaIsWhole(t *testing.T) {
	t.Parallel()
	stored := made(t, User, `{"userName":"a"}`)
	at := time.Date(2026, 11, 27, 13, 0, 0, 5e6, time.FixedZone("", 3600))
	r := stored.Identified("https://x.example/scim/v2/con_1", "usr_1", Meta{at, at.Add(time.Second), 7})
	writtenAs(t, r.Values, `{"id":"usr_1","userName":"a","meta":{"resourceType":"User","created":"2026-11-27T12:00:00.005Z","lastModified":"2026-11-27T12:00:01.005Z",
		"location":"https://x.example/scim/v2/con_1/Users/usr_1","version":"W/\"7\""}}`)
	if len(stored.Values) != 1 {
		t.Error("what is stored was changed")
	}
}

func TestWhatTheServerAddsIsAnsweredAndNotKept(t *testing.T) {
	t.Parallel()
	group := made(t, Group, `{"displayName":"G"}`).Identified("https://x", "grp_1", Meta{})
	group.Values["members"] = MembersOf("https://x", []string{"usr_1"}, false)
	user := made(t, User, `{"userName":"a",`+ent+`:{"department":"D"},"later":"x"}`).Identified("https://x", "usr_1", Meta{})
	user.Values["groups"] = []any{GroupOf("https://x", "grp_1", "G")}
	writtenAs(t, Projection{}.Apply(group)["members"], `[{"value":"usr_1","$ref":"https://x/Users/usr_1","type":"User"}]`)
	writtenAs(t, Projection{}.Apply(user)["groups"], `[{"value":"grp_1","$ref":"https://x/Groups/grp_1","display":"G","type":"direct"}]`)
	writtenAs(t, MembersOf("https://x", []string{"usr_1"}, true), `[{"value":"usr_1"}]`)
	writtenAs(t, MembersOf("https://x", nil, true), `[]`)
	writtenAs(t, group.Kept(), `{"displayName":"G"}`)
	writtenAs(t, user.Kept(), `{"userName":"a",`+ent+`:{"department":"D"},"later":"x"}`)
}

func TestSCIM3_37_EntityTagsCompareWeakly(t *testing.T) {
	t.Parallel()
	const version = `W/"7"`
	for header, is := range map[string]bool{`W/"7"`: true, `"7"`: true, `*`: true, `W/"6", W/"7"`: true, `W/"6"`: false, `7`: false, `"77"`: false} {
		if err := CheckMatch(header, version); (err == nil) != is {
			t.Errorf("If-Match: %s: %v", header, err)
		} else if status, _, _ := refused(t, err); !is && status != http.StatusPreconditionFailed {
			t.Errorf("If-Match: %s: %d", header, status)
		}
		if NotModified(header, version) != is {
			t.Errorf("If-None-Match: %s", header)
		}
	}
	if CheckMatch("", version) != nil || NotModified("", version) {
		t.Error("no header is no condition")
	}
}
