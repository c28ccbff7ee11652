package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// document is an OpenAPI document, as far as parts are merged; the values stay as they came.
type document struct {
	OpenAPI    string                               `json:"openapi"`
	Info       any                                  `json:"info"`
	Paths      map[string]map[string]map[string]any `json:"paths"` // path, method, operation
	Components struct {
		Schemas         map[string]any `json:"schemas"`
		SecuritySchemes map[string]any `json:"securitySchemes"`
	} `json:"components"`
}

// merge makes one document of the functions' parts. Two different schemas or security schemes of one name, and two
// operations of one route or one id, are errors that name both functions.
func merge(parts map[string]*document) (*document, error) {
	whole := &document{Paths: map[string]map[string]map[string]any{}}
	whole.Components.Schemas, whole.Components.SecuritySchemes = map[string]any{}, map[string]any{}
	from := map[string]string{}
	for _, function := range slices.Sorted(maps.Keys(parts)) {
		part := parts[function]
		whole.OpenAPI, whole.Info = part.OpenAPI, part.Info
		if err := addOperations(whole, part, function, from); err != nil {
			return nil, err
		}
		if err := addNamed(whole.Components.Schemas, part.Components.Schemas, "schema", function, from); err != nil {
			return nil, err
		}
		if err := addNamed(whole.Components.SecuritySchemes, part.Components.SecuritySchemes, "security scheme", function, from); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// addOperations adds a part's operations; from remembers where each route and id came from.
func addOperations(whole, part *document, function string, from map[string]string) error {
	for path, methods := range part.Paths {
		for method, operation := range methods {
			id, _ := operation["operationId"].(string)
			for _, what := range []string{"operation " + id, "route " + method + " " + path} {
				if other, twice := from[what]; twice {
					return fmt.Errorf("functions/%s and functions/%s both have the %s", other, function, what)
				}
				from[what] = function
			}
			if whole.Paths[path] == nil {
				whole.Paths[path] = map[string]map[string]any{}
			}
			whole.Paths[path][method] = operation
		}
	}
	return nil
}

func addNamed(whole, part map[string]any, kind, function string, from map[string]string) error {
	for name, value := range part {
		there, twice := whole[name]
		if twice && !reflect.DeepEqual(there, value) {
			return fmt.Errorf("functions/%s and functions/%s both have a %s %s, and they differ: rename one", from[kind+name], function, kind, name)
		}
		whole[name], from[kind+name] = value, function
	}
	return nil
}
