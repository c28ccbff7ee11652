package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

// TestSCI2_WhatIdentityProvidersSendOfGroupsIsTaken sends the server what package scimtest knows that IdPs send of groups: it compares the answer, the
// group, and who is in it.
func TestSCI2_WhatIdentityProvidersSendOfGroupsIsTaken(t *testing.T) {
	t.Parallel()
	for _, flag := range flags {
		t.Run("at the address"+flag, func(t *testing.T) {
			t.Parallel()
			s := &shaped{idp: newTree(t).idp(t, false), users: map[string]string{}}
			for _, name := range []string{"u1", "u2", "u3", "bystander"} {
				s.users[name] = s.bring(t, name+"@"+s.domain).ID
			}
			for _, one := range scimtest.All() {
				if one.Group {
					t.Run(one.Name, func(t *testing.T) { s.takes(t, one, flag) })
				}
			}
			for name, id := range s.users {
				comesTrue(t, name+" is out of the deleted groups", func() bool { return s.stored(t, id)["groups"] == nil })
			}
			inOrder(t, s.tree.Org)
		})
	}
}

// shaped is an IdP with users by the names that the shapes have for them.
type shaped struct {
	*idp
	users map[string]string
}

var namedInShape = regexp.MustCompile(`\bu[1-3]\b`)

// named is a text of a shape with the ids that are meant; group is that of g1.
func (s *shaped) named(text, group string) string {
	text = namedInShape.ReplaceAllStringFunc(text, func(name string) string { return s.users[name] })
	return strings.ReplaceAll(text, `"g1"`, `"`+group+`"`)
}

func (s *shaped) ids(names []string) (ids []string) {
	for _, name := range names {
		ids = append(ids, s.users[name])
	}
	return ids
}

// takes sends the request of a shape, of a group that the bystander is in, and whoever shall be removed.
func (s *shaped) takes(t *testing.T, one scimtest.Shape, flag string) {
	path, group, before := "/Groups", "", []string(nil)
	if one.Before != "" {
		before = append(s.ids(one.Members.Removed), s.users["bystander"])
		group = s.group(t, decodedName(t, one.Before), before...).ID
		path += "/" + group
	}
	answer := s.call(t, one.Method(), path+flag, s.named(one.Body(), group))
	if group = s.answered(t, one, answer, group); group == "" {
		return
	}
	after, members := one.After, before
	switch {
	case one.Status != 0:
		after = one.Before
	case one.Members.All:
		members = s.ids(one.Members.Added)
	default:
		members = append(s.ids(one.Members.Added), slices.DeleteFunc(slices.Clone(before), func(id string) bool { return slices.Contains(s.ids(one.Members.Removed), id) })...)
	}
	if after == "" {
		after = one.Before
	}
	got := s.call(t, "GET", "/Groups/"+group+flag, "").Expect(t, 200)
	if diff := cmp.Diff(sent(t, after), sent(t, string(got.Body))); diff != "" {
		t.Errorf("it is not (-) but (+):\n%s", diff)
	}
	s.hasMembers(t, group, members...)
	s.call(t, "DELETE", "/Groups/"+group+flag, "").Expect(t, 204)
}

// answered expects what such a request is answered, and gives the id of the group, empty where there is none.
func (s *shaped) answered(t *testing.T, one scimtest.Shape, answer Answer, group string) string {
	t.Helper()
	switch {
	case one.Status != 0:
		s.refused(t, answer, one.Status, one.Kind)
	case one.Method() == http.MethodPatch:
		if answer.Status != 204 || len(answer.Body) > 0 {
			t.Errorf("answered %d %s", answer.Status, answer.Body)
		}
	case one.Method() == http.MethodPut:
		if answer.Status != 200 || s.identified(t, answer) != group {
			t.Errorf("answered %d %s", answer.Status, answer.Body)
		}
	default:
		if group = s.identified(t, answer.Expect(t, 201)); !strings.HasSuffix(answer.Header.Get("Location"), "/Groups/"+group) || !strings.Contains(string(answer.Body), `"members":[`) {
			t.Errorf("at %q: %s", answer.Header.Get("Location"), answer.Body)
		}
	}
	return group
}

// decodedName is the displayName of a group.
func decodedName(t testing.TB, text string) string {
	t.Helper()
	name, _ := sent(t, text)["displayName"].(string)
	return name
}
