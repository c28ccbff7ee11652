package samlsp

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func TestAddressesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"ada@acme.example": "ada@acme.example", " ada@acme.example\n": "ada@acme.example", "Ada+x@ACME.example": "Ada+x@acme.example",
		"o'brien@acme.example": "o'brien@acme.example", "ada@müller.example": "ada@xn--mller-kva.example", "ada@straße.example": "ada@xn--strae-oqa.example", "ada@MÜLLER.example": "ada@xn--mller-kva.example",
		"": "", "ada": "", "@acme.example": "", "ada@": "", "ada@acme": "", "ada@acme.example.": "", "ada@.example": "", "ada@acme..example": "",
		"ada lovelace@acme.example": "", "<ada@acme.example>": "", "ada@acme.example,eve@acme.example": "", "ada@@acme.example": "", `"ada"@acme.example`: "",
		"ada\u202e@acme.example": "", "ada@acme.example\x00": "", "ada@xn--a.example": "", "ada@Tℶ.example": "", "ada@[127.0.0.1]": "", strings.Repeat("a", 65) + "@acme.example": "",
	} {
		if got, ok := ParseAddress(said); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", said, got, ok)
		}
	}
}

func TestAttributesOfOneNameAreOneAndWhatIsNoTextIsLeftOut(t *testing.T) {
	t.Parallel()
	a := right()
	a.assertion().Attributes = append(a.assertion().Attributes, samlsptest.Attribute{Name: "groups", Values: []string{"a", "b"}}, samlsptest.Attribute{Name: "groups", Values: []string{"c", ""}})
	a.assertion().More = `<saml:AttributeStatement><saml:Attribute FriendlyName="phone" Name="phone"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"></saml:AttributeValue>` +
		`<saml:AttributeValue><saml:NameID>x</saml:NameID></saml:AttributeValue><saml:AttributeValue>` + "\n 1 2\t" + `</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`
	o := a.run()
	if o.err != nil {
		t.Fatal(o.err)
	}
	want := []Attribute{{Name: "email", Values: []string{"ada@acme.example"}}, {Name: "firstName", Values: []string{"Ada"}},
		{Name: "groups", Values: []string{"a", "b", "c", ""}}, {Name: "phone", FriendlyName: "phone", Values: []string{"1 2"}}}
	if diff := cmp.Diff(want, o.assertion.Attributes); diff != "" {
		t.Error(diff)
	}
	if o.identity.Values[Phone] != "1 2" || !slices.Equal(o.identity.Groups, want[2].Values) || o.identity.From[Phone] != "phone" {
		t.Errorf("%+v", o.identity)
	}
}

func TestAFieldOfSeveralValuesIsNotGuessed(t *testing.T) {
	t.Parallel()
	a := &Assertion{NameID: NameID{Value: "ada@acme.example", Format: FormatEmail}, Attributes: []Attribute{
		{Name: "firstName", Values: []string{"Ada", "Eve"}}, {Name: "givenName", Values: []string{"Ada", "Ada"}}, {Name: "lastName", Values: []string{""}}}}
	identity, err := a.Identify(Preset(Custom), []string{"acme.example"})
	if err != nil || identity.Values[FirstName] != "Ada" || identity.From[FirstName] != "givenName" || identity.Values[LastName] != "" || identity.From[Email] != "NameID" {
		t.Errorf("%v %+v", err, identity)
	}
}

func TestLOG3_AMissingAddressNamesWhatWasReceived(t *testing.T) {
	t.Parallel()
	a := &Assertion{NameID: NameID{Value: "u-1", Format: FormatPersistent}, Attributes: []Attribute{{Name: "Mail\nx", Values: []string{"?"}}}}
	_, err := a.Identify(Preset(Okta), nil)
	account := AsRefusal(err).Account()
	if !strings.Contains(account.Saw, `"Mail?x"`) || !strings.Contains(account.Saw, `"u-1"`) || !strings.Contains(account.Wanted, `"email"`) {
		t.Errorf("%+v", account)
	}
}

func TestNameIdsDifferByASpace(t *testing.T) {
	t.Parallel()
	a := right()
	a.assertion().NameID = "ada@acme.example\u00a0 "
	if o := a.run(); o.err != nil || o.assertion.NameID.Value != "ada@acme.example\u00a0 " {
		t.Errorf("%v %+v", o.err, o.assertion)
	}
}

func TestEveryProviderHasAMappingOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{Okta, Entra, Google, Custom, "another"} {
		mapping := Preset(provider)
		for _, field := range Fields() {
			if len(mapping[field]) == 0 {
				t.Errorf("%s has no %s", provider, field)
			}
		}
		mapping[Email][0] = "changed"
		if Preset(provider)[Email][0] == "changed" {
			t.Errorf("the mapping of %s was changed for all", provider)
		}
	}
}
