package scimtest

// EntraChangesMembers are changes of the members of groups, as Entra ID sends them and as others do.
func EntraChangesMembers() []Shape {
	group := func(name, operations string, m Members) Shape {
		return Shape{Name: name, Group: true, Before: guides, Request: operations, Members: m}
	}
	return []Shape{
		group("1.26 add", `[{"op":"Add","path":"members","value":[{"$ref":null,"value":"u1"}]}]`, Members{Added: []string{"u1"}}),
		group("1.27 remove the listed", `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u1"}]}]`, Members{Removed: []string{"u1"}}),
		group("1.27 remove by a path", `[{"op":"remove","path":"members[value eq \"u1\"]"}]`, Members{Removed: []string{"u1"}}),
		group("1.27 remove by a longer path", `[{"op":"remove","path":"members[value eq \"u1\" or (value eq \"u2\" and type eq \"user\")]"}]`, Members{Removed: []string{"u1", "u2"}}),
		group("1.27 of no user", `[{"op":"remove","path":"members[value eq \"u1\" and type eq \"Group\"]"}]`, Members{}),
		group("1.28 remove without value is all", `[{"op":"remove","path":"members"}]`, Members{All: true}),
		group("1.28 remove of an empty list is nothing", `[{"op":"Remove","path":"members","value":[]}]`, Members{}),
		{Name: "1.28 remove of null is not guessed", Group: true, Before: guides, Request: `[{"op":"Remove","path":"members","value":null}]`, Status: 400, Kind: "invalidValue"},
		group("1.29 an object", `[{"op":"add","path":"members","value":{"value":"u1"}}]`, Members{Added: []string{"u1"}}),
		group("1.29 an id", `[{"op":"add","path":"members","value":"u1"}]`, Members{Added: []string{"u1"}}),
		group("1.29 ids", `[{"op":"add","path":"members","value":["u1","u2","u1"]}]`, Members{Added: []string{"u1", "u2"}}),
		group("1.30 in their order", `[{"op":"Add","path":"members","value":[{"value":"u1"},{"value":"u2"}]},{"op":"Remove","path":"members","value":[{"value":"u1"},{"value":"u3"}]},
			{"op":"Add","path":"members","value":[{"value":"u3"}]}]`, Members{Added: []string{"u2", "u3"}, Removed: []string{"u1"}}),
		group("1.30 all, then some", `[{"op":"Add","path":"members","value":"u1"},{"op":"Remove","path":"members"},{"op":"Add","path":"members","value":"u2"}]`, Members{All: true, Added: []string{"u2"}}),
		group("without path", `[{"op":"add","value":{"members":[{"value":"u1"}]}}]`, Members{Added: []string{"u1"}}),
		group("null without path", `[{"op":"replace","value":{"members":null}}]`, Members{}),
		group("by URN", `[{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":"u1"}]`, Members{Added: []string{"u1"}}),
		{Name: "members that a path does not name", Group: true, Before: guides, Request: `[{"op":"remove","path":"members[type eq \"User\"]"}]`, Status: 400, Kind: "invalidPath"},
		{Name: "a part of a member", Group: true, Before: guides, Request: `[{"op":"replace","path":"members[value eq \"u1\"].value","value":"u2"}]`, Status: 400, Kind: "mutability"},
		{Name: "a part of all members", Group: true, Before: guides, Request: `[{"op":"remove","path":"members.value"}]`, Status: 400, Kind: "mutability"},
		{Name: "a member without value", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":[{"display":"x"}]}]`, Status: 400, Kind: "invalidValue"},
		{Name: "1.36 a group in a group", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":[{"value":"g2","type":"Group"}]}]`, Status: 400, Kind: "invalidValue"},
		{Name: "1.36 by its address", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":[{"value":"g2","$ref":"https://x/Groups/g2"}]}]`, Status: 400, Kind: "invalidValue"},
		{Name: "over 5,000 in two operations", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":` + some(2_501, "a") + `},{"op":"remove","path":"members","value":` + some(2_501, "b") + `}]`, Status: 413},
		{Name: "over 5,000", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":` + some(5_001, "u") + `}]`, Status: 413},
		{Name: "over 5,000 created", Group: true, Request: `{"displayName":"Guides","members":` + some(5_001, "u") + `}`, Status: 413},
	}
}
