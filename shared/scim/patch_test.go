package scim

import (
	"fmt"
	"strings"
	"testing"
)

const twoMails = `{"userName":"a","active":true,"emails":[{"type":"work","value":"w@x","primary":true},{"type":"home","value":"h@x"},{"type":"work","value":"w2@x"}]}`

func TestPatchByTheRFC(t *testing.T) {
	t.Parallel()
	runAll(t, patchByTheRFC())
}

func patchByTheRFC() []shape {
	return []shape{
		{name: "3.8 an id that the client chose", request: `{"id":"mine","userName":"a"}`, after: `{"userName":"a","active":true}`},
		{name: "3.9 what is read only is passed over in a resource", request: `{"userName":"a","groups":[{"value":"g1"}],"meta":{"created":"x"}}`, after: `{"userName":"a","active":true}`},
		{name: "3.9 and refused where it is asked for", before: small, request: `[{"op":"replace","path":"groups","value":[{"value":"g1"}]}]`, status: 400, kind: Mutability},
		{name: "3.9 the id", before: small, request: `[{"op":"replace","path":"id","value":"u2"}]`, status: 400, kind: Mutability},
		{name: "3.9 meta", before: small, request: `[{"op":"remove","path":"meta.created"}]`, status: 400, kind: Mutability},
		{name: "3.9 the name of the manager", before: small, request: `[{"op":"add","path":"manager.displayName","value":"x"}]`, status: 400, kind: Mutability},
		{name: "3.9 the schemas go their own way", before: small, request: `[{"op":"add","path":"schemas","value":["urn:x"]}]`},
		{name: "3.12 names in any casing", before: small, request: `[{"OP":"add","PATH":"NAME.GIVENNAME","VALUE":"G"},{"op":"add","value":{"TITLE":"T"}}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,"title":"T","name":{"givenName":"G"}}`},
		{name: "3.13 null and empty lists are nothing", request: `{"userName":"a","title":null,"emails":[],"roles":[null,{"value":null}],"name":{"givenName":null}}`, after: `{"userName":"a","active":true}`},
		{name: "3.13 null unassigns", before: inSales, request: `[{"op":"replace","path":"department","value":null},{"op":"replace","value":{"employeeNumber":null}}]`, after: `{"userName":"a@x.example","active":true}`},
		{name: "3.13 an empty list too", before: twoMails, request: `[{"op":"replace","path":"emails","value":[]}]`, after: `{"userName":"a","active":true}`},
		{name: "3.14 two primary ones", request: `{"userName":"a","emails":[{"value":"a","primary":true},{"value":"b","primary":"true"}]}`, status: 400, kind: InvalidValue},
		{name: "3.14 a new primary one takes it from the old", before: twoMails, request: `[{"op":"add","path":"emails","value":[{"type":"other","value":"o@x","primary":true}]}]`,
			after: `{"userName":"a","active":true,"emails":[{"type":"work","value":"w@x","primary":false},{"type":"home","value":"h@x"},{"type":"work","value":"w2@x"},{"type":"other","value":"o@x","primary":true}]}`},
		{name: "3.14 by a path", before: twoMails, request: `[{"op":"replace","path":"emails[type eq \"home\"].primary","value":"True"}]`,
			after: `{"userName":"a","active":true,"emails":[{"type":"work","value":"w@x","primary":false},{"type":"home","value":"h@x","primary":true},{"type":"work","value":"w2@x"}]}`},
		{name: "3.14 several at once", before: twoMails, request: `[{"op":"replace","path":"emails[type eq \"work\"].primary","value":true}]`, status: 400, kind: InvalidValue},
		{name: "3.15 no userName", request: `{"displayName":"A"}`, status: 400, kind: InvalidValue},
		{name: "3.15 an empty one", request: `{"userName":""}`, status: 400, kind: InvalidValue},
		{name: "3.15 null for it", before: small, request: `[{"op":"replace","path":"userName","value":null}]`, status: 400, kind: InvalidValue},
		{name: "3.15 a group without a name", typ: Group, request: `{"members":[]}`, status: 400, kind: InvalidValue},
		{name: "3.17 replacing clears what is absent", before: inSales, request: `{"userName":"a@x.example","active":true}`, after: `{"userName":"a@x.example","active":true}`},
		{name: "3.17 members too", typ: Group, before: guides, request: `{"displayName":"Guides"}`, members: Members{All: true}},
		{name: "active stays where it is absent", before: strings.Replace(small, "true", "false", 1), request: `{"userName":"a@x.example"}`, after: strings.Replace(small, "true", "false", 1)},
		{name: "active cannot be taken away", before: small, request: `[{"op":"remove","path":"active"}]`, status: 400, kind: Mutability},
		{name: "nor set to null", before: small, request: `[{"op":"replace","value":{"active":null}}]`, status: 400, kind: InvalidValue},
		{name: "3.21 remove without path", before: small, request: `[{"op":"remove"}]`, status: 400, kind: NoTarget},
		{name: "3.21 remove of the resource", before: small, request: `[{"op":"remove","path":"urn:ietf:params:scim:schemas:core:2.0:User"}]`, status: 400, kind: NoTarget},
		{name: "3.21 remove userName", before: small, request: `[{"op":"remove","path":"userName"}]`, status: 400, kind: Mutability},
		{name: "3.21 remove the name of a group", typ: Group, before: guides, request: `[{"op":"Remove","path":"displayName"}]`, status: 400, kind: Mutability},
		{name: "3.22 what is there is not added again", before: twoMails, request: `[{"op":"add","path":"emails","value":[{"value":"h@x","type":"home"},{"value":"w@x","type":"work","primary":true}]}]`},
		{name: "3.22 what is added of it is", before: twoMails, request: `[{"op":"add","path":"emails","value":{"value":"h@x","type":"home","display":"H"}}]`,
			after: strings.Replace(twoMails, `"h@x"`, `"h@x","display":"H"`, 1)},
		{name: "3.22 replace without filter replaces all", before: twoMails, request: `[{"op":"replace","path":"emails","value":[{"value":"n@x"},{"value":"n@x"}]}]`, after: `{"userName":"a","active":true,"emails":[{"value":"n@x"}]}`},
		{name: "3.22 parts that are not named stay", before: `{"userName":"a","active":true,"name":{"givenName":"G","familyName":"F"}}`, request: `[{"op":"replace","path":"name","value":{"givenName":"H","familyName":null}}]`,
			after: `{"userName":"a","active":true,"name":{"givenName":"H"}}`},
		{name: "3.40 add and replace are one for a single value", before: small, request: `[{"op":"add","path":"title","value":"A"},{"op":"add","path":"title","value":"B"}]`, after: `{"id":"u1","userName":"a@x.example","active":true,"title":"B"}`},
		{name: "3.23 all that match", before: twoMails, request: `[{"op":"replace","path":"emails[type eq \"work\"].display","value":"W"}]`,
			after: `{"userName":"a","active":true,"emails":[{"type":"work","value":"w@x","primary":true,"display":"W"},{"type":"home","value":"h@x"},{"type":"work","value":"w2@x","display":"W"}]}`},
		{name: "3.23 removed too", before: twoMails, request: `[{"op":"remove","path":"emails[type eq \"work\"]"}]`, after: `{"userName":"a","active":true,"emails":[{"type":"home","value":"h@x"}]}`},
		{name: "3.23 none to remove", before: twoMails, request: `[{"op":"remove","path":"emails[type eq \"other\"]"},{"op":"remove","path":"title"},{"op":"remove","path":"department"}]`},
		{name: "3.23 a value that is replaced keeps what it was found by", before: twoMails, request: `[{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"n@x"}}]`, after: strings.Replace(twoMails, "h@x", "n@x", 1)},
		{name: "3.23 add to a value", before: twoMails, request: `[{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"H","value":"h@x"}}]`, after: strings.Replace(twoMails, `"h@x"`, `"h@x","display":"H"`, 1)},
		{name: "3.23 removing the value of a value", before: twoMails, request: `[{"op":"remove","path":"emails[type eq \"work\"].value"}]`, after: `{"userName":"a","active":true,"emails":[{"type":"home","value":"h@x"}]}`},
		{name: "3.23 removing the listed values", before: twoMails, request: `[{"op":"Remove","path":"emails","value":[{"value":"w@x"},{"value":"none"}]}]`,
			after: `{"userName":"a","active":true,"emails":[{"type":"home","value":"h@x"},{"type":"work","value":"w2@x"}]}`},
		{name: "3.23 none listed", before: twoMails, request: `[{"op":"Remove","path":"emails","value":[]}]`},
		{name: "3.23 a part of all values", before: twoMails, request: `[{"op":"remove","path":"emails.type"}]`, after: `{"userName":"a","active":true,"emails":[{"value":"w@x","primary":true},{"value":"h@x"},{"value":"w2@x"}]}`},
		{name: "3.23 no path", before: small, request: `[{"op":"replace","path":"emails[type eq","value":"x"}]`, status: 400, kind: InvalidPath},
		{name: "3.23 brackets behind a text", before: small, request: `[{"op":"replace","path":"title[value eq \"x\"]","value":"x"}]`, status: 400, kind: InvalidPath},
		{name: "3.23 more behind it", before: small, request: `[{"op":"replace","path":"emails[type eq \"x\"].value.x","value":"x"}]`, status: 400, kind: InvalidPath},
		{name: "3.23 a misspelt attribute", before: small, request: `[{"op":"replace","path":"titel","value":"x"}]`, status: 400, kind: InvalidPath},
		{name: "3.23 one of a schema that is ours", before: small, request: `[{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:x","value":"x"}]`, status: 400, kind: InvalidPath},
		{name: "3.23 one of another's is passed over", before: small, request: `[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:tag","value":"x"},{"op":"remove","path":"urn:x:y:z"},{"op":"add","value":{"urn:x":{"y":"z"},"z":1}}]`},
		{name: "3.24 an extension as a whole", before: small, request: `[{"op":"add","path":` + ent + `,"value":{"department":"Sales","employeeNumber":"7"}}]`,
			after: `{"id":"u1","userName":"a@x.example","active":true,` + ent + `:{"department":"Sales","employeeNumber":"7"}}`},
		{name: "3.24 removed as a whole", before: inSales, request: `[{"op":"remove","path":` + ent + `}]`, after: `{"userName":"a@x.example","active":true}`},
		{name: "3.25 stored below its URN", request: `{"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Sales"}`, after: `{"userName":"a","active":true,` + ent + `:{"department":"Sales"}}`},
		{name: "3.26 nothing of it is left", before: `{"userName":"a","active":true,` + ent + `:{"department":"Sales"}}`, request: `[{"op":"remove","path":"department"}]`, after: `{"userName":"a","active":true}`},
		{name: "3.19 no operations", before: small, request: `[]`},
		{name: "3.20 a list that fails in the end changes nothing", before: small, request: `[{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"emails[type sw \"x\"].value","value":"y"}]`, status: 400, kind: NoTarget},
		{name: "3.38 an operation that there is not", before: small, request: `[{"op":"move","path":"title","value":"x"}]`, status: 400, kind: InvalidSyntax},
		{name: "3.38 no object", before: small, request: `["add"]`, status: 400, kind: InvalidSyntax},
		{name: "3.38 no value", before: small, request: `[{"op":"add","path":"title"}]`, status: 400, kind: InvalidValue},
		{name: "3.38 a path that is a number", before: small, request: `[{"op":"add","path":1,"value":1}]`, status: 400, kind: InvalidPath},
		{name: "3.38 a value without path that is no object", before: small, request: `[{"op":"add","value":"x"}]`, status: 400, kind: InvalidValue},
		{name: "3.38 two texts for one", before: small, request: `[{"op":"add","path":"title","value":["x","y"]}]`, status: 400, kind: InvalidValue},
		{name: "3.38 an object for a text", before: small, request: `[{"op":"add","path":"title","value":{"value":"x"}}]`, status: 400, kind: InvalidValue},
		{name: "3.38 a text for a name", before: small, request: `[{"op":"add","path":"name","value":"x"}]`, status: 400, kind: InvalidValue},
		{name: "a group sent to the users", request: `{"schemas":["` + GroupURN + `"],"userName":"a"}`, status: 400, kind: InvalidValue},
	}
}

