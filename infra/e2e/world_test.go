package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/pquerna/otp/totp"
)

// password is everybody's: long enough for those without a second factor, and on no list.
const password = "velvet-otter-harbour-93"

// Person is somebody of a tree, with what it takes to act as that somebody.
type Person struct {
	ID, Email string
	Root      string // of the tree
	Org       string // of the role
	Role      string
	TOTP      string // the secret of the second factor, empty without one
	Cookie    string // of a session
	Key       string // an API key with the delicate scope, empty for those who may not make one
}

// Do sends a request as the person, by the session's cookie.
func (p Person) Do(t testing.TB, method, path string, body any, headers ...string) Answer {
	t.Helper()
	return stack.Do(t, method, path, body, append(headers, "Cookie", p.Cookie)...)
}

// DoWithKey sends a request with the person's API key.
func (p Person) DoWithKey(t testing.TB, method, path string, body any, headers ...string) Answer {
	t.Helper()
	return stack.Do(t, method, path, body, append(headers, "Authorization", "Bearer "+p.Key)...)
}

// Tree is a main organization with its people.
type Tree struct {
	Org    string   // the main organization
	Subs   []string // its suborganizations
	Admin  Person   // administers the main organization
	Second Person   // so does this one
	User   Person   // a user of the main organization
	Sub    Person   // administers the first suborganization
	SubOne Person   // a user of the first suborganization
	Roles  map[string]Roles

	Partner *Tree // made when a test first asks for it
	pushes  *idp  // so is this one; see pusher
}

// Roles are the ids of the built-in roles of an organization.
type Roles struct{ Administrator, User string }

// platform is the platform's administrator of the run, made once, with an API key.
func platform(t testing.TB) Person {
	t.Helper()
	person, err := firstAdministrator()
	if err != nil {
		t.Fatalf("make the platform's administrator: %v", err)
	}
	return person
}

var firstAdministrator = sync.OnceValues(func() (Person, error) {
	p, err := newPlatformAdministrator()
	if err != nil {
		return p, err
	}
	return p, p.makeKey()
})

// newPlatformAdministrator makes another one, who has just signed in with a second factor.
func newPlatformAdministrator() (Person, error) {
	email := "root-" + unique() + "@tenantry.example"
	answer, err := stack.send(context.Background(), "POST", "/_local/invoke/InstallFunction", map[string]string{"action": "administrator", "email": email}, nil)
	var made struct{ Link, OrganizationID, UserID string }
	if err != nil || answer.Status != 200 || json.Unmarshal(answer.Body, &made) != nil {
		return Person{}, fmt.Errorf("install: %d %s %v", answer.Status, answer.Body, err)
	}
	_, token, _ := strings.Cut(made.Link, "#")
	p := Person{ID: made.UserID, Email: email, Root: made.OrganizationID, Org: made.OrganizationID}
	return p, p.accept(token)
}

// newTree makes a client with two suborganizations and its five people, all of whom have accepted their invitation.
func newTree(t testing.TB) *Tree {
	t.Helper()
	return newTreeOf(t, platform(t), "client")
}

// newTreeOf makes a main organization of the type by somebody who may. Only a client gets suborganizations and their people.
func newTreeOf(t testing.TB, by Person, kind string) *Tree {
	t.Helper()
	email := "admin-" + unique() + "@acme.example"
	var org struct{ ID string }
	by.DoWithKey(t, "POST", "/v1/organizations", map[string]any{"type": kind, "name": "Acme " + unique(), "email": "hello@acme.example",
		"administrator": map[string]string{"email": email, "name": "Ada Admin", "language": "en"}}).Expect(t, 201).JSON(t, &org)
	tree := &Tree{Org: org.ID, Roles: map[string]Roles{}}
	tree.Admin = accepted(t, email, org.ID, org.ID)
	if err := tree.Admin.makeKey(); err != nil {
		t.Fatal(err)
	}
	tree.roles(t, org.ID)
	tree.Admin.Role = tree.Roles[org.ID].Administrator
	tree.Second = tree.Invite(t, org.ID, tree.Roles[org.ID].Administrator)
	tree.User = tree.Invite(t, org.ID, tree.Roles[org.ID].User)
	if kind != "client" {
		return tree
	}
	for i := range 2 {
		var sub struct{ ID string }
		tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+org.ID+"/suborganizations", map[string]string{"name": fmt.Sprint("Sub ", i)}).Expect(t, 201).JSON(t, &sub)
		tree.Subs = append(tree.Subs, sub.ID)
		tree.roles(t, sub.ID)
	}
	tree.Sub = tree.Invite(t, tree.Subs[0], tree.Roles[tree.Subs[0]].Administrator)
	tree.SubOne = tree.Invite(t, tree.Subs[0], tree.Roles[tree.Subs[0]].User)
	return tree
}

func (tree *Tree) roles(t testing.TB, org string) {
	t.Helper()
	var page struct {
		Items []struct{ ID, BuiltIn string }
	}
	tree.Admin.DoWithKey(t, "GET", "/v1/organizations/"+org+"/roles", nil).Expect(t, 200).JSON(t, &page)
	found := Roles{}
	for _, role := range page.Items {
		switch role.BuiltIn {
		case "administrator":
			found.Administrator = role.ID
		case "user":
			found.User = role.ID
		}
	}
	if found.Administrator == "" || found.User == "" {
		t.Fatalf("the built-in roles of %s are %+v", org, page.Items)
	}
	tree.Roles[org] = found
}

