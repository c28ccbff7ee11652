package main

import (
	"github.com/tenantry/tenantry/shared/connection"
	"github.com/tenantry/tenantry/shared/samlsp"
)

// IDPForm is a form of an IdP's administration, as somebody fills it in.
type IDPForm struct {
	Title  string      `json:"title" doc:"Which form it is"`
	Fields []FormField `json:"fields" doc:"Its fields, in its order"`
}

// FormField is a field of a form, in its words.
type FormField struct {
	Section string `json:"section" doc:"Where in the form it is"`
	Name    string `json:"name" doc:"What it is called there"`
	Value   string `json:"value" doc:"What to enter or to choose; empty: leave it empty"`
	Note    string `json:"note,omitempty" doc:"Why, where that is not plain"`
}

// forms are those of the connection's provider. Custom SAML has the words of the standard, and Google Workspace's, which most of
// the others resemble.
func forms(c *connection.Connection) []IDPForm {
	switch c.Provider {
	case connection.Okta:
		return []IDPForm{okta(c.SP)}
	case connection.Entra:
		return []IDPForm{entra(c.SP)}
	}
	return []IDPForm{custom(c.SP), google(c.SP)}
}

// section makes the fields of a section, of name, value and note each.
func section(name string, fields ...[3]string) []FormField {
	made := make([]FormField, len(fields))
	for i, one := range fields {
		made[i] = FormField{Section: name, Name: one[0], Value: one[1], Note: one[2]}
	}
	return made
}

func form(title string, sections ...[]FormField) IDPForm {
	f := IDPForm{Title: title}
	for _, fields := range sections {
		f.Fields = append(f.Fields, fields...)
	}
	return f
}

// okta is "Create a new app integration", SAML 2.0, in Okta's admin console.
func okta(sp connection.SP) IDPForm {
	return form("Okta: Applications > Create App Integration > SAML 2.0",
		section("General Settings",
			[3]string{"App name", "Tenantry", "Any name that your people know"},
			[3]string{"App logo (optional)", "", ""},
			[3]string{"App visibility", "", "Hide it unless sign-ins may begin at Okta (idpInitiated)"},
		),
		section("SAML Settings",
			[3]string{"Single sign-on URL", sp.ACS, ""},
			[3]string{"Use this for Recipient URL and Destination URL", "checked", ""},
			[3]string{"Audience URI (SP Entity ID)", sp.EntityID, ""},
			[3]string{"Default RelayState", "", ""},
			[3]string{"Name ID format", "Persistent", "It stays the same when an address changes"},
			[3]string{"Application username", "Okta username", ""},
			[3]string{"Update application username on", "Create and update", ""},
		),
		section("SAML Settings, advanced",
			[3]string{"Response", "Signed", ""},
			[3]string{"Assertion Signature", "Signed", ""},
			[3]string{"Signature Algorithm", "RSA-SHA256", ""},
			[3]string{"Digest Algorithm", "SHA256", ""},
			[3]string{"Assertion Encryption", "Unencrypted", "Encrypted works as well, with the certificate of our metadata"},
			[3]string{"Signature Certificate", "", "Needed only with Signed Requests: the certificate of our metadata"},
			[3]string{"Enable Single Logout", "unchecked", ""},
			[3]string{"Signed Requests", "unchecked", ""},
			[3]string{"Other Requestable SSO URLs", "", ""},
			[3]string{"Assertion Inline Hook", "None (disabled)", ""},
			[3]string{"Authentication context class", "PasswordProtectedTransport", ""},
			[3]string{"Honor Force Authentication", "Yes", "Delicate changes ask people to sign in anew"},
			[3]string{"SAML Issuer ID", "", ""},
			[3]string{"Maximum app session lifetime", "", ""},
		),
		section("Attribute Statements",
			[3]string{"email", "user.email", "Name format Unspecified, as of all"},
			[3]string{"firstName", "user.firstName", ""},
			[3]string{"lastName", "user.lastName", ""},
			[3]string{"displayName", "user.displayName", ""},
			[3]string{"objectId", "user.getInternalProperty(\"id\")", "The id that Okta's SCIM sends as externalId"},
			[3]string{"department", "user.department", ""},
			[3]string{"phone", "user.mobilePhone", ""},
		),
		section("Group Attribute Statements", [3]string{"Group Attribute Statements (optional)", "", "Groups come by SCIM"}),
	)
}

