package scim

import (
	"strings"
	"testing"
)

func TestWhatOktaSends(t *testing.T) {
	t.Parallel()
	runAll(t, whatOktaSends())
}

func whatOktaSends() []shape {
	const stored = `{"id":"u1","userName":"a@x.example","active":true,"title":"T","name":{"givenName":"A","middleName":"M"},"externalId":"00u1",
		"emails":[{"value":"a@x.example","primary":true}],"groups":[{"value":"g1"}],"meta":{"version":"W/\"1\""}}`
	return []shape{
		{name: "2.5 create, with a password and groups", request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Test.User@okta.local","name":{"givenName":"Test","familyName":"User"},
			"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"1mz050nq","active":true}`,
			after: `{"userName":"Test.User@okta.local","name":{"givenName":"Test","familyName":"User"},"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],
			"displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","active":true}`},
		{name: "S6 names as they were sent", request: `{"userName":"Runscope300@ATKO.com","name":{"familyName":"McTest"},"active":true}`, after: `{"userName":"Runscope300@ATKO.com","name":{"familyName":"McTest"},"active":true}`},
		{name: "2.6 replace with all that was read", before: stored, request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"a@x.example","active":true,"externalId":"00u1",
			"name":{"givenName":"B","middleName":""},"emails":[{"value":"a@x.example","primary":true,"display":"A"}],"groups":[{"value":"g9"}],"meta":{"version":"W/\"9\"","resourceType":"User"}}`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"name":{"givenName":"B"},"externalId":"00u1","emails":[{"value":"a@x.example","primary":true,"display":"A"}],"groups":[{"value":"g1"}],"meta":{"version":"W/\"1\""}}`},
		{name: "2.6 of another id", before: stored, request: `{"id":"u2","userName":"a@x.example"}`, status: 400, kind: Mutability},
		{name: "2.6 the same again is nothing", before: small, request: `{"id":"u1","userName":"a@x.example","active":true,"password":"x"}`},
		{name: "2.1 deactivate by replacing", before: small, request: `{"id":"u1","userName":"a@x.example","active":false}`, after: strings.Replace(small, "true", "false", 1)},
		{name: "2.7 deactivate", before: small, request: `[{"op":"replace","value":{"active":false}}]`, after: strings.Replace(small, "true", "false", 1)},
		{name: "2.7 and again", before: strings.Replace(small, "true", "false", 1), request: `[{"op":"replace","value":{"active":true}}]`, after: small},
		{name: "2.5 a password later", before: small, request: `[{"op":"replace","path":"password","value":"secret"},{"op":"replace","value":{"password":"secret"}}]`},
		{name: "2.10 a group with its members", typ: Group, request: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Guides","members":[{"value":"u1","display":"A"}]}`,
			after: `{"displayName":"Guides"}`, members: Members{Added: []string{"u1"}}},
		{name: "2.10 a group without", typ: Group, request: `{"displayName":"Guides","members":[]}`, after: `{"displayName":"Guides"}`},
		{name: "2.10 rename, with the id", typ: Group, before: guides, request: `[{"op":"replace","value":{"id":"g1","displayName":"Guides 2"}}]`, after: `{"id":"g1","displayName":"Guides 2"}`},
		{name: "2.10 to the same name", typ: Group, before: guides, request: `[{"op":"replace","value":{"id":"g1","displayName":"Guides"}}]`},
		{name: "2.11 removing and adding", typ: Group, before: guides, request: `[{"op":"remove","path":"members[value eq \"u1\"]"},{"op":"remove","path":"members[value eq \"u2\"]"},
			{"op":"add","path":"members","value":[{"value":"u3","display":"c@x"}]}]`, members: Members{Added: []string{"u3"}, Removed: []string{"u1", "u2"}}},
		{name: "2.11 a full push", typ: Group, before: guides, request: `[{"op":"replace","path":"members","value":[{"value":"u3","display":"c@x"}]}]`, members: Members{All: true, Added: []string{"u3"}}},
		{name: "2.11 of nobody", typ: Group, before: guides, request: `[{"op":"replace","path":"members","value":[]}]`, members: Members{All: true}},
		{name: "2.1 a group by replacing", typ: Group, before: guides, request: `{"id":"g1","displayName":"Guides 3","members":[{"value":"u1"},{"value":"u1"}]}`, after: `{"id":"g1","displayName":"Guides 3"}`,
			members: Members{All: true, Added: []string{"u1"}}},
		{name: "6.24 a member without type is a user", typ: Group, before: guides, request: `[{"op":"add","path":"members","value":[{"value":"u1","type":null}]}]`, members: Members{Added: []string{"u1"}}},
	}
}

// TestSCIM2_15_TwoHundredFiftySixMembersAtOnce reads what Okta sends most in one request.
func TestSCIM2_15_TwoHundredFiftySixMembersAtOnce(t *testing.T) {
	t.Parallel()
	operations := []string{}
	for range 128 {
		operations = append(operations, `{"op":"remove","path":"members[value eq \"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW\"]"}`, `{"op":"add","path":"members","value":[{"value":"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XX","display":"x"}]}`)
	}
	shape{typ: Group, before: guides, request: "[" + strings.Join(operations, ",") + "]",
		members: Members{Added: []string{"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XX"}, Removed: []string{"usr_01JD3V0Q6ZJ5Q8F1V5N2S4T7XW"}}}.run(t)
}
