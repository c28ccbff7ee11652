package access_test

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/access"
	"github.com/tenantry/tenantry/shared/tenant"
)

// An operation names its right, and the caller that the gate identified has it or not.
func ExampleCaller_May() {
	caller := access.Caller{Root: "org_1", Organization: &tenant.Organization{ID: "org_2", Root: "org_1"}, Relation: access.OwnAdministrator}
	fmt.Println(caller.May(access.EditSettings))
	fmt.Println(caller.May(access.EditMainOnly))
	caller.Relation = access.Stranger
	fmt.Println(caller.May(access.ReadGeneral))
	// Output:
	// <nil>
	// forbidden: Your role does not include this. Ask an administrator of the organization.
	// not-found: There is nothing here that you have access to.
}
