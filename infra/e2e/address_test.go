package e2e

import (
	"strings"
	"testing"
)

// addressLink has somebody ask for another address, and gives the token that is mailed there.
func addressLink(t testing.TB, p Person) (token, to string) {
	t.Helper()
	to = "moved-" + unique() + "@" + unique() + ".example" // users are counted by domain
	p.Do(t, "POST", "/v1/me/address", map[string]string{"email": to}).Expect(t, 202)
	return mailedToken(t, to, "address"), to
}

func TestLOG9_AnAddressIsChangedByTheNewMailboxAndTheOldOneIsTold(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := ordinary(t, tree)
	token, to := addressLink(t, p)
	awaitMail(t, p.Email, "Another address was asked for")
	signInByPassword(t, p, password).Expect(t, 204) // until it is confirmed nothing changes
	stack.Do(t, "POST", "/v1/session/password-reset", map[string]string{"email": p.Email}).Expect(t, 202)
	reset := mailedToken(t, p.Email, "password-reset")

	stack.Do(t, "POST", "/v1/me/address/"+token, nil).Expect(t, 204)
	refusedAs(t, stack.Do(t, "POST", "/v1/me/address/"+token, nil), 404, "link-ended")
	awaitMail(t, p.Email, "Your address was changed")
	refusedAs(t, signInByPassword(t, p, password), 401, "wrong-credentials")
	refusedAs(t, stack.Do(t, "POST", "/v1/session/password-reset/"+reset, map[string]string{"password": "another-" + password}), 404, "link-ended")
	moved := p
	moved.Email = to
	signInByPassword(t, moved, password).Expect(t, 204)
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 200) // the session goes on
	inOrder(t, tree.Org)

	// The old address is free: for another tree as well.
	other := newTree(t)
	other.Admin.DoWithKey(t, "POST", usersOf(other.Org), map[string]string{"email": p.Email, "name": "New There", "roleId": other.Roles[other.Org].User}).Expect(t, 201)
	comesTrue(t, "the other invitation has come", func() bool {
		n := 0
		for _, mail := range mailsTo(t, p.Email) {
			n += strings.Count(mail.Text, "/invitation#")
		}
		return n == 2
	})
	accepted(t, p.Email, other.Org, other.Org)
}

func TestLOG10_AnAddressThatIsSomebodysIsNotTakenByAsking(t *testing.T) {
	t.Parallel()
	tree, other := newTree(t), newTree(t)
	p := ordinary(t, tree)
	for _, taken := range []string{tree.User.Email, other.User.Email} {
		p.Do(t, "POST", "/v1/me/address", map[string]string{"email": taken}).Expect(t, 202) // whether it is somebody's is not told
		refusedAs(t, stack.Do(t, "POST", "/v1/me/address/"+mailedToken(t, taken, "address"), nil), 409, "address-in-use")
	}
	p.Do(t, "POST", "/v1/me/address", map[string]string{"email": strings.ToUpper(p.Email)}).Expect(t, 422)
	// One of a closed tree is free.
	gone := newTree(t)
	closeOrganization(t, platform(t), gone.Org)
	p.Do(t, "POST", "/v1/me/address", map[string]string{"email": gone.User.Email}).Expect(t, 202)
	stack.Do(t, "POST", "/v1/me/address/"+mailedToken(t, gone.User.Email, "address"), nil).Expect(t, 204)
	// What ends all sessions voids a link.
	q := ordinary(t, tree)
	token, _ := addressLink(t, q)
	q.Do(t, "DELETE", "/v1/me/sessions", nil).Expect(t, 204)
	refusedAs(t, stack.Do(t, "POST", "/v1/me/address/"+token, nil), 404, "link-ended")
}
