package scim

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSCIM3_4_TheConfigurationHasAllItsMembers(t *testing.T) {
	t.Parallel()
	writtenAs(t, ServiceProviderConfig("https://x", Features{}), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
		"patch":{"supported":true},"bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0},"filter":{"supported":true,"maxResults":200},
		"changePassword":{"supported":false},"sort":{"supported":false},"etag":{"supported":true},
		"pagination":{"cursor":false,"index":true,"defaultPaginationMethod":"index","defaultPageSize":100,"maxPageSize":200},
		"authenticationSchemes":[{"type":"oauthbearertoken","name":"Bearer token","description":"A token of the connection, in the header Authorization: Bearer","specUri":"https://www.rfc-editor.org/info/rfc6750","primary":true}],
		"meta":{"resourceType":"ServiceProviderConfig","location":"https://x/ServiceProviderConfig"}}`)
	full := ServiceProviderConfig("https://x", Features{Sort: true, BulkOperations: 100, CursorTimeout: time.Hour, Documentation: "https://d"})
	for name, want := range map[string]any{
		"sort": Object{"supported": true}, "bulk": Object{"supported": true, "maxOperations": 100, "maxPayloadSize": 1 << 20}, "documentationUri": "https://d",
		"pagination": Object{"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 200, "cursorTimeout": 3600},
	} {
		if diff := cmp.Diff(want, full[name]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSCIM1_2_DescriptionsHaveNoNullsAndCamelCase(t *testing.T) {
	t.Parallel()
	for _, described := range [][]Object{Schemas("https://x"), ResourceTypes("https://x"), {ServiceProviderConfig("https://x", Features{})}} {
		text, err := json.Marshal(described)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "null") {
			t.Errorf("%s has null", text)
		}
		for _, word := range regexp.MustCompile(`"(?:mutability|returned|uniqueness|type)":"([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
			if !regexp.MustCompile(`^[a-z][A-Za-z]*$`).MatchString(word[1]) {
				t.Errorf("%s", word[0])
			}
		}
	}
}

func TestSCIM3_3_WhatIsDescribedIsFoundByItsId(t *testing.T) {
	t.Parallel()
	for _, id := range []string{UserURN, EnterpriseURN, GroupURN, strings.ToUpper(UserURN)} {
		if one := Described(Schemas("https://x"), id); one == nil || len(one["attributes"].([]any)) == 0 {
			t.Errorf("%s: %v", id, one)
		}
	}
	for _, name := range []string{"User", "Group"} {
		if one := Described(ResourceTypes("https://x"), name); one == nil || one["name"] != name {
			t.Errorf("%s: %v", name, one)
		}
	}
	if Described(Schemas("https://x"), "urn:nothing") != nil || Described(ResourceTypes("https://x"), "") != nil {
		t.Error("what is not there is")
	}
}

func TestTheSchemasSayWhatIsDone(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(Described(Schemas("https://x"), UserURN))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`{"caseExact":false,"description":"What the user signs in with; unique in the connection, regardless of case","multiValued":false,"mutability":"readWrite","name":"userName","required":true,"returned":"default","type":"string","uniqueness":"server"}`,
		`"mutability":"writeOnly","name":"password","required":false,"returned":"never"`,
	} {
		if !strings.Contains(string(text), row) {
			t.Errorf("no %s in\n%s", row, text)
		}
	}
}
