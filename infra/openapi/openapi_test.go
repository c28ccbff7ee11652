package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheTemplateAndTheDocumentHaveTheSameRoutes(t *testing.T) {
	template, err := os.ReadFile("../../" + templateFile)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := readRoutes(template)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../" + documentFile)
	if err != nil {
		t.Fatal(err)
	}
	whole := &document{}
	if err := json.Unmarshal(text, whole); err != nil {
		t.Fatal(err)
	}
	for _, err := range compare(routes, map[string]*document{"": whole}) {
		t.Errorf("%v (after a change of routes: make openapi)", err)
	}
}

func TestEveryRouteHasASampleEvent(t *testing.T) {
	template, err := os.ReadFile("../../" + templateFile)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := readRoutes(template)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../events/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	sampled := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event struct{ RouteKey string }
		if err := json.Unmarshal(text, &event); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		sampled[filepath.Base(filepath.Dir(file))+" "+event.RouteKey] = true
	}
	for _, r := range routes {
		if !sampled[r.function+" "+r.method+" "+r.path] {
			t.Errorf("events/%s has none for %s %s", r.function, r.method, r.path)
		}
	}
}

const event = "        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "

func template(events ...string) []byte {
	return []byte("Resources:\n  AFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: functions/a\n      Events:\n" + strings.Join(events, "\n") + "\n")
}

func TestRoutesAreRead(t *testing.T) {
	routes, err := readRoutes(template(event+"/v1/session}}", event+`"/v1/organizations/{org}/users/{user}"}}`, event+`"/scim/v2/{connection}/{proxy+}"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []route{{"a", "GET", "/v1/session"}, {"a", "GET", "/v1/organizations/{org}/users/{user}"}, {"a", "GET", "/scim/v2/{connection}/{proxy+}"}}
	if diff := cmp.Diff(want, routes, cmp.AllowUnexported(route{})); diff != "" {
		t.Error(diff)
	}
}

func TestARouteInAnotherFormIsNotPassedOver(t *testing.T) {
	for name, text := range map[string][]byte{
		"over several lines":  template("        A:\n          Type: HttpApi\n          Properties: {}"),
		"with more":           template("        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /a, Auth: {}}}"),
		"outside of function": []byte("Resources:\n  X:\n" + event + "/a}}\n"),
		"none":                template(),
	} {
		if routes, err := readRoutes(text); err == nil {
			t.Errorf("%s: %v", name, routes)
		}
	}
}

func part(t *testing.T, text string) *document {
	t.Helper()
	d := &document{}
	if err := json.Unmarshal([]byte(text), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPartsAreMerged(t *testing.T) {
	whole, err := merge(map[string]*document{
		"a": part(t, `{"openapi":"3.1.0","paths":{"/x":{"get":{"operationId":"get-x"}}},"components":{"schemas":{"P":{"type":"string"},"X":{}}}}`),
		"b": part(t, `{"openapi":"3.1.0","paths":{"/x":{"put":{"operationId":"put-x"}},"/y":{"get":{"operationId":"get-y"}}},"components":{"schemas":{"P":{"type":"string"}}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Paths) != 2 || len(whole.Paths["/x"]) != 2 || len(whole.Components.Schemas) != 2 {
		t.Errorf("merged into %+v", whole)
	}
}

func TestPartsThatContradictEachOtherAreRefused(t *testing.T) {
	one := `{"paths":{"/x":{"get":{"operationId":"get-x"}}},"components":{"schemas":{"P":{"type":"string"}}}}`
	for name, other := range map[string]string{
		"the operation get-x": `{"paths":{"/y":{"get":{"operationId":"get-x"}}}}`,
		"the route get /x":    `{"paths":{"/x":{"get":{"operationId":"other"}}}}`,
		"a schema P":          `{"components":{"schemas":{"P":{"type":"number"}}}}`,
	} {
		_, err := merge(map[string]*document{"a": part(t, one), "b": part(t, other)})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "functions/a and functions/b") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoutesAndOperationsAreComparedBothWays(t *testing.T) {
	parts := map[string]*document{"a": part(t, `{"paths":{"/x":{"get":{"operationId":"get-x"}}}}`), "b": part(t, `{}`)}
	for name, c := range map[string]struct {
		routes []route
		wrong  int
	}{
		"the same":             {[]route{{"a", "GET", "/x"}}, 0},
		"no operation":         {[]route{{"a", "GET", "/x"}, {"a", "PUT", "/x"}}, 1},
		"no event":             {nil, 1},
		"to another function":  {[]route{{"b", "GET", "/x"}}, 2},
		"outside the document": {[]route{{"a", "GET", "/x"}, {"b", "GET", "/healthz"}, {"b", "POST", "/saml/{connection}/acs"}, {"b", "GET", "/scim/v2/{connection}/{proxy+}"}}, 0},
	} {
		if wrong := compare(c.routes, parts); len(wrong) != c.wrong {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}
