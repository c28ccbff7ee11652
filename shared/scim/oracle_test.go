package scim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/elimity-com/scim"
	elimityfilter "github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"
	"github.com/google/go-cmp/cmp"
	filter "github.com/scim2/filter-parser/v2"
	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

// What two other readers of SCIM take we take too, and mean the same by it: scim2/filter-parser for the grammar, elimity-com/scim, which
// stands on it, for what filters find and for requests.

// TestTheGrammarIsTheParsers draws filters of the grammar and compares how they are understood.
func TestTheGrammarIsTheParsers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawnFilter(t, 4)
		theirs, err := filter.ParseFilter([]byte(text))
		if err != nil {
			if strings.Contains(text, "].value") {
				return // 1.7: their grammar ends behind the bracket
			}
			t.Fatalf("%s: %v", text, err)
		}
		ours, wrong := ParseFilter(text, User)
		if wrong != nil {
			t.Fatalf("%s: they take it; %v", text, wrong)
		}
		if a, b := understoodByThem(theirs), understood(ours.asked[User]); a != b {
			t.Fatalf("%s\nthey: %s\n  we: %s", text, a, b)
		}
	})
}

func understoodByThem(e filter.Expression) string {
	switch e := e.(type) {
	case *filter.LogicalExpression:
		return joined(string(e.Operator), flattened(e, e.Operator))
	case *filter.NotExpression:
		return "not(" + understoodByThem(e.Expression) + ")"
	case *filter.AttributeExpression:
		if e.Operator == filter.PR {
			return e.AttributePath.String() + " pr"
		}
		name := e.AttributePath.String()
		if name == "emails" || name == "manager" {
			name += ".value" // what they leave to who evaluates it
		}
		return fmt.Sprintf("%s %s %v", name, e.Operator, e.CompareValue)
	}
	return fmt.Sprintf("%v", e)
}

// flattened are the parts of a chain, which they keep as a tree; ours are lists, where parentheses of the same kind make one of their own.
func flattened(e *filter.LogicalExpression, op filter.LogicalOperator) []string {
	var all []string
	for _, side := range []filter.Expression{e.Left, e.Right} {
		if below, ok := side.(*filter.LogicalExpression); ok && below.Operator == op {
			all = append(all, flattened(below, op)...)
			continue
		}
		all = append(all, understoodByThem(side))
	}
	return all
}

func joined(op string, parts []string) string { return op + "(" + strings.Join(parts, ", ") + ")" }

func understood(e expression) string {
	switch e := e.(type) {
	case anyOf:
		return joined("or", flat(e, func(one expression) ([]expression, bool) { below, ok := one.(anyOf); return below, ok }))
	case allOf:
		return joined("and", flat(e, func(one expression) ([]expression, bool) { below, ok := one.(allOf); return below, ok }))
	case negation:
		return "not(" + understood(e.of) + ")"
	case compare:
		name := place{nil, e.at.attribute, e.at.sub}.name()
		if e.op == present {
			return name + " pr"
		}
		return fmt.Sprintf("%s %s %s", name, e.op, e.raw)
	}
	return fmt.Sprintf("%T", e)
}

func flat(parts []expression, same func(expression) ([]expression, bool)) []string {
	var all []string
	for _, one := range parts {
		if below, ok := same(one); ok {
			all = append(all, flat(below, same)...)
			continue
		}
		all = append(all, understood(one))
	}
	return all
}

// TestFiltersFindWhatElimitysFind compares what filters find, of users who have every attribute: of those who have not, ne is decided
// otherwise here (Filter).
func TestFiltersFindWhatElimitysFind(t *testing.T) {
	t.Parallel()
	external := schema.SimpleCoreAttribute(schema.SimpleStringParams(schema.StringParams{Name: "externalId", CaseExact: true}))
	common := schema.Schema{ID: UserURN, Attributes: schema.Attributes{external}}
	rapid.Check(t, func(t *rapid.T) {
		emails := []any{Object{"value": drawnValue(t), "type": drawnValue(t)}, Object{"value": drawnValue(t), "type": drawnValue(t)}}
		values := Object{"userName": drawnValue(t), "externalId": drawnValue(t), "title": drawnValue(t), "emails": emails}
		text := drawn(t, 3, []string{"userName", "externalId", "title"}, `emails[type eq "%s" and value %s "%s"]`)
		theirs, err := elimityfilter.NewValidator(text, schema.CoreUserSchema(), common)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ours, err := ParseFilter(text, User)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if a, b := theirs.PassesFilter(values) == nil, ours.Match(&Resource{User, values}); a != b {
			t.Fatalf("%s of %v: they %v, we %v", text, values, a, b)
		}
	})
}

// accepting is a server of theirs that accepts whatever they can read.
type accepting struct{}

func (accepting) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{ID: "u1", Attributes: attributes}, nil
}
func (accepting) Get(*http.Request, string) (scim.Resource, error) { return scim.Resource{}, nil }
func (accepting) GetAll(*http.Request, scim.ListRequestParams) (scim.Page, error) {
	return scim.Page{}, nil
}
func (accepting) Replace(_ *http.Request, _ string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	return scim.Resource{ID: "u1", Attributes: attributes}, nil
}
func (accepting) Delete(*http.Request, string) error { return nil }
func (accepting) Patch(*http.Request, string, []scim.PatchOperation) (scim.Resource, error) {
	return scim.Resource{ID: "u1"}, nil
}

func elimity(t *testing.T) http.Handler {
	t.Helper()
	server, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{},
		ResourceTypes: []scim.ResourceType{
			{Name: "User", Endpoint: "/Users", Schema: schema.CoreUserSchema(), Handler: accepting{}, SchemaExtensions: []scim.SchemaExtension{{Schema: schema.ExtensionEnterpriseUser()}}},
			{Name: "Group", Endpoint: "/Groups", Schema: schema.CoreGroupSchema(), Handler: accepting{}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// better are requests that they take and we refuse, on purpose.
var better = []string{
	"3.9 and refused where it is asked for", "3.14 several at once", "3.15 a blank one", "3.15 an empty text for userName", "3.21 remove userName",
	"3.21 remove the name of a group", "1.28 remove of null is not guessed", "1.36 a group in a group",
	"1.36 by its address", "a part of a member", "a part of all members", "a member without value", "members that a path does not name",
	"1.21 replace does not guess", "1.21 nor between two", "3.20 a list that fails in the end changes nothing",
}

func TestWhatElimityTakesIsTaken(t *testing.T) {
	t.Parallel()
	server := elimity(t)
	all := scimtest.All()
	taken, refusedHere := 0, []string{}
	for _, s := range all {
		target := "/Users"
		if s.Group {
			target = "/Groups"
		}
		if s.Before != "" {
			target += "/u1"
		}
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, httptest.NewRequest(s.Method(), target, strings.NewReader(s.Body())))
		if answer.Code >= 300 {
			continue
		}
		taken++
		if s.Status != 0 {
			refusedHere = append(refusedHere, s.Name)
		}
	}
	slices.Sort(refusedHere)
	if diff := cmp.Diff(slices.Sorted(slices.Values(better)), refusedHere); diff != "" {
		t.Errorf("what they take and we refuse is not (-) but (+):\n%s", diff)
	}
	if taken < len(all)/3 {
		t.Errorf("they take %d of %d only: what is compared?", taken, len(all))
	}
}
