package scim

// Group is the resource type of groups (RFC 7643 section 4.2).
var Group = &ResourceType{
	Name: "Group", Endpoint: "/Groups", Description: "Group",
	Schema: &Schema{URN: GroupURN, Name: "Group", Description: "Group", Attributes: groupAttributes},
	// An operation for every member that is removed, as Okta sends, and some for the rest.
	largest: LargestGroupBody, operations: MostMemberChanges + 100,
}

var groupAttributes = []*Attribute{
	{Name: "displayName", Required: true, Uniqueness: "server", Description: "The name of the group; unique in the connection, regardless of case"},
	{Name: "members", Type: Complex, Multi: true, Apart: true, Description: "The users of the group", Sub: []*Attribute{
		{Name: "value", CaseExact: true, Mutability: immutable, Description: "The id of the user"},
		{Name: "$ref", Type: Reference, CaseExact: true, Mutability: immutable, References: []string{"User"}, Description: "The user"},
		{Name: "type", Mutability: immutable, Canonical: []string{"User"}, Description: "Always User: groups within groups are not supported"},
		{Name: "display", Mutability: readOnly, Description: "The name of the user"},
	}},
}
