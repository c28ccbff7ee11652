package e2e

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/scim/scimtest"
)

var (
	anyDomain = regexp.MustCompile(`@[A-Za-z0-9][A-Za-z0-9.-]*`)
	noAddress = regexp.MustCompile(`("userName"\s*:\s*"[^"@\s]+)"`)
)

// flags are how the address of a call ends that a test sends as Entra ID does, with its switch and without.
var flags = []string{"", "?aadOptscim062020"}

// TestSCI2_WhatIdentityProvidersSendIsTaken sends the server what package scimtest knows that IdPs send of users, in their domain.
func TestSCI2_WhatIdentityProvidersSendIsTaken(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	shapes := map[string][]scimtest.Shape{flags[0]: scimtest.All(), flags[1]: append(scimtest.EntraCreates(), scimtest.EntraChanges()...)}
	for flag, shapes := range shapes {
		i := tree.idp(t, false)
		t.Run("at the address"+flag, func(t *testing.T) {
			t.Parallel()
			for _, one := range shapes {
				if one.Group {
					continue
				}
				t.Run(one.Name, func(t *testing.T) {
					local := func(text string) string {
						return noAddress.ReplaceAllString(anyDomain.ReplaceAllString(text, "@"+i.domain), `$1@`+i.domain+`"`)
					}
					one.Before, one.Request, one.After = local(one.Before), local(one.Request), local(one.After)
					if one.Before == "" && one.Status == 0 && !strings.Contains(one.After, "@") {
						t.Skip("it sends no address, without which nobody comes")
					}
					i.takes(t, one, flag)
				})
			}
		})
	}
}

// takes sends the request of a shape, and compares what is answered then.
func (i *idp) takes(t *testing.T, one scimtest.Shape, flag string) {
	t.Helper()
	path, id := "/Users", ""
	if one.Before != "" {
		id = i.identified(t, i.call(t, "POST", path, one.Before).Expect(t, 201))
		path, one.Request = path+"/"+id, strings.ReplaceAll(one.Request, `"id":"u1"`, `"id":"`+id+`"`)
	}
	answer := i.call(t, one.Method(), path+flag, one.Body())
	if one.Status != 0 {
		i.refused(t, answer, one.Status, one.Kind)
	} else if answer.Status >= 300 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	} else if id == "" {
		id = i.identified(t, answer)
	}
	if id == "" {
		return
	}
	if one.After == "" || one.Status != 0 {
		one.After = one.Before
	}
	got := i.call(t, "GET", "/Users/"+id, "").Expect(t, 200)
	if diff := cmp.Diff(sent(t, one.After), sent(t, string(got.Body))); diff != "" {
		t.Errorf("it is not (-) but (+):\n%s", diff)
	}
	i.call(t, "DELETE", "/Users/"+id, "").Expect(t, 204)
}

// identified is the id that an answer gives.
func (i *idp) identified(t testing.TB, answer Answer) string {
	t.Helper()
	var u aSCIMUser
	answer.JSON(t, &u)
	return u.ID
}

// sent is a user or a group without what the server says of it, and without members.
func sent(t testing.TB, text string) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	maps.DeleteFunc(all, func(name string, value any) bool {
		return value == nil || slices.Contains([]string{"id", "meta", "schemas", "groups", "members"}, name)
	})
	return all
}
