package e2e

import (
	"strings"
	"testing"
)

// keys is what changing the installation's key answers.
type keys struct {
	Current string
	Older   []string
}

func changeKeys(t testing.TB, action string) (known keys) {
	t.Helper()
	stack.Local(t, "POST", "invoke/InstallFunction", map[string]string{"action": action}).JSON(t, &known)
	return known
}

// sealedUnder tells whether the person's second factor is sealed under the key of that name.
func sealedUnder(t testing.TB, p Person, key string) bool {
	t.Helper()
	raw, err := openTable()
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(raw.item(t, "USER#"+p.ID, "CREDENTIAL#totp").text("sealed"), key)
}

// keySealedUnder tells whether the connection's own key is sealed under the key of that name.
func keySealedUnder(t testing.TB, connection, key string) bool {
	t.Helper()
	raw, err := openTable()
	if err != nil {
		t.Fatal(err)
	}
	own := raw.item(t, "CONNECTION#"+connection, "KEYS")["keys"].([]any)
	return strings.HasPrefix(own[0].(map[string]any)["sealed"].(string), key)
}

func TestTheInstallationsKeyIsChangedWhilePeopleSignIn(t *testing.T) {
	if !onItsOwn(t) {
		return
	}
	tree := newTree(t)
	active, absent := withSecondFactor(t, tree), withSecondFactor(t, tree)
	sleeping := challengeOf(t, absent)
	used, unused := tree.sso(t, tree.Org).id, tree.sso(t, tree.Org).id
	for _, one := range []string{used, unused} {
		stack.Do(t, "GET", "/saml/"+one+"/metadata", nil).Expect(t, 200)
	}
	known := changeKeys(t, "rotate-key")
	if len(known.Older) != 1 || !sealedUnder(t, active, known.Older[0]) {
		t.Fatalf("the keys are %+v", known)
	}
	mailedToken(t, inviteOnly(t, tree, tree.Roles[tree.Org].User), "invitation") // sealed by one function, opened by another
	restart(t, func(string) {})                                                  // functions that run take the new key within the hour
	stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": challengeOf(t, active), "code": nextCode(t, active)}).Expect(t, 204)
	if !sealedUnder(t, active, known.Current) || !sealedUnder(t, absent, known.Older[0]) {
		t.Error("a second factor that is used is not sealed anew, or one that is not is")
	}
	stack.Do(t, "GET", "/saml/"+used+"/metadata", nil).Expect(t, 200)
	if !keySealedUnder(t, used, known.Current) || !keySealedUnder(t, unused, known.Older[0]) {
		t.Error("a connection's own key that is used is not sealed anew, or one that is not is")
	}
	if left := changeKeys(t, "forget-keys"); left.Current != known.Current || len(left.Older) != 0 {
		t.Errorf("left are %+v", left)
	}
	restart(t, func(string) {})
	stack.Do(t, "POST", "/v1/session/second-factor", map[string]string{"challenge": sleeping, "code": nextCode(t, absent)}).Expect(t, 403)
	challengeOf(t, active)
	stack.Do(t, "GET", "/saml/"+used+"/metadata", nil).Expect(t, 200)
	stack.Do(t, "GET", "/saml/"+unused+"/metadata", nil).Expect(t, 500)
	tree.Admin.DoWithKey(t, "POST", connectionPath(tree.Org, unused)+"/keys", nil).Expect(t, 201)
	stack.Do(t, "GET", "/saml/"+unused+"/metadata", nil).Expect(t, 200)
}
