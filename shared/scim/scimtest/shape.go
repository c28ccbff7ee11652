// Package scimtest holds requests as identity providers send them, each with what is there before and after: for the tests of the protocol,
// and for those of a server that stores. It knows neither.
package scimtest

import (
	"fmt"
	"net/http"
	"strings"
)

// Shape is one request: on what, and what becomes of it.
type Shape struct {
	Name    string // the number of what it shows (shared/scim/testdata/requirements.txt), and what
	Group   bool   // else it is about a user
	Before  string // what is stored, with the ids u1 and g1 where they matter; empty where it is created
	Request string // a resource, or a list of the operations of a patch
	After   string // what is stored then; empty is what was before
	Members Members
	Status  int    // of the refusal; 0 where it is taken
	Kind    string // the scimType of the refusal
}

// Members are the ids of the users that the request adds and removes; All removes whoever is not added.
type Members struct {
	All            bool
	Added, Removed []string
}

// Patch tells whether the request is a PATCH.
func (s Shape) Patch() bool { return strings.HasPrefix(s.Request, "[") }

// Method is that of the request.
func (s Shape) Method() string {
	switch {
	case s.Patch():
		return http.MethodPatch
	case s.Before == "":
		return http.MethodPost
	}
	return http.MethodPut
}

// Body is what is sent.
func (s Shape) Body() string {
	if !s.Patch() {
		return s.Request
	}
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":` + s.Request + `}`
}

// What many begin with.
const (
	small    = `{"id":"u1","userName":"a@x.example","active":true}`
	withOne  = `{"id":"u1","userName":"a@x.example","active":true,"emails":[{"type":"work","value":"a@x.example","primary":true}]}`
	ent      = `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	inSales  = `{"userName":"a@x.example","active":true,` + ent + `:{"department":"Sales","employeeNumber":"7"}}`
	guides   = `{"id":"g1","displayName":"Guides"}`
	twoMails = `{"userName":"a","active":true,"emails":[{"type":"work","value":"w@x","primary":true},{"type":"home","value":"h@x"},{"type":"work","value":"w2@x"}]}`
)

// some is a list of that many ids of members.
func some(n int, prefix string) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf(`"%s%d"`, prefix, i)
	}
	return "[" + strings.Join(ids, ",") + "]"
}

// All are all of them.
func All() []Shape {
	var all []Shape
	for _, some := range [][]Shape{EntraCreates(), EntraChanges(), EntraChangesMembers(), Okta(), RFC()} {
		all = append(all, some...)
	}
	return all
}
