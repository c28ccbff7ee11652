package e2e

import (
	"testing"

	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// employee is somebody whom the IdP signs in by another address than its directory has as the userName, as Entra ID does where the
// userPrincipalName is not the mail.
type employee struct {
	aSCIMUser
	object, mail string
}

// employs has the directory bring an employee, with a role.
func (s *sso) employs(t testing.TB, i *idp, kind string) (e employee) {
	t.Helper()
	e.object, e.mail = "oid-"+unique(), s.address()
	i.call(t, "POST", "/Users", `{"userName":"`+s.address()+`","externalId":"`+e.object+`","emails":[{"type":"`+kind+`","value":"`+e.mail+`"}]}`).
		Expect(t, 201).JSON(t, &e.aSCIMUser)
	i.gives(t, e.ID, s.tree.Roles[s.tree.Org].User).Expect(t, 200)
	return e
}

// known has an answer name the IdP's id of whoever signs in.
func known(object string) func(*samlsptest.Response) {
	return func(r *samlsptest.Response) {
		r.Assertion.Attributes = append(r.Assertion.Attributes, samlsptest.Attribute{Name: "objectId", Values: []string{object}})
	}
}

// identified has an answer have another name id, in a form.
func identified(nameID, form string) func(*samlsptest.Response) {
	return func(r *samlsptest.Response) { r.Assertion.NameID, r.Assertion.Format = nameID, form }
}

// creating is a connection whose IdP provisions, and that creates whom nobody knows.
func creating(t testing.TB) (*sso, *idp) {
	t.Helper()
	tree := newTree(t)
	s := tree.sso(t, tree.Org, func(c *connection.Connection) { c.JustInTime = tree.Roles[tree.Org].User })
	return s, s.provisioning(t, true)
}

func TestLOG3_WhomTheDirectoryKnowsIsFoundByTheObjectIDAndTheWorkAddress(t *testing.T) {
	t.Parallel()
	s, i := creating(t)
	enters := func(e employee, address string, bend ...func(*samlsptest.Response)) {
		t.Helper()
		b := newBrowser()
		s.signIn(t, b, address, bend...).Expect(t, 303)
		if who := b.who(t); who.ID != e.ID {
			t.Errorf("%s signed in, not %s", who.ID, e.ID)
		}
	}
	ada, bob, home := s.employs(t, i, "work"), s.employs(t, i, "Work"), s.employs(t, i, "home")
	enters(ada, ada.mail)
	enters(bob, s.address(), known(bob.object))
	enters(bob, ada.mail, known(bob.object), identified("bob", samlsp.FormatPersistent)) // the id is surer than the address
	b := newBrowser()
	s.signIn(t, b, home.mail).Expect(t, 303)
	if who := b.who(t); who.ID == home.ID {
		t.Error("an address of another type let somebody in")
	}
	// Two have the work address: it is nobody's alone.
	i.patch(t, bob.ID, `{"op":"add","path":"emails","value":[{"type":"work","value":"`+ada.mail+`"}]}`).Expect(t, 200)
	s.refuses(t, s.signIn(t, newBrowser(), ada.mail, identified("third", samlsp.FormatPersistent)), "no-access", "person.several")
	// A name id that is an address goes to somebody else together with it.
	upn := identified(s.address(), samlsp.FormatEmail)
	enters(ada, s.address(), known(ada.object), upn)
	s.refuses(t, s.signIn(t, newBrowser(), s.address(), known(bob.object), upn), "no-access", "person.other")
	inOrder(t, s.tree.Org)
}

func TestSCI7_WhoLeftDoesNotSignInByAnotherAddressOrAsSomebodyNew(t *testing.T) {
	t.Parallel()
	s, i := creating(t)
	ada, guest := s.employs(t, i, "work"), employee{object: "oid-" + unique(), mail: s.address()}
	fresh := func() func(*samlsptest.Response) { return identified("new-"+unique(), samlsp.FormatPersistent) }
	refused := func(e employee, code string) {
		t.Helper()
		s.refuses(t, s.signIn(t, newBrowser(), e.mail, fresh()), "no-access", code)
		s.refuses(t, s.signIn(t, newBrowser(), s.address(), fresh(), known(e.object)), "no-access", code)
	}
	i.patch(t, ada.ID, `{"op":"replace","path":"active","value":false}`).Expect(t, 200)
	refused(ada, "person.inactive")
	i.call(t, "DELETE", "/Users/"+ada.ID, "").Expect(t, 204)
	refused(ada, "person.removed")
	// An outsider's work address proves nothing of the sign-in address.
	i.call(t, "POST", "/Users", `{"userName":"g-`+unique()+`@elsewhere.example","externalId":"`+guest.object+`","emails":[{"type":"work","value":"`+guest.mail+`"}]}`).
		Expect(t, 201).JSON(t, &guest.aSCIMUser)
	i.gives(t, guest.ID, s.tree.Roles[s.tree.Org].User).Expect(t, 200)
	refused(guest, "person.outsider")
	inOrder(t, s.tree.Org)
}