// Invite invites somebody new into the role, by the tree's administrator, and accepts the invitation.
func (tree *Tree) Invite(t testing.TB, org, role string) Person {
	t.Helper()
	email := "p-" + unique() + "@acme.example"
	tree.Admin.DoWithKey(t, "POST", "/v1/organizations/"+org+"/users", map[string]string{"email": email, "name": "Pat " + unique(), "roleId": role}).Expect(t, 201)
	p := accepted(t, email, tree.Org, org)
	p.Role = role
	if role == tree.Roles[org].Administrator {
		if err := p.makeKey(); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// accepted opens the mail with the invitation and accepts it.
func accepted(t testing.TB, email, root, org string) Person {
	t.Helper()
	p := Person{Email: email, Root: root, Org: org}
	if err := p.accept(mailedToken(t, email, "invitation")); err != nil {
		t.Fatalf("accept the invitation of %s: %v", email, err)
	}
	return p
}

var tokenInMail = regexp.MustCompile(`#(tnt_[A-Za-z0-9_.\-]+)`)

// mailedToken waits for a mail to the address with a link of the kind (invitation, password-reset) and gives the token of
// the newest one.
func mailedToken(t testing.TB, email, kind string) string {
	t.Helper()
	mail := awaitMailThat(t, email, "with a link to "+kind, func(m Mail) bool {
		return strings.Contains(m.Text, "/"+kind+"#") && tokenInMail.MatchString(m.Text)
	})
	return tokenInMail.FindStringSubmatch(mail.Text)[1]
}

// Mail is one that the stack received.
type Mail struct {
	ID, From, Subject, Text, HTML, At string
	To                                []string
}

// mailsTo are the mails to the address, the newest first.
func mailsTo(t testing.TB, email string) []Mail {
	t.Helper()
	var found []Mail
	stack.Local(t, "GET", "mails?to="+url.QueryEscape(email), nil).JSON(t, &found)
	return found
}

// accept accepts an invitation with the password, and enrols the second factor where one is asked for.
func (p *Person) accept(token string) error {
	answer, err := stack.send(context.Background(), "POST", "/v1/invitations/"+token, map[string]string{"name": "Pat Person", "password": password}, nil)
	if err != nil {
		return err
	}
	if answer.Status == http.StatusNoContent {
		return p.signedIn(answer)
	}
	var next struct{ Next, Challenge string }
	if err := json.Unmarshal(answer.Body, &next); err != nil || next.Next != "enrol-second-factor" {
		return fmt.Errorf("the invitation was answered with %d %s", answer.Status, answer.Body)
	}
	return p.enrol(next.Challenge)
}

func (p *Person) enrol(challenge string) error {
	answer, err := stack.send(context.Background(), "POST", "/v1/session/second-factor/enrol", map[string]string{"challenge": challenge}, nil)
	var enrolment struct{ Secret string }
	if err != nil || answer.Status != 200 || json.Unmarshal(answer.Body, &enrolment) != nil {
		return fmt.Errorf("enrol: %d %s %v", answer.Status, answer.Body, err)
	}
	p.TOTP = enrolment.Secret
	code, err := totp.GenerateCode(p.TOTP, time.Now())
	if err != nil {
		return err
	}
	answer, err = stack.send(context.Background(), "POST", "/v1/session/second-factor", map[string]string{"challenge": challenge, "code": code}, nil)
	if err != nil || answer.Status >= 300 {
		return fmt.Errorf("second factor: %d %s %v", answer.Status, answer.Body, err)
	}
	return p.signedIn(answer)
}

// signedIn keeps the session's cookie of an answer and learns who the person is.
func (p *Person) signedIn(answer Answer) error {
	for _, cookie := range (&http.Response{Header: answer.Header}).Cookies() {
		if cookie.Name == "tenantry" {
			p.Cookie = cookie.Name + "=" + cookie.Value
		}
	}
	answer, err := stack.send(context.Background(), "GET", "/v1/me", nil, []string{"Cookie", p.Cookie})
	var me struct{ ID string }
	if err != nil || answer.Status != 200 || json.Unmarshal(answer.Body, &me) != nil {
		return fmt.Errorf("me: %d %s %v", answer.Status, answer.Body, err)
	}
	p.ID = me.ID
	return nil
}

// makeKey makes an API key of the person's own organization and role.
func (p *Person) makeKey() error {
	answer, err := stack.send(context.Background(), "GET", "/v1/organizations/"+p.Org+"/roles", nil, []string{"Cookie", p.Cookie})
	var page struct {
		Items []struct{ ID, BuiltIn string }
	}
	if err != nil || answer.Status != 200 || json.Unmarshal(answer.Body, &page) != nil {
		return fmt.Errorf("roles: %d %s %v", answer.Status, answer.Body, err)
	}
	for _, role := range page.Items {
		if role.BuiltIn == "administrator" {
			p.Role = role.ID
		}
	}
	answer, err = stack.send(context.Background(), "POST", "/v1/organizations/"+p.Org+"/api-keys",
		map[string]any{"name": "test", "roleId": p.Role, "delicate": true}, []string{"Cookie", p.Cookie})
	var made struct{ Secret string }
	if err != nil || answer.Status != 201 || json.Unmarshal(answer.Body, &made) != nil {
		return fmt.Errorf("make a key: %d %s %v", answer.Status, answer.Body, err)
	}
	p.Key = made.Secret
	return nil
}

// decode reads a successful answer outside of a test.
func decode(answer Answer, value any) error {
	if answer.Status >= 300 {
		return fmt.Errorf("answered %d %s", answer.Status, answer.Body)
	}
	return json.Unmarshal(answer.Body, value)
}

// unique is a text that no other test has.
func unique() string { return strings.ToLower(ulid.Make().String()[16:]) }
