package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
)

func passwordOf(t testing.TB, address, word string) Answer {
	t.Helper()
	return stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": address, "password": word})
}

func TestSSO9_ForItsDomainsThereIsNoOtherWayInButForBreakGlass(t *testing.T) {
	oneRelease(t)
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	s := tree.sso(t, tree.Org)
	user := accepted(t, s.invite(t, tree.Roles[tree.Org].User), tree.Org, tree.Org)
	chief := accepted(t, s.invite(t, tree.Roles[tree.Org].Administrator), tree.Org, tree.Org)
	invited := s.invite(t, tree.Roles[tree.Org].User)
	invitation := mailedToken(t, invited, "invitation")
	foreign := &sso{tree: other, org: other.Org, domain: s.domain} // somebody of another tree, with an address of the domain
	guest := accepted(t, foreign.invite(t, other.Roles[other.Org].User), other.Org, other.Org)
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": user.Email}).Expect(t, 202)
	reset := mailedToken(t, user.Email, "password-reset")
	passwordOf(t, user.Email, password).Expect(t, 204)
	tree.Admin.Do(t, "PUT", "/v1/organizations/"+tree.Org+"/authentication", map[string]any{"emailPassword": map[string]bool{"enabled": true}, "secondFactor": "administrators",
		"breakGlassUserIds": []string{chief.ID}}).Expect(t, 200)
	s.change(t, func(c *connection.Connection) { c.SSORequired = true })

	var first string
	for who, answer := range map[string]Answer{
		"the right password": passwordOf(t, user.Email, password), "a wrong one": passwordOf(t, user.Email, "some-other-pass-phrase"),
		"nobody": passwordOf(t, s.address(), password), "somebody invited": passwordOf(t, invited, password),
		"break-glass, a wrong one": passwordOf(t, chief.Email, "some-other-pass-phrase"),
	} {
		if seen := fmt.Sprint(answer.Status, strings.ReplaceAll(string(answer.Body), answer.Header.Get("X-Request-Id"), ""), spent(t, answer)); first == "" {
			first = seen
		} else if seen != first {
			t.Errorf("%s tells itself from another:\n%s\n%s", who, seen, first)
		}
		if answer.Status != 403 || !strings.Contains(string(answer.Body), "sso-required") {
			t.Errorf("%s: %d %s", who, answer.Status, answer.Body)
		}
	}
	stack.Do(t, "POST", "/v1/invitations/"+invitation, map[string]string{"password": password}).Expect(t, 403)
	stack.Do(t, "POST", "/v1/session/password-reset/"+reset, map[string]string{"password": "another-velvet-otter-94"}).Expect(t, 404)
	before := len(mailsTo(t, user.Email))
	links := func() (n int) {
		for _, mail := range mailsTo(t, user.Email) {
			n += strings.Count(mail.Text, "/password-reset#")
		}
		return n
	}
	linked := links()
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": user.Email}).Expect(t, 202)
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": chief.Email}).Expect(t, 202)
	mailedToken(t, chief.Email, "password-reset")
	awaitMail(t, user.Email, "without a password")
	if after := len(mailsTo(t, user.Email)); after != before+1 || links() != linked {
		t.Errorf("%d mails came for a password that would not let in, %d with a link", after-before, links()-linked)
	}

	// Who comes by the IdP, breaks the glass, or whom the connection would not let in, comes in.
	s.signIn(t, newBrowser(), user.Email).Expect(t, 303)
	s.signIn(t, newBrowser(), invited).Expect(t, 303)
	passwordOf(t, guest.Email, password).Expect(t, 204)
	var next struct{ Next, Challenge string }
	passwordOf(t, chief.Email, password).Expect(t, 200).JSON(t, &next)
	used := stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": next.Challenge, "code": nextCode(t, chief)}).Expect(t, 204)
	if !slices.ContainsFunc(eventsOfRequest(t, used), func(e row) bool { return e.text("action") == "break-glass.used" }) {
		t.Error("that the glass was broken is not in the audit")
	}
	if w, _ := discover(t, user.Email); w.Next != "sso" || len(w.Methods) == 0 {
		t.Errorf("%+v", w)
	}
}

func TestSSO9_ASuborganizationLocksNobodyElseOut(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	lab := tree.sso(t, tree.Subs[0])
	inMain := lab.address()
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+tree.Org+"/users", map[string]string{"email": inMain, "name": "Chief", "roleId": tree.Roles[tree.Org].User}).Expect(t, 201)
	accepted(t, inMain, tree.Org, tree.Org)
	member := accepted(t, lab.invite(t, tree.Roles[tree.Subs[0]].User), tree.Org, tree.Subs[0])
	lab.change(t, func(c *connection.Connection) { c.SSORequired = true })
	passwordOf(t, inMain, password).Expect(t, 204)
	passwordOf(t, member.Email, password).Expect(t, 403)
}
