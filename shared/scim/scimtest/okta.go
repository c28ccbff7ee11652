package scimtest

import "strings"

// Okta are requests as Okta sends them, by PUT and by PATCH.
func Okta() []Shape {
	const stored = `{"id":"u1","userName":"a@x.example","active":true,"title":"T","name":{"givenName":"A","middleName":"M"},"externalId":"00u1",
		"emails":[{"value":"a@x.example","primary":true}],"groups":[{"value":"g1"}],"meta":{"version":"W/\"1\""}}`
	return []Shape{
		{Name: "2.5 create, with a password and groups", Request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Test.User@okta.local","name":{"givenName":"Test","familyName":"User"},
			"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"1mz050nq","active":true}`,
			After: `{"userName":"Test.User@okta.local","name":{"givenName":"Test","familyName":"User"},"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],
			"displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","active":true}`},
		{Name: "S6 names as they were sent", Request: `{"userName":"Runscope300@ATKO.com","name":{"familyName":"McTest"},"active":true}`, After: `{"userName":"Runscope300@ATKO.com","name":{"familyName":"McTest"},"active":true}`},
		{Name: "2.6 replace with all that was read", Before: stored, Request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"a@x.example","active":true,"externalId":"00u1",
			"name":{"givenName":"B","middleName":""},"emails":[{"value":"a@x.example","primary":true,"display":"A"}],"groups":[{"value":"g9"}],"meta":{"version":"W/\"9\"","resourceType":"User"}}`,
			After: `{"id":"u1","userName":"a@x.example","active":true,"name":{"givenName":"B"},"externalId":"00u1","emails":[{"value":"a@x.example","primary":true,"display":"A"}],"groups":[{"value":"g1"}],"meta":{"version":"W/\"1\""}}`},
		{Name: "2.6 of another id", Before: stored, Request: `{"id":"u2","userName":"a@x.example"}`, Status: 400, Kind: "mutability"},
		{Name: "2.6 the same again is nothing", Before: small, Request: `{"id":"u1","userName":"a@x.example","active":true,"password":"x"}`},
		{Name: "2.1 deactivate by replacing", Before: small, Request: `{"id":"u1","userName":"a@x.example","active":false}`, After: strings.Replace(small, "true", "false", 1)},
		{Name: "2.7 deactivate", Before: small, Request: `[{"op":"replace","value":{"active":false}}]`, After: strings.Replace(small, "true", "false", 1)},
		{Name: "2.7 and again", Before: strings.Replace(small, "true", "false", 1), Request: `[{"op":"replace","value":{"active":true}}]`, After: small},
		{Name: "2.5 a password later", Before: small, Request: `[{"op":"replace","path":"password","value":"secret"},{"op":"replace","value":{"password":"secret"}}]`},
		{Name: "2.10 a group with its members", Group: true, Request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Guides","members":[{"value":"u1","display":"A"}]}`,
			After: `{"displayName":"Guides"}`, Members: Members{Added: []string{"u1"}}},
		{Name: "2.10 a group without", Group: true, Request: `{"displayName":"Guides","members":[]}`, After: `{"displayName":"Guides"}`},
		{Name: "2.10 rename, with the id", Group: true, Before: guides, Request: `[{"op":"replace","value":{"id":"g1","displayName":"Guides 2"}}]`, After: `{"id":"g1","displayName":"Guides 2"}`},
		{Name: "2.10 to the same name", Group: true, Before: guides, Request: `[{"op":"replace","value":{"id":"g1","displayName":"Guides"}}]`},
		{Name: "2.11 removing and adding", Group: true, Before: guides, Request: `[{"op":"remove","path":"members[value eq \"u1\"]"},{"op":"remove","path":"members[value eq \"u2\"]"},
			{"op":"add","path":"members","value":[{"value":"u3","display":"c@x"}]}]`, Members: Members{Added: []string{"u3"}, Removed: []string{"u1", "u2"}}},
		{Name: "2.11 a full push", Group: true, Before: guides, Request: `[{"op":"replace","path":"members","value":[{"value":"u3","display":"c@x"}]}]`, Members: Members{All: true, Added: []string{"u3"}}},
		{Name: "2.11 of nobody", Group: true, Before: guides, Request: `[{"op":"replace","path":"members","value":[]}]`, Members: Members{All: true}},
		{Name: "2.1 a group by replacing", Group: true, Before: guides, Request: `{"id":"g1","displayName":"Guides 3","members":[{"value":"u1"},{"value":"u1"}]}`, After: `{"id":"g1","displayName":"Guides 3"}`,
			Members: Members{All: true, Added: []string{"u1"}}},
		{Name: "6.24 a member without type is a user", Group: true, Before: guides, Request: `[{"op":"add","path":"members","value":[{"value":"u1","type":null}]}]`, Members: Members{Added: []string{"u1"}}},
	}
}
