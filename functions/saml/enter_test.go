package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
	"github.com/tenantry/tenantry/shared/table"
	"github.com/tenantry/tenantry/shared/tenant"
)

// named has the IdP send another name id than usual.
func nameID(value, format string) func(*samlsptest.Response) {
	return func(r *samlsptest.Response) { r.Assertion.NameID, r.Assertion.Format = value, format }
}

// refuses expects that nobody is signed in, and that the log says why.
func (o *office) refuses(got page, sentence, code string) {
	o.house.t.Helper()
	if got.Code != 403 || got.code() != sentence {
		o.house.t.Errorf("%d %s, not %s", got.Code, got.code(), sentence)
	}
	if all := o.refusals(); len(all) == 0 || all[len(all)-1] != code {
		o.house.t.Errorf("the log says %v, not %s", all, code)
	}
}

func TestLOG3_TheNameIDOfAnEarlierSignInIsFollowedThroughAnotherAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	first, second := h.browser(), h.browser()
	acme.signIn(first, "ada@acme.example", nameID("0007", samlsp.FormatPersistent)).expect(303)
	acme.signIn(second, "ada.lovelace@acme.example", nameID("0007", samlsp.FormatPersistent)).expect(303)
	if who := second.who().User; who.ID != ada.ID || who.Email != "ada@acme.example" {
		t.Errorf("%+v", who)
	}
	// Of another format it is another name id, and so is a transient one each time.
	acme.refuses(acme.signIn(h.browser(), "ada.lovelace@acme.example", nameID("0007", samlsp.FormatUnspecified)), "no-access", nobodyMeant)
	acme.signIn(h.browser(), "ada@acme.example", nameID("0008", samlsp.FormatTransient)).expect(303)
	acme.refuses(acme.signIn(h.browser(), "ada.lovelace@acme.example", nameID("0008", samlsp.FormatTransient)), "no-access", nobodyMeant)
}

func TestLOG3_ANameIDThatIsGivenToSomebodyElseSignsNobodyIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.member(acme.administrator, "ada@acme.example")
	acme.signIn(h.browser(), "ada@acme.example", nameID("ada@acme.example", samlsp.FormatEmail)).expect(303)
	acme.member(acme.user, "ada2@acme.example")
	acme.refuses(acme.signIn(h.browser(), "ada2@acme.example", nameID("ada@acme.example", samlsp.FormatEmail)), "no-access", otherMeant)
}

func TestLOG3_WhoLeftStaysOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.change(func(c *connection.Connection) { c.JustInTime = acme.user.ID })
	acme.member(acme.administrator, "root@acme.example")
	ada, bob := acme.member(acme.user, "ada@acme.example"), acme.member(acme.user, "bob@acme.example")
	for _, address := range []string{ada.Email, bob.Email} {
		acme.signIn(h.browser(), address).expect(303)
	}
	h.Edit(t, ada, func(tx *table.Tx, edit *table.Change, u *people.User) { people.Deactivate(tx, edit, u, h.Time()) })
	acme.refuses(acme.signIn(h.browser(), ada.Email), "no-access", inactive)
	h.commit(func(tx *table.Tx) { people.Remove(tx, bob, h.Time()) })
	acme.refuses(acme.signIn(h.browser(), bob.Email), "no-access", goneMeant)
	again := acme.member(acme.user, "bob@acme.example")
	b := h.browser()
	acme.signIn(b, bob.Email).expect(303)
	if who := b.who().User.ID; who != again.ID {
		t.Errorf("%s is not %s", who, again.ID)
	}
}

