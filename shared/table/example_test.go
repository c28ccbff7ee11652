package table_test

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/problem"
	"github.com/tenantry/tenantry/shared/table"
)

// A change is put together first, and then committed as a whole: t.Commit(ctx, tx).
func ExampleTx() {
	role := struct {
		Name    string `dynamodbav:"name"`
		Version int    `dynamodbav:"version"`
	}{"Auditor", 1}
	tx := table.NewTx()
	tx.Create(table.RoleKey("org_1", "rol_1"), role, problem.New(problem.Conflict, "name-in-use", "The name is in use."))
	tx.Update(table.Edit(table.OrganizationKey("org_1"), 7).Set("name", "Acme")) // ErrChanged unless version 7 is still the one
	tx.Count("org_1", table.MembersCount("org_1", "rol_1"), +1, problem.Missing())
	fmt.Println(tx.Empty())
	// Output: false
}

func ExampleFold() {
	fmt.Println(table.Fold(" Ana@ACME.example ") == table.Fold("ana@acme.example"))
	// Output: true
}
