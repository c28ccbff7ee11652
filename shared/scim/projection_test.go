package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSCIM3_11_AnswersShowWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	const stored = `{"id":"u1","userName":"a","active":true,"password":"x","name":{"givenName":"G","familyName":"F"},"title":null,
		"emails":[{"value":"w@x","type":"work"},{"type":"home","value":"h@x"}],"meta":{"version":"W/\"1\""},"unknown":"x",` + ent + `:{"department":"Sales","manager":{"value":"u2"}}}`
	const both = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",` + ent + `],"id":"u1"`
	for _, c := range []struct{ name, attributes, excluded, want string }{
		{"by default", "", "", `{` + both + `,"userName":"a","active":true,"name":{"givenName":"G","familyName":"F"},"emails":[{"value":"w@x","type":"work"},{"type":"home","value":"h@x"}],
			"meta":{"version":"W/\"1\""},` + ent + `:{"department":"Sales","manager":{"value":"u2"}}}`},
		{"one", "userName", "", `{` + both + `,"userName":"a"}`},
		{"1.9 only the id", "id", "", `{` + both + `}`},
		{"in any casing, with blanks", " USERNAME , name.FAMILYname,nothing", "", `{` + both + `,"userName":"a","name":{"familyName":"F"}}`},
		{"by URN", UserURN + ":userName," + EnterpriseURN + ":department", "", `{` + both + `,"userName":"a",` + ent + `:{"department":"Sales"}}`},
		{"an extension", EnterpriseURN, "", `{` + both + `,` + ent + `:{"department":"Sales","manager":{"value":"u2"}}}`},
		{"a part of several", "emails.value", "", `{` + both + `,"emails":[{"value":"w@x"},{"value":"h@x"}]}`},
		{"the whole and a part", "name,name.givenName", "", `{` + both + `,"name":{"givenName":"G","familyName":"F"}}`},
		{"without URN", "manager", "", `{` + both + `,` + ent + `:{"manager":{"value":"u2"}}}`},
		{"3.10 never a password", "password", "", `{` + both + `}`},
		{"without", "", "id,schemas,emails,meta,name.givenName,active," + EnterpriseURN, `{` + both + `,"userName":"a","name":{"familyName":"F"}}`},
		{"without the core", "", UserURN, `{` + both + `,` + ent + `:{"department":"Sales","manager":{"value":"u2"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ReadProjection(User, []string{c.attributes}, []string{c.excluded})
			if err != nil {
				t.Fatal(err)
			}
			got := p.Apply(made(t, User, stored))
			if diff := cmp.Diff(made(t, User, c.want).Values, got); diff != "" {
				t.Error(diff)
			}
			if p.Given != (c.attributes+c.excluded != "") {
				t.Error("given")
			}
		})
	}
	_, err := ReadProjection(User, []string{"a"}, []string{"b"})
	if status, kind, _ := refused(t, err); status != 400 || kind != InvalidValue {
		t.Error(err)
	}
}

func TestSCIM3_26_ExtensionsAreListedWhileThereIsSomethingInThem(t *testing.T) {
	t.Parallel()
	got := Projection{}.Apply(made(t, User, `{"id":"u1","userName":"a"}`))
	if diff := cmp.Diff([]any{UserURN}, got["schemas"]); diff != "" {
		t.Error(diff)
	}
}

func TestSCIM1_9_WhatIsNotShownNeedNotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attributes, excluded string
		members              bool
	}{
		{"", "", true}, {"", "members", false}, {"", "MEMBERS", false}, {"displayName", "", false}, {"members.value", "", true}, {"", "members.display", true},
		{"members", "", true}, {GroupURN + ":members", "", true}, {"", GroupURN, false}, {"id", "", false},
	} {
		p, err := ReadProjection(Group, []string{c.attributes}, []string{c.excluded})
		if err != nil || p.Wants("members") != c.members {
			t.Errorf("%+v: %v", c, err)
		}
		if !p.Wants("id") || p.Wants("nothing") {
			t.Errorf("%+v: the id", c)
		}
	}
	if !(Projection{}).Wants("members") {
		t.Error("by default")
	}
}