func TestLOG3_WhomNobodyKnowsIsCreatedWhereTheConnectionSaysSo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	acme.refuses(acme.signIn(h.browser(), "new@acme.example"), "no-access", nobodyMeant)
	acme.change(func(c *connection.Connection) { c.JustInTime = acme.user.ID })
	b := h.browser()
	acme.signIn(b, "new@acme.example", func(r *samlsptest.Response) {
		r.Assertion.Attributes = append(r.Assertion.Attributes, samlsptest.Attribute{Name: "firstName", Values: []string{"Nova"}},
			samlsptest.Attribute{Name: "lastName", Values: []string{"New"}}, samlsptest.Attribute{Name: "role", Values: []string{"Organization Administrator"}})
	}).expect(303)
	made := b.who().User
	want := people.User{ID: made.ID, Root: acme.root, Organization: acme.org, Role: acme.user.ID, Portal: people.UserAccess, Name: "Nova New", Email: "new@acme.example",
		Status: people.Active, Proved: true, Stamp: made.Stamp}
	if diff := cmp.Diff(want, *made); diff != "" {
		t.Error(diff)
	}
	if made.CreatedBy != audit.System("saml") {
		t.Errorf("%+v", made.CreatedBy)
	}
	counts, err := h.Table.Counts(t.Context(), acme.root, table.MembersCount(acme.org, acme.user.ID))
	if err != nil || counts[table.MembersCount(acme.org, acme.user.ID)] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
	b = h.browser()
	if acme.signIn(b, "new@acme.example").expect(303); b.who().User.ID != made.ID {
		t.Error("the second time it is somebody else")
	}
}

func TestLOG9_AnInvitationIsAcceptedBySigningIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	var ada *people.User
	h.commit(func(tx *table.Tx) {
		ada, _ = people.Invite(tx, acme.root, acme.administrator, people.Person{Name: "Ada", Email: "ada@acme.example"}, audit.System("test"), h.Time())
	})
	b := h.browser()
	acme.signIn(b, "ADA@acme.example").expect(303)
	if who := b.who().User; who.ID != ada.ID || who.Status != people.Active || who.Invitation != nil || !who.Proved {
		t.Errorf("%+v", who)
	}
	var claim people.Claim
	if found, err := h.Table.Get(t.Context(), table.EmailKey("ada@acme.example"), &claim); !found || err != nil || claim.User != ada.ID {
		t.Errorf("%v %v %+v", found, err, claim)
	}
}

func TestLOG2_AnIdPSpeaksForItsOwnTreeDomainsAndMembersOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme, other := h.client("acme.example"), h.client("other.example")
	sub := &tenant.Organization{Type: tenant.Suborganization, Name: "Sub", Root: acme.root}
	h.commit(func(tx *table.Tx) { tenant.Create(tx, sub, audit.System("test"), h.Time()) })
	lab := h.office(acme.root, sub.ID, "lab.example", "other")
	lab.change(func(c *connection.Connection) { c.JustInTime = lab.user.ID })
	acme.member(acme.administrator, "root@acme.example")
	acme.member(acme.administrator, "chief@lab.example")
	member := lab.member(lab.user, "member@lab.example")
	other.member(other.administrator, "root@other.example")
	other.member(other.administrator, "guest@acme.example")

	lab.refuses(lab.signIn(h.browser(), "root@acme.example"), "ask-administrator", "identity.domain")
	lab.refuses(lab.signIn(h.browser(), "root@other.example"), "ask-administrator", "identity.domain")
	lab.refuses(lab.signIn(h.browser(), "x@sub.lab.example"), "ask-administrator", "identity.domain")
	lab.refuses(lab.signIn(h.browser(), "x@lab.example.evil.example"), "ask-administrator", "identity.domain")
	lab.refuses(lab.signIn(h.browser(), "chief@lab.example"), "no-access", elsewhere)
	acme.refuses(acme.signIn(h.browser(), "guest@acme.example"), "no-access", nobodyMeant)
	acme.refuses(acme.signIn(h.browser(), "member@lab.example"), "ask-administrator", "identity.domain")

	b := h.browser()
	if lab.signIn(b, "member@lab.example").expect(303); b.who().User.ID != member.ID {
		t.Error("not the member")
	}
	// The lab's IdP, whose name id is known there, means nobody to the main organization's connection, nor with its key.
	answer := lab.answer(acme.login(b, ""), "member@lab.example")
	if got := acme.arrive(b, answer); got.Code != 403 || got.code() != "ask-administrator" {
		t.Errorf("%d %s", got.Code, got.code())
	}
}

