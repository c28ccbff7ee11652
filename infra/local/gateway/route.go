package gateway

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tenantry/tenantry/infra/local/template"
)

// Routes finds the route of a request. The order of routes in the template does not matter
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html): full matches come before
// greedy ones, those before $default; of two full matches the one whose first differing segment is literal, of two greedy
// ones the longer; and at the same path the method's own route before ANY.
type Routes []route

// route is one route of a function, its path in segments.
type route struct {
	function string
	method   string // ANY for all
	path     string
	segments []string
}

// Match is a request's route: the function's logical id, the route's key as events have it, and the path's variables,
// decoded.
type Match struct {
	Function   string
	RouteKey   string
	Parameters map[string]string
}

const anyMethod, defaultPath = "ANY", "$default"

// NewRoutes returns the functions' routes in the order in which they are tried.
func NewRoutes(functions []template.Function) Routes {
	var routes Routes
	for _, f := range functions {
		for _, r := range f.Routes {
			routes = append(routes, route{function: f.ID, method: r.Method, path: r.Path, segments: segments(r.Path)})
		}
	}
	slices.SortStableFunc(routes, compare)
	return routes
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// compare puts the more specific route first.
func compare(a, b route) int {
	if order := cmp.Compare(a.class(), b.class()); order != 0 {
		return order
	}
	if order := cmp.Compare(len(b.segments), len(a.segments)); order != 0 {
		return order
	}
	for i := range a.segments {
		if order := cmp.Compare(rank(a.segments[i]), rank(b.segments[i])); order != 0 {
			return order
		}
	}
	return cmp.Compare(methodRank(a.method), methodRank(b.method))
}

func methodRank(method string) int {
	if method == anyMethod {
		return 1
	}
	return 0
}

// class is 0 for a route that matches in full, 1 for a greedy one, 2 for $default.
func (r route) class() int {
	switch {
	case r.path == defaultPath:
		return 2
	case rank(r.segments[len(r.segments)-1]) == greedy:
		return 1
	}
	return 0
}

// Ranks of a path's segments, the more specific first.
const (
	literal = iota
	variable
	greedy
)

func rank(segment string) int {
	switch {
	case strings.HasSuffix(segment, "+}"):
		return greedy
	case strings.HasPrefix(segment, "{"):
		return variable
	}
	return literal
}

// Match finds the route for a method and a decoded path. It reports false where the API answers 404, for a known path with
// another method too. HEAD and OPTIONS are methods like any other.
func (routes Routes) Match(method, path string) (Match, bool) {
	parts := segments(path)
	for _, r := range routes {
		if r.method != method && r.method != anyMethod {
			continue
		}
		if parameters, ok := r.match(parts); ok {
			return Match{Function: r.function, RouteKey: r.key(), Parameters: parameters}, true
		}
	}
	return Match{}, false
}

func (r route) key() string {
	if r.path == defaultPath {
		return defaultPath
	}
	return r.method + " " + r.path
}

// match compares segment by segment; variables never match an empty one.
func (r route) match(parts []string) (map[string]string, bool) {
	if r.path == defaultPath {
		return nil, true
	}
	parameters := map[string]string{}
	for i, segment := range r.segments {
		if i >= len(parts) {
			return nil, false
		}
		name := strings.Trim(segment, "{+}")
		switch rank(segment) {
		case greedy:
			rest := strings.Join(parts[i:], "/")
			parameters[name] = rest
			return parameters, rest != ""
		case variable:
			if parts[i] == "" {
				return nil, false
			}
			parameters[name] = parts[i]
		default:
			if parts[i] != segment {
				return nil, false
			}
		}
	}
	return parameters, len(parts) == len(r.segments)
}
