package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/connection"
)

// way is what discovery says of an address.
type way struct {
	Next, RedirectURL string
	Methods           []string
}

func discover(t testing.TB, address string) (w way, answer Answer) {
	t.Helper()
	answer = stack.Do(t, "POST", "/v1/session/discover", map[string]string{"email": address}).Expect(t, 200)
	answer.JSON(t, &w)
	return w, answer
}

func TestLOG1_AnAddressIsLedToTheIdPOfItsDomain(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	s := tree.sso(t, tree.Org)
	idle := tree.sso(t, tree.Org, func(c *connection.Connection) { c.Active = false })
	verified := tree.verified(t, tree.Org, someDomain())
	known := s.invite(t, tree.Roles[tree.Org].User)
	other, _ := discover(t, "anybody@"+someDomain())
	if other.Next != "password" || other.RedirectURL != "" || len(other.Methods) == 0 {
		t.Errorf("an address of no domain here: %+v", other)
	}
	led := way{"sso", s.sp.Login, other.Methods}
	for address, want := range map[string]way{
		known: led, s.address(): led, "X@" + s.domain.Name: led, " spaced@" + s.domain.Name + " ": led,
		"x@sub." + s.domain.Name: other, "x@" + idle.domain.Name: other, "x@" + verified.Name: other, tree.User.Email: other, "nobody": other, "@": other,
	} {
		got, _ := discover(t, address)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
	_, of := discover(t, known)
	_, unknown := discover(t, s.address())
	if a, b := fmt.Sprint(spent(t, of)), fmt.Sprint(spent(t, unknown)); a != b {
		t.Errorf("an account costs %s, none %s", a, b)
	}
	b := newBrowser()
	s.signIn(t, b, known).Expect(t, 303)

	closeOrganization(t, platform(t), tree.Org)
	if got, _ := discover(t, known); got.Next != "password" {
		t.Errorf("of a closed tree: %+v", got)
	}
	if got := newBrowser().get(t, "/saml/"+s.id+"/login"); got.Status == 303 {
		b := newBrowser()
		s.refuses(t, s.signIn(t, b, known), "not-in-use", "connection.inactive")
	}
}

// spent are the calls of a request, without what they were about.
func spent(t testing.TB, answer Answer) (cost []string) {
	t.Helper()
	for _, call := range callsOf(t, answer) {
		cost = append(cost, fmt.Sprint(call.Action, call.Items, call.ReadUnits))
	}
	return cost
}
