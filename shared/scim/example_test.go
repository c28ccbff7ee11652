package scim_test

import (
	"encoding/json"
	"fmt"

	"github.com/tenantry/tenantry/shared/scim"
)

// Entra ID disables somebody, in its own words.
func ExampleEdit_Apply() {
	edit, err := scim.ReadPatch(scim.User, []byte(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
		"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := &scim.Resource{Type: scim.User, Values: scim.Object{"userName": "leaver@acme.example", "active": true}}
	changes, err := edit.Apply(stored)
	fmt.Println(changes.Attributes, changes.After.Active(), err)
	// Output: [{active true false}] false <nil>
}

// A group is changed without anybody having read its members.
func ExampleMembers() {
	edit, err := scim.ReadPatch(scim.Group, []byte(`{"Operations": [
		{"op": "remove", "path": "members[value eq \"usr_1\"]"},
		{"op": "add", "path": "members", "value": [{"value": "usr_2", "display": "Bob"}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	changes, err := edit.Apply(&scim.Resource{Type: scim.Group, Values: scim.Object{"displayName": "Guides"}})
	fmt.Printf("%+v %v\n", changes.Members, err)
	// Output: {All:false Added:[usr_2] Removed:[usr_1]} <nil>
}

// A filter says by which look-ups it is answered; what they find is asked once more.
func ExampleFilter_Plan() {
	query, err := scim.ReadQuery(`filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22Bob@Acme.example%22&attributes=id`, scim.User)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := query.Filter.Plan(scim.User, "id", "userName", "externalId", "emails.value")
	fmt.Println(plan.Lookups, plan.Scan, err)
	found := &scim.Resource{Type: scim.User, Values: scim.Object{"id": "usr_1", "userName": "bob",
		"emails": []any{scim.Object{"type": "home", "value": "bob@acme.example"}}}}
	fmt.Println(query.Filter.Match(found))
	answer, err := json.Marshal(query.Projection(scim.User).Apply(found))
	fmt.Println(string(answer), err)
	// Output:
	// [{emails.value bob@acme.example}] false <nil>
	// false
	// {"id":"usr_1","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]} <nil>
}
