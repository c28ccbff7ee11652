package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// operation is an operation of the API as its description says it.
type operation struct {
	ID, Method, Path string
	Right            string
	Params           []param
	Body             []string // the body's fields, as body.administrator.email
}

type param struct{ Name, In string }

// changing tells whether the operation changes something.
func (o operation) changing() bool {
	return o.Method != "GET" && o.ID != "discover-sign-in"
}

// references are the parts of a request by which something is named: ids, cursors, tokens and codes.
func (o operation) references() []param {
	var found []param
	for _, p := range o.Params {
		if p.In == "path" || p.In == "query" && (p.Name == "cursor" || strings.HasSuffix(p.Name, "Id")) {
			found = append(found, p)
		}
	}
	for _, field := range o.Body {
		if strings.HasSuffix(field, "Id") || strings.HasSuffix(field, "Ids") || strings.HasSuffix(field, ".code") || strings.HasSuffix(field, ".challenge") || strings.HasSuffix(field, ".token") {
			found = append(found, param{field, "body"})
		}
	}
	return found
}

type schema struct {
	Ref        string            `json:"$ref"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

type document struct {
	Paths map[string]map[string]struct {
		OperationID string  `json:"operationId"`
		Right       string  `json:"x-tenantry-right"`
		Parameters  []param `json:"parameters"`
		RequestBody struct {
			Content map[string]struct{ Schema schema }
		} `json:"requestBody"`
	}
	Components struct{ Schemas map[string]schema }
}

// api is every operation of infra/openapi.json, in the order of their ids.
func api(t testing.TB) []operation {
	t.Helper()
	operations, err := described()
	if err != nil {
		t.Fatal(err)
	}
	return operations
}

var described = sync.OnceValues(func() ([]operation, error) {
	content, err := os.ReadFile("../openapi.json")
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(content, &d); err != nil {
		return nil, err
	}
	var all []operation
	for path, methods := range d.Paths {
		for method, o := range methods {
			one := operation{ID: o.OperationID, Method: strings.ToUpper(method), Path: path, Right: o.Right, Params: o.Parameters}
			if body, found := o.RequestBody.Content["application/json"]; found {
				one.Body = d.fields(body.Schema, "body")
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
})

// fields are the names of a schema's fields with those below them.
func (d document) fields(s schema, under string) []string {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	if s.Items != nil {
		return d.fields(*s.Items, under)
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		names = append(names, under+"."+name)
		names = append(names, d.fields(s.Properties[name], under+"."+name)...)
	}
	return names
}

func TestEveryChangeHasASituation(t *testing.T) {
	t.Parallel()
	situations := changes()
	for _, o := range api(t) {
		if _, found := situations[o.ID]; o.changing() && !found {
			t.Errorf("%s changes things and has no situation in changes_test.go", o.ID)
		}
		delete(situations, o.ID)
	}
	for id := range situations {
		t.Errorf("%s is no operation of the API", id)
	}
}
