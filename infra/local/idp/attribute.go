package idp

import (
	"maps"
	"slices"
)

// Style is what an IdP calls its attributes.
type Style string

// The styles: plain names such as a custom application gets, those that we tell people to use at Okta, and Entra ID's own.
const (
	Plain Style = "plain"
	Okta  Style = "okta"
	Entra Style = "entra"
)

// What the attributes of Entra ID begin with (Microsoft Entra, "Customize SAML token claims").
const (
	claimsWS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	claimsMS = "http://schemas.microsoft.com/identity/claims/"
	claims08 = "http://schemas.microsoft.com/ws/2008/06/identity/claims/"
)

// attribute is an attribute of an assertion.
type attribute struct {
	name   string
	values []string
}

// words are the names of a style.
type words struct{ id, email, firstName, lastName, displayName, userName, phone, department, groups string }

func (s Style) words() words {
	if s == Entra {
		return words{claimsMS + "objectidentifier", claimsWS + "emailaddress", claimsWS + "givenname", claimsWS + "surname", claimsMS + "displayname",
			claimsWS + "name", claimsWS + "mobilephone", claimsWS + "department", claims08 + "groups"}
	}
	return words{"objectId", "email", "firstName", "lastName", "displayName", "userName", "phone", "department", "groups"}
}

// attributesOf are what the directory says of a person. An attribute without a value is left out, as IdPs do. Entra ID names groups
// by their ids, others by their names.
func (d Directory) attributesOf(person Person) []attribute {
	w := d.Settings.Attributes.words()
	all := []attribute{
		{w.id, texts(person.ID)}, {w.email, texts(person.Email)}, {w.firstName, texts(person.FirstName)}, {w.lastName, texts(person.LastName)},
		{w.displayName, texts(person.DisplayName())}, {w.userName, texts(person.UserName)}, {w.phone, texts(person.Phone)}, {w.department, texts(person.Department)},
	}
	groups := attribute{name: w.groups}
	for _, group := range d.groupsOf(person) {
		if d.Settings.Attributes == Entra {
			groups.values = append(groups.values, group.ID)
		} else {
			groups.values = append(groups.values, group.Name)
		}
	}
	all = append(all, groups)
	for _, name := range slices.Sorted(maps.Keys(person.Attributes)) {
		all = slices.DeleteFunc(all, func(a attribute) bool { return a.name == name })
		all = append(all, attribute{name, person.Attributes[name]})
	}
	return slices.DeleteFunc(all, func(a attribute) bool { return len(a.values) == 0 })
}

func texts(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// The formats of name ids.
const (
	formatEmail       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	formatUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	formatPersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
)

// nameIDOf is the person's name id, with its format.
func (d Directory) nameIDOf(person Person) (value, format string) {
	switch d.Settings.NameID {
	case ByUserName:
		return person.UserName, formatUnspecified
	case ByID:
		return person.ID, formatPersistent
	}
	return person.Email, formatEmail
}
