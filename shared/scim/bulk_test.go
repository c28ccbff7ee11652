package scim

import (
	"fmt"
	"strings"
	"testing"
)

// numbered gives ids u1, u2, g3, ... as they are asked for.
func numbered() func(*ResourceType) string {
	n := 0
	return func(t *ResourceType) string {
		n++
		return fmt.Sprint(lower(t.Name[:1]), n)
	}
}

func TestSCIM3_39_ReferencesOfABulkMeanIds(t *testing.T) {
	t.Parallel()
	b, err := ReadBulk([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":2,"Operations":[
		{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"G","members":[{"value":"bulkId:a"},{"value":"bulkId:b"}]}},
		{"method":"PATCH","path":"/Groups/bulkId:g","data":{"Operations":[{"op":"remove","path":"members","value":["bulkId:a"]}]}},
		{"method":"post","path":"Users","bulkId":"a","data":{"userName":"a","manager":"bulkId:b"}},
		{"method":"POST","path":"/Users","bulkId":"b","data":{"userName":"bulkId","manager":{"value":"bulkId:a"}}},
		{"method":"DELETE","path":"/Users/usr_9","version":"W/\"3\""}]}`), numbered())
	if err != nil || b.FailOnErrors != 2 {
		t.Fatal(b, err)
	}
	var done []string
	for _, op := range b.Operations {
		done = append(done, fmt.Sprintf("%d %s %s%s %s %v", op.Number, op.Method, op.Type.Name, op.ID, op.Data, op.Refusal))
	}
	want := []string{
		`3 POST Useru3 {"manager":{"value":"u2"},"userName":"bulkId"} <nil>`,
		`2 POST Useru2 {"manager":"u3","userName":"a"} <nil>`,
		`0 POST Groupg1 {"displayName":"G","members":[{"value":"u2"},{"value":"u3"}]} <nil>`,
		`1 PATCH Groupg1 {"Operations":[{"op":"remove","path":"members","value":["u2"]}]} <nil>`,
		`4 DELETE Userusr_9 null <nil>`,
	}
	if got := strings.Join(done, "\n"); got != strings.Join(want, "\n") {
		t.Error(got)
	}
	if b.Operations[4].Version != `W/"3"` {
		t.Error("the version")
	}
}

func TestABulkIsRefusedAsAWholeOrInParts(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]Kind{
		`{"method":"GET","path":"/Users/u1"}`:                                                  InvalidSyntax,
		`{"method":"POST","path":"/Users","data":{}}`:                                          InvalidSyntax,
		`{"method":"POST","path":"/Users","bulkId":"a"}`:                                       InvalidSyntax,
		`{"method":"POST","path":"/Users/u1","bulkId":"a","data":{}}`:                          InvalidPath,
		`{"method":"DELETE","path":"/Users"}`:                                                  InvalidPath,
		`{"method":"DELETE","path":"/Users/"}`:                                                 InvalidPath,
		`{"method":"DELETE","path":"/Things/u1"}`:                                              "",
		`{"method":"DELETE","path":"/Users/u1/x"}`:                                             "",
		`{"method":"DELETE","path":"/Users/bulkId:a"}`:                                         InvalidValue,
		`{"method":"PUT","path":"/Users/u1","data":{"userName":"a","manager":"bulkId:none"}}`:  InvalidValue,
		`{"method":"PATCH","path":"/Users/u1","data":{"Operations":[{"value":["bulkId:x"]}]}}`: InvalidValue,
	} {
		b, err := ReadBulk([]byte(`{"Operations":[`+operation+`]}`), numbered())
		if err != nil || len(b.Operations) != 1 || b.Operations[0].Refusal == nil || b.Operations[0].Refusal.Kind != want {
			t.Errorf("%s: %+v %v", operation, b, err)
		}
	}
	same := `{"method":"POST","path":"/Users","bulkId":"a","data":{}}`
	for body, want := range map[string]int{
		`{}`: 400, `[]`: 400, `{"Operations":[1]}`: 400, `{"failOnErrors":-1,"Operations":[]}`: 400, `{"Operations":[` + same + `,` + same + `]}`: 400,
		`{"Operations":[` + strings.Repeat(same+",", 100) + same + `]}`: 413, `{"Operations":["` + strings.Repeat("x", 1<<20) + `"]}`: 413, `{"Operations":[]}`: 0,
	} {
		_, err := ReadBulk([]byte(body), numbered())
		if status, _, detail := refused(t, err); status != want {
			t.Errorf("%.60s: %d %s", body, status, detail)
		}
	}
}

func TestTheAnswerToABulkIsInItsOrder(t *testing.T) {
	t.Parallel()
	writtenAs(t, BulkResponse([]BulkResult{
		{Number: 1, Method: "PUT", Location: "https://x/Users/u1", Version: `W/"2"`, Status: 200},
		{Number: 0, Method: "POST", BulkID: "a", Refusal: Bad(Uniqueness, "Taken.")},
	}), `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[
		{"method":"POST","bulkId":"a","status":"409","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"Taken."}},
		{"method":"PUT","location":"https://x/Users/u1","version":"W/\"2\"","status":"200"}]}`)
	writtenAs(t, BulkResponse(nil), `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[]}`)
}
