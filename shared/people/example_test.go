package people_test

import (
	"fmt"
	"time"

	"github.com/tenantry/tenantry/shared/audit"
	"github.com/tenantry/tenantry/shared/people"
	"github.com/tenantry/tenantry/shared/table"
)

// An operation that invites reads the role first, and commits what Invite put into its change.
func ExampleInvite() {
	role := &people.Role{ID: "rol_1", Organization: "org_1", Portal: people.UserAccess}
	tx := table.NewTx()
	user, token := people.Invite(tx, "org_1", role, people.Person{Name: "Ada", Email: "ada@acme.example"}, audit.System("example"), time.Now())
	fmt.Println(user.Status, user.Role, user.Organization, token[:8], tx.Empty())
	// Output: invited rol_1 org_1 tnt_inv_ false
}

func ExampleRole_Within() {
	reader := &people.Role{Portal: people.UserAccess, Workspaces: people.WorkspacesL2ReadOnly}
	worker := &people.Role{Portal: people.AdministratorAccess, Workspaces: people.WorkspacesL1}
	fmt.Println(reader.Within(worker), worker.Within(reader))
	// Output: false false
}
