package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// installed is what `make admin` answers.
type installed struct{ Link, OrganizationID, UserID string }

// install asks for a platform administrator as `make admin` does.
func install(t testing.TB, email string) installed {
	t.Helper()
	var made installed
	stack.Local(t, "POST", "invoke/InstallFunction", map[string]string{"action": "administrator", "email": email}).JSON(t, &made)
	return made
}

// linkToken is the token in the fragment of a link below the public URL.
func linkToken(t testing.TB, link string) string {
	t.Helper()
	at, err := url.Parse(link)
	if err != nil || at.Scheme+"://"+at.Host != stack.URL || at.Fragment == "" || strings.Contains(at.Path, "tnt_") {
		t.Fatalf("the link is %s", link)
	}
	return at.Fragment
}

func TestINS1_AskedTwiceTheSecondLinkHoldsAndTheAdministratorIsOne(t *testing.T) {
	t.Parallel()
	root, email := platform(t), "way-back-"+unique()+"@tenantry.example"
	first, second := install(t, email), install(t, email)
	if first.UserID != second.UserID || first.OrganizationID != root.Org || second.OrganizationID != root.Org {
		t.Errorf("made %+v, then %+v", first, second)
	}
	stack.Do(t, "GET", "/v1/invitations/"+linkToken(t, first.Link), nil).Expect(t, 404)
	p := Person{Email: email}
	if err := p.accept(linkToken(t, second.Link)); err != nil {
		t.Fatal(err)
	}
	p.Do(t, "GET", "/v1/organizations", nil).Expect(t, 200)
	stack.Do(t, "GET", "/v1/invitations/"+linkToken(t, second.Link), nil).Expect(t, 404)
	again := install(t, email) // the way back, when password and second factor are gone
	if err := p.accept(linkToken(t, again.Link)); err != nil || again.UserID != p.ID {
		t.Errorf("the way back leads to %+v: %v", again, err)
	}
	for _, event := range rawTable(t).list(t, 1, "AUDIT#"+root.Org, "") {
		target, _ := event["target"].(map[string]any)
		if event.text("action") == "administrator.set-up" && target["id"] == p.ID {
			return
		}
	}
	t.Error("nothing in the audit says who was set up")
}

func TestINS1_InstallersAtTheSameTimeMakeOnePlatform(t *testing.T) {
	t.Parallel()
	root, same := platform(t), "same-"+unique()+"@tenantry.example"
	made := make([]installed, 8)
	together(len(made), func(i int) Answer {
		email := same
		if i%2 == 1 {
			email = "other-" + unique() + "@tenantry.example"
		}
		made[i] = install(t, email)
		return Answer{}
	})
	people := map[string]bool{}
	for i, one := range made {
		if one.OrganizationID != root.Org || i%2 == 0 && one.UserID != made[0].UserID {
			t.Errorf("made %+v", one)
		}
		people[one.UserID] = true
	}
	if len(people) != 5 {
		t.Errorf("%d people were made of 5 addresses", len(people))
	}
	inOrder(t, root.Org)
}

func TestINS1_AnAddressOfAnotherTreeIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	answer := stack.Do(t, "POST", "/_local/invoke/InstallFunction", map[string]string{"action": "administrator", "email": tree.User.Email})
	if answer.Status != 502 || !strings.Contains(string(answer.Body), "another organization") {
		t.Errorf("answered %d %s", answer.Status, answer.Body)
	}
	tree.User.Do(t, "GET", "/v1/organizations", nil).Expect(t, 403)
}