// entra is "Set up Single Sign-On with SAML" of an enterprise application in Entra ID.
func entra(sp connection.SP) IDPForm {
	return form("Microsoft Entra ID: Enterprise applications > Single sign-on > SAML",
		section("Basic SAML Configuration",
			[3]string{"Identifier (Entity ID)", sp.EntityID, "Remove the identifier that is there by default"},
			[3]string{"Reply URL (Assertion Consumer Service URL)", sp.ACS, ""},
			[3]string{"Sign on URL (Optional)", sp.Login, "The tile in My Apps begins here"},
			[3]string{"Relay State (Optional)", "", ""},
			[3]string{"Logout Url (Optional)", "", ""},
		),
		section("Attributes & Claims",
			[3]string{"Unique User Identifier (Name ID)", "user.objectid", "Name identifier format Persistent: it stays the same when a name changes"},
			[3]string{"emailaddress", "user.mail", "Empty for people without a mailbox: take user.userprincipalname where that is their address"},
			[3]string{"givenname", "user.givenname", ""},
			[3]string{"surname", "user.surname", ""},
			[3]string{"name", "user.userprincipalname", "Is there by default, and not read"},
			[3]string{"Group claims", "", "Groups come by SCIM"},
		),
		section("SAML Certificates",
			[3]string{"Signing Option", "Sign SAML assertion", ""},
			[3]string{"Signing Algorithm", "SHA-256", ""},
			[3]string{"Notification Email Addresses", "", "Yours: Entra ID writes before the certificate ends, and so do we"},
			[3]string{"App Federation Metadata Url", "", "Copy it from there into the connection: it ends with ?appid=..."},
			[3]string{"Verification certificates (optional)", "", "Require verification certificates: No"},
		),
		section("Security", [3]string{"Token encryption", "", "Works as well, with the certificate of our metadata"}),
	)
}

// custom is what any IdP that speaks SAML 2.0 asks for.
func custom(sp connection.SP) IDPForm {
	return form("Any SAML 2.0 identity provider",
		section("Service provider",
			[3]string{"Service provider metadata", sp.Metadata, "An IdP that reads it needs nothing else of this section"},
			[3]string{"Entity ID (audience, issuer of requests)", sp.EntityID, ""},
			[3]string{"Assertion Consumer Service URL (ACS, reply URL)", sp.ACS, "By HTTP-POST"},
			[3]string{"Recipient", sp.ACS, ""},
			[3]string{"Destination", sp.ACS, ""},
			[3]string{"Login URL (start URL, sign-on URL)", sp.Login, ""},
			[3]string{"Default relay state", "", ""},
			[3]string{"Single logout URL", "", ""},
		),
		section("Assertion",
			[3]string{"Name ID format", samlsp.FormatPersistent, "emailAddress works as well"},
			[3]string{"Name ID", "a value that never changes", "The address works as well, but a changed one is a new person"},
			[3]string{"Sign assertion", "yes", ""},
			[3]string{"Sign response", "yes or no", ""},
			[3]string{"Signature algorithm", "RSA-SHA256", "Or another of SHA-2, with RSA of 2048 bits or more or with ECDSA"},
			[3]string{"Canonicalization", "exclusive, without comments", ""},
			[3]string{"Encrypt assertion", "no", "Yes works as well, with the certificate of our metadata"},
			[3]string{"Client signature required", "no", "Yes works as well: say so in the connection"},
			[3]string{"Honor ForceAuthn", "yes", "Delicate changes ask people to sign in anew"},
		),
		section("Attributes", [3]string{"email", "the person's address", "Required"},
			[3]string{"firstName", "the given name", ""},
			[3]string{"lastName", "the family name", ""},
			[3]string{"displayName", "the name as it is shown", ""},
			[3]string{"objectId", "an id that never changes", "The same that SCIM sends as externalId"},
			[3]string{"department", "the department", ""},
			[3]string{"phone", "a phone number", ""},
		),
	)
}

// google is "Add custom SAML app" in the admin console of Google Workspace.
func google(sp connection.SP) IDPForm {
	return form("Google Workspace: Apps > Web and mobile apps > Add custom SAML app",
		section("App details",
			[3]string{"App name", "Tenantry", "Any name that your people know"},
			[3]string{"Description (optional)", "", ""},
			[3]string{"App icon (optional)", "", ""},
		),
		section("Google Identity Provider details", [3]string{"Download metadata", "", "Take the file into the connection: Google has no address for it"}),
		section("Service provider details",
			[3]string{"ACS URL", sp.ACS, ""},
			[3]string{"Entity ID", sp.EntityID, ""},
			[3]string{"Start URL (optional)", "", ""},
			[3]string{"Signed response", "checked", "Or the assertion alone: both work"},
			[3]string{"Name ID format", "EMAIL", ""},
			[3]string{"Name ID", "Basic Information > Primary email", ""},
		),
		section("Attribute mapping",
			[3]string{"email", "Basic Information > Primary email", ""},
			[3]string{"firstName", "Basic Information > First name", ""},
			[3]string{"lastName", "Basic Information > Last name", ""},
			[3]string{"department", "Employee Details > Department", ""},
			[3]string{"phone", "Contact Information > Phone number", ""},
			[3]string{"Group membership (optional)", "", ""},
		),
		section("User access", [3]string{"Service status", "ON for everyone", "Or for the organizational units whose people sign in"}),
	)
}