func TestLOG2_WhatEndsInBetweenLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		end            func(*house, *office)
		sentence, code string
	}{
		"the tree is closed": {func(h *house, o *office) {
			h.commit(func(tx *table.Tx) { tenant.Close(tx, o.root, &tenant.Access{}, h.Time(), h.Time()) })
		}, "not-in-use", "connection.inactive"},
		"the tree is suspended": {func(h *house, o *office) {
			h.commit(func(tx *table.Tx) { tx.Update(table.Touch(table.AccessKey(o.root)).Set("suspended", true)) })
		}, "suspended", "tree.suspended"},
		"the connection is switched off": {func(_ *house, o *office) { o.change(func(c *connection.Connection) { c.Active = false }) }, "not-in-use", ""},
		"the domain is lost": {func(h *house, o *office) {
			h.commit(func(tx *table.Tx) {
				tx.Update(table.Touch(table.DomainNameKey(o.root, o.domain)).Remove("verified").Add("epoch", 1))
			})
		}, "ask-administrator", "domain.lost"},
		"the domain leads elsewhere": {func(h *house, o *office) {
			h.commit(func(tx *table.Tx) {
				tx.Update(table.Touch(table.DomainNameKey(o.root, o.domain)).Set("connection", "con_2"))
			})
		}, "ask-administrator", "domain.lost"},
		"the installation was restored": {func(h *house, o *office) {
			h.commit(func(tx *table.Tx) { tx.Put(table.RestoredKey(o.root), map[string]int64{"at": h.Time().UnixMilli()}) })
		}, "try-again", "request.void"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			acme := h.client("acme.example")
			ada := acme.member(acme.user, "ada@acme.example")
			b := h.browser()
			request := acme.login(b, "")
			one.end(h, acme)
			got := acme.arrive(b, acme.answer(request, "ada@acme.example"))
			if one.code != "" {
				acme.refuses(got, one.sentence, one.code)
			} else if got.code() != one.sentence {
				t.Errorf("%d %s", got.Code, got.code())
			}
			if h.sessions(ada) != 0 {
				t.Error("there is a session")
			}
		})
	}
}

func TestLOG2_SignInsThatBeginAtTheIdP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	acme := h.client("acme.example")
	ada := acme.member(acme.user, "ada@acme.example")
	answer := acme.answer("", "ada@acme.example")
	h.Taken()
	if got := acme.arrive(h.browser(), answer); got.Code != 403 || got.code() != "try-again" {
		t.Errorf("%d %s", got.Code, got.code())
	}
	if diff := cmp.Diff([]string{"GetItem", "UpdateItem"}, h.Taken()); diff != "" { // the connection, and the count
		t.Error(diff)
	}
	b := h.browser()
	acme.login(b, "")
	if got := acme.arrive(b, answer); got.Code != 403 || h.sessions(ada) != 0 {
		t.Errorf("with a request open: %d %s", got.Code, got.code())
	}
	acme.change(func(c *connection.Connection) { c.IDPInitiated = true })
	acme.arrive(h.browser(), answer).expect(303)
	if got := acme.arrive(h.browser(), answer); got.Code != 403 || got.code() != "try-again" || h.sessions(ada) != 1 {
		t.Errorf("again: %d %s", got.Code, got.code())
	}
	// One that answers a request which is not this browser's is none that began at the IdP.
	if got := acme.arrive(h.browser(), acme.answer("_q1", "ada@acme.example")); got.Code != 403 || h.sessions(ada) != 1 {
		t.Errorf("another's request: %d %s", got.Code, got.code())
	}
}
