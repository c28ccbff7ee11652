package template

import (
	"regexp"
	"slices"
	"strings"
)

// readHTTPAPI checks the API. Another stage than $default would stay in every path, and CORS, authorizers and imported
// definitions answer requests before a function does: all are refused.
func (r *reader) readHTTPAPI(s *section) {
	s.oneOf("StageName", "$default", "$default")
	s.end(noEffect.httpAPI)
	others := 0
	for _, res := range r.resources {
		if res.kind == httpAPIType && res.exists {
			others++
		}
	}
	if others > 1 {
		s.refuse(s.value.line, "the local stack serves one HttpApi, the template has %d", others)
	}
}

// route reads an HttpApi event; without a path it is the API's $default route.
func (s *section) route(name string) Route {
	route := Route{
		Event:  name,
		Method: strings.ToUpper(s.text("Method", "ANY")),
		Path:   s.text("Path", "$default"),
	}
	s.api()
	s.oneOf("PayloadFormatVersion", "2.0", "2.0")
	methods := []string{"ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
	if !slices.Contains(methods, route.Method) {
		s.refuse(s.get("Method").line, "Method %s is not one an HTTP API has", route.Method)
	}
	if route.Path == "$default" && route.Method != "ANY" {
		s.refuse(s.get("Method").line, "the $default route has no Method")
	}
	if route.Path != "$default" && !pathForm.MatchString(route.Path) {
		s.refuse(s.get("Path").line, "Path %s is not one an HTTP API has", route.Path)
	}
	s.end(noEffect.event)
	return route
}

// api refuses a route that belongs to another API than the template's.
func (s *section) api() {
	i := slices.IndexFunc(s.r.resources, func(res *resource) bool { return res.kind == httpAPIType && res.exists })
	id := s.get("ApiId")
	switch {
	case i >= 0 && id.text != s.r.refValue(s.r.resources[i]):
		s.refuse(id.line, "ApiId does not name the template's HttpApi %s", s.r.resources[i].id)
	case i < 0 && id.kind != absent:
		s.refuse(id.line, "ApiId names %s, but the template has no HttpApi", id.text)
	}
}

// pathForm is segments that are literal, {name}, or {name+} as the last one.
var pathForm = regexp.MustCompile(`^(/([^/{}]+|\{[A-Za-z0-9._:-]+\}))*/?$|^(/([^/{}]+|\{[A-Za-z0-9._:-]+\}))*/\{[A-Za-z0-9._:-]+\+\}$`)

var pathVariable = regexp.MustCompile(`\{[^}+]*(\+?)\}`)

// checkRoutes refuses two routes that match the same requests, also where only the names of their variables differ.
func (r *reader) checkRoutes(functions []Function) {
	taken := map[string]string{}
	for _, f := range functions {
		for _, route := range f.Routes {
			shape := route.Method + " " + pathVariable.ReplaceAllString(route.Path, "{$1}")
			owner := "function " + f.ID + ": event " + route.Event
			if other, ok := taken[shape]; ok {
				r.refuse(r.existing(f.ID, 0).line, "%s: %s %s is already the route of %s", owner, route.Method, route.Path, other)
			}
			taken[shape] = owner
		}
	}
}
