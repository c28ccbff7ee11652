package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// route is an HttpApi event of template.yaml.
type route struct{ function, method, path string } // function: its folder under functions/

// Routes stand in the template on one line each, in this form; so they can be read without knowing YAML.
var (
	resourceLine = regexp.MustCompile(`^  (\w+):\s*$`)
	folderLine   = regexp.MustCompile(`^ +CodeUri: (\S+)$`)
	eventLine    = regexp.MustCompile(`^ +\w+: \{Type: HttpApi, Properties: \{ApiId: !Ref Api, Method: ([A-Z]+), Path: "?([^",}]+(?:\{[\w+]+\}[^",}]*)*)"?\}\}$`)
)

// readRoutes reads the routes of the template. A route that is written in another form is an error.
func readRoutes(template []byte) ([]route, error) {
	var routes []route
	function := ""
	for n, line := range strings.Split(string(template), "\n") {
		if resourceLine.MatchString(line) {
			function = ""
		}
		if folder := folderLine.FindStringSubmatch(line); folder != nil {
			function = path.Base(folder[1])
		}
		if !strings.Contains(line, "Type: HttpApi") {
			continue
		}
		event := eventLine.FindStringSubmatch(line)
		if event == nil || function == "" {
			return nil, fmt.Errorf(`%s:%d: a route stands on one line, behind CodeUri: Name: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/v1/..."}}`, templateFile, n+1)
		}
		routes = append(routes, route{function, event[1], event[2]})
	}
	if len(routes) == 0 {
		return nil, errors.New(templateFile + ": there is no route")
	}
	return routes, nil
}

// described tells whether a route belongs into the document: what browsers and IdPs call by their own protocols does not,
// nor does the document itself.
func (r route) described() bool {
	return r.path != "/healthz" && r.path != "/openapi.json" && !strings.HasPrefix(r.path, "/saml/") && !strings.HasPrefix(r.path, "/scim/")
}

// compare holds the routes of the template against the operations of the function that each leads to, both ways. A
// document of all functions stands under the empty name where the functions' own parts are not at hand.
func compare(routes []route, parts map[string]*document) []error {
	var wrong []error
	led := map[route]bool{}
	for _, r := range routes {
		key := r
		if parts[""] != nil {
			key.function = ""
		}
		led[key] = true
		if r.described() && parts[key.function].Paths[r.path][strings.ToLower(r.method)] == nil {
			wrong = append(wrong, fmt.Errorf("%s leads %s %s to functions/%s, where no operation answers it", templateFile, r.method, r.path, r.function))
		}
	}
	for function, part := range parts {
		for path, methods := range part.Paths {
			for method := range methods {
				if !led[route{function, strings.ToUpper(method), path}] {
					wrong = append(wrong, fmt.Errorf("%s has no event that leads %s %s to functions/%s", templateFile, strings.ToUpper(method), path, function))
				}
			}
		}
	}
	return wrong
}