func TestSCIM3_19_WhatIsLenientAboutThePatch(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Kind{
		`{"Operations":[]}`: "", `{"schemas":[],"operations":[]}`: "", `{}`: InvalidSyntax, `{"Operations":{}}`: InvalidSyntax, `[]`: InvalidSyntax, `{"Operations":null}`: InvalidSyntax,
	} {
		_, err := ReadPatch(User, []byte(body))
		if _, kind, detail := refused(t, err); kind != want {
			t.Errorf("%s: %s %s", body, kind, detail)
		}
	}
}

func TestSCIM3_20_TheOperationThatFailedIsNamed(t *testing.T) {
	t.Parallel()
	s := shape{request: `[{"op":"replace","value":{"title":"x","nickName":"y"}},{"op":"replace","path":"emails[type sw \"x\"].value","value":"y"}]`, typ: User}
	_, err := s.apply(made(t, User, small))
	if _, _, detail := refused(t, err); !strings.HasPrefix(detail, "Operation 2 of 2: ") || !strings.HasSuffix(detail, "Nothing was changed.") {
		t.Error(detail)
	}
}

func TestAPasswordIsNowhere(t *testing.T) {
	t.Parallel()
	for _, request := range []string{`{"userName":"a","password":"geheim"}`, `[{"op":"add","path":"password","value":{"x":"geheim"}}]`, `[{"op":"add","value":{"PassWord":"geheim"}}]`} {
		s := shape{request: request, typ: User}
		var current *Resource
		if request[0] == '[' {
			current = made(t, User, small)
		}
		changes, err := s.apply(current)
		if err != nil || strings.Contains(fmt.Sprintf("%+v %+v", changes, changes.After), "geheim") {
			t.Errorf("%s: %v %v", request, changes, err)
		}
	}
}

func TestHostilePatchesAreAnsweredInGoodTime(t *testing.T) {
	t.Parallel()
	long := `{"op":"add","path":"emails[` + strings.Repeat(`value eq \"x\" or `, 200) + `value eq \"y\"].display","value":"z"}`
	for name, request := range map[string]string{
		"many values":     `[{"op":"add","path":"emails","value":[` + strings.Repeat(`{"value":"a"},`, 30_000) + `{}]}]`,
		"many operations": `[` + strings.Repeat(`{"op":"add","path":"title","value":"a"},`, 20_000) + `{}]`,
		"long paths":      `[` + strings.Repeat(long+",", 200) + long + `]`,
		"a long path":     `[{"op":"add","path":"` + strings.Repeat("a.", 200_000) + `","value":"a"}]`,
		"a deep path":     `[{"op":"add","path":"emails[` + strings.Repeat("(", 2_000) + `","value":"a"}]`,
	} {
		_, err := shape{request: request, typ: User}.apply(made(t, User, small))
		if status, _, _ := refused(t, err); name != "long paths" && status == 0 {
			t.Errorf("%s: taken", name)
		}
	}
}
