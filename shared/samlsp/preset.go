package samlsp

import (
	"maps"
	"slices"
)

// Field is what the product wants to know of a person.
type Field string

// The fields. ObjectID is the IdP's own id of the person, the same that its SCIM sends as externalId (LOG-3).
const (
	Email       Field = "email"
	FirstName   Field = "firstName"
	LastName    Field = "lastName"
	DisplayName Field = "displayName"
	ObjectID    Field = "objectId"
	Phone       Field = "phone"
	Department  Field = "department"
	Role        Field = "role"
	Groups      Field = "groups"
)

// Fields gives all fields in the order in which they are shown.
func Fields() []Field {
	return []Field{Email, FirstName, LastName, DisplayName, ObjectID, Phone, Department, Role, Groups}
}

// Mapping says from which attributes a field is read: the first that has a value.
type Mapping map[Field][]string

// The providers that have a mapping ready.
const (
	Okta   = "okta"
	Entra  = "entra"
	Google = "google"
	Custom = "custom"
)

// What the attributes of Entra ID begin with (Microsoft Entra, "Customize SAML token claims").
const (
	claimsWS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	claimsMS = "http://schemas.microsoft.com/identity/claims/"
	claims08 = "http://schemas.microsoft.com/ws/2008/06/identity/claims/"
)

// presets are the mappings that are ready. Okta and Google send what the administrator names there, so these are the names that
// we tell them to use; Entra ID has names of its own; for others, those of LDAP (RFC 4519, RFC 2798) and their OIDs are added.
var presets = map[string]Mapping{
	Okta: {
		Email: {"email", "mail"}, FirstName: {"firstName"}, LastName: {"lastName"}, DisplayName: {"displayName"},
		ObjectID: {"objectId", "externalId"}, Phone: {"phone", "mobilePhone", "primaryPhone"}, Department: {"department"}, Role: {"role"}, Groups: {"groups"},
	},
	Entra: {
		Email: {claimsWS + "emailaddress", "email"}, FirstName: {claimsWS + "givenname"}, LastName: {claimsWS + "surname"},
		DisplayName: {claimsMS + "displayname"}, ObjectID: {claimsMS + "objectidentifier"},
		Phone:      {claimsWS + "mobilephone", claimsWS + "telephonenumber", "phone"},
		Department: {claimsWS + "department", "department"}, Role: {claims08 + "role"}, Groups: {claims08 + "groups"},
	},
	Google: {
		Email: {"email"}, FirstName: {"firstName"}, LastName: {"lastName"}, DisplayName: {"displayName"},
		ObjectID: {"objectId"}, Phone: {"phone"}, Department: {"department"}, Role: {"role"}, Groups: {"groups"},
	},
	Custom: {
		Email:       {"email", "mail", "emailAddress", "Email", claimsWS + "emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:1.2.840.113549.1.9.1"},
		FirstName:   {"firstName", "givenName", "given_name", "FirstName", claimsWS + "givenname", "urn:oid:2.5.4.42"},
		LastName:    {"lastName", "sn", "surname", "family_name", "LastName", claimsWS + "surname", "urn:oid:2.5.4.4"},
		DisplayName: {"displayName", "name", "cn", claimsMS + "displayname", "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:2.5.4.3"},
		ObjectID:    {"objectId", "externalId", claimsMS + "objectidentifier"},
		Phone:       {"phone", "phoneNumber", "mobile", "telephoneNumber", claimsWS + "mobilephone", "urn:oid:0.9.2342.19200300.100.1.41", "urn:oid:2.5.4.20"},
		Department:  {"department", "ou", claimsWS + "department", "urn:oid:2.16.840.1.113730.3.1.2", "urn:oid:2.5.4.11"},
		Role:        {"role", "Role", claims08 + "role"},
		Groups:      {"groups", "memberOf", claims08 + "groups", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"},
	},
}

// Preset gives a mapping that is ready, to be changed as the administrator likes; that of Custom for a provider without its own.
func Preset(provider string) Mapping {
	preset, ok := presets[provider]
	if !ok {
		preset = presets[Custom]
	}
	mapping := maps.Clone(preset)
	for field, names := range mapping {
		mapping[field] = slices.Clone(names)
	}
	return mapping
}
