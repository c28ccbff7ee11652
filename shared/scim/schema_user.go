package scim

// The URNs of the schemas.
const (
	UserURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	EnterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	GroupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// User is the resource type of people (RFC 7643 sections 4.1 and 4.3).
var User = &ResourceType{
	Name: "User", Endpoint: "/Users", Description: "User Account",
	Schema: &Schema{URN: UserURN, Name: "User", Description: "User Account", Attributes: userAttributes},
	Extensions: []*Schema{{
		URN: EnterpriseURN, Name: "EnterpriseUser", Description: "Enterprise User", Attributes: enterpriseAttributes,
	}},
	largest: LargestBody, operations: 1_000,
}

var userAttributes = []*Attribute{
	{Name: "userName", Required: true, Uniqueness: "server", Description: "What the user signs in with; unique in the connection, regardless of case"},
	{Name: "name", Type: Complex, Description: "The parts of the name", Sub: []*Attribute{
		{Name: "formatted", Description: "The full name"},
		{Name: "familyName", Description: "The family name"},
		{Name: "givenName", Description: "The given name"},
		{Name: "middleName", Description: "The middle names"},
		{Name: "honorificPrefix", Description: "A title in front, such as Dr."},
		{Name: "honorificSuffix", Description: "What stands behind, such as III"},
	}},
	{Name: "displayName", Description: "The name as it is shown"},
	{Name: "nickName", Description: "How the user is called"},
	{Name: "profileUrl", Type: Reference, CaseExact: true, References: []string{"external"}, Description: "Where a profile is"},
	{Name: "title", Description: "The title, such as Vice President"},
	{Name: "userType", Description: "How the user belongs to the organization, such as Employee"},
	{Name: "preferredLanguage", Description: "The language, such as en-US"},
	{Name: "locale", Description: "For dates, numbers and currency, such as en-US"},
	{Name: "timezone", Description: "The time zone, such as Europe/Madrid"},
	{Name: "active", Type: Boolean, Description: "Whether the user may sign in; false ends all access at once"},
	{Name: "password", CaseExact: true, Mutability: writeOnly, Returned: never, Description: "Taken and thrown away: users sign in at the identity provider"},
	plural("emails", "Email addresses", "", "work", "home", "other"),
	plural("phoneNumbers", "Phone numbers", "", "work", "home", "mobile", "fax", "pager", "other"),
	plural("ims", "Addresses of instant messengers", "", "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
	plural("photos", "Addresses of pictures", Reference, "photo", "thumbnail"),
	{Name: "addresses", Type: Complex, Multi: true, Description: "Postal addresses", Sub: []*Attribute{
		{Name: "formatted", Description: "The whole address"},
		{Name: "streetAddress", Description: "Street and number"},
		{Name: "locality", Description: "The city"},
		{Name: "region", Description: "The state or region"},
		{Name: "postalCode", Description: "The postal code"},
		{Name: "country", Description: "The country, ISO 3166-1 alpha-2"},
		{Name: "type", Description: "What it is for", Canonical: []string{"work", "home", "other"}},
		{Name: "primary", Type: Boolean, Description: "Whether it is the preferred one"},
	}},
	{Name: "groups", Type: Complex, Multi: true, Mutability: readOnly, Description: "The groups the user is in; changed through the groups", Sub: []*Attribute{
		{Name: "value", CaseExact: true, Mutability: readOnly, Description: "The id of the group"},
		{Name: "$ref", Type: Reference, CaseExact: true, Mutability: readOnly, References: []string{"Group"}, Description: "The group"},
		{Name: "display", Mutability: readOnly, Description: "The name of the group"},
		{Name: "type", Mutability: readOnly, Canonical: []string{"direct"}, Description: "How the user belongs to it"},
	}},
	plural("entitlements", "What the user is entitled to", ""),
	plural("roles", "Roles as the identity provider knows them; kept, and without effect", ""),
	plural("x509Certificates", "Certificates of the user", Binary),
}

// plural is a list of values in the usual form (RFC 7643 section 2.4).
func plural(name, description string, of Type, types ...string) *Attribute {
	return &Attribute{Name: name, Type: Complex, Multi: true, Description: description, Sub: []*Attribute{
		{Name: "value", Type: of, CaseExact: of != "", References: external(of), Description: "The value"},
		{Name: "display", Description: "How it is shown"},
		{Name: "type", Description: "What it is for", Canonical: types},
		{Name: "primary", Type: Boolean, Description: "Whether it is the preferred one"},
	}}
}

func external(of Type) []string {
	if of == Reference {
		return []string{"external"}
	}
	return nil
}

var enterpriseAttributes = []*Attribute{
	{Name: "employeeNumber", Description: "The number of the employee"},
	{Name: "costCenter", Description: "The cost center"},
	{Name: "organization", Description: "The organization"},
	{Name: "division", Description: "The division"},
	{Name: "department", Description: "The department"},
	{Name: "manager", Type: Complex, Description: "The user's manager, who need not be there yet", Sub: []*Attribute{
		{Name: "value", CaseExact: true, Description: "The id of the manager"},
		{Name: "$ref", Type: Reference, CaseExact: true, References: []string{"User"}, Description: "The manager"},
		{Name: "displayName", Mutability: readOnly, Description: "The name of the manager"},
	}},
}
