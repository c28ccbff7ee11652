package e2e

import (
	"encoding/json"
	"testing"
)

// elsewhere signs the person in from another browser.
func elsewhere(t testing.TB, p Person) Person {
	t.Helper()
	answer := stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 204)
	if err := p.signedIn(answer); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLOG6AChangeOfOnesCredentialsEndsAllOtherSessions(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	for name, change := range map[string]func(Person){
		"password": func(p Person) {
			p.Do(t, "POST", "/v1/me/password", map[string]string{"current": "not-this-password", "password": "another-" + password}).Expect(t, 403)
			p.Do(t, "POST", "/v1/me/password", map[string]string{"current": password, "password": "short"}).Expect(t, 422)
			p.Do(t, "POST", "/v1/me/password", map[string]string{"current": password, "password": "another-" + password}).Expect(t, 204)
			stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": p.Email, "password": password}).Expect(t, 401)
		},
		"second factor": func(p Person) {
			code := codeNow(t, enrolling(t, p))
			if before := profile(t, p); before.SecondFactor.Enrolled {
				t.Error("a second factor is in use before its first code came")
			}
			p.Do(t, "POST", "/v1/me/second-factor/confirm", map[string]string{"code": "000000"}).Expect(t, 403)
			p.Do(t, "POST", "/v1/me/second-factor/confirm", map[string]string{"code": code}).Expect(t, 200)
			if after := profile(t, p); !after.SecondFactor.Enrolled || after.SecondFactor.RecoveryCodesLeft != 10 {
				t.Errorf("the second factor is %+v", after.SecondFactor)
			}
			p.Do(t, "POST", "/v1/me/second-factor/confirm", map[string]string{"code": code}).Expect(t, 409)
		},
		"signing out elsewhere": func(p Person) { p.Do(t, "DELETE", "/v1/me/sessions", nil).Expect(t, 204) },
	} {
		t.Run(name, func(t *testing.T) {
			here := ordinary(t, tree)
			there := elsewhere(t, here)
			there.Do(t, "GET", "/v1/me", nil).Expect(t, 200)
			change(here)
			here.Do(t, "GET", "/v1/me", nil).Expect(t, 200)
			there.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
		})
	}
}

type ownProfile struct {
	Name, Language string
	SecondFactor   struct {
		Enrolled, Required bool
		RecoveryCodesLeft  int
	}
}

func profile(t testing.TB, p Person) (one ownProfile) {
	t.Helper()
	p.Do(t, "GET", "/v1/me", nil).Expect(t, 200).JSON(t, &one)
	return one
}

func TestLOG6OneSessionIsEndedByItsId(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	here := ordinary(t, tree)
	there := elsewhere(t, here)
	stranger := ordinary(t, tree)
	path := "/v1/me/sessions/" + presentSession(t, there)
	stranger.Do(t, "DELETE", path, nil).Expect(t, 404)
	here.Do(t, "DELETE", path, nil).Expect(t, 204)
	there.Do(t, "GET", "/v1/me", nil).Expect(t, 401)
	here.Do(t, "DELETE", path, nil).Expect(t, 404)
	var page struct{ Items []json.RawMessage }
	here.Do(t, "GET", "/v1/me/sessions", nil).Expect(t, 200).JSON(t, &page)
	if len(page.Items) != 1 {
		t.Errorf("%d sessions are left", len(page.Items))
	}
}

func TestASecondFactorIsRemovedOnlyWhereNoneIsRequired(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	tree.Admin.Do(t, "DELETE", "/v1/me/second-factor", nil).Expect(t, 409)
	free := withSecondFactor(t, tree)
	free.Do(t, "DELETE", "/v1/me/second-factor", nil).Expect(t, 204)
	free.Do(t, "DELETE", "/v1/me/second-factor", nil).Expect(t, 409)
	stack.Do(t, "POST", "/v1/session/password", map[string]string{"email": free.Email, "password": password}).Expect(t, 204)
}

func TestOnesOwnProfileIsEditedWithItsETagAndNotByAKey(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := ordinary(t, tree)
	tag := p.Do(t, "GET", "/v1/me", nil).Expect(t, 200).Header.Get("ETag")
	p.Do(t, "PATCH", "/v1/me", map[string]string{"name": "Someone Else", "language": "es"}, "If-Match", tag).Expect(t, 200)
	p.Do(t, "PATCH", "/v1/me", map[string]string{"name": "Once More"}, "If-Match", tag).Expect(t, 412)
	p.Do(t, "PATCH", "/v1/me", map[string]string{"language": "tlh"}).Expect(t, 422)
	p.Do(t, "PATCH", "/v1/me", map[string]string{"department": "Sales"}).Expect(t, 422)
	if now := profile(t, p); now.Name != "Someone Else" || now.Language != "es" {
		t.Errorf("the profile is %+v", now)
	}
	tree.Admin.DoWithKey(t, "GET", "/v1/me", nil).Expect(t, 403)
}
