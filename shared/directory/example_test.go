package directory_test

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/directory"
)

// A user who is moved from one group to another is in both for a while: the ranks decide, not which came first.
func ExampleResolve() {
	mappings := []directory.Mapping{
		{Group: "grp_users", Organization: "org_1", Role: "rol_user", Rank: 2},
		{Group: "grp_leads", Organization: "org_2", Role: "rol_lead", Rank: 1},
	}
	r := directory.Resolve(directory.Standing{Active: true, Groups: []string{"grp_users", "grp_leads"}}, mappings)
	fmt.Println(r.Assigned.Organization, r.Assigned.Role, r.Reason, "by", r.By.Group)
	for _, loser := range r.Losers {
		fmt.Println(loser.Group, loser.Why)
	}
	// Output:
	// org_2 rol_lead group-mapped by grp_leads
	// grp_users outranked
}
